//! A form that is sent after its session has ended: what was typed goes with the sign-in, and is a draft afterwards.

use axum::{
    extract::{FromRequest as _, Multipart, Request},
    http::{Method, StatusCode, request::Parts},
    response::Response,
};

use super::{drafts, posted::Posted};
use crate::{
    model::form::FormState,
    run_configuration::{document, form},
    server::{
        error::{AppError, Result},
        id::Id,
        pages::{forms, pipeline_snapshots as snapshots},
        service,
        state::AppState,
    },
};

/// Most bytes of a form that is carried along; each value may be encoded with three bytes for one.
const MAX_FORM: usize = 4 * document::MAX_BYTES;

/// Project and snapshot of the path of Run Details.
fn place_of(path: &str) -> Option<(&str, &str)> {
    match path.split('/').collect::<Vec<_>>()[..] {
        ["", "projects", project, "snapshots", snapshot, "run"] => Some((project, snapshot)),
        _ => None,
    }
}

/// Whether a request sends the form of Run Details.
pub fn is_form(parts: &Parts) -> bool {
    parts.method == Method::POST && place_of(parts.uri.path()).is_some()
}

/// The sign-in page (401), which sends what was typed along.
pub async fn answer(state: AppState, request: Request) -> Result<Response> {
    let path = request.uri().path().to_owned();
    let (mut parts, body) = request.into_parts();
    let multipart = Multipart::from_request(Request::from_parts(parts.clone(), body), &state).await;
    let posted = Posted::read(multipart.map_err(|error| AppError::Malformed(error.body_text()))?).await?;
    let typed = serde_urlencoded::to_string(&posted.pairs).map_err(anyhow::Error::from)?;
    let (kept, message) = match typed.len() {
        0..MAX_FORM => (typed, "Your session has ended. Sign in again: what you typed comes back as a draft. Nothing was started."),
        _ => (String::new(), "Your session has ended. What you sent is too large to be kept; the browser's Back shows it."),
    };
    parts.uri = "/login".parse().map_err(anyhow::Error::from)?;
    let form = FormState::with_values([("redirect", path), ("typed", kept)]).with_error("", message);
    Ok(forms::refuse_with(&state, parts, form, StatusCode::UNAUTHORIZED).await)
}

/// Keeps what was typed before somebody signed in as a draft of theirs, and gives the path that shows it.
///
/// # Errors
/// 404 where the path is not that of Run Details of a snapshot that is there, besides those of the draft.
pub async fn keep(state: &AppState, user: Id, path: &str, typed: &str) -> Result<String> {
    let (project, snapshot) = place_of(path).ok_or_else(|| AppError::NotFound("There is no form at this path.".to_owned()))?;
    let pairs = serde_urlencoded::from_str(typed).map_err(|error| AppError::Malformed(error.to_string()))?;
    let posted = Posted { pairs, file: None };
    let mut connection = state.db.read().await?;
    let row = snapshots::find(&mut connection, project, snapshot).await?;
    let snapshot = service::pipeline_snapshots::for_run_configuration(&mut connection, &row).await?;
    drop(connection);
    let draft = posted.draft(&form::fields(&snapshot));
    let (place, _) = drafts::keep(state, user, (&row, &snapshot), &posted, &draft).await;
    Ok(format!("{path}?draft={}", place.id))
}
