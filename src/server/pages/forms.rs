//! Answers to page forms.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use leptos::prelude::provide_context;

use super::render;
use crate::{
    model::form::FormState,
    server::{
        error::{AppError, Result},
        state::AppState,
    },
};

/// 303 to a path of this server.
pub fn see_other(path: &str) -> Result<Response> {
    let location = HeaderValue::from_str(path).map_err(anyhow::Error::from)?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
}

/// The same with a cookie.
pub fn see_other_with_cookie(path: &str, cookie: HeaderValue) -> Result<Response> {
    let mut response = see_other(path)?;
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// The page of the form's URL again, with what was typed and what is wrong with it.
pub async fn refuse(state: &AppState, parts: Parts, form: FormState) -> Response {
    refuse_with(state, parts, form, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// Like [`refuse`], for an error of a service: a mistake of the user stands at the form, anything else is an error page.
pub async fn refuse_error(state: &AppState, parts: Parts, form: FormState, error: AppError) -> Response {
    let status = error.status();
    if let AppError::Internal(source) = &error {
        tracing::error!(error = format!("{source:#}"), "form failed");
    }
    let status = if status == StatusCode::BAD_REQUEST { StatusCode::UNPROCESSABLE_ENTITY } else { status };
    refuse_with(state, parts, form.with_error("", error.message()), status).await
}

/// Like [`refuse`], with a status.
pub async fn refuse_with(state: &AppState, parts: Parts, form: FormState, status: StatusCode) -> Response {
    let request = Request::from_parts(parts, Body::empty());
    render(state, request, status, move || provide_context(form.clone())).await
}

/// Whether a text is a path on this server and not a URL that leads elsewhere.
pub fn is_own_path(path: &str) -> bool {
    path.starts_with('/') && !path.starts_with("//") && !path.contains('\\') && !path.contains(char::is_control)
}

/// The path of the page that sent a form, on this server; Home if it is not known.
pub fn back(headers: &HeaderMap) -> String {
    let referer = headers.get(header::REFERER).and_then(|value| value.to_str().ok()?.parse::<axum::http::Uri>().ok());
    let path = referer.and_then(|uri| uri.path_and_query().map(|path| path.as_str().to_owned()));
    path.filter(|path| is_own_path(path)).unwrap_or_else(|| "/".to_owned())
}

#[cfg(test)]
mod tests {
    use super::is_own_path;

    #[test]
    fn only_paths_of_this_server_are_redirected_to() {
        assert!(is_own_path("/projects/default/runs?page=2"));
        for foreign in ["https://example.com", "//example.com", "/\\example.com", "javascript:alert(1)", "", "/a\r\nb"] {
            assert!(!is_own_path(foreign), "{foreign}");
        }
    }
}
