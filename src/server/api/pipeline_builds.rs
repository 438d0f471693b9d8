//! `/pipeline_builds`.

use axum::{Json, Router, extract::State, routing::get};

use super::{
    extract::{ApiJson, Hydrate, IdPath},
    wire::{
        self, Entity, PageResponse,
        pipeline_builds::{Links, PipelineBuildRequest},
    },
};
use crate::server::{
    auth::Account,
    db::{
        Connection,
        list::ListRequest,
        pipeline_builds::{self, PipelineBuildRow},
        pipelines::PipelineRow,
        stacks::StackRow,
        users::UserRow,
    },
    error::Result,
    service,
    state::AppState,
};

/// The routes of pipeline builds.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/pipeline_builds", get(list_builds).post(create_build))
        .route("/pipeline_builds/{id}", get(get_build).delete(delete_build))
}

async fn list_builds(State(state): State<AppState>, _: Account, request: ListRequest) -> Result<Json<PageResponse<Entity>>> {
    let mut connection = state.db.read().await?;
    let project = service::projects::scope(&mut connection, &state.server, &request).await?;
    let page = pipeline_builds::list(&mut connection, project, &request).await?;
    let items = entities(&mut connection, &page.items, request.hydrate).await?;
    Ok(Json(page.with_items(items).into()))
}

async fn create_build(
    State(state): State<AppState>,
    account: Account,
    ApiJson(request): ApiJson<PipelineBuildRequest>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let build = service::pipeline_builds::create(&mut connection, account.user.id, request).await?;
    let entity = entity(&mut connection, &build, true).await?;
    connection.commit().await?;
    Ok(Json(entity))
}

async fn get_build(State(state): State<AppState>, _: Account, IdPath(id): IdPath, Hydrate(hydrate): Hydrate) -> Result<Json<Entity>> {
    let mut connection = state.db.read().await?;
    let build = service::pipeline_builds::get(&mut connection, id).await?;
    Ok(Json(entity(&mut connection, &build, hydrate).await?))
}

async fn delete_build(State(state): State<AppState>, _: Account, IdPath(id): IdPath) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    service::pipeline_builds::delete(&mut connection, id).await?;
    connection.commit().await?;
    Ok(Json(()))
}

/// One build with what it names.
async fn entity(connection: &mut Connection, build: &PipelineBuildRow, hydrate: bool) -> Result<Entity> {
    super::only(entities(connection, std::slice::from_ref(build), hydrate).await?)
}

/// Builds with their owners, and with the pipelines and stacks they name when hydrated.
async fn entities(connection: &mut Connection, rows: &[PipelineBuildRow], hydrate: bool) -> Result<Vec<Entity>> {
    let users = connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
    let named = if hydrate {
        let pipelines = connection.get_many::<PipelineRow>(rows.iter().filter_map(|row| row.pipeline_id)).await?;
        let stacks = connection.get_many::<StackRow>(rows.iter().filter_map(|row| row.stack_id)).await?;
        Some((pipelines, stacks))
    } else {
        None
    };
    rows.iter()
        .map(|row| {
            let links = named.as_ref().map(|(pipelines, stacks)| {
                let pipeline = row.pipeline_id.and_then(|id| pipelines.get(&id)).map(wire::pipelines::shallow).transpose()?;
                let stack = row.stack_id.and_then(|id| stacks.get(&id)).map(wire::stacks::shallow).transpose()?;
                Ok::<_, crate::server::error::AppError>(Links { pipeline, stack })
            });
            wire::pipeline_builds::entity(row, wire::users::owner(&users, row.user_id)?, links.transpose()?)
        })
        .collect()
}
