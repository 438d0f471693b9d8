//! Pages are for signed-in users; everybody else is led to the sign-in page and back.

use axum::{
    extract::{FromRequestParts as _, Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::launches;
use crate::server::{auth::Account, state::AppState};

/// Pages for people without a session. `/_fn/…` is not a page: each server function asks for the account itself.
const OPEN: [&str; 5] = ["/login", "/activate-server", "/activate-user", "/signup", "/appearance"];

/// Lets a request with a session through; others go to `/login?redirect=…`, with what was typed where that takes long.
pub async fn require_session(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if OPEN.contains(&path) {
        return next.run(request).await;
    }
    if path.starts_with("/_fn/") {
        let (mut parts, body) = request.into_parts();
        // Only so that it is known: the extractor keeps the account in the request.
        _ = Account::from_request_parts(&mut parts, &state).await;
        return next.run(Request::from_parts(parts, body)).await;
    }
    let (mut parts, body) = request.into_parts();
    match Account::from_request_parts(&mut parts, &state).await {
        Ok(_) => next.run(Request::from_parts(parts, body)).await,
        Err(error) if launches::is_form(&parts) && (error.status() == StatusCode::UNAUTHORIZED || error.status().is_server_error()) => {
            launches::carried(state, Request::from_parts(parts, body), error).await
        }
        Err(error) if error.status() == StatusCode::UNAUTHORIZED => {
            let wanted = parts.uri.path_and_query().map_or("/", |path| path.as_str());
            let location = match wanted {
                "/" => "/login".to_owned(),
                wanted => format!("/login?redirect={}", utf8_percent_encode(wanted, NON_ALPHANUMERIC)),
            };
            (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
        }
        Err(error) => error.into_response(),
    }
}
