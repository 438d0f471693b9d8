//! Snapshots: the list, one snapshot, the comparison of two, and what can be done with them.
//!
//! What these pages only show is made into HTML here and in the modules below; the browser gets it as it is.

pub mod access;
mod chart;
pub mod compare;
pub mod compare_view;
pub mod description;
mod detail;
mod duplicate;
pub mod edit;
mod examples;
mod graph_view;
mod history;
mod list;
pub mod list_view;
mod names;
pub mod new;
mod parameters;
mod removal;
mod usage;

use std::{collections::HashMap, sync::LazyLock};

use axum::{
    extract::{Path, State},
    response::Response,
};
use quick_cache::sync::Cache;

pub use detail::get;
pub use duplicate::duplicate;
pub use examples::target;
pub use list::{list, open_to};
pub use names::check as check_name;
pub use parameters::{rows as parameters, template};
pub use removal::{page as removal, remove, restore};

use super::{
    forms,
    present::{latest_runs, moment, only, reference, referred},
};
use crate::{
    model::{list::Reference, pipeline_snapshots::SnapshotRow},
    run_configuration::{form, snapshot::Snapshot},
    server::{
        auth::{
            Account,
            downloads::{self, DownloadType},
        },
        db::{
            Connection, code_references::CodeReferenceRow, pipeline_snapshot_usage, pipeline_snapshots::PipelineSnapshotRow,
            pipelines::PipelineRow, stacks::StackRow, tags, users::UserRow,
        },
        error::{AppError, Result},
        id::Id,
        service::{self, projects},
        state::AppState,
        time::Timestamp,
    },
};

/// Days in which the runs of a snapshot count as recent.
const RECENT_DAYS: i64 = 30;

/// The time this many days ago.
pub fn days_ago(days: i64) -> Timestamp {
    Timestamp::now().plus_seconds(-days * 86_400)
}

/// Snapshots of one project with the names of what they refer to and how much they are used.
pub async fn rows(connection: &mut Connection, snapshots: &[PipelineSnapshotRow]) -> Result<Vec<SnapshotRow>> {
    let Some(project) = snapshots.first().map(|snapshot| snapshot.project_id) else { return Ok(Vec::new()) };
    let ids = || snapshots.iter().map(|row| row.id);
    let pipelines = referred::<PipelineRow>(connection, snapshots.iter().map(|row| Some(row.pipeline_id))).await?;
    let stacks = referred::<StackRow>(connection, snapshots.iter().map(|row| row.stack_id)).await?;
    let users = referred::<UserRow>(connection, snapshots.iter().map(|row| row.user_id)).await?;
    let latest = latest_runs(connection, snapshots.iter().map(|row| row.latest_run_id)).await?;
    let mut tags = tags::of(connection, "pipeline_snapshot", ids()).await?;
    let recent = pipeline_snapshot_usage::runs_since(connection, project, ids(), days_ago(RECENT_DAYS)).await?;
    let mut counts = HashMap::new();
    for snapshot in snapshots {
        counts.insert(snapshot.id, parameter_count(connection, snapshot).await?);
    }
    let mut row = |snapshot: &PipelineSnapshotRow| {
        let pipeline = reference(Some(snapshot.pipeline_id), &pipelines, |pipeline| Some(pipeline.name.clone()));
        SnapshotRow {
            id: snapshot.id.to_string(),
            name: snapshot.name.clone(),
            description: snapshot.description.clone().filter(|text| !text.is_empty()),
            pipeline: pipeline.unwrap_or_else(|| Reference { id: snapshot.pipeline_id.to_string(), name: "–".to_owned() }),
            stack: reference(snapshot.stack_id, &stacks, |stack| Some(stack.name.clone())),
            runnable: snapshot.runnable,
            latest_run: snapshot.latest_run_id.and_then(|id| latest.get(&id).cloned()),
            created: moment(snapshot.created),
            user: snapshot.user_id.and_then(|id| users.get(&id)).map(|user| user.name.clone()),
            tags: tags.remove(&snapshot.id).unwrap_or_default().into_iter().map(|tag| tag.name).collect(),
            parameter_count: counts.get(&snapshot.id).copied().unwrap_or_default(),
            recent_runs: recent.get(&snapshot.id).copied().unwrap_or_default(),
        }
    };
    Ok(snapshots.iter().map(&mut row).collect())
}

/// Numbers of parameters, by the hashes of the documents they are told by, which never change.
static PARAMETER_COUNTS: LazyLock<Cache<String, u64>> = LazyLock::new(|| Cache::new(4096));

async fn parameter_count(connection: &mut Connection, row: &PipelineSnapshotRow) -> Result<u64> {
    let spec = row.pipeline_spec_document.as_deref().unwrap_or_default();
    let key = format!("{} {spec} {}", row.pipeline_configuration_document, row.step_set.as_deref().unwrap_or_default());
    if let Some(count) = PARAMETER_COUNTS.get(&key) {
        return Ok(count);
    }
    let count = fields(&service::pipeline_snapshots::for_run_configuration(connection, row).await?).len() as u64;
    PARAMETER_COUNTS.insert(key, count);
    Ok(count)
}

/// Everything a run can change by the form, without the options of the run.
fn fields(snapshot: &Snapshot) -> Vec<form::Field> {
    form::fields(snapshot).into_iter().filter(form::Field::is_parameter).collect()
}

/// One snapshot of a project.
pub async fn find(connection: &mut Connection, project: &str, id: &str) -> Result<PipelineSnapshotRow> {
    let project = projects::find(connection, project).await?.id;
    let missing = || AppError::NotFound(format!("There is no snapshot {id} in this project. It may have been deleted."));
    let snapshot = connection.get::<PipelineSnapshotRow>(id.trim().parse::<Id>().map_err(|_| missing())?).await?;
    snapshot.filter(|snapshot| snapshot.project_id == project).ok_or_else(missing)
}

/// `GET …/snapshots/{snapshot}/code`: leads to the code as a file, with a token made for this download.
pub async fn download_code(State(state): State<AppState>, _: Account, Path((project, id)): Path<(String, String)>) -> Result<Response> {
    let snapshot = find(&mut state.db.read().await?, &project, &id).await?;
    let token = downloads::sign(&state.keys, DownloadType::SnapshotCode, snapshot.id)?;
    forms::see_other(&format!("/api/v1/pipeline_snapshots/{}/code?token={token}", snapshot.id))
}

/// The commit that a snapshot's code is, where it is one.
async fn commit(connection: &mut Connection, row: &PipelineSnapshotRow) -> Result<Option<String>> {
    let Some(id) = row.code_reference_id else { return Ok(None) };
    Ok(connection.get::<CodeReferenceRow>(id).await?.map(|reference| reference.commit_hash))
}
