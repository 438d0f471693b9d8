//! Snapshots: the list and one snapshot.

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde_json::json;

use super::{
    context, forms, pipeline_runs,
    present::{latest_runs, list_request, listing, moment, reference, referred},
};
use crate::{
    checker::kind_in_words,
    model::{
        error::PageError,
        list::{ListQuery, Reference},
        pipeline_snapshots::{CodeExample, ParameterRow, SnapshotDetail, SnapshotList, SnapshotRow},
    },
    run_configuration::{
        code::{self, Target},
        diff::render,
        edit,
        form::{self, Field},
        snapshot::Snapshot,
    },
    server::{
        auth::{
            Account,
            downloads::{self, DownloadType},
        },
        db::{
            Connection,
            list::ListRequest,
            pipeline_runs as runs,
            pipeline_snapshots::{self, PipelineSnapshotRow},
            pipelines::PipelineRow,
            stacks::StackRow,
            tags,
            users::UserRow,
        },
        error::{AppError, Result},
        id::Id,
        launch::readiness,
        service::{self, projects},
        state::AppState,
    },
};

/// Columns that the list can be sorted by.
const SORTS: [&str; 6] = ["name", "pipeline", "stack", "created", "updated", "user"];
const USUAL_SORT: &str = "desc:created";
/// Runs shown on a snapshot's page.
const RUNS_SHOWN: u64 = 10;
/// Characters of a value on one line.
const VALUE_LIMIT: usize = 120;

/// The list that a URL asks for: snapshots with a name.
pub async fn list(project: &str, query: &ListQuery) -> Result<SnapshotList, PageError> {
    let (state, _) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let project = projects::find(&mut connection, project).await?.id;
        let mut request = list_request(query, &SORTS, USUAL_SORT).with("named_only", "true");
        if query.status == "runnable" {
            request = request.with("runnable", "true");
        }
        if !query.pipeline.is_empty() {
            request = request.with("pipeline", &query.pipeline);
        }
        let page = pipeline_snapshots::list(&mut connection, project, &request).await?;
        let rows = rows(&mut connection, &page.items).await?;
        let pipelines = pipeline_runs::pipeline_choices(&mut connection, project).await?;
        Ok::<_, AppError>(SnapshotList { snapshots: listing(&page, rows), pipelines })
    };
    Ok(read.await?)
}

/// Snapshots with the names of what they refer to.
pub async fn rows(connection: &mut Connection, snapshots: &[PipelineSnapshotRow]) -> Result<Vec<SnapshotRow>> {
    let pipelines = referred::<PipelineRow>(connection, snapshots.iter().map(|row| Some(row.pipeline_id))).await?;
    let stacks = referred::<StackRow>(connection, snapshots.iter().map(|row| row.stack_id)).await?;
    let users = referred::<UserRow>(connection, snapshots.iter().map(|row| row.user_id)).await?;
    let latest = latest_runs(connection, snapshots.iter().map(|row| row.latest_run_id)).await?;
    let mut tags = tags::of(connection, "pipeline_snapshot", snapshots.iter().map(|row| row.id)).await?;
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
        }
    };
    Ok(snapshots.iter().map(&mut row).collect())
}

/// One snapshot of a project.
pub async fn find(connection: &mut Connection, project: &str, id: &str) -> Result<PipelineSnapshotRow> {
    let project = projects::find(connection, project).await?.id;
    let missing = || AppError::NotFound(format!("There is no snapshot {id} in this project. It may have been deleted."));
    let snapshot = connection.get::<PipelineSnapshotRow>(id.parse::<Id>().map_err(|_| missing())?).await?;
    snapshot.filter(|snapshot| snapshot.project_id == project).ok_or_else(missing)
}

/// A snapshot's page.
pub async fn get(project: &str, id: &str) -> Result<SnapshotDetail, PageError> {
    let (state, account) = context::account().await?;
    Ok(detail(&state, account.user.id, project, id).await?)
}

