//! `/artifacts`.

use axum::{Json, Router, extract::State, routing::get};

use super::{
    extract::{ApiJson, Hydrate, IdPath},
    wire::{
        self, Entity, PageResponse,
        artifacts::{ArtifactRequest, ArtifactUpdate, Resources},
    },
};
use crate::server::{
    auth::Account,
    db::{
        Connection,
        artifacts::{self, ArtifactRow},
        list::ListRequest,
        tags,
        users::UserRow,
    },
    error::Result,
    service,
    state::AppState,
};

/// The routes of artifacts.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/artifacts", get(list_artifacts).post(create_artifact))
        .route("/artifacts/{id}", get(get_artifact).put(update_artifact).delete(delete_artifact))
}

async fn list_artifacts(State(state): State<AppState>, _: Account, request: ListRequest) -> Result<Json<PageResponse<Entity>>> {
    let mut connection = state.db.read().await?;
    let project = service::projects::scope(&mut connection, &state.server, &request).await?;
    let page = artifacts::list(&mut connection, project, &request).await?;
    let items = entities(&mut connection, &page.items, request.hydrate).await?;
    Ok(Json(page.with_items(items).into()))
}

async fn create_artifact(
    State(state): State<AppState>,
    account: Account,
    ApiJson(request): ApiJson<ArtifactRequest>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let artifact = service::artifacts::create(&mut connection, account.user.id, request).await?;
    let entity = entity(&mut connection, &artifact, true).await?;
    connection.commit().await?;
    Ok(Json(entity))
}

async fn get_artifact(State(state): State<AppState>, _: Account, IdPath(id): IdPath, Hydrate(hydrate): Hydrate) -> Result<Json<Entity>> {
    let mut connection = state.db.read().await?;
    let artifact = service::artifacts::get(&mut connection, id).await?;
    Ok(Json(entity(&mut connection, &artifact, hydrate).await?))
}

async fn update_artifact(
    State(state): State<AppState>,
    account: Account,
    IdPath(id): IdPath,
    ApiJson(update): ApiJson<ArtifactUpdate>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let artifact = service::artifacts::update(&mut connection, account.user.id, id, update).await?;
    let entity = entity(&mut connection, &artifact, true).await?;
    connection.commit().await?;
    Ok(Json(entity))
}

async fn delete_artifact(State(state): State<AppState>, _: Account, IdPath(id): IdPath) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    service::artifacts::delete(&mut connection, id).await?;
    connection.commit().await?;
    Ok(Json(()))
}

/// One artifact with what is linked to it.
async fn entity(connection: &mut Connection, artifact: &ArtifactRow, hydrate: bool) -> Result<Entity> {
    super::only(entities(connection, std::slice::from_ref(artifact), hydrate).await?)
}

/// Artifacts with what is linked to them, read together.
async fn entities(connection: &mut Connection, rows: &[ArtifactRow], hydrate: bool) -> Result<Vec<Entity>> {
    let users = connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
    let tags = tags::of(connection, "artifact", rows.iter().map(|row| row.id)).await?;
    let mut latest = artifacts::latest_versions(connection, rows.iter().map(|row| row.id)).await?;
    rows.iter()
        .map(|row| {
            let (latest_version_id, latest_version_name) = latest.remove(&row.id).unzip();
            let resources = Resources {
                user: wire::users::owner(&users, row.user_id)?,
                tags: wire::tags::of(&tags, row.id)?,
                latest_version_name,
                latest_version_id,
            };
            wire::artifacts::entity(row, &resources, hydrate)
        })
        .collect()
}
