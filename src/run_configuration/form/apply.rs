//! From a posted form to a run configuration.

use serde_json::{Map, Value, json};

use super::{Entry, Field, FieldKind, form_to_value, value_in, without_aside};
use crate::run_configuration::{
    edit::{put, remove, set},
    problem::Problem,
    request::{self, Request},
    value_path::ValuePath,
};

/// What an entry means for a value that is shown as `shown`.
enum Meaning {
    /// Nothing was changed.
    Untouched,
    /// The value of the snapshot.
    Reset,
    /// A value of its own.
    Value(Value),
}

fn meaning(field: &Field, entry: &Entry, shown: Option<&Value>) -> Result<Meaning, Problem> {
    let before = field.entry(shown);
    if field.is_unchanged(entry, shown) {
        return Ok(Meaning::Untouched);
    }
    let Some(value) = value_of(field, entry, &before, field.takes_empty_text())? else { return Ok(Meaning::Reset) };
    let value = in_order_of(shown.or(field.current.as_ref()), value, &field.kind);
    let current = field.current.as_ref();
    let is_none = |value: &Value| !field.kind.has_parts() && is_nothing(value);
    Ok(match current.is_some_and(|current| is_same(&field.kind, current, &value)) || current.is_none() && is_none(&value) {
        true => Meaning::Reset,
        false => Meaning::Value(value),
    })
}

/// The value that an entry says, where `before` was shown; none where it says that there is none.
///
/// # Errors
/// As for [`form_to_value`].
pub fn value_of(field: &Field, entry: &Entry, before: &Entry, takes_empty_text: bool) -> Result<Option<Value>, Problem> {
    let is_typed = without_aside(&entry.text) != without_aside(&before.text) && !entry.text.is_empty();
    if entry.is_null && field.nullable && !is_typed {
        return Ok(Some(Value::Null));
    }
    if entry.text.is_empty() && !takes_empty_text {
        return Ok(None);
    }
    form_to_value(field, &entry.text).map(Some)
}

/// What is chosen by checkboxes keeps the order and the repetitions that it had; what is new comes last.
fn in_order_of(before: Option<&Value>, chosen: Value, kind: &FieldKind) -> Value {
    let (FieldKind::Choices { .. }, Some(Value::Array(before)), Value::Array(chosen)) = (kind, before, &chosen) else { return chosen };
    let kept = before.iter().filter(|item| chosen.contains(item));
    kept.chain(chosen.iter().filter(|item| !before.contains(item))).cloned().collect()
}

/// Whether a typed value is the value of the snapshot; a number field takes 1 and 1.0 for one.
fn is_same(kind: &FieldKind, left: &Value, right: &Value) -> bool {
    left == right || *kind == FieldKind::Number && left.is_number() && right.is_number() && left.as_f64() == right.as_f64()
}

/// An empty list or mapping, where a control cannot tell it from none.
fn is_nothing(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty)
}

/// The sparse run configuration of a form that was filled in from the snapshot alone, and what could not be read.
///
/// Entries of paths that no field has are problems: a form for another snapshot must not lose what was typed in it.
pub fn read_entries(fields: &[Field], entries: &[(ValuePath, Entry)]) -> (Map<String, Value>, Vec<Problem>) {
    let mut configuration = Value::Object(Map::new());
    let mut problems = Vec::new();
    for (path, entry) in entries {
        let Some(field) = fields.iter().find(|field| field.path == *path) else {
            problems.push(no_such_field(path));
            continue;
        };
        match meaning(field, entry, None) {
            Ok(Meaning::Value(value)) => put(&mut configuration, path.segments(), value),
            Ok(Meaning::Untouched | Meaning::Reset) => {}
            Err(problem) => problems.push(problem),
        }
    }
    match configuration {
        Value::Object(configuration) => (configuration, problems),
        _ => (Map::new(), problems),
    }
}

/// The text of a run configuration with the entries of a form applied to it, and what could not be.
///
/// The form was filled in from this text and the snapshot. Fields that were not changed leave the text alone.
pub fn apply_to_text(text: &str, fields: &[Field], entries: &[(ValuePath, Entry)]) -> (String, Vec<Problem>) {
    let mut text = text.to_owned();
    let mut problems = Vec::new();
    for (path, entry) in entries {
        let Some(field) = fields.iter().find(|field| field.path == *path) else {
            problems.push(no_such_field(path));
            continue;
        };
        match apply_one(&text, field, entry) {
            Ok(Some(edited)) => text = edited,
            Ok(None) => {}
            Err(found) => problems.extend(found),
        }
    }
    (text, problems)
}