async fn detail(state: &AppState, user: Id, project: &str, id: &str) -> Result<SnapshotDetail> {
    let mut connection = state.db.read().await?;
    let row = find(&mut connection, project, id).await?;
    let core = service::pipeline_snapshots::for_run_configuration(&mut connection, &row).await?;
    let readiness = readiness::check_for(&mut connection, state, user, &row, &core).await?;
    let (runs, run_count) = runs_of(&mut connection, &row).await?;
    let mut snapshot = only(rows(&mut connection, std::slice::from_ref(&row)).await?)?;
    // Told by the check that was just made, not by what was stored when something last changed.
    snapshot.runnable = readiness.runnable();
    let pipeline = snapshot.pipeline.name.clone();
    Ok(SnapshotDetail {
        parameters: parameters(&core),
        examples: examples(&target(state, project, &row, &pipeline), &core),
        snapshot,
        readiness,
        runs,
        run_count,
        has_code: row.code_archive_hash.is_some() || row.code_path.is_some(),
        client_version: row.client_version,
        step_count: row.step_count as u64,
    })
}

/// A snapshot as code outside the browser names it.
pub fn target(state: &AppState, project: &str, row: &PipelineSnapshotRow, pipeline: &str) -> Target {
    Target {
        url: state.config.public_url(),
        project: project.to_owned(),
        snapshot: row.id.to_string(),
        name: row.name.clone(),
        pipeline: pipeline.to_owned(),
    }
}

/// The ways to run a snapshot, with its first parameter set to the value that it has.
fn examples(target: &Target, snapshot: &Snapshot) -> Vec<CodeExample> {
    let mut configuration = json!({});
    let first = form::fields(snapshot).into_iter().find(|field| field.is_parameter() && field.current.is_some());
    if let Some(Field { path, current: Some(value), .. }) = first {
        edit::put(&mut configuration, path.segments(), value);
    }
    let configuration = configuration.as_object().cloned().unwrap_or_default();
    let launch = code::Launch { configuration: &configuration, replace_paths: &[] };
    code::of(target, launch).into_iter().map(|(label, code)| CodeExample { label: label.to_owned(), code }).collect()
}

/// `GET …/snapshots/{snapshot}/code`: leads to the code as a file, with a token made for this download.
pub async fn download_code(State(state): State<AppState>, _: Account, Path((project, id)): Path<(String, String)>) -> Result<Response> {
    let snapshot = find(&mut state.db.read().await?, &project, &id).await?;
    let token = downloads::sign(&state.keys, DownloadType::SnapshotCode, snapshot.id)?;
    forms::see_other(&format!("/api/v1/pipeline_snapshots/{}/code?token={token}", snapshot.id))
}

fn only<T>(rows: Vec<T>) -> Result<T> {
    rows.into_iter().next().ok_or_else(|| AppError::Internal(anyhow::anyhow!("one row in, none out")))
}

/// The newest runs launched from a snapshot, and how many there are.
async fn runs_of(connection: &mut Connection, snapshot: &PipelineSnapshotRow) -> Result<(Vec<crate::model::pipeline_runs::RunRow>, u64)> {
    let request = ListRequest { page: 1, size: RUNS_SHOWN, sort_by: "desc:created".to_owned(), ..ListRequest::default() };
    let request = request.with("source_snapshot_id", snapshot.id.to_string());
    let page = runs::list(connection, snapshot.project_id, &request).await?;
    Ok((pipeline_runs::rows(connection, &page.items).await?, page.total))
}

/// Everything a run can change by the form, as rows: the parameters, not the options of the run.
pub fn parameters(snapshot: &Snapshot) -> Vec<ParameterRow> {
    let row = |field: Field| ParameterRow {
        kind: kind_in_words(snapshot, &field),
        value: field.current.as_ref().map(|value| render(value, VALUE_LIMIT)),
        step: field.step,
        name: field.name,
        description: field.description,
    };
    form::fields(snapshot).into_iter().filter(Field::is_parameter).map(row).collect()
}
