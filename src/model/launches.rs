//! Run Details: the form that runs a snapshot.
//!
//! Everything is in words already: the browser shows it, and asks the checker (`crate::checker`) for the next state after
//! each edit.

use serde::{Deserialize, Serialize};

use super::{
    pipeline_snapshots::{CodeExample, SnapshotRow},
    readiness::Readiness,
};

/// What the page begins with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LaunchForm {
    pub row: SnapshotRow,
    pub readiness: Readiness,
    /// The snapshot as the checker reads it: JSON of `run_configuration::snapshot::Snapshot`.
    pub snapshot: String,
    /// What the draft started from, as the checker reads it: JSON of a list of `run_configuration::layers::Layer`.
    pub layers: String,
    /// The layers in words, in their order.
    pub layer_titles: Vec<String>,
    /// Presets of the pipeline.
    pub presets: Vec<PresetChoice>,
    /// The server and the snapshot as code names them: JSON of `run_configuration::code::Target`.
    pub target: String,
    /// The draft as code.
    pub code: Vec<CodeExample>,
    /// How long such runs took; none while there are none.
    pub estimate: Option<String>,
    pub fields: Vec<FormField>,
    /// The run configuration in YAML: all that differs from the snapshot.
    pub text: String,
    /// What there is to say about the text.
    pub findings: Findings,
    /// What was done at last, or why the run was not started.
    pub note: Option<Note>,
    /// Names this form, so that sending it twice runs the snapshot once.
    pub key: String,
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
    /// Name of the checkbox "not set (null)"; none where null is no value.
    pub null_input: Option<String>,
    /// The heading it stands under.
    pub group: String,
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

impl Findings {
    /// What loading a file with this text did, in words.
    pub fn report_of_file(&self, name: &str) -> String {
        let count = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
        let errors = self.problems.iter().filter(|problem| problem.is_error).count();
        let outcome = match (errors, self.changes.len()) {
            (0, 0) => "It changes nothing against the snapshot.".to_owned(),
            (0, changes) => format!("It makes {} against the snapshot.", count(changes, "change")),
            (errors, _) => format!("It has {}, listed under Review.", count(errors, "problem")),
        };
        format!("`{name}` was loaded. {outcome} Nothing runs before you choose Run.")
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
}

/// The origin of a value that is in none of the layers.
pub const TYPED: &str = "typed here";

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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
