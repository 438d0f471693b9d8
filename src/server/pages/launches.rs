//! Run Details: the form that runs a snapshot, with what was typed, and its answers.

use axum::{
    body::Body,
    extract::{
        Multipart, Path, Request, State,
        multipart::{Field as Part, MultipartError},
    },
    http::{StatusCode, request::Parts},
    response::Response,
};
use leptos::prelude::{provide_context, use_context};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tracing::Instrument as _;

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
        problem::{Problem, error_text, has_errors},
        request,
        review::{Review, located, review},
        snapshot::Snapshot,
        value_path::ValuePath,
    },
    server::{
        auth::{Account, secrets},
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
    let (state, account) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let row = snapshots::find(&mut connection, project, id).await?;
        let snapshot = service::pipeline_snapshots::for_run_configuration(&mut connection, &row).await?;
        let readiness = readiness::check_for(&mut connection, &state, account.user.id, &row, &snapshot).await?;
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
    /// Name of the chosen file, and its text or why it cannot be used.
    file: Option<(String, std::result::Result<String, String>)>,
}

impl Posted {
    async fn read(mut multipart: Multipart) -> Result<Self> {
        let malformed = |error: MultipartError| AppError::Malformed(error.body_text());
        let mut posted = Self::default();
        while let Some(field) = multipart.next_field().await.map_err(malformed)? {
            let name = field.name().unwrap_or_default().to_owned();
            let file = field.file_name().map(str::to_owned);
            if let Some(file) = file {
                let text = file_text(field).await.map_err(malformed)?;
                // Where no file was chosen, browsers send one without a name.
                posted.file = Some((file, text)).filter(|(file, _)| !file.is_empty());
            } else {
                let bytes = field.bytes().await.map_err(malformed)?;
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
    /// field counts only where it differs from what it showed then. Where the text has another new value there, both are
    /// kept and the user is asked.
    fn draft(&self, fields: &[Field]) -> Draft {
        let shown = configuration_in(&self.text("shown")).unwrap_or_default();
        let mut entries = posted_entries(self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        entries.retain(|(path, entry)| {
            let field = fields.iter().find(|field| field.path == *path);
            field.is_none_or(|field| field.entry(path.get(&shown)) != *entry)
        });
        let text = self.text("yaml");
        let Some(edited) = configuration_in(&text) else { return applied(text, fields, entries) };
        let conflict = |(path, entry): &(ValuePath, Entry)| {
            let field = fields.iter().find(|field| field.path == *path)?;
            let in_text = field.entry(path.get(&edited));
            (in_text != *entry && in_text != field.entry(path.get(&shown))).then(|| two_values(path, &in_text))
        };
        let (in_doubt, clear): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| conflict(entry).is_some());
        let mut draft = applied(text, fields, clear);
        for entry in in_doubt {
            if let Some(problem) = conflict(&entry) {
                draft.refused.push((entry.0, entry.1, problem));
            }
        }
        draft
    }
}

fn two_values(path: &ValuePath, in_text: &Entry) -> Problem {
    let value = if in_text.is_null { "null" } else { in_text.text.as_str() };
    let message = format!("This value was changed twice: here, and in the YAML to `{value}`.");
    Problem::error(path.clone(), message).with_fix("Send the form again to keep what stands here, or write the YAML's value here.")
}

/// The text of a sent file, or why it cannot be used. A file that is too large is read to its end all the same, so that
/// the rest of the form is not lost.
async fn file_text(mut part: Part<'_>) -> std::result::Result<std::result::Result<String, String>, MultipartError> {
    let (mut bytes, mut length) = (Vec::new(), 0);
    while let Some(chunk) = part.chunk().await? {
        length += chunk.len();
        if length <= MAX_FILE {
            bytes.extend_from_slice(&chunk);
        }
    }
    if length > MAX_FILE {
        return Ok(Err(format!("is larger than {} MiB", document::MAX_BYTES / 1024 / 1024)));
    }
    Ok(String::from_utf8(bytes).map(|text| text.replace("\r\n", "\n")).map_err(|_| "is not text in UTF-8".to_owned()))
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
        "load" => {
            let (draft, status) = loaded(&snapshot, &posted, draft);
            return Ok(show(&state, parts, draft, status).await);
        }
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
    match launch_once(state.clone(), account.user.id, row.id, posted.value("key").to_owned(), found).await {
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

/// The draft after a file was sent: its text replaces what was there.
fn loaded(snapshot: &Snapshot, posted: &Posted, draft: Draft) -> (Draft, StatusCode) {
    let note = |is_error, title: &str, text| Some(Note { is_error, title: title.to_owned(), text });
    let refused = |text: String| (Draft { note: note(true, "Not loaded", text), ..draft }, StatusCode::UNPROCESSABLE_ENTITY);
    match &posted.file {
        Some((name, Ok(text))) => {
            let findings = checker::look(snapshot, text, &Refused::new());
            let note = note(false, "Loaded", findings.report_of_file(name));
            (Draft { text: text.clone(), note, ..Draft::default() }, StatusCode::OK)
        }
        Some((name, Err(reason))) => refused(format!("`{name}` {reason}.")),
        None => refused("Choose a file first.".to_owned()),
    }
}

async fn show(state: &AppState, parts: Parts, draft: Draft, status: StatusCode) -> Response {
    let request = Request::from_parts(parts, Body::empty());
    render(state, request, status, move || provide_context(draft.clone())).await
}

/// Launches, or gives the run that the same form with the same values was answered with before. Values that were changed
/// since then are a new launch.
async fn launch_once(state: AppState, user: Id, snapshot: Id, key: String, found: Review) -> Result<String> {
    let body = json!({ "run_configuration": found.configuration, "replace_paths": found.replace_paths });
    let request_key = hex::encode(Sha256::digest(format!("{snapshot} {key} {body}")));
    let work = async move {
        let request_key = (!key.is_empty()).then_some(request_key.as_str());
        let by = Launch { user, source: "dashboard", layers: None, request_key };
        Ok(service::launches::launch_once(&state, by, &What::Snapshot(snapshot), &body).await?.id.to_string())
    };
    // In a task of its own: the second click makes the browser hang up on the first, which must still end whole.
    let ended = tokio::spawn(work.in_current_span()).await;
    ended.unwrap_or_else(|error| Err(AppError::Internal(anyhow::Error::new(error).context("a launch ended early"))))
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
    fn a_value_changed_in_both_views_is_asked_for_and_nothing_is_lost() {
        let edited = "steps:\n  train:\n    parameters:\n      lr: 0.7\n";
        let pairs = [("shown", SHOWN), ("yaml", edited), ("p.steps.train.parameters.lr", "0.9"), ("p.steps.train.parameters.epochs", "9")];
        let asked = draft(&pairs);
        assert!(asked.text.contains("lr: 0.7") && asked.text.contains("epochs: 9"), "{}", asked.text);
        assert_eq!((asked.refused[0].1.text.as_str(), asked.refused.len()), ("0.9", 1));
        assert!(asked.refused[0].2.message.contains("`0.7`"), "{}", asked.refused[0].2);
        let again = draft(&[("shown", &asked.text), ("yaml", &asked.text), ("p.steps.train.parameters.lr", "0.9")]);
        assert!(again.text.contains("lr: 0.9") && again.refused.is_empty(), "{}", again.text);
    }

    #[test]
    fn the_same_change_in_both_views_is_one_change() {
        let edited = "steps:\n  train:\n    parameters:\n      lr: 0.7\n";
        let draft = draft(&[("shown", SHOWN), ("yaml", edited), ("p.steps.train.parameters.lr", "0.7")]);
        assert_eq!((draft.text.as_str(), draft.refused.len()), (edited, 0));
    }

    #[test]
    fn what_cannot_be_read_is_kept_beside_the_text() {
        let draft = draft(&[("shown", SHOWN), ("yaml", SHOWN), ("p.steps.train.parameters.epochs", "many")]);
        assert_eq!((draft.text.as_str(), draft.refused.len()), (SHOWN, 1));
        assert_eq!(draft.refused[0].1.text, "many");
    }
}
