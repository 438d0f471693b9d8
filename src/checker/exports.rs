//! The checker as the browser sees it: a snapshot, and questions about texts. Answers are written as `model::payload`.

use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use super::{Refused, expanded, look, reset, set_field};
use crate::{
    model::payload,
    run_configuration::{form::Entry, snapshot::Snapshot, value_path::ValuePath},
};

/// Checks texts against one snapshot.
#[wasm_bindgen]
pub struct Checker(Snapshot);

#[wasm_bindgen]
impl Checker {
    /// Reads the JSON of a snapshot.
    #[wasm_bindgen(constructor)]
    pub fn new(snapshot: &str) -> Result<Checker, String> {
        serde_json::from_str(snapshot).map(Checker).map_err(|error| error.to_string())
    }

    /// `Findings` about a text.
    pub fn look(&self, text: &str) -> Result<String, String> {
        written(&look(&self.0, text, &Refused::new()))
    }

    /// The `Edit` that typing in a field makes.
    #[wasm_bindgen(js_name = setField)]
    pub fn set_field(&self, text: &str, path: &str, typed: &str, is_null: bool) -> Result<String, String> {
        written(&set_field(&self.0, text, &ValuePath::from(path), Entry { text: typed.to_owned(), is_null }))
    }

    /// The text without a value.
    pub fn reset(&self, text: &str, path: &str) -> String {
        reset(text, &ValuePath::from(path))
    }

    /// The text with all parameters of the snapshot.
    pub fn expanded(&self, text: &str) -> String {
        expanded(&self.0, text)
    }
}

fn written<T: Serialize>(data: &T) -> Result<String, String> {
    payload::write(data).map_err(|error| error.message)
}
