//! `/tags`.

use axum::{Json, Router, extract::State, routing::get};

use super::{
    extract::{ApiJson, Hydrate, IdPath},
    wire::{
        self, Entity, PageResponse,
        tags::{TagRequest, TagUpdate},
    },
};
use crate::server::{
    auth::Account,
    db::{
        Connection,
        list::ListRequest,
        tags::{self, TagRow},
        users::UserRow,
    },
    error::Result,
    service,
    state::AppState,
};

/// The routes of tags.
pub fn router() -> Router<AppState> {
    Router::new().route("/tags", get(list_tags).post(create_tag)).route("/tags/{id}", get(get_tag).put(update_tag).delete(delete_tag))
}

async fn list_tags(State(state): State<AppState>, _: Account, request: ListRequest) -> Result<Json<PageResponse<Entity>>> {
    let mut connection = state.db.read().await?;
    let page = tags::list(&mut connection, &request).await?;
    let items = entities(&mut connection, &page.items, request.hydrate).await?;
    Ok(Json(page.with_items(items).into()))
}

async fn create_tag(State(state): State<AppState>, account: Account, ApiJson(request): ApiJson<TagRequest>) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let tag = service::tags::create(&mut connection, account.user.id, request).await?;
    let entity = entity(&mut connection, &tag, true).await?;
    connection.commit().await?;
    Ok(Json(entity))
}

async fn get_tag(State(state): State<AppState>, _: Account, IdPath(id): IdPath, Hydrate(hydrate): Hydrate) -> Result<Json<Entity>> {
    let mut connection = state.db.read().await?;
    let tag = service::tags::get(&mut connection, id).await?;
    Ok(Json(entity(&mut connection, &tag, hydrate).await?))
}

async fn update_tag(
    State(state): State<AppState>,
    _: Account,
    IdPath(id): IdPath,
    ApiJson(update): ApiJson<TagUpdate>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let tag = service::tags::update(&mut connection, id, update).await?;
    let entity = entity(&mut connection, &tag, true).await?;
    connection.commit().await?;
    Ok(Json(entity))
}

async fn delete_tag(State(state): State<AppState>, _: Account, IdPath(id): IdPath) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    service::tags::delete(&mut connection, id).await?;
    connection.commit().await?;
    Ok(Json(()))
}

/// One tag with its owner.
async fn entity(connection: &mut Connection, tag: &TagRow, hydrate: bool) -> Result<Entity> {
    super::only(entities(connection, std::slice::from_ref(tag), hydrate).await?)
}

/// Tags with their owners, and with their counts when hydrated.
async fn entities(connection: &mut Connection, rows: &[TagRow], hydrate: bool) -> Result<Vec<Entity>> {
    let users = connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
    let counts = if hydrate { Some(tags::counts(connection, rows.iter().map(|row| row.id)).await?) } else { None };
    rows.iter()
        .map(|row| {
            let count = counts.as_ref().map(|counts| counts.get(&row.id).copied().unwrap_or(0));
            wire::tags::entity(row, wire::users::owner(&users, row.user_id)?, count)
        })
        .collect()
}
