//! A form that could not be taken, because its session has ended or the server cannot do its part: the answer carries along
//! what was typed, so that nothing has to be typed again.

use axum::{
    extract::{FromRequest as _, Multipart, Request},
    http::{Method, StatusCode, header, request::Parts},
    response::{Html, IntoResponse as _, Response},
};
use leptos::prelude::*;

use super::{drafts, posted::Posted};
use crate::{
    model::form::FormState,
    run_configuration::{document, form},
    server::{
        assets::Manifest,
        error::{AppError, Result},
        id::Id,
        pages::{forms, html::html, pipeline_snapshots as snapshots},
        service,
        state::AppState,
    },
};

/// Most bytes of a form that is carried along; each value may be encoded with three bytes for one.
const MAX_FORM: usize = 4 * document::MAX_BYTES;

/// Seconds after which a form may be sent again that the server could not take.
const RETRY: u32 = 5;

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

/// The answer to a form that was refused before it was read: to sign in again, or to send it again.
pub async fn answer(state: AppState, request: Request, error: AppError) -> Response {
    let (parts, body) = request.into_parts();
    let carried = async {
        let multipart = Multipart::from_request(Request::from_parts(parts.clone(), body), &state).await;
        let posted = Posted::read(multipart.map_err(|error| AppError::Malformed(error.body_text()))?).await?;
        match error.status() {
            StatusCode::UNAUTHORIZED => sign_in(&state, parts, &posted).await,
            _ => Ok(again(&posted, &error)),
        }
    };
    carried.await.unwrap_or_else(|error| error.into_response())
}

/// The sign-in page (401), which sends what was typed along.
async fn sign_in(state: &AppState, mut parts: Parts, posted: &Posted) -> Result<Response> {
    let typed = serde_urlencoded::to_string(&posted.pairs).map_err(anyhow::Error::from)?;
    let (typed, message) = match typed.len() {
        0..MAX_FORM => (typed, "Your session has ended. Sign in again: what you typed comes back as a draft. Nothing was started."),
        _ => (String::new(), "Your session has ended. What you sent is too large to be kept; the browser's Back shows it."),
    };
    let path = parts.uri.path().to_owned();
    parts.uri = "/login".parse().map_err(anyhow::Error::from)?;
    let form = FormState::with_values([("redirect", path), ("typed", typed)]).with_error("", message);
    Ok(forms::refuse_with(state, parts, form, StatusCode::UNAUTHORIZED).await)
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
    let draft = posted.draft(&form::typable_fields(&snapshot));
    let (place, _) = drafts::keep(state, user, (&row, &snapshot), &posted, &draft).await;
    Ok(format!("{path}?draft={}", place.id))
}

/// A plain page (5xx) that sends the same form again. It asks nothing of the database, which may be what is missing.
pub fn again(posted: &Posted, error: &AppError) -> Response {
    if let AppError::Internal(source) = error {
        tracing::error!(error = format!("{source:#}"), "a form failed");
    }
    let (message, text) = (error.message(), posted.text("yaml"));
    let hidden = |(name, value): &(String, String)| view! { <input type="hidden" name=name.clone() value=value.clone() /> };
    let pairs = posted.pairs.iter().filter(|(name, _)| name != "action").map(hidden).collect_view();
    let (action, file) = (posted.value("action").to_owned(), posted.file.is_some());
    let body = html(move || {
        view! {
            <main class="main stack" id="main">
                <h1>"Not done yet"</h1>
                <p class="prose">{message}</p>
                <p class="prose">
                    {format!("What you typed is in this page. Send it again in about {RETRY} seconds; it runs once, however often it is sent.")}
                    {file.then_some(" The file is not in it: choose it again afterwards.")}
                </p>
                <form class="launch-again" method="post" enctype="multipart/form-data">
                    {pairs}
                    <button class="button button--primary" type="submit" name="action" value=action>
                        "Send again"
                    </button>
                </form>
                <h2>"Run configuration"</h2>
                <pre tabindex="0">{text}</pre>
            </main>
        }
        .into_any()
    });
    let style = Manifest::load().map(|manifest| format!("<link rel=\"stylesheet\" href=\"{}\">", manifest.style)).unwrap_or_default();
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, \
         initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\"><title>Not done yet · Darkroom</title>{style}</head>\
         <body>{body}</body></html>"
    );
    (error.status(), [(header::RETRY_AFTER, RETRY.to_string())], Html(page)).into_response()
}
