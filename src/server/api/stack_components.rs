//! `/components` and `/component-types`.

use std::collections::HashMap;

use axum::{Json, Router, extract::State, routing::get};

use super::{
    extract::{ApiJson, Hydrate, IdPath},
    wire::{
        self, Entity, PageResponse,
        stack_components::{ComponentRequest, ComponentUpdate, Linked},
    },
};
use crate::server::{
    auth::Account,
    db::{
        Connection, flavors,
        list::ListRequest,
        secrets::{self, LinkedTo},
        service_connectors::ServiceConnectorRow,
        stack_components::{self, StackComponentRow},
        users::UserRow,
    },
    error::Result,
    id::Id,
    service,
    state::AppState,
};

/// The routes of stack components.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/components", get(list_components).post(create_component))
        .route("/components/{id}", get(get_component).put(update_component).delete(delete_component))
        .route("/component-types", get(list_component_types))
}

async fn list_components(State(state): State<AppState>, _: Account, request: ListRequest) -> Result<Json<PageResponse<Entity>>> {
    let mut connection = state.db.read().await?;
    let page = stack_components::list(&mut connection, &request).await?;
    let items = entities(&mut connection, &page.items, request.hydrate).await?;
    Ok(Json(page.with_items(items).into()))
}

async fn create_component(
    State(state): State<AppState>,
    account: Account,
    ApiJson(request): ApiJson<ComponentRequest>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let row = service::stack_components::create(&mut connection, account.user.id, request).await?;
    let entity = super::only(entities(&mut connection, &[row], true).await?)?;
    connection.commit().await?;
    Ok(Json(entity))
}

async fn get_component(State(state): State<AppState>, _: Account, IdPath(id): IdPath, Hydrate(hydrate): Hydrate) -> Result<Json<Entity>> {
    let mut connection = state.db.read().await?;
    let row = service::stack_components::get(&mut connection, id).await?;
    Ok(Json(super::only(entities(&mut connection, &[row], hydrate).await?)?))
}

async fn update_component(
    State(state): State<AppState>,
    account: Account,
    IdPath(id): IdPath,
    ApiJson(update): ApiJson<ComponentUpdate>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let row = service::stack_components::update(&mut connection, account.user.id, id, update).await?;
    let entity = super::only(entities(&mut connection, &[row], true).await?)?;
    connection.commit().await?;
    Ok(Json(entity))
}

async fn delete_component(State(state): State<AppState>, _: Account, IdPath(id): IdPath) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    service::stack_components::delete(&mut connection, id).await?;
    connection.commit().await?;
    Ok(Json(()))
}

async fn list_component_types(_: Account) -> Json<&'static [&'static str]> {
    Json(&service::flavors::COMPONENT_TYPES)
}

async fn entities(connection: &mut Connection, rows: &[StackComponentRow], hydrate: bool) -> Result<Vec<Entity>> {
    let users = connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
    let flavors = flavors::of_components(connection, rows).await?;
    let (mut secrets, mut connectors) = (HashMap::new(), HashMap::new());
    if hydrate {
        let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
        secrets = secrets::linked(connection, LinkedTo::Component, ids).await?;
        let ids: Vec<Id> = rows.iter().filter_map(|row| row.connector_id).collect();
        connectors = connection.get_many::<ServiceConnectorRow>(ids).await?;
    }
    let entity = |row: &StackComponentRow| {
        let linked = hydrate.then(|| Linked {
            secrets: secrets.get(&row.id).map(Vec::as_slice).unwrap_or_default(),
            connector: row.connector_id.and_then(|id| connectors.get(&id)),
        });
        wire::stack_components::entity(row, &flavors, wire::users::owner(&users, row.user_id)?, linked)
    };
    rows.iter().map(entity).collect()
}
