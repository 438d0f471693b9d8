//! `/service_accounts`.

use axum::{
    Json, Router,
    extract::{Path, State},
    routing::get,
};

use super::{
    extract::{ApiJson, Hydrate},
    wire::{
        Entity, PageResponse,
        service_accounts::{ServiceAccountRequest, ServiceAccountUpdate, entity},
    },
};
use crate::server::{
    auth::Account,
    db::{list::ListRequest, users},
    error::Result,
    service,
    state::AppState,
};

/// The routes of service accounts; those of their keys are in `api_keys`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/service_accounts", get(list_service_accounts).post(create_service_account))
        .route("/service_accounts/{name_or_id}", get(get_service_account).put(update_service_account).delete(delete_service_account))
}

async fn list_service_accounts(State(state): State<AppState>, _: Account, request: ListRequest) -> Result<Json<PageResponse<Entity>>> {
    let page = users::list_service_accounts(&mut state.db.read().await?, &request).await?;
    let items = page.items.iter().map(|account| entity(account, request.hydrate)).collect::<Result<_>>()?;
    Ok(Json(page.with_items(items).into()))
}

async fn create_service_account(
    State(state): State<AppState>,
    account: Account,
    ApiJson(request): ApiJson<ServiceAccountRequest>,
) -> Result<Json<Entity>> {
    account.require_admin()?;
    let mut connection = state.db.begin().await?;
    let created = service::service_accounts::create(&mut connection, request).await?;
    connection.commit().await?;
    Ok(Json(entity(&created, true)?))
}

async fn get_service_account(
    State(state): State<AppState>,
    _: Account,
    Path(name_or_id): Path<String>,
    Hydrate(hydrate): Hydrate,
) -> Result<Json<Entity>> {
    let found = service::service_accounts::find(&mut state.db.read().await?, &name_or_id).await?;
    Ok(Json(entity(&found, hydrate)?))
}

async fn update_service_account(
    State(state): State<AppState>,
    account: Account,
    Path(name_or_id): Path<String>,
    ApiJson(update): ApiJson<ServiceAccountUpdate>,
) -> Result<Json<Entity>> {
    account.require_admin()?;
    let mut connection = state.db.begin().await?;
    let found = service::service_accounts::find(&mut connection, &name_or_id).await?;
    let updated = service::service_accounts::update(&mut connection, &found, update).await?;
    connection.commit().await?;
    Ok(Json(entity(&updated, true)?))
}

async fn delete_service_account(State(state): State<AppState>, account: Account, Path(name_or_id): Path<String>) -> Result<Json<()>> {
    account.require_admin()?;
    let mut connection = state.db.begin().await?;
    let found = service::service_accounts::find(&mut connection, &name_or_id).await?;
    service::service_accounts::delete(&mut connection, &found).await?;
    connection.commit().await?;
    Ok(Json(()))
}
