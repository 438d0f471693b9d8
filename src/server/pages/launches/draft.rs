//! The draft of a launch on the server: its text, what could not be taken over into it, and the layers it started from.

use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::{
    again::{Again, How},
    drafts, proposals,
};
use crate::{
    checker::Refused,
    model::{
        drafts::DraftPlace,
        launches::{FileReport, Note},
    },
    run_configuration::{
        form::{self, Entry, Field, apply_to_text, posted_entries},
        layers::{self, Layer, LayerKind, laid_over},
        problem::{Problem, error_text},
        request,
        snapshot::Snapshot,
        sweep::Several,
        value_path::ValuePath,
    },
    server::{
        db::{Connection, pipeline_runs::PipelineRunRow, pipeline_snapshots::PipelineSnapshotRow},
        error::{AppError, Result},
        id::Id,
        service::launch_layers::{self, Fitted},
    },
};

/// What was typed so far, with what could not be taken over into the text.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    pub text: String,
    /// What it started from.
    pub layers: Vec<Layer>,
    pub refused: Refused,
    /// Values with parts as they were sent: with what was typed in types that are not chosen.
    pub aside: Vec<(ValuePath, Entry)>,
    /// Fields with several values, one for each run.
    pub several: Several,
    /// Steps whose options were asked for.
    pub options: Vec<String>,
    pub note: Option<Note>,
    /// What is asked before it is launched; HTML with a button of the form.
    pub confirm: Option<String>,
    /// The key of the form, where the next page is to have the same.
    pub key: Option<String>,
    /// The proposal that it launches.
    pub proposal: Option<Id>,
    /// The run that it runs again.
    pub again: Option<Again>,
    /// What came of the file that was loaded at last.
    pub report: Option<FileReport>,
    /// Where it is kept; none before anything was typed.
    pub place: Option<DraftPlace>,
}

/// What an action makes of a draft.
pub enum Outcome {
    /// A layer goes over what is there.
    Layer(Fitted),
    /// Only something to be said: title and text.
    Told(&'static str, String),
}

impl Draft {
    /// Takes over what an action did, or says why it did nothing; the text stays whatever happens.
    pub fn act(&mut self, outcome: Result<Outcome>) -> StatusCode {
        match outcome {
            Ok(Outcome::Layer(fitted)) => self.lay(fitted),
            Ok(Outcome::Told(title, text)) => self.note = Some(Note { is_error: false, title: title.to_owned(), text }),
            Err(error) => {
                let status = error.status();
                if let AppError::Internal(source) = &error {
                    tracing::error!(error = format!("{source:#}"), "action of a draft failed");
                }
                self.note = Some(Note { is_error: true, title: "Not done".to_owned(), text: error.message() });
                return if status == StatusCode::BAD_REQUEST { StatusCode::UNPROCESSABLE_ENTITY } else { status };
            }
        }
        StatusCode::OK
    }

    /// Takes out the layer at a position, or with `you` all that was typed.
    pub fn remove_layer(&mut self, which: &str) -> StatusCode {
        let typed_only = which == "you";
        let position = which.parse().ok().filter(|position| *position < self.layers.len());
        let text = match position {
            None if typed_only => self.layers.iter().try_fold(String::new(), |text, layer| laid_over(&text, &layer.configuration)),
            None => Ok(self.text.clone()),
            Some(position) => layers::without(&self.text, &self.layers, position),
        };
        match text {
            Ok(text) => self.text = text,
            Err(problems) => {
                let text = format!("The text cannot be edited there. {}", error_text(&problems));
                self.note = Some(Note { is_error: true, title: "Not removed".to_owned(), text });
                return StatusCode::UNPROCESSABLE_ENTITY;
            }
        }
        if typed_only {
            (self.refused, self.several) = (Refused::new(), Several::new());
        }
        if let Some(position) = position {
            let kind = self.layers.remove(position).kind;
            let is_gone = |own: LayerKind| kind == own && !self.layers.iter().any(|layer| layer.kind == own);
            self.proposal = self.proposal.filter(|_| !is_gone(LayerKind::Proposal));
            self.again = self.again.filter(|again| again.how != How::Values || !is_gone(LayerKind::Run));
        }
        StatusCode::OK
    }

