//! `/pipelines`.

use axum::{Json, Router, extract::State, routing::get};

use super::{
    extract::{ApiJson, Hydrate, IdPath},
    wire::{
        self, Entity, PageResponse,
        pipelines::{PipelineRequest, PipelineUpdate, Resources},
    },
};
use crate::server::{
    auth::Account,
    db::{
        Connection,
        list::ListRequest,
        pipeline_runs::PipelineRunRow,
        pipelines::{self, PipelineRow},
        tags,
        users::UserRow,
    },
    error::Result,
    service,
    state::AppState,
};

/// The routes of pipelines.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/pipelines", get(list_pipelines).post(create_pipeline))
        .route("/pipelines/{id}", get(get_pipeline).put(update_pipeline).delete(delete_pipeline))
}

async fn list_pipelines(State(state): State<AppState>, _: Account, request: ListRequest) -> Result<Json<PageResponse<Entity>>> {
    let mut connection = state.db.read().await?;
    let project = service::projects::scope(&mut connection, &state.server, &request).await?;
    let page = pipelines::list(&mut connection, project, &request).await?;
    let items = entities(&mut connection, &page.items, request.hydrate).await?;
    Ok(Json(page.with_items(items).into()))
}

async fn create_pipeline(
    State(state): State<AppState>,
    account: Account,
    ApiJson(request): ApiJson<PipelineRequest>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let pipeline = service::pipelines::create(&mut connection, account.user.id, request).await?;
    let entity = entity(&mut connection, &pipeline, true).await?;
    connection.commit().await?;
    Ok(Json(entity))
}

async fn get_pipeline(State(state): State<AppState>, _: Account, IdPath(id): IdPath, Hydrate(hydrate): Hydrate) -> Result<Json<Entity>> {
    let mut connection = state.db.read().await?;
    let pipeline = service::pipelines::get(&mut connection, id).await?;
    Ok(Json(entity(&mut connection, &pipeline, hydrate).await?))
}

async fn update_pipeline(
    State(state): State<AppState>,
    account: Account,
    IdPath(id): IdPath,
    ApiJson(update): ApiJson<PipelineUpdate>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let pipeline = service::pipelines::update(&mut connection, account.user.id, id, update).await?;
    let entity = entity(&mut connection, &pipeline, true).await?;
    connection.commit().await?;
    Ok(Json(entity))
}

async fn delete_pipeline(State(state): State<AppState>, _: Account, IdPath(id): IdPath) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    service::pipelines::delete(&mut connection, id).await?;
    connection.commit().await?;
    Ok(Json(()))
}

/// One pipeline with what is linked to it.
async fn entity(connection: &mut Connection, pipeline: &PipelineRow, hydrate: bool) -> Result<Entity> {
    super::only(entities(connection, std::slice::from_ref(pipeline), hydrate).await?)
}

/// Pipelines with what is linked to them, read together.
async fn entities(connection: &mut Connection, rows: &[PipelineRow], hydrate: bool) -> Result<Vec<Entity>> {
    let runs = connection.get_many::<PipelineRunRow>(rows.iter().filter_map(|row| row.latest_run_id)).await?;
    let owners = rows.iter().filter_map(|row| row.user_id).chain(runs.values().filter_map(|run| run.user_id));
    let users = connection.get_many::<UserRow>(owners).await?;
    let tags = tags::of(connection, "pipeline", rows.iter().map(|row| row.id)).await?;
    rows.iter()
        .map(|row| {
            let run = row.latest_run_id.and_then(|id| runs.get(&id));
            let resources = Resources {
                user: wire::users::owner(&users, row.user_id)?,
                latest_run_user: wire::users::owner(&users, run.and_then(|run| run.user_id))?,
                latest_run_id: run.map(|run| run.id),
                latest_run_status: run.map(|run| run.status),
                tags: wire::tags::of(&tags, row.id)?,
                visualizations: Vec::new(),
            };
            wire::pipelines::entity(row, &resources, hydrate)
        })
        .collect()
}
