//! A form that was sent and refused: what was typed, and what is wrong with it.

use serde::{Deserialize, Serialize};

/// Typed values and errors, by field name. Passwords are never kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FormState {
    values: Vec<(String, String)>,
    errors: Vec<(String, String)>,
}

impl FormState {
    /// The values as they were typed.
    pub fn with_values(values: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self { values: values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(), errors: Vec::new() }
    }

    /// The same with one more value.
    pub fn with_value(mut self, field: &str, value: impl Into<String>) -> Self {
        self.values.push((field.to_owned(), value.into()));
        self
    }

    /// The same with an error at a field; the empty name is the form as a whole.
    pub fn with_error(mut self, field: &str, message: impl Into<String>) -> Self {
        self.errors.push((field.to_owned(), message.into()));
        self
    }

    /// What was typed into a field; empty if nothing was.
    pub fn value(&self, field: &str) -> String {
        find(&self.values, field).unwrap_or_default()
    }

    /// What was typed into a field, if the form was sent at all.
    pub fn typed(&self, field: &str) -> Option<String> {
        find(&self.values, field)
    }

    /// What is wrong with a field.
    pub fn error(&self, field: &str) -> Option<String> {
        find(&self.errors, field)
    }

    /// What is wrong with the form as a whole.
    pub fn form_error(&self) -> Option<String> {
        self.error("")
    }

    /// Whether the form was refused.
    pub fn is_refused(&self) -> bool {
        !self.errors.is_empty()
    }
}

fn find(pairs: &[(String, String)], name: &str) -> Option<String> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
}
