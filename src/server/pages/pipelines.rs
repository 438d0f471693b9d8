//! Pipelines: the list, one pipeline, and the snapshot that "Run a Pipeline" means.

use axum::{
    extract::{Path, State},
    response::{Redirect, Response},
};

use super::{
    context, forms,
    html::html,
    pipelines_view,
    present::{latest_runs, list_request, listing, moment, only, referred},
};
use crate::{
    model::{
        error::PageError,
        list::{ListQuery, Reference, encode},
        pipelines::{PipelineDetail, PipelineListRow},
    },
    server::{
        auth::Account,
        db::{
            Connection,
            pipeline_snapshots::{self, NamedSnapshot},
            pipelines::{self, PipelineRow},
            users::UserRow,
        },
        error::{AppError, Result},
        service::{self, projects},
        state::AppState,
    },
};

/// Columns that the list can be sorted by.
const SORTS: [&str; 3] = ["name", "latest_run", "created"];
/// The order where the URL names none.
pub const USUAL_SORT: &str = "desc:latest_run";

/// The list that a URL asks for, as HTML.
pub async fn list(project: &str, query: &ListQuery) -> Result<String, PageError> {
    let (state, _) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let id = projects::find(&mut connection, project).await?.id;
        let page = pipelines::list(&mut connection, id, &list_request(query, &SORTS, USUAL_SORT)).await?;
        let rows = rows(&mut connection, &page.items).await?;
        Ok::<_, AppError>(listing(&page, rows))
    };
    let list = read.await?;
    Ok(html(|| pipelines_view::content(list, query, project)))
}

/// One pipeline, by name or id.
pub async fn get(project: &str, name_or_id: &str) -> Result<PipelineDetail, PageError> {
    let (state, _) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let project = projects::find(&mut connection, project).await?.id;
        let row = service::pipelines::find(&mut connection, project, name_or_id).await?;
        let users = referred::<UserRow>(&mut connection, [row.user_id]).await?;
        let user = row.user_id.and_then(|id| users.get(&id)).map(|user| user.name.clone());
        let pipeline = only(rows(&mut connection, &[row]).await?)?;
        Ok::<_, AppError>(PipelineDetail { pipeline, user })
    };
    Ok(read.await?)
}

async fn rows(connection: &mut Connection, pipelines: &[PipelineRow]) -> Result<Vec<PipelineListRow>> {
    let latest = latest_runs(connection, pipelines.iter().map(|pipeline| pipeline.latest_run_id)).await?;
    let named = pipeline_snapshots::named_of_pipelines(connection, pipelines.iter().map(|pipeline| pipeline.id)).await?;
    let row = |pipeline: &PipelineRow| {
        let snapshots = named.get(&pipeline.id).map(Vec::as_slice).unwrap_or_default();
        let link = |snapshot: &NamedSnapshot| Reference { id: snapshot.id.to_string(), name: snapshot.name.clone() };
        PipelineListRow {
            id: pipeline.id.to_string(),
            name: pipeline.name.clone(),
            description: pipeline.description.clone().filter(|text| !text.is_empty()),
            latest_run: pipeline.latest_run_id.and_then(|id| latest.get(&id).cloned()),
            run_count: pipeline.run_count as u64,
            snapshot_count: snapshots.len() as u64,
            runnable: snapshots.iter().find(|snapshot| snapshot.runnable).map(link),
            created: moment(pipeline.created),
        }
    };
    Ok(pipelines.iter().map(row).collect())
}

/// `GET /projects/{project}`: a project opens with its pipelines, which also say so where there is no such project.
pub async fn home(Path(project): Path<String>) -> Redirect {
    Redirect::to(&format!("/projects/{}/pipelines", encode(&project)))
}

/// `GET /projects/{project}/pipelines/{pipeline}/run`: leads to Run Details of the newest snapshot that can be run; where
/// there is none, to the choice of snapshots, which says why.
pub async fn run(State(state): State<AppState>, account: Account, Path((project, pipeline)): Path<(String, String)>) -> Result<Response> {
    let mut connection = state.db.read().await?;
    let project_id = projects::find(&mut connection, &project).await?.id;
    let pipeline = service::pipelines::find(&mut connection, project_id, &pipeline).await?;
    let project = encode(&project);
    match pipeline_snapshots::latest_runnable(&mut connection, pipeline.id, Some(&account.user)).await? {
        Some(snapshot) => forms::see_other(&format!("/projects/{project}/snapshots/{}/run", snapshot.id)),
        None => forms::see_other(&format!("/projects/{project}/run?pipeline={}", pipeline.id)),
    }
}
