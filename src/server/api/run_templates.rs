//! `/run_templates`: the forerunners of named snapshots, which this server does not make. Old clients look for them.

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};

use super::{
    extract::IdPath,
    wire::{Entity, PageResponse},
};
use crate::server::{
    auth::Account,
    db::list::ListRequest,
    error::{AppError, Result},
    state::AppState,
};

/// The routes of run templates.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/run_templates", get(list_run_templates))
        .route("/run_templates/{id}", get(find_run_template))
        .route("/run_templates/{id}/runs", post(find_run_template))
}

async fn list_run_templates(State(state): State<AppState>, _: Account, request: ListRequest) -> Result<Json<PageResponse<Entity>>> {
    super::empty_page(&state, &request).await
}

async fn find_run_template(_: Account, IdPath(id): IdPath) -> Result<Json<Entity>> {
    Err(AppError::missing("run template", id))
}
