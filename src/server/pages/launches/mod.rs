//! Run Details: the form that runs a snapshot, with what was typed, and its answers.

pub mod again;
mod carried;
mod draft;
mod drafts;
mod form;
mod history;
mod posted;
mod presets;

pub use carried::{answer as carried, is_form, keep as keep_after_sign_in};
pub use form::explain;
pub use posted::Posted;
pub use presets::{download as download_preset, file_name};

use axum::{
    body::Body,
    extract::{Multipart, Path, Request, State},
    http::{StatusCode, header, request::Parts},
    response::Response,
};
use leptos::prelude::{provide_context, use_context};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tracing::Instrument as _;

use self::{
    again::{Again, How},
    draft::{Draft, configuration_in, prefilled},
};
use super::{context, forms, pipeline_snapshots as snapshots, render};
use crate::{
    checker::{self, Refused},
    model::{
        error::PageError,
        launches::{LaunchForm, Note},
        list::encode,
    },
    run_configuration::{
        form::fields,
        layers::{Layer, LayerKind},
        problem::{error_text, has_errors},
        review::{located, review},
        snapshot::Snapshot,
        value_path::ValuePath,
    },
    server::{
        auth::{Account, secrets},
        db::pipeline_snapshots::PipelineSnapshotRow,
        error::{AppError, Result},
        id::Id,
        launch::readiness,
        service::{
            self,
            launches::{Launch, What},
        },
        state::AppState,
    },
};

/// Seconds after which a form may be sent again that was refused because the queue is full.
const RETRY_BUSY: u32 = 30;

/// The form, with what was refused if this page answers that, else with the values of the URL (`p.<path>=…`).
pub async fn get(project: &str, id: &str, values: &[(String, String)]) -> Result<LaunchForm, PageError> {
    let answered = use_context::<Draft>();
    let (state, account) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let row = snapshots::find(&mut connection, project, id).await?;
        let wants_all = form::wants_all(values.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let (snapshot, form) = form::open(&mut connection, &account.user, &row, wants_all).await?;
        let readiness = readiness::check_for(&mut connection, &state, account.user.id, &row, &snapshot).await?;
        let shown = snapshots::rows(&mut connection, std::slice::from_ref(&row)).await?.into_iter().next();
        let draft = match answered {
            Some(draft) => draft,
            None => {
                let mut draft = prefilled(&mut connection, account.user.id, (&row, &snapshot), values).await?;
                form::confine(&snapshot, &mut draft);
                draft
            }
        };
        let shown = shown.ok_or_else(|| AppError::Internal(anyhow::anyhow!("one row in, none out")))?;
        let place = draft.place.unwrap_or_else(drafts::new_place);
        let runs = history::read(&mut connection, &row).await?;
        let mut fields = checker::fields(&snapshot);
        history::fill(&mut fields, &snapshot, &runs);
        form::explain(&mut fields);
        let target = snapshots::target(&state, project, &row, &shown.pipeline.name);
        Ok::<_, AppError>(LaunchForm {
            row: shown,
            readiness,
            layers: serde_json::to_string(&draft.layers)?,
            layer_titles: draft.layers.iter().map(Layer::title).collect(),
            presets: presets::offered(&mut connection, &account.user, &row).await?,
            target: serde_json::to_string(&target)?,
            code: checker::code(&target, &snapshot, &draft.text),
            estimate: history::estimate(&runs),
            again: match draft.again {
                Some(again) => again::card(&mut connection, project, again).await?,
                None => None,
            },
            form,
            fields,
            findings: checker::look(&snapshot, &draft.layers, &draft.text, &draft.refused),
            snapshot: serde_json::to_string(&snapshot)?,
            text: draft.text,
            note: draft.note,
            report: draft.report,
            key: secrets::generate(16)?,
            account: account.user.id.to_string(),
            drafts: drafts::offered(&mut connection, account.user.id, row.id, &place.id).await?,
            draft: place,
        })
    };
    Ok(read.await?)
}

/// `POST …/snapshots/{snapshot}/run`: runs the snapshot, or loads a file, checks, or writes out all values. Where the server
/// cannot do its part, the answer carries along what was sent.
pub async fn submit(
    State(state): State<AppState>,
    account: Account,
    Path(path): Path<(String, String)>,
    parts: Parts,
    multipart: Multipart,
) -> Result<Response> {
    let posted = Posted::read(multipart).await?;
    match answer(state, account, path, parts, &posted).await {
        Err(error) if error.status().is_server_error() => Ok(carried::again(&posted, &error)),
        answer => answer,
    }
}

