//! `/projects`.

use axum::{
    Json, Router,
    extract::{Path, State},
    routing::get,
};

use super::{
    extract::{ApiJson, Hydrate},
    wire::{
        Entity, PageResponse,
        projects::{ProjectRequest, ProjectStatistics, ProjectUpdate, entity},
    },
};
use crate::server::{
    auth::Account,
    db::{list::ListRequest, projects},
    error::Result,
    service,
    state::AppState,
};

/// The routes of projects.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/projects", get(list_projects).post(create_project))
        .route("/projects/{name_or_id}", get(get_project).put(update_project).delete(delete_project))
        .route("/projects/{name_or_id}/statistics", get(get_project_statistics))
}

async fn list_projects(State(state): State<AppState>, _: Account, request: ListRequest) -> Result<Json<PageResponse<Entity>>> {
    let page = projects::list(&mut state.db.read().await?, &request).await?;
    let items = page.items.iter().map(|project| entity(project, request.hydrate)).collect::<Result<_>>()?;
    Ok(Json(page.with_items(items).into()))
}

async fn create_project(State(state): State<AppState>, _: Account, ApiJson(request): ApiJson<ProjectRequest>) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let project = service::projects::create(&mut connection, request).await?;
    connection.commit().await?;
    Ok(Json(entity(&project, true)?))
}

async fn get_project(
    State(state): State<AppState>,
    _: Account,
    Path(name_or_id): Path<String>,
    Hydrate(hydrate): Hydrate,
) -> Result<Json<Entity>> {
    let project = service::projects::find(&mut state.db.read().await?, &name_or_id).await?;
    Ok(Json(entity(&project, hydrate)?))
}

async fn update_project(
    State(state): State<AppState>,
    _: Account,
    Path(name_or_id): Path<String>,
    ApiJson(update): ApiJson<ProjectUpdate>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let project = service::projects::find(&mut connection, &name_or_id).await?;
    service::projects::update(&mut connection, &state.server, &project, update).await?;
    let project = service::projects::require(&mut connection, project.id).await?;
    connection.commit().await?;
    Ok(Json(entity(&project, true)?))
}

async fn delete_project(State(state): State<AppState>, _: Account, Path(name_or_id): Path<String>) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    let project = service::projects::find(&mut connection, &name_or_id).await?;
    service::projects::delete(&mut connection, &state.server, &project).await?;
    connection.commit().await?;
    Ok(Json(()))
}

async fn get_project_statistics(
    State(state): State<AppState>,
    _: Account,
    Path(name_or_id): Path<String>,
) -> Result<Json<ProjectStatistics>> {
    let mut connection = state.db.read().await?;
    let project = service::projects::find(&mut connection, &name_or_id).await?;
    let (pipelines, runs) = projects::statistics(&mut connection, project.id).await?;
    Ok(Json(ProjectStatistics { pipelines, runs }))
}
