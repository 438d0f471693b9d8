//! A text without what a form does not offer.

use serde_json::{Map, Value};

use super::Form;
use crate::run_configuration::{form, layers::leaves, request, value_path::ValuePath};

/// A text with only the values that a form offers, and the paths of those that were taken out. A text that cannot be read, or
/// not be edited there, stays as it is.
pub fn confined(form: &Form, text: &str) -> (String, Vec<ValuePath>) {
    let Ok(request) = request::read_text(text) else { return (text.to_owned(), Vec::new()) };
    let (mut kept, mut left_out) = (text.to_owned(), Vec::new());
    for (path, value) in leaves(&request.configuration) {
        // A mapping without entries, or null in the place of one, says nothing.
        let is_nothing = value.is_null() && path.segments().len() < 4 || value.as_object().is_some_and(Map::is_empty);
        if form.offers(&path) || is_nothing || is_fixed(form, &path, value) {
            continue;
        }
        if let Ok(text) = form::reset(&kept, &path) {
            kept = text;
            left_out.push(path);
        }
    }
    (kept, left_out)
}

/// Whether a value is the one that the view fixes there.
fn is_fixed(form: &Form, path: &ValuePath, value: &Value) -> bool {
    form.view.fields.iter().any(|own| own.locked && own.path == *path && own.value.as_ref() == Some(value))
}
