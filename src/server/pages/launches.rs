//! Run Details: the form that runs a snapshot, with what was typed, and its answers.

use axum::{
    body::Body,
    extract::{Multipart, Path, Request, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use leptos::prelude::{provide_context, use_context};
use serde_json::{Map, Value, json};

use super::{context, forms, pipeline_snapshots as snapshots, render};
use crate::{
    checker::{self, Refused},
    model::{
        error::PageError,
        launches::{LaunchForm, Note},
        list::encode,
    },
    run_configuration::{
        document,
        form::{self, Entry, Field, apply_to_text, posted_entries},
        problem::{Problem, has_errors},
        request,
        review::{Review, review},
        snapshot::Snapshot,
        value_path::ValuePath,
    },
    server::{
        auth::{Account, secrets},
        db::{
            Connection,
            idempotent_requests::{self, RequestKey},
            pipeline_runs::PipelineRunRow,
            pipeline_snapshots::PipelineSnapshotRow,
        },
        error::{AppError, Result},
        launch::readiness,
        service::{self, launches::Launch},
        state::AppState,
    },
};

/// Largest uploaded file in bytes; twice what can be read, so that a text that is too long is told so by its reader.
const MAX_FILE: usize = 2 * document::MAX_BYTES;

/// What was typed so far, with what could not be taken over into the text.
#[derive(Clone, Debug, Default)]
struct Draft {
    text: String,
    refused: Refused,
    note: Option<Note>,
}

/// The form, with what was refused if this page answers that, else with the values of the URL (`p.<path>=…`).
pub async fn get(project: &str, id: &str, values: &[(String, String)]) -> Result<LaunchForm, PageError> {
    let answered = use_context::<Draft>();
    let (state, _) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let row = snapshots::find(&mut connection, project, id).await?;
        let snapshot = service::pipeline_snapshots::for_run_configuration(&mut connection, &row).await?;
        let readiness = readiness::check(&mut connection, &state, &row).await?;
        let shown = snapshots::rows(&mut connection, std::slice::from_ref(&row)).await?.into_iter().next();
        let draft = answered.unwrap_or_else(|| prefilled(&snapshot, values));
        Ok::<_, AppError>(LaunchForm {
            row: shown.ok_or_else(|| AppError::Internal(anyhow::anyhow!("one row in, none out")))?,
            readiness,
            fields: checker::fields(&snapshot),
            findings: checker::look(&snapshot, &draft.text, &draft.refused),
            snapshot: serde_json::to_string(&snapshot)?,
            text: draft.text,
            note: draft.note,
            key: secrets::generate(16)?,
        })
    };
    Ok(read.await?)
}

/// A draft with the values of a link.
fn prefilled(snapshot: &Snapshot, values: &[(String, String)]) -> Draft {
    let entries = posted_entries(values.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    applied(String::new(), &form::fields(snapshot), entries)
}

/// A text with the entries of a form taken over into it; those that cannot be are kept beside it.
fn applied(text: String, fields: &[Field], entries: Vec<(ValuePath, Entry)>) -> Draft {
    let mut draft = Draft { text, ..Draft::default() };
    let readable = configuration_in(&draft.text).is_some();
    for (path, entry) in entries {
        let (text, problems) = apply_to_text(&draft.text, fields, &[(path.clone(), entry.clone())]);
        draft.text = text;
        if !readable {
            let problem = Problem::warning(path.clone(), "This is not in the text yet, which cannot be read. Fix the text first.");
            draft.refused.push((path, entry, problem));
        } else if let Some(problem) = problems.into_iter().next() {
            draft.refused.push((path, entry, problem));
        }
    }
    draft
}

/// What a posted form says.
#[derive(Default)]
struct Posted {
    pairs: Vec<(String, String)>,
    file: Option<(String, String)>,
}

impl Posted {
    async fn read(mut multipart: Multipart) -> Result<Self> {
        let malformed = |error: axum::extract::multipart::MultipartError| AppError::Malformed(error.body_text());
        let mut posted = Self::default();
        while let Some(field) = multipart.next_field().await.map_err(malformed)? {
            let name = field.name().unwrap_or_default().to_owned();
            let file = field.file_name().map(str::to_owned);
            let bytes = field.bytes().await.map_err(malformed)?;
            if let Some(file) = file {
                if bytes.len() > MAX_FILE {
                    return Err(AppError::TooLarge(format!("The file is larger than {} MiB.", MAX_FILE / 1024 / 1024)));
                }
                if !bytes.is_empty() {
                    posted.file = Some((file, String::from_utf8_lossy(&bytes).into_owned()));
                }
            } else {
                posted.pairs.push((name, String::from_utf8_lossy(&bytes).into_owned()));
            }
        }
        Ok(posted)
    }

    fn value(&self, name: &str) -> &str {
        self.pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    /// A text of several lines, which browsers send with CRLF.
    fn text(&self, name: &str) -> String {
        self.value(name).replace("\r\n", "\n")
    }

    /// The text with what was changed in the fields. Without scripts both may have been changed since the page was made: a
    /// field counts only where it differs from what it showed then.
    fn draft(&self, fields: &[Field]) -> Draft {
        let shown = configuration_in(&self.text("shown")).unwrap_or_default();
        let mut entries = posted_entries(self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        entries.retain(|(path, entry)| {
            let field = fields.iter().find(|field| field.path == *path);
            field.is_none_or(|field| field.entry(path.get(&shown)) != *entry)
        });
        applied(self.text("yaml"), fields, entries)
    }
}

/// The run configuration that a text holds; none if it cannot be read.
fn configuration_in(text: &str) -> Option<Map<String, Value>> {
    let document = document::read(text).ok()?;
    request::read(&document.value).ok().map(|request| request.configuration)
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
    match posted.value("action") {
        "load" => return Ok(show(&state, parts, loaded(&posted, draft), StatusCode::OK).await),
        "expand" => {
            draft.text = checker::expanded(&snapshot, &draft.text);
            return Ok(show(&state, parts, draft, StatusCode::OK).await);
        }
        "check" => return Ok(show(&state, parts, draft, StatusCode::OK).await),
        _ => {}
    }
    let found = review(&snapshot, &draft.text);
    if !draft.refused.is_empty() || has_errors(&found.problems) {
        return Ok(show(&state, parts, draft, StatusCode::UNPROCESSABLE_ENTITY).await);
    }
    match launch_once(&state, &account, &row, posted.value("key"), &found).await {
        Ok(run) => forms::see_other(&format!("/projects/{}/runs/{run}", encode(&project))),
        Err(error) => {
            let status = error.status();
            if let AppError::Internal(source) = &error {
                tracing::error!(error = format!("{source:#}"), "launch failed");
            }
            draft.note = Some(Note { is_error: true, text: error.message() });
            let status = if status == StatusCode::BAD_REQUEST { StatusCode::UNPROCESSABLE_ENTITY } else { status };
            Ok(show(&state, parts, draft, status).await)
        }
    }
}

/// The draft after a file was sent: its text replaces what was there.
fn loaded(posted: &Posted, draft: Draft) -> Draft {
    match &posted.file {
        Some((name, text)) => Draft {
            text: text.replace("\r\n", "\n"),
            note: Some(Note { is_error: false, text: format!("`{name}` was loaded. Nothing runs before you choose Run.") }),
            ..Draft::default()
        },
        None => Draft { note: Some(Note { is_error: true, text: "Choose a file first.".to_owned() }), ..draft },
    }
}

async fn show(state: &AppState, parts: Parts, draft: Draft, status: StatusCode) -> Response {
    let request = Request::from_parts(parts, Body::empty());
    render(state, request, status, move || provide_context(draft.clone())).await
}

/// Launches, or gives the run that the same form was answered with before.
async fn launch_once(state: &AppState, account: &Account, row: &PipelineSnapshotRow, key: &str, found: &Review) -> Result<String> {
    let key = RequestKey { user_id: account.user.id, request_key: key.to_owned(), url: format!("run/{}", row.id) };
    if key.request_key.is_empty() {
        return Ok(launch(state, account, row, found).await?.id.to_string());
    }
    // A second click waits for the first.
    let turn = state.in_flight.wait_for_turn(&key).await;
    if let Some(run) = idempotent_requests::find(&mut state.db.read().await?, &key).await? {
        return Ok(run);
    }
    let run = launch(state, account, row, found).await?.id.to_string();
    idempotent_requests::store(&state.db, &key, &run).await?;
    drop(turn);
    Ok(run)
}

async fn launch(state: &AppState, account: &Account, row: &PipelineSnapshotRow, found: &Review) -> Result<PipelineRunRow> {
    let body = json!({ "run_configuration": found.configuration, "replace_paths": found.replace_paths });
    let by = Launch { user: account.user.id, source: "dashboard", layers: None };
    let mut connection: Connection = state.db.begin().await?;
    let run = service::launches::launch(&mut connection, state, by, row, &body).await?;
    connection.commit().await?;
    state.launch_signal.wake();
    state.events.send("run", run.id);
    state.events.send("snapshot", row.id);
    Ok(run)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Draft, Posted};
    use crate::run_configuration::{
        form,
        snapshot::{Snapshot, Step},
    };

    fn snapshot() -> Snapshot {
        let config = json!({"parameters": {"lr": 0.1, "epochs": 3}});
        let spec = json!({"parameter_spec": {"properties": {"lr": {"type": "number"}, "epochs": {"type": "integer"}}}});
        let step = Step { name: "train".to_owned(), spec, config: config.clone(), overrides: config };
        Snapshot { run_name_template: "{date}".to_owned(), steps: vec![step], ..Snapshot::default() }
    }

    fn draft(pairs: &[(&str, &str)]) -> Draft {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Posted { pairs, file: None }.draft(&form::fields(&snapshot()))
    }

    const SHOWN: &str = "steps:\n  train:\n    parameters:\n      lr: 0.5\n";

    #[test]
    fn fields_that_were_not_touched_leave_an_edited_text_alone() {
        let edited = "steps:\n  train:\n    parameters:\n      lr: 0.7\n";
        let draft =
            draft(&[("shown", SHOWN), ("yaml", edited), ("p.steps.train.parameters.lr", "0.5"), ("p.steps.train.parameters.epochs", "3")]);
        assert_eq!((draft.text.as_str(), draft.refused.len()), (edited, 0));
    }

    #[test]
    fn a_changed_field_goes_into_the_text() {
        let draft = draft(&[("shown", SHOWN), ("yaml", SHOWN), ("p.steps.train.parameters.epochs", "9")]);
        assert!(draft.text.contains("lr: 0.5") && draft.text.contains("epochs: 9"), "{}", draft.text);
    }

    #[test]
    fn beside_a_text_that_cannot_be_read_every_changed_field_is_kept() {
        let draft = draft(&[("shown", SHOWN), ("yaml", "steps: ["), ("p.steps.train.parameters.epochs", "9")]);
        assert_eq!((draft.text.as_str(), draft.refused.len()), ("steps: [", 1));
        assert_eq!(draft.refused[0].1.text, "9");
    }

    #[test]
    fn what_cannot_be_read_is_kept_beside_the_text() {
        let draft = draft(&[("shown", SHOWN), ("yaml", SHOWN), ("p.steps.train.parameters.epochs", "many")]);
        assert_eq!((draft.text.as_str(), draft.refused.len()), (SHOWN, 1));
        assert_eq!(draft.refused[0].1.text, "many");
    }
}
