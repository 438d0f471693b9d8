//! `/model_versions`, and the removal of their links.

use std::slice;

use axum::{
    Json, Router,
    extract::State,
    routing::{delete, get},
};

use super::{
    extract::{ApiJson, ApiPath, Hydrate, IdPath},
    wire::{
        self, Entity, PageResponse,
        model_versions::{ModelVersionRequest, ModelVersionUpdate, Resources},
    },
};
use crate::server::{
    auth::Account,
    db::{
        Connection,
        list::{ListRequest, is_true},
        model_versions::{self, ModelVersionRow},
        models::ModelRow,
        run_metadata, tags,
        users::UserRow,
    },
    error::{AppError, Result},
    id::Id,
    service,
    state::AppState,
};

/// The routes of model versions.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/model_versions", get(list_model_versions).post(create_model_version))
        .route("/model_versions/{id}", get(get_model_version).put(update_model_version).delete(delete_model_version))
        .route("/model_versions/{id}/artifacts", delete(delete_artifact_links))
        .route("/model_versions/{id}/artifacts/{name_or_id}", delete(delete_artifact_link))
        .route("/model_versions/{id}/runs/{name_or_id}", delete(delete_run_link))
}

async fn list_model_versions(State(state): State<AppState>, _: Account, request: ListRequest) -> Result<Json<PageResponse<Entity>>> {
    let mut connection = state.db.read().await?;
    let project = service::projects::scope(&mut connection, &state.server, &request).await?;
    let page = model_versions::list(&mut connection, project, None, &request).await?;
    let items = entities(&mut connection, &page.items, request.hydrate).await?;
    Ok(Json(page.with_items(items).into()))
}

async fn create_model_version(
    State(state): State<AppState>,
    account: Account,
    ApiJson(request): ApiJson<ModelVersionRequest>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let version = service::model_versions::create(&mut connection, account.user.id, request).await?;
    let entity = entity(&mut connection, &version, true).await?;
    connection.commit().await?;
    Ok(Json(entity))
}

async fn get_model_version(
    State(state): State<AppState>,
    _: Account,
    IdPath(id): IdPath,
    Hydrate(hydrate): Hydrate,
) -> Result<Json<Entity>> {
    let mut connection = state.db.read().await?;
    let version = service::model_versions::get(&mut connection, id).await?;
    Ok(Json(entity(&mut connection, &version, hydrate).await?))
}

async fn update_model_version(
    State(state): State<AppState>,
    account: Account,
    IdPath(id): IdPath,
    ApiJson(update): ApiJson<ModelVersionUpdate>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let version = service::model_versions::update(&mut connection, account.user.id, id, update).await?;
    let entity = entity(&mut connection, &version, true).await?;
    connection.commit().await?;
    Ok(Json(entity))
}

async fn delete_model_version(State(state): State<AppState>, _: Account, IdPath(id): IdPath) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    service::model_versions::delete(&mut connection, id).await?;
    connection.commit().await?;
    Ok(Json(()))
}

/// `?only_links=false` deletes the artifact versions as well.
async fn delete_artifact_links(State(state): State<AppState>, _: Account, IdPath(id): IdPath, request: ListRequest) -> Result<Json<()>> {
    let only_links = request.get("only_links").is_none_or(is_true);
    let mut connection = state.db.begin().await?;
    service::model_versions::unlink_artifacts(&mut connection, id, only_links).await?;
    connection.commit().await?;
    Ok(Json(()))
}

async fn delete_artifact_link(
    State(state): State<AppState>,
    _: Account,
    ApiPath((id, name_or_id)): ApiPath<(Id, String)>,
) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    service::model_versions::unlink_artifact(&mut connection, id, &name_or_id).await?;
    connection.commit().await?;
    Ok(Json(()))
}

async fn delete_run_link(State(state): State<AppState>, _: Account, ApiPath((id, name_or_id)): ApiPath<(Id, String)>) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    service::model_versions::unlink_run(&mut connection, id, &name_or_id).await?;
    connection.commit().await?;
    Ok(Json(()))
}

/// One model version with what is linked to it.
async fn entity(connection: &mut Connection, version: &ModelVersionRow, hydrate: bool) -> Result<Entity> {
    super::only(entities(connection, slice::from_ref(version), hydrate).await?)
}

/// Model versions with what is linked to them, read together.
pub(super) async fn entities(connection: &mut Connection, rows: &[ModelVersionRow], hydrate: bool) -> Result<Vec<Entity>> {
    let ids = || rows.iter().map(|row| row.id);
    let models = connection.get_many::<ModelRow>(rows.iter().map(|row| row.model_id)).await?;
    let users = connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
    let tags = tags::of(connection, "model_version", ids()).await?;
    let mut run_metadata = if hydrate { Some(run_metadata::of(connection, "model_version", ids()).await?) } else { None };
    rows.iter()
        .map(|row| {
            let model = models.get(&row.model_id).ok_or_else(|| AppError::missing("model", row.model_id))?;
            let resources = Resources {
                user: wire::users::owner(&users, row.user_id)?,
                services: wire::model_versions::no_services(),
                tags: wire::tags::of(&tags, row.id)?,
            };
            let run_metadata = run_metadata.as_mut().map(|metadata| metadata.remove(&row.id).unwrap_or_default());
            wire::model_versions::entity(row, model, &resources, run_metadata.as_ref())
        })
        .collect()
}
