//! Run Details: the form that runs a snapshot.
//!
//! Everything is in words already: the browser shows it, and asks the checker (`crate::checker`) for the next state after
//! each edit.

use serde::{Deserialize, Serialize};

use super::{
    drafts::{DraftChoice, DraftPlace},
    pipeline_snapshots::{CodeExample, SnapshotRow},
    readiness::Readiness,
};
pub use crate::run_configuration::form::Section;
use crate::run_configuration::form::{input_name, key_input_name, null_input_name, row_input_name};

/// What the page begins with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LaunchForm {
    pub row: SnapshotRow,
    pub readiness: Readiness,
    /// The snapshot as the checker reads it: JSON of `run_configuration::snapshot::Snapshot`.
    pub snapshot: String,
    /// What the draft started from, as the checker reads it: JSON of a list of `run_configuration::layers::Layer`.
    pub layers: String,
    /// The same to be shown, in their order.
    pub shown_layers: Vec<ShownLayer>,
    /// Presets of the pipeline.
    pub presets: Vec<PresetChoice>,
    /// The server and the snapshot as code names them: JSON of `run_configuration::code::Target`.
    pub target: String,
    /// The run that is run again, and the choice how; HTML with controls of the form.
    pub again: Option<String>,
    /// The proposal that it launches, and what can be done with it; HTML with controls of the form.
    pub proposal: Option<String>,
    /// The part of the form that proposes it to somebody else; HTML.
    pub propose: String,
    /// The draft as code.
    pub code: Vec<CodeExample>,
    /// How long such runs took; none while there are none.
    pub estimate: Option<String>,
    /// The form view of the snapshot; none where it has none.
    pub form: Option<ShownForm>,
    pub fields: Vec<FormField>,
    /// Whose options can be shown besides.
    pub steps: StepChoice,
    /// What several values of fields come to.
    pub sweep: SweepView,
    /// The run configuration in YAML: all that differs from the snapshot.
    pub text: String,
    /// What there is to say about the text.
    pub findings: Findings,
    /// What was done at last, or why the run was not started.
    pub note: Option<Note>,
    /// What is asked before it is launched; HTML with a button of the form.
    pub confirm: Option<String>,
    /// What came of the file that was loaded at last.
    pub report: Option<FileReport>,
    /// Names this form, so that sending it twice runs the snapshot once.
    pub key: String,
    /// Id of the account that it was made for: what is typed is kept for it alone.
    pub account: String,
    /// Where what is typed is kept.
    pub draft: DraftPlace,
    /// Drafts of the account that can be gone on with.
    pub drafts: Vec<DraftChoice>,
}

/// The choice of a step whose options are shown too.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepChoice {
    /// Steps whose options are not shown.
    pub hidden: Vec<String>,
    /// Steps whose options were asked for.
    pub asked: Vec<String>,
}

/// A layer of the draft.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShownLayer {
    /// In words: "preset small-gpu".
    pub title: String,
    /// The query of the page without it.
    pub without: String,
}

/// A form view above its fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShownForm {
    /// HTML of what its owner says first; empty where that is nothing.
    pub intro: String,
    /// This account gets no other form of the snapshot.
    pub only: bool,
    /// All fields of the snapshot are shown instead.
    pub shows_all: bool,
    /// How many fields that are.
    pub all: usize,
}

/// A preset that can be laid over the draft.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PresetChoice {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    /// Only its owner sees it.
    pub private: bool,
    pub owner: String,
    /// Whether this account may delete it.
    pub changeable: bool,
}

/// A value that can be typed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FormField {
    /// Where the value is in a run configuration: `steps.trainer.parameters.lr`.
    pub path: String,
    /// Name and id of its control.
    pub input: String,
    /// Its value, or one in it, is not to be shown or kept.
    pub secret: bool,
    /// Name of the checkbox "not set (null)"; none where null is no value.
    pub null_input: Option<String>,
    /// The part of the form it stands in.
    pub section: Section,
    /// The heading it stands under in that.
    pub group: String,
    /// The names of the models it is a field of, outermost first.
    pub models: Vec<String>,
    /// The key as the user knows it from the code.
    pub name: String,
    /// "a list of integers".
    pub kind: String,
    pub control: Control,
    pub required: bool,
    /// Description, the snapshot's value, limits.
    pub help: String,
    /// What the field shows for the snapshot's value.
    pub usual: Typed,
    /// Values of earlier runs, newest first.
    pub recent: Vec<RecentValue>,
    /// What the owner of the form says about it: Markdown, and on a page HTML.
    pub about: Option<String>,
    /// The control for several values, one for each run, as HTML; none where it takes one only.
    pub several: Option<String>,
}

/// What several values of fields come to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SweepView {
    /// How many runs; 0 where it is one as always.
    pub runs: usize,
    /// The runs with their values, or what is wrong with the values; HTML.
    pub html: String,
    /// The runs as code, in place of the draft's.
    pub code: Vec<CodeExample>,
}

/// A value that a run was launched with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecentValue {
    /// The value on one line.
    pub label: String,
    /// The value as the field takes it.
    pub typed: Typed,
    /// Id of the newest run with it, and its number among the runs of the pipeline.
    pub run: String,
    pub index: i64,
    /// How that run went: `✓`, and "completed".
    pub mark: String,
    pub status: String,
}

