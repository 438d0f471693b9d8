//! What open pages ask from the browser.

use axum::{
    body::Body,
    extract::{FromRequest as _, Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use leptos::{prelude::*, reactive::computed::ScopedFuture};
use leptos_axum::ResponseOptions;

use super::answer;
use crate::{
    model::{
        error::{PageError, PageErrorKind},
        page_request::PageRequest,
        payload,
    },
    server::state::AppState,
};

/// `POST /_fn/page`: answers a [`PageRequest`] with the text of the type that it names, or with a [`PageError`] and its status.
pub async fn ask(State(state): State<AppState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let options = ResponseOptions::default();
    // Nobody's child: the thread may still have the owner of another request, and what is in its context.
    let owner = Owner::new_root(None);
    let found = owner.with(|| {
        provide_context(state.clone());
        provide_context(parts);
        provide_context(options.clone());
        ScopedFuture::new(async move { answer(read(body, &state).await?).await })
    });
    let found = found.await;
    owner.cleanup();
    let set = options.0.read().ok().map(|parts| (parts.status, parts.headers.clone()));
    let (status, headers): (Option<StatusCode>, HeaderMap) = set.unwrap_or_default();
    match found {
        Ok(text) => (headers, text).into_response(),
        Err(error) => {
            let usual = if error.kind == PageErrorKind::Invalid { StatusCode::BAD_REQUEST } else { StatusCode::INTERNAL_SERVER_ERROR };
            let status = status.filter(|status| !status.is_success()).unwrap_or(usual);
            (status, headers, payload::write(&error).unwrap_or_default()).into_response()
        }
    }
}

async fn read(body: Body, state: &AppState) -> Result<PageRequest, PageError> {
    let text = String::from_request(Request::new(body), state).await;
    payload::read(&text.map_err(|_| PageError::new(PageErrorKind::Invalid, "The question cannot be read."))?)
}
