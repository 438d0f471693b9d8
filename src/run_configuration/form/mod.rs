//! The typed form of a run configuration: its fields, and the way from what is typed to values and back.
//!
//! A form holds a few values of a run configuration, and its text holds all of them. What is posted is applied to the text, so that the two
//! are never two truths: a field that shows what the text (or the snapshot) says changes nothing, a changed one sets its value, and one
//! that is set back to the value of the snapshot is removed again. Only what differs from the snapshot is ever sent.

mod apply;
mod fields;
mod inputs;
mod nested;
#[cfg(test)]
mod option_tests;
mod options;
mod parts;
#[cfg(test)]
mod properties;
mod shape;
#[cfg(test)]
mod tests;
mod values;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use apply::{apply_to_text, read_entries, reset};
pub use fields::{all_fields, fields, shows, steps_without_options, typable_fields};
pub use inputs::{
    branch_path, count_input_name, given_input_name, input_name, join_rows, key_input_name, null_input_name, path_of_input, posted_entries,
    row_input_name, split_rows, type_input_name, value_place,
};
pub use nested::{fresh, posted_action};
pub use parts::{CardAction, MOST_CARDS, Part, Parts, keep_aside, without_aside};
pub use values::{form_to_value, option_to_form, value_to_form};

use super::value_path::ValuePath;

/// One value that can be typed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Where the value is in a run configuration.
    pub path: ValuePath,
    /// The step it is a parameter or an option of; none for those of the whole run.
    pub step: Option<String>,
    /// The names of the models it is a field of, outermost first; empty for a parameter itself.
    pub models: Vec<String>,
    /// The key as the user knows it from the code.
    pub name: String,
    /// A readable name.
    pub label: String,
    /// Which control it has.
    pub kind: FieldKind,
    /// What it takes, in words: "a list of integers". None where there is no schema.
    pub takes: Option<String>,
    /// Whether it must be filled in: it has neither a value in the snapshot nor a default.
    pub required: bool,
    /// Whether null is a value of it.
    pub nullable: bool,
    /// The default of its type.
    pub default: Option<Value>,
    /// The value in the snapshot.
    pub current: Option<Value>,
    /// What its author says about it.
    pub description: Option<String>,
    /// `format` of its JSON Schema, for example `password` or `uri`.
    pub format: Option<String>,
    /// The least value or length in words, for example "at least 1" or "more than 0".
    pub minimum: Option<String>,
    /// The greatest value or length in words.
    pub maximum: Option<String>,
    /// What the owner of the form says about it, in Markdown.
    pub about: Option<String>,
    /// It is shown and cannot be changed.
    pub locked: bool,
    /// Its value, or one in it, is not to be shown, put into links or kept in drafts: its schema has a password.
    pub secret: bool,
    /// Values of the snapshot that must be sent along with one of this field: its object is not taken without them.
    pub needs: Vec<(ValuePath, Value)>,
}

/// The part of a form that a field stands in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// Parameters of the pipeline and of its steps.
    #[default]
    Parameters,
    /// Options that many runs are given.
    Run,
    /// What the run and its steps ask of machines, and how single steps run.
    Resources,
    /// All else.
    Advanced,
}

impl Section {
    /// Its heading, where it has one: it is folded then.
    pub fn heading(self) -> Option<&'static str> {
        match self {
            Self::Parameters | Self::Run => None,
            Self::Resources => Some("Resources and step settings"),
            Self::Advanced => Some("Advanced"),
        }
    }
}

impl Field {
    /// A field of which nothing but this is known.
    fn new(path: ValuePath, kind: FieldKind) -> Self {
        let name = path.last().unwrap_or_default().to_owned();
        Self {
            path,
            step: None,
            models: Vec::new(),
            label: name.clone(),
            name,
            kind,
            takes: None,
            required: false,
            nullable: false,
            default: None,
            current: None,
            description: None,
            format: None,
            minimum: None,
            maximum: None,
            about: None,
            locked: false,
            secret: false,
            needs: Vec::new(),
        }
    }

    /// Whether this is a parameter, of a step or of the pipeline, and not an option of the run or of a step.
    pub fn is_parameter(&self) -> bool {
        self.section() == Section::Parameters
    }

    /// The part of the form that it stands in.
    pub fn section(&self) -> Section {
        let segments: Vec<&str> = self.path.segments().iter().map(String::as_str).collect();
        match segments[..] {
            ["parameters", ..] | ["steps", _, "parameters", ..] => Section::Parameters,
            ["run_name" | "enable_cache" | "tags" | "model", ..] => Section::Run,
            ["settings", "resources", ..] | ["retry" | "steps", ..] => Section::Resources,
            _ => Section::Advanced,
        }
    }

