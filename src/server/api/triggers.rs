//! `/triggers`: read only and always empty, because this server does not make triggers. Clients look whether a snapshot has
//! any before they delete it.

use axum::{Json, Router, extract::State, routing::get};

use super::wire::{Entity, PageResponse};
use crate::server::{auth::Account, db::list::ListRequest, error::Result, state::AppState};

/// The routes of triggers.
pub fn router() -> Router<AppState> {
    Router::new().route("/triggers", get(list_triggers))
}

async fn list_triggers(State(state): State<AppState>, _: Account, request: ListRequest) -> Result<Json<PageResponse<Entity>>> {
    super::empty_page(&state, &request).await
}