fn apply_one(text: &str, field: &Field, entry: &Entry) -> Result<Option<String>, Vec<Problem>> {
    let one = |problem: Problem| vec![problem];
    let request = request::read_text(text)?;
    let shown = value_in(&request.configuration, field);
    let place = request.place.join(&field.path);
    match meaning(field, entry, shown).map_err(one)? {
        Meaning::Untouched => Ok(None),
        Meaning::Reset if shown.is_none() => Ok(None),
        Meaning::Reset => with_needs(reset(text, &field.path).map_err(one)?, field).map(Some),
        Meaning::Value(value) => {
            let before = shown.or(field.current.as_ref());
            let edited = with_needs(set(text, &place, &value).map_err(one)?, field)?;
            let removes = field.current.as_ref().zip(before).is_some_and(|(own, before)| removes_a_key(own, before, &value));
            if removes { replace_whole(&edited, &request, &field.path).map(Some).map_err(one) } else { Ok(Some(edited)) }
        }
    }
}

/// A text in which the object of a field has what it is not taken without, or is not there where it would have nothing else.
fn with_needs(text: String, field: &Field) -> Result<String, Vec<Problem>> {
    let one = |problem: Problem| vec![problem];
    let Some(object) = field.path.parent().filter(|_| !field.needs.is_empty()) else { return Ok(text) };
    let request = request::read_text(&text)?;
    let Some(Value::Object(entries)) = object.get(&request.configuration) else { return Ok(text) };
    let is_need = |(key, value): (&String, &Value)| field.needs.iter().any(|(path, own)| *path == object.child(key) && own == value);
    if entries.iter().all(is_need) {
        return reset(&text, &object).map_err(one);
    }
    let mut missing = field.needs.iter().filter(|(path, _)| path.get(&request.configuration).is_none());
    missing.try_fold(text, |text, (path, value)| set(&text, &request.place.join(path), value).map_err(one))
}

/// Whether an edit of `before` to `after` took away a key that `own`, the value of the snapshot, has. Mappings merge key by
/// key, so that it would come back.
fn removes_a_key(own: &Value, before: &Value, after: &Value) -> bool {
    let (Value::Object(own), Value::Object(after)) = (own, after) else { return false };
    // What takes the place of another type takes that of all keys.
    let before = before.as_object().unwrap_or(own);
    before.iter().any(|(key, before)| match (own.get(key), after.get(key)) {
        (Some(_), None) => true,
        (Some(own), Some(after)) => removes_a_key(own, before, after),
        (None, _) => false,
    })
}

/// Says in a text that a value is to be taken whole.
fn replace_whole(text: &str, request: &Request, path: &ValuePath) -> Result<String, Problem> {
    if request.replace_paths.iter().any(|whole| path.starts_with(whole)) {
        return Ok(text.to_owned());
    }
    set_replace_paths(text, request.replace_paths.iter().chain([path]))
}

fn set_replace_paths<'a>(text: &str, paths: impl Iterator<Item = &'a ValuePath>) -> Result<String, Problem> {
    let paths: Vec<String> = paths.map(ValuePath::to_string).collect();
    let place = ValuePath::of([request::REPLACE_PATHS]);
    if paths.is_empty() { remove(text, &place) } else { set(text, &place, &json!(paths)) }
}

/// A text without a value, which then is the snapshot's again.
///
/// # Errors
/// As for [`remove`].
pub fn reset(text: &str, path: &ValuePath) -> Result<String, Problem> {
    let first = |problems: Vec<Problem>| problems.into_iter().next().unwrap_or_else(|| no_such_field(path));
    let request = request::read_text(text).map_err(first)?;
    let removed = remove(text, &request.place.join(path))?;
    if request.replace_paths.iter().any(|whole| whole.starts_with(path)) {
        return set_replace_paths(&removed, request.replace_paths.iter().filter(|whole| !whole.starts_with(path)));
    }
    Ok(removed)
}

fn no_such_field(path: &ValuePath) -> Problem {
    Problem::error(path.clone(), "The snapshot has no value of this name.").with_fix("Open the form of this snapshot again.")
}
