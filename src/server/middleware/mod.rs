//! What happens around every request: one file per concern, composed here into two stacks.
//!
//! [`around_everything`] is for every route; [`around_api`] only for `/api/v1`, whose refusals have the protocol's shapes.

pub mod body_limit;
pub mod client_address;
pub mod idempotency;
pub mod no_uploads;
pub mod origin_check;
pub mod panics;
pub mod request_id;
pub mod request_log;
pub mod security_headers;
pub mod timeout;
pub mod unread_body;

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;

use super::state::AppState;

/// The stack around all routes, outermost first.
pub fn around_everything(router: Router<AppState>, state: &AppState) -> Router<AppState> {
    let stack = ServiceBuilder::new()
        .layer(from_fn(request_id::assign))
        .layer(from_fn(request_log::write))
        .layer(from_fn_with_state(state.clone(), security_headers::add))
        .layer(from_fn(unread_body::discard))
        .layer(CatchPanicLayer::custom(panics::answer))
        .layer(from_fn_with_state(state.clone(), body_limit::refuse))
        .layer(from_fn_with_state(state.clone(), origin_check::refuse))
        .layer(from_fn(timeout::limit));
    router.layer(stack)
}

/// The stack around the REST surface, outermost first.
pub fn around_api(router: Router<AppState>, state: &AppState) -> Router<AppState> {
    let stack = ServiceBuilder::new().layer(from_fn(no_uploads::refuse)).layer(from_fn_with_state(state.clone(), idempotency::answer_once));
    router.layer(stack)
}
