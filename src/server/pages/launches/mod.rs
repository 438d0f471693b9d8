//! Run Details: the form that runs a snapshot, with what was typed, and its answers.

pub mod again;
mod asked;
mod carried;
mod confirm;
mod draft;
mod drafts;
mod form;
mod history;
mod layers;
mod options;
mod posted;
mod presets;
mod proposals;
mod sweep;

pub use carried::{answer as carried, is_form, keep as keep_after_sign_in};
pub use form::explain;
pub use posted::Posted;
pub use presets::{download as download_preset, file_name};

use axum::{
    body::Body,
    extract::{Multipart, Path, Request, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use leptos::prelude::{provide_context, use_context};

use self::{
    asked::{Asked, launch_once},
    draft::{Draft, configuration_in, prefilled},
};
use super::{context, forms, pipeline_snapshots as snapshots, present::only, render};
use crate::{
    checker::{self, Refused},
    model::{
        error::PageError,
        launches::{LaunchForm, Note},
        list::encode,
        payload,
        roles::Action,
    },
    run_configuration::{
        form::{fields, keep_aside, typable_fields},
        layers::{Layer, LayerKind},
        problem::error_text,
        review::located,
        snapshot::Snapshot,
    },
    server::{
        auth::{Account, secrets},
        db::{pipeline_snapshots::PipelineSnapshotRow, pipelines::PipelineRow},
        error::{AppError, Result},
        id::Id,
        launch::readiness,
        service,
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
        let shown = only(snapshots::rows(&mut connection, std::slice::from_ref(&row)).await?)?;
        let draft = match answered {
            Some(draft) => draft,
            None => {
                let mut draft = prefilled(&mut connection, account.user.id, (&row, &snapshot), values).await?;
                form::confine(&snapshot, &mut draft);
                draft
            }
        };
        let (snapshot, steps) = options::shown(snapshot, &draft, values);
        let place = draft.place.clone().unwrap_or_else(drafts::new_place);
        let runs = history::read(&mut connection, &row).await?;
        let mut fields = checker::fields(&snapshot);
        history::fill(&mut fields, &snapshot, &runs);
        form::explain(&mut fields);
        let mut findings = checker::look(&snapshot, &draft.layers, &draft.text, &draft.refused);
        for (field, found) in fields.iter().zip(&mut findings.entries) {
            if let Some((_, sent)) = draft.aside.iter().find(|(path, _)| path.to_string() == field.path) {
                found.typed.text = keep_aside(&sent.text, &found.typed.text);
            }
        }
        sweep::fill(&mut fields, &self::fields(&snapshot), &snapshot, &draft);
        let target = snapshots::target(&state, project, &row, &shown.pipeline.name);
        Ok::<_, AppError>(LaunchForm {
            row: shown,
            readiness,
            layers: serde_json::to_string(&draft.layers)?,
            shown_layers: layers::shown(&draft.layers, values),
            presets: presets::offered(&mut connection, &account.user, &row).await?,
            target: serde_json::to_string(&target)?,
            code: checker::code(&target, &snapshot, &draft.text),
            estimate: history::estimate(&runs),
            proposal: proposals::card(&mut connection, &account.user, project, &draft).await?,
            propose: proposals::form(&mut connection, &account.user, values).await?,
            again: match draft.again {
                Some(again) => again::card(&mut connection, project, again).await?,
                None => None,
            },
            form,
            fields,
            steps,
            sweep: sweep::look(&target, &snapshot, &draft),
            findings,
            snapshot: serde_json::to_string(&snapshot)?,
            text: draft.text,
            note: draft.note,
            confirm: draft.confirm,
            report: draft.report,
            key: match draft.key {
                Some(key) => key,
                None => secrets::generate(16)?,
            },
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
    let mut draft = posted.draft(&typable_fields(&snapshot));
    let is_more_than_offered = form::confine(&snapshot, &mut draft);
    let about = (&row, &snapshot);
    let permitted = account.require(&state, needed(posted.action().0)).await;
    let status = match (permitted, posted.action()) {
        (Err(error), _) => draft.act(Err(error)),
        (Ok(()), ("runs", _)) => {
            let connection = &mut state.db.read().await?;
            let pipeline = connection.get::<PipelineRow>(row.pipeline_id).await?.map(|pipeline| pipeline.name).unwrap_or_default();
            let target = snapshots::target(&state, &project, &row, &pipeline);
            let text = payload::write(&sweep::look(&target, &snapshot, &draft));
            return Ok(text.map_err(|error| AppError::Internal(anyhow::anyhow!(error.message)))?.into_response());
        }
        (Ok(()), ("keep", _)) => return drafts::answer(&state, &account, about, posted, &draft).await,
        (Ok(()), ("discard", id)) => {
            let id: Id = id.parse().map_err(|_| AppError::missing("draft", id))?;
            let mut connection = state.db.begin().await?;
            service::drafts::discard(&mut connection, account.user.id, id).await?;
            connection.commit().await?;
            if drafts::id(posted) == Some(id) {
                return forms::see_other(parts.uri.path());
            }
            StatusCode::OK
        }
        (Ok(()), ("propose", _)) if is_more_than_offered => {
            form::refuse(&mut draft);
            StatusCode::FORBIDDEN
        }
        (Ok(()), ("propose", _)) => match proposals::propose(&state, &account, about, posted, &mut draft).await? {
            Ok(id) => return forms::see_other(&format!("{}?proposal={id}", parts.uri.path())),
            Err(status) => status,
        },
        (Ok(()), (action @ ("decline" | "withdraw"), id)) => match proposals::decide(&state, &account, action, id, posted).await {
            Ok(()) => return forms::see_other(&format!("{}?proposal={id}", parts.uri.path())),
            Err(error) => draft.act(Err(error)),
        },
        (Ok(()), action) => match acted(&state, &account, about, posted, action, &mut draft).await {
            Some(status) => {
                form::confine(&snapshot, &mut draft);
                status
            }
            None if is_more_than_offered => {
                form::refuse(&mut draft);
                StatusCode::FORBIDDEN
            }
            None => match launched(&state, account.user.id, about, posted, &mut draft).await? {
                Ok(Launched::Run(run)) => return forms::see_other(&format!("/projects/{}/runs/{run}", encode(&project))),
                Ok(Launched::Tagged(tag)) => return forms::see_other(&format!("/projects/{}/runs?tag={}", encode(&project), encode(&tag))),
                Err(status) => status,
            },
        },
    };
    draft.place = Some(drafts::keep(&state, account.user.id, about, posted, &draft).await.0);
    Ok(show(&state, parts, draft, status).await)
}

/// What a button takes. Filling the form in takes nothing: a proposal may come of it.
fn needed(action: &str) -> Action {
    match action {
        "card" | "check" | "clear" | "discard" | "expand" | "keep" | "load" | "preset" | "propose" | "recent" | "required" | "runs"
        | "undo" | "withdraw" | "without" => Action::Read,
        "save-preset" | "delete-preset" => Action::KeepDrafts,
        _ => Action::Launch,
    }
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
            let (layers, several) = (std::mem::take(&mut draft.layers), std::mem::take(&mut draft.several));
            *draft =
                Draft { text: posted.text("before"), layers, several, proposal: draft.proposal, again: draft.again, ..Draft::default() };
            StatusCode::OK
        }
        (action @ ("required" | "expand" | "clear"), _) => {
            commanded(about.1, action, draft);
            StatusCode::OK
        }
        ("without", which) => draft.remove_layer(which),
        ("preset", id) => draft.act(presets::lay(state, account, about, id).await),
        ("save-preset", _) => draft.act(presets::save(state, account, about.0, posted, &draft.text).await),
        ("delete-preset", id) => draft.act(presets::delete(state, account, id).await),
        ("recent", which) => draft.act(history::lay(state, about.0, which).await),
        ("card" | "check", _) => StatusCode::OK,
        _ => return None,
    })
}

/// What a launch started.
enum Launched {
    Run(Id),
    /// Several runs with this tag.
    Tagged(String),
}

/// Launches the draft; else says in the draft why not, and gives the status of the answer. Fails where the server could not do
/// its part.
async fn launched(
    state: &AppState,
    user: Id,
    about: (&PipelineSnapshotRow, &Snapshot),
    posted: &Posted,
    draft: &mut Draft,
) -> Result<Result<Launched, StatusCode>> {
    let asked = match Asked::of(about, posted.value("key"), draft) {
        Ok(asked) => asked,
        Err(problems) => {
            if !problems.is_empty() {
                draft.note = Some(Note { is_error: true, title: "Not started".to_owned(), text: error_text(&problems) });
            }
            return Ok(Err(StatusCode::UNPROCESSABLE_ENTITY));
        }
    };
    if asks_first(state, user, about, posted, &asked, draft).await? {
        return Ok(Err(StatusCode::OK));
    }
    let tag = asked.iter().find_map(|asked| asked.tag.clone());
    let launched = async {
        let mut launches = Vec::new();
        for asked in asked {
            launches.push(asked.with_skipped(state, about).await?);
        }
        launch_once(state.clone(), user, launches, drafts::id(posted)).await
    };
    let error = match launched.await {
        Ok(run) => return Ok(Ok(tag.map_or(Launched::Run(run), Launched::Tagged))),
        Err(error) if error.status().is_server_error() => return Err(error),
        Err(error) => error,
    };
    let status = error.status();
    let text = not_started(error, &draft.text);
    draft.note = Some(Note { is_error: true, title: "Not started".to_owned(), text });
    if let Some(proposal) = draft.proposal {
        proposals::let_go(state, user, proposal, draft).await?;
    }
    Ok(Err(if status == StatusCode::BAD_REQUEST { StatusCode::UNPROCESSABLE_ENTITY } else { status }))
}

/// Whether the launch is asked about first; then the draft has the question. What was launched with this form already is not
/// asked about again: the answer is its run.
async fn asks_first(
    state: &AppState,
    user: Id,
    about: (&PipelineSnapshotRow, &Snapshot),
    posted: &Posted,
    asked: &[Asked],
    draft: &mut Draft,
) -> Result<bool> {
    let mut connection = state.db.read().await?;
    let before = match asked.first() {
        Some(first) => service::launches::launched_before(&mut connection, first.by(user)).await?,
        None => None,
    };
    if before.is_none() {
        draft.confirm = confirm::question(&mut connection, user, about, asked, posted, draft).await?;
    }
    // The same form goes on: however often it is sent, it is one launch.
    draft.key = draft.confirm.is_some().then(|| posted.value("key").to_owned()).filter(|key| !key.is_empty());
    Ok(draft.confirm.is_some())
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
