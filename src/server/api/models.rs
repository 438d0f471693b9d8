//! `/models`.

use axum::{
    Json, Router,
    extract::{Path, State},
    routing::get,
};

use super::{
    extract::{ApiJson, Hydrate, IdPath},
    model_versions,
    wire::{
        self, Entity, PageResponse,
        models::{ModelRequest, ModelUpdate, Resources},
    },
};
use crate::server::{
    auth::Account,
    db::{
        Connection,
        list::ListRequest,
        model_versions as version_rows,
        models::{self, ModelRow},
        tags,
        users::UserRow,
    },
    error::Result,
    service,
    state::AppState,
};

/// The routes of models.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/models", get(list_models).post(create_model))
        .route("/models/{id}", get(get_model).put(update_model).delete(delete_model))
        .route("/models/{id}/model_versions", get(list_versions_of_model))
}

async fn list_models(State(state): State<AppState>, _: Account, request: ListRequest) -> Result<Json<PageResponse<Entity>>> {
    let mut connection = state.db.read().await?;
    let project = service::projects::scope(&mut connection, &state.server, &request).await?;
    let page = models::list(&mut connection, project, &request).await?;
    let items = entities(&mut connection, &page.items, request.hydrate).await?;
    Ok(Json(page.with_items(items).into()))
}

async fn create_model(State(state): State<AppState>, account: Account, ApiJson(request): ApiJson<ModelRequest>) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let model = service::models::create(&mut connection, account.user.id, request).await?;
    let entity = entity(&mut connection, &model, true).await?;
    connection.commit().await?;
    Ok(Json(entity))
}

async fn get_model(State(state): State<AppState>, _: Account, IdPath(id): IdPath, Hydrate(hydrate): Hydrate) -> Result<Json<Entity>> {
    let mut connection = state.db.read().await?;
    let model = service::models::get(&mut connection, id).await?;
    Ok(Json(entity(&mut connection, &model, hydrate).await?))
}

async fn update_model(
    State(state): State<AppState>,
    account: Account,
    IdPath(id): IdPath,
    ApiJson(update): ApiJson<ModelUpdate>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let model = service::models::update(&mut connection, account.user.id, id, update).await?;
    let entity = entity(&mut connection, &model, true).await?;
    connection.commit().await?;
    Ok(Json(entity))
}

async fn delete_model(State(state): State<AppState>, _: Account, IdPath(id): IdPath) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    service::models::delete(&mut connection, id).await?;
    connection.commit().await?;
    Ok(Json(()))
}

/// The versions of one model, which the path names by name or id.
async fn list_versions_of_model(
    State(state): State<AppState>,
    _: Account,
    Path(name_or_id): Path<String>,
    request: ListRequest,
) -> Result<Json<PageResponse<Entity>>> {
    let mut connection = state.db.read().await?;
    let project = service::projects::scope(&mut connection, &state.server, &request).await?;
    let model = service::models::find(&mut connection, project, &name_or_id).await?;
    let page = version_rows::list(&mut connection, project, Some(model.id), &request).await?;
    let items = model_versions::entities(&mut connection, &page.items, request.hydrate).await?;
    Ok(Json(page.with_items(items).into()))
}

/// One model with what is linked to it.
async fn entity(connection: &mut Connection, model: &ModelRow, hydrate: bool) -> Result<Entity> {
    super::only(entities(connection, std::slice::from_ref(model), hydrate).await?)
}

/// Models with what is linked to them, read together.
async fn entities(connection: &mut Connection, rows: &[ModelRow], hydrate: bool) -> Result<Vec<Entity>> {
    let users = connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
    let tags = tags::of(connection, "model", rows.iter().map(|row| row.id)).await?;
    let mut latest = version_rows::latest(connection, rows.iter().map(|row| row.id)).await?;
    rows.iter()
        .map(|row| {
            let (latest_version_id, latest_version_name) = latest.remove(&row.id).unzip();
            let resources = Resources {
                user: wire::users::owner(&users, row.user_id)?,
                tags: wire::tags::of(&tags, row.id)?,
                latest_version_name,
                latest_version_id,
                visualizations: Vec::new(),
            };
            wire::models::entity(row, &resources, hydrate)
        })
        .collect()
}