    /// The heading that it stands under within its section.
    pub fn group(&self) -> String {
        match (self.section(), &self.step) {
            (Section::Parameters, Some(step)) => step.clone(),
            (Section::Parameters, None) => "Parameters".to_owned(),
            (Section::Run, _) => "Run options".to_owned(),
            (Section::Resources, Some(step)) => format!("Options of {step}"),
            (Section::Resources, None) => "All steps".to_owned(),
            (Section::Advanced, _) => "Advanced".to_owned(),
        }
    }

    /// Whether its value may hold what is not for others, so that it is never put into a link: environment variables and what
    /// is handed to hooks and components often hold credentials.
    pub fn may_hold_secrets(&self) -> bool {
        let first = self.path.segments().first().map(String::as_str);
        let is_free = matches!(first, Some("environment" | "init_hook_kwargs" | "settings")) && self.section() == Section::Advanced;
        self.secret || is_free
    }

    /// Whether an empty text is a value. In other fields it means the value of the snapshot.
    pub fn takes_empty_text(&self) -> bool {
        self.kind.takes_empty_text() && (self.is_parameter() || !matches!(self.kind, FieldKind::Text | FieldKind::MultilineText))
    }

    /// Its name behind those of the models that it is in: `optimizer.momentum`.
    pub fn full_name(&self) -> String {
        self.models.iter().chain([&self.name]).map(String::as_str).collect::<Vec<_>>().join(".")
    }
}

/// The control of a field, which decides how its text is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line of text, taken as it is.
    Text,
    /// Several lines of text.
    MultilineText,
    /// A whole number.
    Integer,
    /// A decimal number.
    Number,
    /// True or false.
    Boolean,
    /// One of a few values.
    Choice {
        /// The values.
        options: Vec<Value>,
    },
    /// Any of a few values, each once.
    Choices {
        /// The values.
        options: Vec<Value>,
    },
    /// A list of texts, one a line.
    Lines,
    /// A list of numbers with commas between them.
    Numbers {
        /// Whether they are whole.
        whole: bool,
    },
    /// A mapping whose keys are free: rows of a key and a value.
    Rows {
        /// What each value is.
        values: Scalar,
    },
    /// One of several types of value, each with its own control. The last one is YAML, for whatever fits no other.
    Union {
        /// The types; each field has no path.
        branches: Vec<Field>,
    },
    /// A list of values with parts.
    Cards {
        /// An entry; it has no path.
        item: Box<Field>,
    },
    /// A mapping with named fields.
    Model {
        /// The fields, with paths that start in the mapping.
        fields: Vec<Field>,
    },
    /// A day, `2026-01-31`.
    Date,
    /// A day and a time, `2026-01-31T12:00`.
    DateTime,
    /// Anything else, written as YAML.
    Yaml,
}

/// What a value in a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scalar {
    /// Text, taken as it is.
    Text,
    /// A whole number.
    Integer,
    /// A decimal number.
    Number,
    /// True or false.
    Boolean,
}

/// What a form says about one field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The text of the control: of checkboxes the chosen values, one a line; of rows as [`join_rows`] writes them; of a value
    /// with parts as [`Parts`] does.
    pub text: String,
    /// Whether "not set (null)" is chosen; a text that was changed counts more.
    pub is_null: bool,
}

impl FieldKind {
    /// The fields in it.
    pub fn inner(&self) -> &[Field] {
        match self {
            Self::Union { branches } => branches,
            Self::Cards { item } => std::slice::from_ref(item),
            Self::Model { fields } => fields,
            _ => &[],
        }
    }

    /// Whether its text is that of [`Parts`].
    pub fn has_parts(&self) -> bool {
        !self.inner().is_empty()
    }

    fn takes_empty_text(&self) -> bool {
        matches!(self, Self::Text | Self::MultilineText | Self::Lines | Self::Choices { .. } | Self::Numbers { .. } | Self::Rows { .. })
    }
}

impl Field {
    /// What the form shows for a value, or for the snapshot's when the text has none.
    pub fn entry(&self, value: Option<&Value>) -> Entry {
        match value.or(self.current.as_ref()) {
            Some(Value::Null) if self.nullable => Entry { text: String::new(), is_null: true },
            Some(value) => Entry { text: value_to_form(self, value), is_null: false },
            None => Entry::default(),
        }
    }

    /// Whether an entry is what the form shows for a value. Controls of one line cannot hold line breaks.
    pub fn is_unchanged(&self, entry: &Entry, value: Option<&Value>) -> bool {
        let mut shown = self.entry(value);
        if self.kind.has_parts() {
            return shown.is_null == entry.is_null && without_aside(&shown.text) == without_aside(&entry.text);
        }
        if !matches!(self.kind, FieldKind::MultilineText | FieldKind::Lines | FieldKind::Choices { .. } | FieldKind::Yaml) {
            shown.text.retain(|character| !matches!(character, '\n' | '\r') || entry.text.contains(character));
        }
        shown == *entry
    }
}

/// The value that a text holds at the path of a field.
pub(super) fn value_in<'a>(configuration: &'a Map<String, Value>, field: &Field) -> Option<&'a Value> {
    field.path.get(configuration)
}
