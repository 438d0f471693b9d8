//! `/code_repositories`.

use axum::{Json, Router, extract::State, routing::get};

use super::{
    extract::{ApiJson, Hydrate, IdPath},
    wire::{
        self, Entity, PageResponse,
        code_repositories::{CodeRepositoryRequest, CodeRepositoryUpdate},
    },
};
use crate::server::{
    auth::Account,
    db::{
        Connection,
        code_repositories::{self, CodeRepositoryRow},
        list::ListRequest,
        users::UserRow,
    },
    error::Result,
    service,
    state::AppState,
};

/// The routes of code repositories.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/code_repositories", get(list_code_repositories).post(create_code_repository))
        .route("/code_repositories/{id}", get(get_code_repository).put(update_code_repository).delete(delete_code_repository))
}

async fn list_code_repositories(State(state): State<AppState>, _: Account, request: ListRequest) -> Result<Json<PageResponse<Entity>>> {
    let mut connection = state.db.read().await?;
    let project = service::projects::scope(&mut connection, &state.server, &request).await?;
    let page = code_repositories::list(&mut connection, project, &request).await?;
    let items = entities(&mut connection, &page.items, request.hydrate).await?;
    Ok(Json(page.with_items(items).into()))
}

async fn create_code_repository(
    State(state): State<AppState>,
    account: Account,
    ApiJson(request): ApiJson<CodeRepositoryRequest>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let repository = service::code_repositories::create(&mut connection, account.user.id, request).await?;
    let entity = entity(&mut connection, &repository, true).await?;
    connection.commit().await?;
    Ok(Json(entity))
}

async fn get_code_repository(
    State(state): State<AppState>,
    _: Account,
    IdPath(id): IdPath,
    Hydrate(hydrate): Hydrate,
) -> Result<Json<Entity>> {
    let mut connection = state.db.read().await?;
    let repository = service::code_repositories::get(&mut connection, id).await?;
    Ok(Json(entity(&mut connection, &repository, hydrate).await?))
}

async fn update_code_repository(
    State(state): State<AppState>,
    _: Account,
    IdPath(id): IdPath,
    ApiJson(update): ApiJson<CodeRepositoryUpdate>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let repository = service::code_repositories::update(&mut connection, id, update).await?;
    let entity = entity(&mut connection, &repository, true).await?;
    connection.commit().await?;
    Ok(Json(entity))
}

async fn delete_code_repository(State(state): State<AppState>, _: Account, IdPath(id): IdPath) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    service::code_repositories::delete(&mut connection, id).await?;
    connection.commit().await?;
    Ok(Json(()))
}

/// One code repository with its owner.
async fn entity(connection: &mut Connection, repository: &CodeRepositoryRow, hydrate: bool) -> Result<Entity> {
    super::only(entities(connection, std::slice::from_ref(repository), hydrate).await?)
}

/// Code repositories with their owners.
async fn entities(connection: &mut Connection, rows: &[CodeRepositoryRow], hydrate: bool) -> Result<Vec<Entity>> {
    let users = connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
    rows.iter().map(|row| wire::code_repositories::entity(row, wire::users::owner(&users, row.user_id)?, hydrate)).collect()
}
