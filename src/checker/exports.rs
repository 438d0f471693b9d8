//! The checker as the browser sees it: a snapshot, and questions about texts. Answers are written as `model::payload`.

use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::prelude::wasm_bindgen;

use super::{Refused, cleared, code, expanded, load, look_at, reset, set_field, with_required};
use crate::{
    model::payload,
    run_configuration::{
        assist,
        code::Target,
        form::{self, Entry, Field},
        layers::Layer,
        snapshot::Snapshot,
        value_path::ValuePath,
    },
};

/// Checks texts against one snapshot.
#[wasm_bindgen]
pub struct Checker {
    snapshot: Snapshot,
    /// The fields of the snapshot's form, read once: every key that is typed asks for them.
    fields: Vec<Field>,
    layers: Vec<Layer>,
    target: Target,
}

#[wasm_bindgen]
impl Checker {
    /// Reads the JSON of a snapshot, of the layers that the texts started from, and of what code calls the snapshot.
    #[wasm_bindgen(constructor)]
    pub fn new(snapshot: &str, layers: &str, target: &str) -> Result<Checker, String> {
        let snapshot: Snapshot = parsed(snapshot)?;
        Ok(Checker { fields: form::fields(&snapshot), snapshot, layers: parsed(layers)?, target: parsed(target)? })
    }

    /// `Findings` about a text.
    pub fn look(&self, text: &str) -> Result<String, String> {
        written(&look_at(&self.snapshot, &self.fields, &self.layers, text, &Refused::new()))
    }

    /// The text as code: a list of `CodeExample`.
    pub fn code(&self, text: &str) -> Result<String, String> {
        written(&code(&self.target, &self.snapshot, text))
    }

    /// The `Edit` that typing in a field makes.
    #[wasm_bindgen(js_name = setField)]
    pub fn set_field(&self, text: &str, path: &str, typed: &str, is_null: bool) -> Result<String, String> {
        written(&set_field(&self.fields, text, &ValuePath::from(path), Entry { text: typed.to_owned(), is_null }))
    }

    /// The text without a value.
    pub fn reset(&self, text: &str, path: &str) -> String {
        reset(text, &ValuePath::from(path))
    }

    /// The text with all parameters of the snapshot.
    pub fn expanded(&self, text: &str) -> String {
        expanded(&self.snapshot, text)
    }

    /// The text with what is required and not there.
    #[wasm_bindgen(js_name = withRequired)]
    pub fn with_required(&self, text: &str) -> String {
        with_required(&self.snapshot, text)
    }

    /// `Cleared`: the text without unknown keys.
    pub fn cleared(&self, text: &str) -> Result<String, String> {
        written(&cleared(&self.snapshot, text))
    }

    /// `Loaded`: the text with a file in its place or laid over it.
    pub fn load(&self, text: &str, name: &str, file: &str, merge: bool) -> Result<String, String> {
        written(&load(&self.snapshot, text, name, file, merge))
    }

    /// What may be written at a place: the column where it starts, then a record for each: label, text, type, help. For
    /// scripts, which read it by the separators. Empty where nothing is known.
    pub fn complete(&self, text: &str, line: usize, column: usize) -> String {
        let Some((from, found)) = assist::complete(&self.snapshot, text, line, column) else { return String::new() };
        let record = |found: assist::Completion| [found.label, found.insert, found.detail, found.help].join("\u{1f}");
        let records: Vec<String> = std::iter::once(from.to_string()).chain(found.into_iter().map(record)).collect();
        records.join("\u{1e}")
    }

    /// What there is to say about the key at a place: its path and a few lines, separated like records.
    pub fn hover(&self, text: &str, line: usize, column: usize) -> String {
        let help = assist::hover(&self.snapshot, text, line, column);
        help.map(|help| [vec![help.title], help.lines].concat().join("\u{1e}")).unwrap_or_default()
    }
}

fn parsed<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

fn written<T: Serialize>(data: &T) -> Result<String, String> {
    payload::write(data).map_err(|error| error.message)
}
