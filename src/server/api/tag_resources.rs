//! `/tag_resources`.

use axum::{Json, extract::State};

use super::{
    extract::ApiJson,
    routes::Routes,
    wire::{
        Entity,
        tag_resources::{TagResourceRequest, entity},
    },
};
use crate::{
    model::roles::Action,
    server::{
        auth::Account,
        db::Connection,
        error::{AppError, Result},
        service,
        state::AppState,
    },
};

/// The most links of one batch.
const MAX_BATCH: usize = 10_000;

/// The routes of tags on resources.
pub fn router() -> Routes {
    Routes::new()
        .post(Action::Record, "/tag_resources", create_tag_resource)
        .delete(Action::Record, "/tag_resources", delete_tag_resource)
        .post(Action::Record, "/tag_resources/batch", create_tag_resources)
        .delete(Action::Record, "/tag_resources/batch", delete_tag_resources)
}

async fn create_tag_resource(
    State(state): State<AppState>,
    _: Account,
    ApiJson(request): ApiJson<TagResourceRequest>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let link = create(&mut connection, request).await?;
    connection.commit().await?;
    Ok(Json(link))
}

/// All links are made, or none.
async fn create_tag_resources(
    State(state): State<AppState>,
    _: Account,
    ApiJson(requests): ApiJson<Vec<TagResourceRequest>>,
) -> Result<Json<Vec<Entity>>> {
    limit(&requests)?;
    let mut connection = state.db.begin().await?;
    let mut links = Vec::with_capacity(requests.len());
    for request in requests {
        links.push(create(&mut connection, request).await?);
    }
    connection.commit().await?;
    Ok(Json(links))
}

async fn delete_tag_resource(
    State(state): State<AppState>,
    account: Account,
    ApiJson(request): ApiJson<TagResourceRequest>,
) -> Result<Json<()>> {
    delete_tag_resources(State(state), account, ApiJson(vec![request])).await
}

async fn delete_tag_resources(
    State(state): State<AppState>,
    _: Account,
    ApiJson(requests): ApiJson<Vec<TagResourceRequest>>,
) -> Result<Json<()>> {
    limit(&requests)?;
    let mut connection = state.db.begin().await?;
    for request in requests {
        service::tags::unlink(&mut connection, request.tag_id, request.resource_type.as_str(), request.resource_id).await?;
    }
    connection.commit().await?;
    Ok(Json(()))
}

async fn create(connection: &mut Connection, request: TagResourceRequest) -> Result<Entity> {
    entity(&service::tags::link(connection, request.tag_id, request.resource_type.as_str(), request.resource_id).await?)
}

fn limit(requests: &[TagResourceRequest]) -> Result<()> {
    if requests.len() <= MAX_BATCH {
        return Ok(());
    }
    Err(AppError::Malformed(format!("1 validation error:\n  At most {MAX_BATCH} tag links can be given at once.")))
}
