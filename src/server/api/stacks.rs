//! `/stacks`.

use std::collections::HashMap;

use axum::{Json, Router, extract::State, routing::get};

use super::{
    extract::{ApiJson, Hydrate, IdPath},
    wire::{
        self, Entity, PageResponse,
        stacks::{Linked, StackRequest, StackUpdate},
    },
};
use crate::server::{
    auth::Account,
    db::{
        Connection, flavors,
        list::ListRequest,
        secrets::{self, LinkedTo},
        stack_components::{self, StackComponentRow},
        stacks::{self, StackRow},
        users::UserRow,
    },
    error::Result,
    id::Id,
    launch::readiness,
    service,
    state::AppState,
};

/// The routes of stacks.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/stacks", get(list_stacks).post(create_stack))
        .route("/stacks/{id}", get(get_stack).put(update_stack).delete(delete_stack))
}

async fn list_stacks(State(state): State<AppState>, _: Account, request: ListRequest) -> Result<Json<PageResponse<Entity>>> {
    let mut connection = state.db.read().await?;
    let page = stacks::list(&mut connection, &request).await?;
    let items = entities(&mut connection, &page.items, request.hydrate).await?;
    Ok(Json(page.with_items(items).into()))
}

async fn create_stack(State(state): State<AppState>, account: Account, ApiJson(request): ApiJson<StackRequest>) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let row = service::stacks::create(&mut connection, account.user.id, request).await?;
    let entity = super::only(entities(&mut connection, &[row], true).await?)?;
    connection.commit().await?;
    Ok(Json(entity))
}

async fn get_stack(State(state): State<AppState>, _: Account, IdPath(id): IdPath, Hydrate(hydrate): Hydrate) -> Result<Json<Entity>> {
    let mut connection = state.db.read().await?;
    let row = service::stacks::get(&mut connection, id).await?;
    Ok(Json(super::only(entities(&mut connection, &[row], hydrate).await?)?))
}

async fn update_stack(
    State(state): State<AppState>,
    account: Account,
    IdPath(id): IdPath,
    ApiJson(update): ApiJson<StackUpdate>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let row = service::stacks::update(&mut connection, account.user.id, id, update).await?;
    readiness::refresh_named(&mut connection, &state, id).await?;
    let entity = super::only(entities(&mut connection, &[row], true).await?)?;
    connection.commit().await?;
    Ok(Json(entity))
}

async fn delete_stack(State(state): State<AppState>, _: Account, IdPath(id): IdPath) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    service::stacks::delete(&mut connection, id).await?;
    connection.commit().await?;
    Ok(Json(()))
}

async fn entities(connection: &mut Connection, rows: &[StackRow], hydrate: bool) -> Result<Vec<Entity>> {
    let users = connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
    let components =
        if hydrate { stack_components::of_stacks(connection, rows.iter().map(|row| row.id)).await? } else { Default::default() };
    let all: Vec<StackComponentRow> = components.values().flatten().cloned().collect();
    let flavors = flavors::of_components(connection, &all).await?;
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let secrets = if hydrate { secrets::linked(connection, LinkedTo::Stack, ids).await? } else { HashMap::new() };
    rows.iter()
        .map(|row| {
            let linked = hydrate.then(|| Linked {
                components: components.get(&row.id).map(Vec::as_slice).unwrap_or_default(),
                flavors: &flavors,
                secrets: secrets.get(&row.id).map(Vec::as_slice).unwrap_or_default(),
            });
            wire::stacks::entity(row, wire::users::owner(&users, row.user_id)?, linked)
        })
        .collect()
}
