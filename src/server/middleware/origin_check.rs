//! Pages of other sites must not act for a signed-in user through our pages.
//!
//! The extractor of accounts has the same rule for a session's cookie (`auth`). This check is for every page form and server
//! function, those that need no sign-in included: another site must not sign somebody in, either.

use axum::{
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::Response,
};

use crate::server::{
    auth::origin::Origin,
    error::{AppError, Result},
    state::AppState,
};

/// Refuses (403) requests outside `/api` that may change something and come from a page of another site.
pub async fn refuse(State(state): State<AppState>, request: Request, next: Next) -> Result<Response> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let is_page = !request.uri().path().starts_with("/api/");
    if is_page && !reads && matches!(Origin::of(request.headers(), &state.config), Origin::Foreign | Origin::Subdomain) {
        let message = "This form was sent from another site. If this server is behind a proxy, start it with --public-url.";
        return Err(AppError::Plain(StatusCode::FORBIDDEN, message.to_owned()));
    }
    Ok(next.run(request).await)
}
