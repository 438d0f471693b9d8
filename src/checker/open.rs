//! The checker while a page is open: one snapshot, and questions about texts.

use super::{Refused, cleared, code, expanded, load, look_at, reset, set_field, with_required};
use crate::{
    model::{
        launches::{Cleared, Edit, Findings, Loaded, Typed},
        pipeline_snapshots::CodeExample,
    },
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
pub struct Checker {
    snapshot: Snapshot,
    /// The fields of the snapshot's form, read once: every key that is typed asks for them.
    fields: Vec<Field>,
    layers: Vec<Layer>,
    target: Target,
}

impl Checker {
    /// Reads the JSON of a snapshot, of the layers that the texts started from, and of what code calls the snapshot.
    pub fn read(snapshot: &str, layers: &str, target: &str) -> serde_json::Result<Self> {
        let snapshot: Snapshot = serde_json::from_str(snapshot)?;
        let (layers, target) = (serde_json::from_str(layers)?, serde_json::from_str(target)?);
        Ok(Self { fields: form::fields(&snapshot), snapshot, layers, target })
    }

    /// What there is to say about a text.
    pub fn look(&self, text: &str) -> Findings {
        look_at(&self.snapshot, &self.fields, &self.layers, text, &Refused::new())
    }

    /// A text as code.
    pub fn code(&self, text: &str) -> Vec<CodeExample> {
        code(&self.target, &self.snapshot, text)
    }

    /// What typing in a field makes of a text.
    pub fn set_field(&self, text: &str, path: &str, typed: &Typed) -> Edit {
        let entry = Entry { text: typed.text.clone(), is_null: typed.is_null };
        set_field(&self.fields, text, &ValuePath::from(path), entry)
    }

    /// A text without a value.
    pub fn reset(&self, text: &str, path: &str) -> String {
        reset(text, &ValuePath::from(path))
    }

    /// A text with all parameters of the snapshot.
    pub fn expanded(&self, text: &str) -> String {
        expanded(&self.snapshot, text)
    }

    /// A text with what is required and not there.
    pub fn with_required(&self, text: &str) -> String {
        with_required(&self.snapshot, text)
    }

    /// A text without unknown keys.
    pub fn cleared(&self, text: &str) -> Cleared {
        cleared(&self.snapshot, text)
    }

    /// A text with a file in its place, or laid over it.
    pub fn load(&self, text: &str, name: &str, file: &str, merge: bool) -> Loaded {
        load(&self.snapshot, text, name, file, merge)
    }

    /// What may be written at a place: the column where it starts, then a record for each: label, text, type, help. For
    /// scripts, which read it by the separators. Empty where nothing is known.
    pub fn complete(&self, text: &str, line: u32, column: u32) -> String {
        let Some((from, found)) = assist::complete(&self.snapshot, text, line as usize, column as usize) else { return String::new() };
        let record = |found: assist::Completion| [found.label, found.insert, found.detail, found.help].join("\u{1f}");
        let records: Vec<String> = std::iter::once(from.to_string()).chain(found.into_iter().map(record)).collect();
        records.join("\u{1e}")
    }

    /// What there is to say about the key at a place: its path and a few lines, separated like records.
    pub fn hover(&self, text: &str, line: u32, column: u32) -> String {
        let help = assist::hover(&self.snapshot, text, line as usize, column as usize);
        help.map(|help| [vec![help.title], help.lines].concat().join("\u{1e}")).unwrap_or_default()
    }
}
