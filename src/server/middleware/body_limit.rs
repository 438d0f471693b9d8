//! Bodies over the limit are refused before they are read.

use axum::{
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::Response,
};

use crate::server::{
    error::{AppError, Result},
    state::AppState,
};

/// Refuses (413) a body that announces more than the limit. One that does not announce its length is cut off by axum's
/// own limit while it is read.
pub async fn refuse(State(state): State<AppState>, request: Request, next: Next) -> Result<Response> {
    let limit = state.config.max_body_mib * 1024 * 1024;
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(AppError::TooLarge(format!("The request body is larger than {} MiB.", state.config.max_body_mib)));
    }
    Ok(next.run(request).await)
}
