//! The list of snapshots: what the URL asks for, and what its filters offer.

use super::{days_ago, list_view, rows};
use crate::{
    model::{
        error::PageError,
        list::{ListQuery, Reference},
        pipeline_snapshots::{SnapshotList, SnapshotPlace},
        roles::Role,
    },
    server::{
        db::{
            Connection,
            list::ListRequest,
            pipeline_snapshot_usage::{self, Narrowing, Reference as Referred},
            users::UserRow,
        },
        error::{AppError, Result},
        id::Id,
        pages::{
            context,
            html::html,
            pipeline_runs,
            present::{list_request, listing},
        },
        service::projects,
    },
};

/// Columns that the list can be sorted by.
const SORTS: [&str; 7] = ["name", "pipeline", "stack", "created", "updated", "user", "latest_run"];
/// The order where the URL names none.
pub const USUAL_SORT: &str = "desc:created";

/// The list that a URL asks for.
pub async fn list(project: &str, query: &ListQuery, place: SnapshotPlace) -> Result<SnapshotList, PageError> {
    let (state, account) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let id = projects::find(&mut connection, project).await?.id;
        let page = pipeline_snapshot_usage::list(&mut connection, id, &request(query), narrowing(query, &account.user)).await?;
        let rows = rows(&mut connection, &page.items).await?;
        let nothing_runs = !rows.is_empty() && rows.iter().all(|row| !row.runnable);
        let listing = listing(&page, rows);
        let list = html(|| list_view::content(listing, query, project, place));
        choices(&mut connection, id, SnapshotList { html: list, nothing_runs, ..nothing_to_choose() }).await
    };
    Ok(read.await?)
}

fn nothing_to_choose() -> SnapshotList {
    let (pipelines, stacks, users) = (Vec::new(), Vec::new(), Vec::new());
    SnapshotList { html: String::new(), pipelines, stacks, users, tags: Vec::new(), nothing_runs: false }
}

fn request(query: &ListQuery) -> ListRequest {
    let mut request = list_request(query, &SORTS, USUAL_SORT);
    if query.unnamed != "true" {
        request = request.with("named_only", "true");
    }
    if query.status == "runnable" {
        request = request.with("runnable", "true");
    }
    if !query.tag.is_empty() {
        request = request.with("tags", format!("equals:{}", query.tag));
    }
    for (name, value) in [("pipeline", &query.pipeline), ("stack", &query.stack), ("user", &query.user)] {
        if !value.is_empty() {
            request = request.with(name, value);
        }
    }
    request
}

fn narrowing(query: &ListQuery, user: &UserRow) -> Narrowing {
    // Some thousand years are as good as any number.
    let days: Option<i64> = query.unused.parse().ok().filter(|days| (1..=365_000).contains(days));
    Narrowing { unused_since: days.map(days_ago), not_runnable: query.status == "blocked", open_to: open_to(user) }
}

/// Whoever launches and does not edit sees what they may launch.
pub fn open_to(user: &UserRow) -> Option<Id> {
    (user.role == Role::Operator).then_some(user.id)
}

async fn choices(connection: &mut Connection, project: Id, list: SnapshotList) -> Result<SnapshotList> {
    let named = |found: Vec<(Id, String)>| found.into_iter().map(|(id, name)| Reference { id: id.to_string(), name }).collect();
    Ok::<_, AppError>(SnapshotList {
        pipelines: pipeline_runs::pipeline_choices(connection, project).await?,
        stacks: named(pipeline_snapshot_usage::referred(connection, project, Referred::Stack).await?),
        users: named(pipeline_snapshot_usage::referred(connection, project, Referred::User).await?),
        tags: pipeline_snapshot_usage::tag_names(connection, project).await?,
        ..list
    })
}
