//! `/flavors`.

use axum::{Json, Router, extract::State, routing::get};

use super::{
    extract::{ApiJson, Hydrate, IdPath},
    wire::{self, Entity, PageResponse, flavors::FlavorRequest},
};
use crate::server::{
    auth::Account,
    db::{
        Connection,
        flavors::{self, FlavorRow},
        list::ListRequest,
        users::UserRow,
    },
    error::Result,
    service,
    state::AppState,
};

/// The routes of flavors.
pub fn router() -> Router<AppState> {
    Router::new().route("/flavors", get(list_flavors).post(create_flavor)).route("/flavors/{id}", get(get_flavor).delete(delete_flavor))
}

async fn list_flavors(State(state): State<AppState>, _: Account, request: ListRequest) -> Result<Json<PageResponse<Entity>>> {
    let mut connection = state.db.read().await?;
    let page = flavors::list(&mut connection, &request).await?;
    let items = entities(&mut connection, &page.items, request.hydrate).await?;
    Ok(Json(page.with_items(items).into()))
}

async fn create_flavor(State(state): State<AppState>, account: Account, ApiJson(request): ApiJson<FlavorRequest>) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let row = service::flavors::create(&mut connection, account.user.id, request).await?;
    let entity = super::only(entities(&mut connection, &[row], true).await?)?;
    connection.commit().await?;
    Ok(Json(entity))
}

async fn get_flavor(State(state): State<AppState>, _: Account, IdPath(id): IdPath, Hydrate(hydrate): Hydrate) -> Result<Json<Entity>> {
    let mut connection = state.db.read().await?;
    let row = service::flavors::get(&mut connection, id).await?;
    Ok(Json(super::only(entities(&mut connection, &[row], hydrate).await?)?))
}

async fn delete_flavor(State(state): State<AppState>, _: Account, IdPath(id): IdPath) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    service::flavors::delete(&mut connection, id).await?;
    connection.commit().await?;
    Ok(Json(()))
}

async fn entities(connection: &mut Connection, rows: &[FlavorRow], hydrate: bool) -> Result<Vec<Entity>> {
    let users = connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
    rows.iter().map(|row| wire::flavors::entity(row, wire::users::owner(&users, row.user_id)?, hydrate)).collect()
}
