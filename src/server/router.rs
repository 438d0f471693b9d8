//! The whole HTTP surface in one place; the program and every test use this function.

use axum::{Router, extract::DefaultBodyLimit, routing::get};

use super::{api, middleware, pages, state::AppState};

/// All routes of the server.
pub fn build(state: AppState) -> Router {
    let limit = state.config.max_body_mib * 1024 * 1024;
    let router = Router::new()
        .nest("/api/v1", middleware::around_api(api::router(), &state))
        .route("/docs", get(pages::docs::get))
        .route("/openapi.json", get(api::openapi::get))
        .route("/health", get(health))
        .route("/ready", get(ready))
        .merge(pages::router(&state))
        .layer(DefaultBodyLimit::max(limit));
    middleware::around_everything(router, &state).with_state(state)
}

/// The process answers.
async fn health() -> &'static str {
    "ok"
}

/// The process answers and its database does too.
async fn ready(axum::extract::State(state): axum::extract::State<AppState>) -> Result<&'static str, super::error::AppError> {
    state.db.check().await?;
    Ok("ok")
}
