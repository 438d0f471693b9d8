//! Commands on a whole text: write out what is missing, clear what is not known.

use serde_json::Value;

use super::spot::{Spot, spot};
use crate::run_configuration::{
    edit,
    request::{self, Request},
    snapshot::Snapshot,
    value_path::ValuePath,
};

/// Keys with rules of their own: where they may not stand, their problem names a way that is better than to lose them.
const KEPT: [&str; 8] = ["steps", "settings", "parameters", "build", "schedule", "name", "step_run", "replace_paths"];

/// A text with every value that is required and that neither the text nor the snapshot has: the first of its choices, or null, to be filled in.
pub fn with_required(snapshot: &Snapshot, text: &str) -> String {
    let Some(request) = read(text) else { return text.to_owned() };
    let mut missing = Vec::new();
    if let Some(whole) = spot(snapshot, &ValuePath::root()) {
        let configuration = Value::Object(request.configuration);
        find_missing(snapshot, &whole, Some(&configuration), &ValuePath::root(), &mut missing);
    }
    missing.into_iter().fold(text.to_owned(), |text, (path, value)| edit::set(&text, &request.place.join(&path), &value).unwrap_or(text))
}

fn find_missing<'a>(snapshot: &'a Snapshot, at: &Spot<'a>, value: Option<&Value>, path: &ValuePath, missing: &mut Vec<(ValuePath, Value)>) {
    for entry in at.entries(snapshot) {
        let (below, found) = (path.child(&entry.name), value.and_then(|value| value.get(&entry.name)));
        if found.is_none() && entry.required {
            missing.push((below, entry.options().into_iter().next().unwrap_or(Value::Null)));
        } else if found.is_some_and(Value::is_object) || found.is_none() && entry.is_frame() {
            find_missing(snapshot, &entry, found, &below, missing);
        }
    }
}

/// A text without the keys that nothing knows, and the paths of those.
pub fn without_unknown(snapshot: &Snapshot, text: &str) -> (String, Vec<ValuePath>) {
    let Some(request) = read(text) else { return (text.to_owned(), Vec::new()) };
    let mut unknown = Vec::new();
    if let Some(whole) = spot(snapshot, &ValuePath::root()) {
        find_unknown(snapshot, &whole, &Value::Object(request.configuration), &ValuePath::root(), &mut unknown);
    }
    let mut text = text.to_owned();
    unknown.retain(|path| match edit::remove(&text, &request.place.join(path)) {
        Ok(edited) => {
            text = edited;
            true
        }
        Err(_) => false,
    });
    (text, unknown)
}

fn find_unknown<'a>(snapshot: &'a Snapshot, at: &Spot<'a>, value: &Value, path: &ValuePath, unknown: &mut Vec<ValuePath>) {
    let entries = at.entries(snapshot);
    for (key, value) in value.as_object().into_iter().flatten() {
        let below = path.child(key);
        match entries.iter().find(|entry| entry.name == *key) {
            Some(entry) => find_unknown(snapshot, entry, value, &below, unknown),
            None if at.is_closed() && !(path.segments().len() <= 2 && KEPT.contains(&key.as_str())) => unknown.push(below),
            None => {}
        }
    }
}

fn read(text: &str) -> Option<Request> {
    request::read_text(text).ok()
}
