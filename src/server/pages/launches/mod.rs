//! Run Details: the form that runs a snapshot, with what was typed, and its answers.

mod draft;
mod posted;
mod presets;

pub use presets::download as download_preset;

use axum::{
    body::Body,
    extract::{Multipart, Path, Request, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use leptos::prelude::{provide_context, use_context};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tracing::Instrument as _;

use self::{
    draft::{Draft, configuration_in, prefilled},
    posted::Posted,
};
use super::{context, forms, pipeline_snapshots as snapshots, render};
use crate::{
    checker::{self, Refused},
    model::{
        error::PageError,
        launches::{LaunchForm, Note},
        list::encode,
        time::duration,
    },
    run_configuration::{
        form,
        layers::{Layer, LayerKind},
        problem::{error_text, has_errors},
        review::{Review, located, review},
        snapshot::Snapshot,
    },
    server::{
        auth::{Account, secrets},
        db::{Connection, list::ListRequest, pipeline_runs, pipeline_snapshots::PipelineSnapshotRow},
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

/// From how many of the newest runs it is told how long the next may take.
const ESTIMATED_FROM: u64 = 50;

/// The form, with what was refused if this page answers that, else with the values of the URL (`p.<path>=…`).
pub async fn get(project: &str, id: &str, values: &[(String, String)]) -> Result<LaunchForm, PageError> {
    let answered = use_context::<Draft>();
    let (state, account) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let row = snapshots::find(&mut connection, project, id).await?;
        let snapshot = service::pipeline_snapshots::for_run_configuration(&mut connection, &row).await?;
        let readiness = readiness::check_for(&mut connection, &state, account.user.id, &row, &snapshot).await?;
        let shown = snapshots::rows(&mut connection, std::slice::from_ref(&row)).await?.into_iter().next();
        let draft = match answered {
            Some(draft) => draft,
            None => prefilled(&mut connection, account.user.id, (&row, &snapshot), values).await?,
        };
        let shown = shown.ok_or_else(|| AppError::Internal(anyhow::anyhow!("one row in, none out")))?;
        let target = snapshots::target(&state, project, &row, &shown.pipeline.name);
        Ok::<_, AppError>(LaunchForm {
            row: shown,
            readiness,
            layers: serde_json::to_string(&draft.layers)?,
            layer_titles: draft.layers.iter().map(Layer::title).collect(),
            presets: presets::offered(&mut connection, &account.user, &row).await?,
            target: serde_json::to_string(&target)?,
            code: checker::code(&target, &snapshot, &draft.text),
            estimate: estimate(&durations(&mut connection, &row).await?),
            fields: checker::fields(&snapshot),
            findings: checker::look(&snapshot, &draft.layers, &draft.text, &draft.refused),
            snapshot: serde_json::to_string(&snapshot)?,
            text: draft.text,
            note: draft.note,
            report: draft.report,
            key: secrets::generate(16)?,
        })
    };
    Ok(read.await?)
}

/// Seconds that the newest finished runs of a snapshot took.
async fn durations(connection: &mut Connection, row: &PipelineSnapshotRow) -> Result<Vec<f64>> {
    let request = ListRequest { page: 1, size: ESTIMATED_FROM, sort_by: "desc:created".to_owned(), ..ListRequest::default() };
    let request = request.with("source_snapshot_id", row.id.to_string()).with("status", "completed");
    let page = pipeline_runs::list(connection, row.project_id, &request).await?;
    Ok(page.items.iter().filter_map(|run| Some(run.end_time?.seconds_since(run.start_time?))).collect())
}

/// How long runs took, in words: the median and the ninth decile.
fn estimate(durations: &[f64]) -> Option<String> {
    let mut sorted = durations.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: usize| sorted.get((sorted.len() * share / 10).min(sorted.len().saturating_sub(1))).map(|seconds| duration(*seconds));
    let (median, slow) = (at(5)?, at(9)?);
    Some(match sorted.len() {
        1 => format!("The one finished run of it took {median}."),
        count if median == slow => format!("The last {count} finished runs took about {median}."),
        count => format!("Half of the last {count} finished runs took {median} or less, nine in ten at most {slow}."),
    })
}

/// `POST …/snapshots/{snapshot}/run`: runs the snapshot, or loads a file, checks, or writes out all values.
pub async fn submit(
    State(state): State<AppState>,
    account: Account,
    Path((project, id)): Path<(String, String)>,
    parts: Parts,
    multipart: Multipart,
) -> Result<Response> {
    let posted = Posted::read(multipart).await?;
    let mut connection = state.db.read().await?;
    let row = snapshots::find(&mut connection, &project, &id).await?;
    let snapshot = service::pipeline_snapshots::for_run_configuration(&mut connection, &row).await?;
    drop(connection);
    let mut draft = posted.draft(&form::fields(&snapshot));
    let about = (&row, &snapshot);
    match posted.value("action").split_once(':').unwrap_or((posted.value("action"), "")) {
        ("load", _) => {
            let (draft, status) = loaded(&snapshot, &posted, draft);
            return Ok(show(&state, parts, draft, status).await);
        }
        ("undo", _) => {
            draft = Draft { text: posted.text("before"), layers: draft.layers, ..Draft::default() };
            return Ok(show(&state, parts, draft, StatusCode::OK).await);
        }
        (action @ ("required" | "expand" | "clear"), _) => {
            commanded(&snapshot, action, &mut draft);
            return Ok(show(&state, parts, draft, StatusCode::OK).await);
        }
        ("preset", id) => {
            let status = draft.act(presets::lay(&state, &account, about, id).await);
            return Ok(show(&state, parts, draft, status).await);
        }
        ("save-preset", _) => {
            let status = draft.act(presets::save(&state, &account, &row, &posted, &draft.text).await);
            return Ok(show(&state, parts, draft, status).await);
        }
        ("delete-preset", id) => {
            let status = draft.act(presets::delete(&state, &account, id).await);
            return Ok(show(&state, parts, draft, status).await);
        }
        ("check", _) => return Ok(show(&state, parts, draft, StatusCode::OK).await),
        _ => {}
    }
    let found = review(&snapshot, &draft.text);
    if !draft.refused.is_empty() || has_errors(&found.problems) {
        return Ok(show(&state, parts, draft, StatusCode::UNPROCESSABLE_ENTITY).await);
    }
    let layers = json!(draft.layers.iter().map(|layer| json!({ "kind": layer.kind, "name": layer.name })).collect::<Vec<_>>());
    let key = posted.value("key").to_owned();
    match launch_once(state.clone(), account.user.id, row.id, (key, layers), found).await {
        Ok(run) => forms::see_other(&format!("/projects/{}/runs/{run}", encode(&project))),
        Err(error) => {
            let status = error.status();
            if let AppError::Internal(source) = &error {
                tracing::error!(error = format!("{source:#}"), "launch failed");
            }
            let text = match error {
                AppError::InvalidConfiguration(problems) => error_text(&located(&draft.text, problems)),
                error => error.message(),
            };
            draft.note = Some(Note { is_error: true, title: "Not started".to_owned(), text });
            let status = if status == StatusCode::BAD_REQUEST { StatusCode::UNPROCESSABLE_ENTITY } else { status };
            Ok(show(&state, parts, draft, status).await)
        }
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

/// The draft after a file was sent: its text takes the place of what was there, or its values are laid over it.
fn loaded(snapshot: &Snapshot, posted: &Posted, draft: Draft) -> (Draft, StatusCode) {
    let refused = |draft: Draft, text: String| {
        let note = Some(Note { is_error: true, title: "Not loaded".to_owned(), text });
        (Draft { note, ..draft }, StatusCode::UNPROCESSABLE_ENTITY)
    };
    match &posted.file {
        Some((name, Ok(text))) => {
            let merge = posted.value("how") == "merge";
            let loaded = checker::load(snapshot, &draft.text, name, text, merge);
            if loaded.report.is_refused {
                return (Draft { report: Some(loaded.report), ..draft }, StatusCode::UNPROCESSABLE_ENTITY);
            }
            let configuration = configuration_in(text).unwrap_or_default();
            let layer = Layer { kind: LayerKind::File, name: name.clone(), configuration };
            let (mut layers, kept) = if merge { (draft.layers, draft.refused) } else { (Vec::new(), Refused::new()) };
            layers.push(layer);
            (Draft { text: loaded.text, refused: kept, layers, report: Some(loaded.report), note: None }, StatusCode::OK)
        }
        Some((name, Err(reason))) => refused(draft, format!("`{name}` {reason}.")),
        None => refused(draft, "Choose a file first.".to_owned()),
    }
}

async fn show(state: &AppState, parts: Parts, draft: Draft, status: StatusCode) -> Response {
    let request = Request::from_parts(parts, Body::empty());
    render(state, request, status, move || provide_context(draft.clone())).await
}

/// Launches, or gives the run that the same form with the same values was answered with before. Values that were changed
/// since then are a new launch.
async fn launch_once(state: AppState, user: Id, snapshot: Id, (key, layers): (String, Value), found: Review) -> Result<String> {
    let body = json!({ "run_configuration": found.configuration, "replace_paths": found.replace_paths });
    let request_key = hex::encode(Sha256::digest(format!("{snapshot} {key} {body}")));
    let work = async move {
        let request_key = (!key.is_empty()).then_some(request_key.as_str());
        let by = Launch { user, source: "dashboard", layers: Some(&layers), request_key };
        Ok(service::launches::launch_once(&state, by, &What::Snapshot(snapshot), &body).await?.id.to_string())
    };
    // In a task of its own: the second click makes the browser hang up on the first, which must still end whole.
    let ended = tokio::spawn(work.in_current_span()).await;
    ended.unwrap_or_else(|error| Err(AppError::Internal(anyhow::Error::new(error).context("a launch ended early"))))
}
