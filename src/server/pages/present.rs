//! Rows in the words of pages: times, durations, names of what they refer to.

use std::collections::HashMap;

use crate::{
    model::{
        list::{ListQuery, Listing, PagePosition, Reference},
        pipeline_runs::LatestRun,
        time::{self, Duration, Moment},
    },
    server::{
        db::{
            Connection, DbError,
            list::{ListRequest, Page},
            pipeline_runs::PipelineRunRow,
            stored::Stored,
        },
        error::{AppError, Result},
        id::Id,
        time::Timestamp,
    },
};

/// What was made of a single row.
pub fn only<T>(rows: Vec<T>) -> Result<T> {
    rows.into_iter().next().ok_or_else(|| AppError::Internal(anyhow::anyhow!("one row in, none out")))
}

/// A point in time, told from now.
pub fn moment(at: Timestamp) -> Moment {
    Moment {
        millis: (at.unix_seconds() * 1000.0).floor(),
        iso: at.format("%Y-%m-%dT%H:%M:%SZ"),
        absolute: at.format("%-d %b %Y, %H:%M:%S UTC"),
        ago: time::ago(Timestamp::now().seconds_since(at)),
    }
}

/// The duration of something with this start and end, which is over or still goes on.
pub fn duration(start: Option<Timestamp>, end: Option<Timestamp>, finished: bool) -> Duration {
    match (start, end) {
        (Some(start), Some(end)) => Duration { running_since: None, seconds: Some(end.seconds_since(start)) },
        (Some(start), None) if !finished => {
            Duration { running_since: Some((start.unix_seconds() * 1000.0).floor()), seconds: Some(Timestamp::now().seconds_since(start)) }
        }
        _ => Duration::default(),
    }
}

/// The rows that other rows refer to, by id; references that are not set are skipped.
pub async fn referred<T: Stored>(
    connection: &mut Connection,
    ids: impl IntoIterator<Item = Option<Id>>,
) -> Result<HashMap<Id, T>, DbError> {
    connection.get_many(ids.into_iter().flatten().collect::<Vec<_>>()).await
}

/// The newest runs of things, by run id.
pub async fn latest_runs(
    connection: &mut Connection,
    ids: impl IntoIterator<Item = Option<Id>>,
) -> Result<HashMap<Id, LatestRun>, DbError> {
    let runs = referred::<PipelineRunRow>(connection, ids).await?;
    let short =
        |run: PipelineRunRow| LatestRun { id: run.id.to_string(), index: run.run_index, status: run.status, created: moment(run.created) };
    Ok(runs.into_iter().map(|(id, run)| (id, short(run))).collect())
}

/// A link to a row that may be gone.
pub fn reference<T>(id: Option<Id>, rows: &HashMap<Id, T>, name: impl Fn(&T) -> Option<String>) -> Option<Reference> {
    let id = id?;
    Some(Reference { id: id.to_string(), name: name(rows.get(&id)?)? })
}

/// The list request of a page: name, order and page of the URL. An order that is not among `sorts` is the usual one.
pub fn list_request(query: &ListQuery, sorts: &[&str], usual: &str) -> ListRequest {
    let known = query.sort.split_once(':').is_some_and(|(_, column)| sorts.contains(&column));
    let request = ListRequest {
        page: query.page(),
        size: query.size(),
        sort_by: if known { query.sort.clone() } else { usual.to_owned() },
        ..ListRequest::default()
    };
    if query.q.is_empty() { request } else { request.with("name", format!("contains:{}", query.q)) }
}

/// A page of rows as pages show it.
pub fn listing<T, U>(page: &Page<T>, rows: Vec<U>) -> Listing<U> {
    let position = PagePosition { page: page.index, size: page.max_size, total_pages: page.total_pages, total: page.total };
    Listing { rows, position }
}