async fn answer(state: AppState, account: Account, (project, id): (String, String), parts: Parts, posted: &Posted) -> Result<Response> {
    let mut connection = state.db.read().await?;
    let row = snapshots::find(&mut connection, &project, &id).await?;
    let (snapshot, _) = form::open(&mut connection, &account.user, &row, form::query_wants_all(parts.uri.query())).await?;
    drop(connection);
    let mut draft = posted.draft(&fields(&snapshot));
    let is_more_than_offered = form::confine(&snapshot, &mut draft);
    let about = (&row, &snapshot);
    let status = match posted.action() {
        ("keep", _) => return drafts::answer(&state, &account, about, posted, &draft).await,
        ("discard", id) => {
            let id: Id = id.parse().map_err(|_| AppError::missing("draft", id))?;
            let mut connection = state.db.begin().await?;
            service::drafts::discard(&mut connection, account.user.id, id).await?;
            connection.commit().await?;
            if drafts::id(posted) == Some(id) {
                return forms::see_other(parts.uri.path());
            }
            StatusCode::OK
        }
        action => match acted(&state, &account, about, posted, action, &mut draft).await {
            Some(status) => {
                form::confine(&snapshot, &mut draft);
                status
            }
            None if is_more_than_offered => {
                form::refuse(&mut draft);
                StatusCode::FORBIDDEN
            }
            None => match launched(&state, account.user.id, about, posted, &mut draft).await? {
                Ok(run) => return forms::see_other(&format!("/projects/{}/runs/{run}", encode(&project))),
                Err(status) => status,
            },
        },
    };
    draft.place = Some(drafts::keep(&state, account.user.id, about, posted, &draft).await.0);
    Ok(show(&state, parts, draft, status).await)
}

/// What a button but Run does to the draft; none for Run.
async fn acted(
    state: &AppState,
    account: &Account,
    about: (&PipelineSnapshotRow, &Snapshot),
    posted: &Posted,
    action: (&str, &str),
    draft: &mut Draft,
) -> Option<StatusCode> {
    Some(match action {
        ("load", _) if form::is_only(about.1) => {
            form::refuse_file(draft);
            StatusCode::FORBIDDEN
        }
        ("load", _) => loaded(about.1, posted, draft),
        ("undo", _) => {
            *draft =
                Draft { text: posted.text("before"), layers: std::mem::take(&mut draft.layers), again: draft.again, ..Draft::default() };
            StatusCode::OK
        }
        (action @ ("required" | "expand" | "clear"), _) => {
            commanded(about.1, action, draft);
            StatusCode::OK
        }
        ("preset", id) => draft.act(presets::lay(state, account, about, id).await),
        ("save-preset", _) => draft.act(presets::save(state, account, about.0, posted, &draft.text).await),
        ("delete-preset", id) => draft.act(presets::delete(state, account, id).await),
        ("recent", which) => draft.act(history::lay(state, about.0, which).await),
        ("check", _) => StatusCode::OK,
        _ => return None,
    })
}

/// Launches the draft and gives the id of the run; else says in the draft why not, and gives the status of the answer. Fails
/// where the server could not do its part.
async fn launched(
    state: &AppState,
    user: Id,
    about: (&PipelineSnapshotRow, &Snapshot),
    posted: &Posted,
    draft: &mut Draft,
) -> Result<Result<String, StatusCode>> {
    let Some(asked) = Asked::of(about, posted.value("key"), draft) else { return Ok(Err(StatusCode::UNPROCESSABLE_ENTITY)) };
    let launched = async { launch_once(state.clone(), user, asked.with_skipped(state, about).await?, drafts::id(posted)).await };
    let error = match launched.await {
        Ok(run) => return Ok(Ok(run)),
        Err(error) if error.status().is_server_error() => return Err(error),
        Err(error) => error,
    };
    let status = error.status();
    let text = not_started(error, &draft.text);
    draft.note = Some(Note { is_error: true, title: "Not started".to_owned(), text });
    Ok(Err(if status == StatusCode::BAD_REQUEST { StatusCode::UNPROCESSABLE_ENTITY } else { status }))
}

/// Why a launch was not started, and what to do: everything that was typed is still there.
fn not_started(error: AppError, text: &str) -> String {
    match error {
        AppError::InvalidConfiguration(problems) | AppError::ClosedByForm(problems) | AppError::OutsideOfForm(problems) => {
            error_text(&located(text, problems))
        }
        AppError::Exists(message) => format!("{message} All else is kept: change `run_name` under Run options and choose Run again."),
        AppError::Busy(message) => format!("{message} Your values are kept: choose Run again in about {RETRY_BUSY} seconds."),
        error => error.message(),
    }
}

/// Writes out what is required or all values, or removes unknown keys.
fn commanded(snapshot: &Snapshot, action: &str, draft: &mut Draft) {
    draft.text = match action {
        "required" => checker::with_required(snapshot, &draft.text),
        "expand" => checker::expanded(snapshot, &draft.text),
        _ => {
            let cleared = checker::cleared(snapshot, &draft.text);
            draft.note = Some(Note { is_error: false, title: "Unknown keys".to_owned(), text: cleared.in_words() });
            cleared.text
        }
    };
}