impl FormField {
    /// Whether a control with this id is one of the field's, or of a part of it.
    pub fn is_control(&self, id: &str) -> bool {
        let path = id.split_once('.').and_then(|(_, path)| path.strip_prefix(self.path.as_str()));
        path.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '=']))
    }

    /// A field in another one, at the path of that.
    pub fn within(&self, path: &str) -> Self {
        let path = if self.path.is_empty() { path.to_owned() } else { format!("{path}.{}", self.path) };
        let mut field = self.clone();
        field.input = input_name(&path);
        field.null_input = field.null_input.map(|_| null_input_name(&path));
        if let Control::Rows { key_input, value_input, .. } = &mut field.control {
            (*key_input, *value_input) = (key_input_name(&path), row_input_name(&path));
        }
        field.path = path;
        field
    }
}

/// The control of a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Control {
    /// One line; `type` and `inputmode` of the input.
    Line { input_type: String, mode: Option<String> },
    /// Several lines of text.
    Lines { mono: bool },
    /// A few choices beside each other: what is posted, and its label.
    Radios(Vec<(String, String)>),
    /// Many choices in a list.
    Select(Vec<(String, String)>),
    /// Any of a few choices.
    Checkboxes(Vec<(String, String)>),
    /// Its value, which cannot be changed, or only that there is one.
    Fixed { is_hidden: bool },
    /// One of several types, each with its control; the last one is YAML for whatever fits no other. What no type at all is
    /// called, where that can be.
    Union { branches: Vec<FormField>, unset: Option<String> },
    /// Entries of a list.
    Cards { item: Box<FormField> },
    /// Fields of a mapping.
    Model { fields: Vec<FormField> },
    /// Rows of a key and a value; the names of their inputs, and `inputmode` of the value's.
    Rows { key_input: String, value_input: String, mode: Option<String> },
}

/// What stands in a field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed {
    pub text: String,
    /// Whether "not set (null)" is ticked.
    pub is_null: bool,
}

/// What a text says and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// For each field in order what it shows.
    pub entries: Vec<FieldEntry>,
    pub changes: Vec<ShownChange>,
    /// Of the text; those of fields stand at their entries.
    pub problems: Vec<ShownProblem>,
    /// The text cannot be read at all.
    pub is_unreadable: bool,
}

/// A text that a file was loaded into.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loaded {
    pub text: String,
    pub report: FileReport,
}

/// A text without the keys that nothing knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cleared {
    pub text: String,
    /// The paths of those keys.
    pub removed: Vec<String>,
}

impl Cleared {
    /// What was done, in words.
    pub fn in_words(&self) -> String {
        let names: Vec<String> = self.removed.iter().map(|path| format!("`{path}`")).collect();
        match names.is_empty() {
            true => "There was no unknown key.".to_owned(),
            false => format!("Removed: {}.", names.join(", ")),
        }
    }
}

/// What came of a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FileReport {
    /// Its name.
    pub name: String,
    /// It was laid over the text instead of taking its place.
    pub is_merged: bool,
    /// It could not be read or not be merged: the text is what it was.
    pub is_refused: bool,
    /// How many values of it are in the text now and fit.
    pub applied: usize,
    /// Keys of it that nothing knows, with its lines.
    pub unknown: Vec<ShownProblem>,
    /// Values of it that do not fit, with its lines.
    pub errors: Vec<ShownProblem>,
    /// The text before it.
    pub before: String,
}

impl FileReport {
    /// The outcome in one sentence.
    pub fn summary(&self) -> String {
        let count = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
        let how = match (self.is_refused, self.is_merged) {
            (true, _) => return format!("`{}` was not loaded.", self.name),
            (false, true) => "was merged",
            (false, false) => "was loaded",
        };
        let applied = count(self.applied, "value");
        let unknown = (!self.unknown.is_empty()).then(|| format!(", {}", count(self.unknown.len(), "unknown key")));
        let errors = (!self.errors.is_empty()).then(|| format!(", {}", count(self.errors.len(), "error")));
        format!("`{}` {how}. It has {applied} that fit{}{}.", self.name, unknown.unwrap_or_default(), errors.unwrap_or_default())
    }
}

/// What a field shows for a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldEntry {
    pub typed: Typed,
    /// It differs from the snapshot.
    pub changed: bool,
    /// Why what was typed could not be taken over into the text.
    pub refused: Option<ShownProblem>,
    /// What a field that takes YAML is read as: "a list of 3".
    pub read_as: Option<String>,
}

/// The origin of a value that is in none of the layers.
pub const TYPED: &str = "typed here";
/// The origin of a value that the form view starts a field with.
pub const FORM: &str = "the form";

/// A value that differs from the snapshot's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShownChange {
    pub path: String,
    pub old: String,
    pub new: String,
    /// Where the new value comes from: [`TYPED`], or "preset small".
    pub origin: String,
}

/// Something wrong with the text or a field.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ShownProblem {
    pub is_error: bool,
    /// Empty: the text as a whole.
    pub path: String,
    /// From 1.
    pub line: Option<usize>,
    pub column: Option<usize>,
    /// What is wrong, and the way out.
    pub message: String,
    /// Name of the control it belongs to.
    pub input: Option<String>,
}

/// What an edit of a field made of the text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    pub text: String,
    /// Why it could not be taken over.
    pub refused: Option<ShownProblem>,
}

/// Something to be said above the form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    pub is_error: bool,
    pub title: String,
    pub text: String,
}
