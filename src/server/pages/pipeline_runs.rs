//! Runs: the list.

use super::{
    context,
    html::html,
    present::{duration, list_request, listing, moment, reference, referred},
    run_list_view::{Paths, content, status_tabs},
};
use crate::{
    model::{
        error::PageError,
        list::{ListQuery, Reference},
        pipeline_runs::{RunList, RunPlace, RunRow, statuses_of},
        status::ExecutionStatus,
    },
    server::{
        db::{
            Connection,
            list::ListRequest,
            pipeline_runs::{self, PipelineRunRow},
            pipeline_snapshots::{self, PipelineSnapshotRow},
            pipelines::{self, PipelineRow},
            users::UserRow,
        },
        error::Result,
        id::Id,
        service::projects,
    },
};

/// Columns that the list of runs can be sorted by.
const SORTS: [&str; 7] = ["created", "name", "status", "pipeline", "snapshot", "start_time", "user"];
/// The order where the URL names none.
pub const USUAL_SORT: &str = "desc:created";
/// Most choices in a filter.
const MOST_CHOICES: u64 = 200;

/// The list that a URL asks for.
pub async fn list(project: &str, query: &ListQuery, place: RunPlace) -> Result<RunList, PageError> {
    let (state, _) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let paths = Paths::new(project, query, place);
        let project = projects::find(&mut connection, project).await?.id;
        let page = pipeline_runs::list(&mut connection, project, &request(query)).await?;
        let rows = rows(&mut connection, &page.items).await?;
        let counts = counts(&mut connection, project, query).await?;
        Ok::<_, crate::server::error::AppError>(RunList {
            tabs: html(|| status_tabs(counts, query, &paths, place)),
            html: html(|| content(listing(&page, rows), query, &paths, place)),
            pipelines: pipeline_choices(&mut connection, project).await?,
            snapshots: snapshot_choices(&mut connection, project, &query.pipeline).await?,
        })
    };
    Ok(read.await?)
}

fn request(query: &ListQuery) -> ListRequest {
    let mut request = list_request(query, &SORTS, USUAL_SORT);
    if !query.status.is_empty()
        && let Some(statuses) = statuses_of(&query.status)
    {
        request = request.with("status", one_of(&statuses));
    }
    if !query.pipeline.is_empty() {
        request = request.with("pipeline", &query.pipeline);
    }
    if !query.snapshot.is_empty() {
        request = request.with("source_snapshot_id", &query.snapshot);
    }
    if !query.tag.is_empty() {
        request = request.with("tags", format!("equals:{}", query.tag));
    }
    request
}

/// The value of a filter that allows these statuses; a single one is told plainly, because its total is kept.
fn one_of(statuses: &[ExecutionStatus]) -> String {
    match statuses {
        [status] => status.as_str().to_owned(),
        many => format!("oneof:{}", serde_json::json!(many.iter().map(|status| status.as_str()).collect::<Vec<_>>())),
    }
}

/// Runs with the names of what they refer to.
pub async fn rows(connection: &mut Connection, runs: &[PipelineRunRow]) -> Result<Vec<RunRow>> {
    let pipelines = referred::<PipelineRow>(connection, runs.iter().map(|run| run.pipeline_id)).await?;
    let snapshots = referred::<PipelineSnapshotRow>(connection, runs.iter().map(|run| run.source_snapshot_id)).await?;
    let users = referred::<UserRow>(connection, runs.iter().map(|run| run.user_id)).await?;
    let row = |run: &PipelineRunRow| RunRow {
        id: run.id.to_string(),
        name: run.name.clone(),
        index: run.run_index,
        status: run.status,
        pipeline: reference(run.pipeline_id, &pipelines, |pipeline| Some(pipeline.name.clone())),
        snapshot: reference(run.source_snapshot_id, &snapshots, |snapshot| snapshot.name.clone()),
        created: moment(run.created),
        started: run.start_time.map(moment),
        duration: duration(run.start_time, run.end_time, run.status.is_finished()),
        user: run.user_id.and_then(|id| users.get(&id)).map(|user| user.name.clone()),
    };
    Ok(runs.iter().map(row).collect())
}

/// Runs by status, from the kept counters: they know nothing of names, snapshots and tags.
async fn counts(connection: &mut Connection, project: Id, query: &ListQuery) -> Result<Option<Vec<(ExecutionStatus, u64)>>> {
    if !query.q.is_empty() || !query.snapshot.is_empty() || !query.tag.is_empty() {
        return Ok(None);
    }
    let pipeline = match query.pipeline.as_str() {
        "" => None,
        name_or_id => match crate::server::service::pipelines::find(connection, project, name_or_id).await {
            Ok(pipeline) => Some(pipeline.id),
            Err(_) => return Ok(None),
        },
    };
    Ok(Some(pipeline_runs::counts(connection, project, pipeline).await?))
}

/// The pipelines that a filter offers.
pub async fn pipeline_choices(connection: &mut Connection, project: Id) -> Result<Vec<Reference>> {
    let request = ListRequest { page: 1, size: MOST_CHOICES, sort_by: "asc:name".to_owned(), ..ListRequest::default() };
    let page = pipelines::list(connection, project, &request).await?;
    Ok(page.items.into_iter().map(|pipeline| Reference { id: pipeline.id.to_string(), name: pipeline.name }).collect())
}

async fn snapshot_choices(connection: &mut Connection, project: Id, pipeline: &str) -> Result<Vec<Reference>> {
    let request = ListRequest { page: 1, size: MOST_CHOICES, sort_by: "asc:name".to_owned(), ..ListRequest::default() };
    let mut request = request.with("named_only", "true");
    if !pipeline.is_empty() {
        request = request.with("pipeline", pipeline);
    }
    let page = pipeline_snapshots::list(connection, project, &request).await?;
    let choice = |snapshot: PipelineSnapshotRow| Some(Reference { id: snapshot.id.to_string(), name: snapshot.name? });
    Ok(page.items.into_iter().filter_map(choice).collect())
}
