//! `/curated_visualizations`: there is no list of them; what they were picked for shows them.

use axum::{Json, extract::State};

use super::{
    extract::{ApiJson, Hydrate, IdPath},
    routes::Routes,
    wire::{
        Entity,
        curated_visualizations::{CuratedVisualizationRequest, CuratedVisualizationUpdate, entity},
    },
};
use crate::{
    model::roles::Action,
    server::{auth::Account, error::Result, service, state::AppState},
};

/// The routes of picked visualizations.
pub fn router() -> Routes {
    Routes::new()
        .post(Action::Record, "/curated_visualizations", create_curated_visualization)
        .get(Action::Read, "/curated_visualizations/{id}", get_curated_visualization)
        .put(Action::Record, "/curated_visualizations/{id}", update_curated_visualization)
        .delete(Action::Edit, "/curated_visualizations/{id}", delete_curated_visualization)
}

async fn create_curated_visualization(
    State(state): State<AppState>,
    _: Account,
    ApiJson(request): ApiJson<CuratedVisualizationRequest>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let made = service::curated_visualizations::create(&mut connection, request).await?;
    connection.commit().await?;
    entity(&made, true).map(Json)
}

async fn get_curated_visualization(
    State(state): State<AppState>,
    _: Account,
    IdPath(id): IdPath,
    Hydrate(hydrate): Hydrate,
) -> Result<Json<Entity>> {
    let found = service::curated_visualizations::get(&mut state.db.read().await?, id).await?;
    entity(&found, hydrate).map(Json)
}

async fn update_curated_visualization(
    State(state): State<AppState>,
    _: Account,
    IdPath(id): IdPath,
    ApiJson(update): ApiJson<CuratedVisualizationUpdate>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let changed = service::curated_visualizations::update(&mut connection, id, update).await?;
    connection.commit().await?;
    entity(&changed, true).map(Json)
}

async fn delete_curated_visualization(State(state): State<AppState>, _: Account, IdPath(id): IdPath) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    service::curated_visualizations::delete(&mut connection, id).await?;
    connection.commit().await?;
    Ok(Json(()))
}