/// Takes a file that was sent: its text takes the place of what was there, or its values are laid over it.
fn loaded(snapshot: &Snapshot, posted: &Posted, draft: &mut Draft) -> StatusCode {
    let (name, text) = match &posted.file {
        Some((name, Ok(text))) => (name, text),
        refused => {
            let text = match refused {
                Some((name, Err(reason))) => format!("`{name}` {reason}."),
                _ => "Choose a file first.".to_owned(),
            };
            draft.note = Some(Note { is_error: true, title: "Not loaded".to_owned(), text });
            return StatusCode::UNPROCESSABLE_ENTITY;
        }
    };
    let merge = posted.value("how") == "merge";
    let loaded = checker::load(snapshot, &draft.text, name, text, merge);
    let is_refused = loaded.report.is_refused;
    draft.report = Some(loaded.report);
    if is_refused {
        return StatusCode::UNPROCESSABLE_ENTITY;
    }
    if !merge {
        (draft.layers, draft.refused) = (Vec::new(), Refused::new());
    }
    draft.text = loaded.text;
    draft.layers.push(Layer { kind: LayerKind::File, name: name.clone(), configuration: configuration_in(text).unwrap_or_default() });
    StatusCode::OK
}

async fn show(state: &AppState, parts: Parts, draft: Draft, status: StatusCode) -> Response {
    let request = Request::from_parts(parts, Body::empty());
    let mut response = render(state, request, status, move || provide_context(draft.clone())).await;
    if status == StatusCode::TOO_MANY_REQUESTS {
        response.headers_mut().insert(header::RETRY_AFTER, RETRY_BUSY.into());
    }
    response
}

/// What a form asks to be launched.
struct Asked {
    what: What,
    body: Value,
    again: Option<Again>,
    /// The paths of what differs from the snapshot.
    changed: Vec<ValuePath>,
    layers: Value,
    /// Sent again with the same values the form is the same launch; values that were changed since are a new one.
    request_key: Option<String>,
}

impl Asked {
    /// None where the draft has errors.
    fn of((row, snapshot): (&PipelineSnapshotRow, &Snapshot), key: &str, draft: &Draft) -> Option<Self> {
        let found = review(snapshot, &draft.text);
        if !draft.refused.is_empty() || has_errors(&found.problems) {
            return None;
        }
        let body = json!({ "run_configuration": found.configuration, "replace_paths": found.replace_paths });
        let again = draft.again.filter(|again| again.how != How::Values);
        Some(Self {
            request_key: (!key.is_empty()).then(|| hex::encode(Sha256::digest(format!("{} {again:?} {key} {body}", row.id)))),
            what: again.map_or(What::Snapshot(row.id), |again| What::Run(again.run)),
            again,
            changed: found.changes.into_iter().map(|change| change.path).collect(),
            layers: json!(draft.layers.iter().map(|layer| json!({ "kind": layer.kind, "name": layer.name })).collect::<Vec<_>>()),
            body,
        })
    }

    /// With what a replay skips; fails where its run is none of the snapshot.
    async fn with_skipped(mut self, state: &AppState, (row, snapshot): (&PipelineSnapshotRow, &Snapshot)) -> Result<Self> {
        if let Some(again) = self.again {
            let mut connection = state.db.read().await?;
            again.replayed(&mut connection, row).await?;
            if let Some(configuration) = self.body["run_configuration"].as_object_mut() {
                again.skip(&mut connection, snapshot, configuration, &self.changed).await?;
            }
        }
        Ok(self)
    }

    fn by(&self, user: Id) -> Launch<'_> {
        Launch { user, is_run: false, source: "dashboard", layers: Some(&self.layers), request_key: self.request_key.as_deref() }
    }
}

/// Launches, or gives the run that the same form with the same values was answered with before; the draft is done then.
async fn launch_once(state: AppState, user: Id, asked: Asked, draft: Option<Id>) -> Result<String> {
    let work = async move {
        let run = service::launches::launch_once(&state, asked.by(user), &asked.what, &asked.body).await?;
        if let Some(draft) = draft {
            let mut connection = state.db.begin().await?;
            service::drafts::discard(&mut connection, user, draft).await?;
            connection.commit().await?;
        }
        Ok(run.id.to_string())
    };
    // In a task of its own: the second click makes the browser hang up on the first, which must still end whole.
    let ended = tokio::spawn(work.in_current_span()).await;
    ended.unwrap_or_else(|error| Err(AppError::Internal(anyhow::Error::new(error).context("a launch ended early"))))
}