    /// Writes a layer into the text, over what is there.
    pub fn lay(&mut self, fitted: Fitted) {
        let Fitted { layer, left_out } = fitted;
        match laid_over(&self.text, &layer.configuration) {
            Ok(text) => self.text = text,
            Err(problems) => {
                let text = format!("The values of {} could not be written into the draft. {}", layer.title(), error_text(&problems));
                self.note = Some(Note { is_error: true, title: "Not applied".to_owned(), text });
                return;
            }
        }
        if !left_out.is_empty() {
            let paths: Vec<String> = left_out.iter().map(|path| format!("`{path}`")).collect();
            let text = format!("There is no place for {} here: {} of {} left out.", paths.join(", "), paths.len(), layer.title());
            self.note = Some(Note { is_error: false, title: "Not everything fits".to_owned(), text });
        }
        self.layers.push(layer);
    }
}

/// A text with the entries of a form taken over into it; those that cannot be are kept beside it.
pub fn applied(text: String, fields: &[Field], entries: Vec<(ValuePath, Entry)>) -> Draft {
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

/// A draft with what a link asks for: `draft=ID`, or `preset=a,b` in this order, `from_run=ID` or `replay=ID`, and values.
pub async fn prefilled(
    connection: &mut Connection,
    user: Id,
    (row, snapshot): (&PipelineSnapshotRow, &Snapshot),
    values: &[(String, String)],
) -> Result<Draft> {
    let asked = |name: &'static str| values.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str());
    if let Some(id) = asked("draft").next_back() {
        return drafts::restored(connection, user, (row, snapshot), id).await;
    }
    let mut draft = Draft::default();
    let proposal = asked("proposal").next_back();
    if let Some(id) = proposal {
        proposals::lay(connection, user, (row, snapshot), id, &mut draft).await?;
    }
    for preset in asked("preset").flat_map(|names| names.split(',')).filter(|name| !name.is_empty()) {
        draft.lay(launch_layers::preset(connection, user, (row, snapshot), preset).await?);
    }
    for run in asked("from_run") {
        let missing = || missing_run(run);
        let found = connection.get::<PipelineRunRow>(run.parse().map_err(|_| missing())?).await?;
        let run = found.filter(|run| run.project_id == row.project_id).ok_or_else(missing)?;
        draft.lay(launch_layers::run(connection, snapshot, &run).await?);
        draft.again = Some(Again { run: run.id, how: How::Values });
    }
    if let Some(run) = asked("replay").next() {
        let again = Again { run: run.parse().map_err(|_| missing_run(run))?, how: How::Replay { skip: true } };
        again.replayed(connection, row).await?;
        draft.again = Some(again);
    }
    let fields = form::typable_fields(snapshot);
    let (entries, closed) = super::form::offered(snapshot, posted_entries(&fields, pairs(values)));
    super::form::tell(&mut draft, &closed, false);
    if !entries.is_empty() {
        let Draft { text, refused, .. } = applied(draft.text.clone(), &fields, entries.clone());
        let of_link = applied(String::new(), &fields, entries);
        let configuration = configuration_in(&of_link.text).unwrap_or_default();
        draft.layers.push(Layer { kind: LayerKind::Link, name: String::new(), configuration });
        (draft.text, draft.refused) = (text, refused);
    }
    Ok(draft)
}

fn missing_run(run: &str) -> AppError {
    AppError::NotFound(format!("There is no run {run}. It may have been deleted."))
}

fn pairs(values: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}

/// The run configuration that a text holds; none if it cannot be read.
pub fn configuration_in(text: &str) -> Option<Map<String, Value>> {
    request::read_text(text).ok().map(|request| request.configuration)
}
