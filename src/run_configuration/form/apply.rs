//! From a posted form to a run configuration.

use serde_json::{Map, Value};

use super::{Entry, Field, FieldKind, form_to_value, value_in};
use crate::run_configuration::{
    document,
    edit::{put, remove, set},
    problem::Problem,
    request,
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
    if *entry == before {
        return Ok(Meaning::Untouched);
    }
    let is_typed = entry.text != before.text && !entry.text.is_empty();
    let value = if entry.is_null && field.nullable && !is_typed {
        Value::Null
    } else if entry.text.is_empty() && !field.kind.takes_empty_text() {
        return Ok(Meaning::Reset);
    } else {
        form_to_value(field, &entry.text)?
    };
    let current = field.current.as_ref();
    Ok(match current.is_some_and(|current| is_same(&field.kind, current, &value)) || current.is_none() && is_empty_list(&value) {
        true => Meaning::Reset,
        false => Meaning::Value(value),
    })
}

/// Whether a typed value is the value of the snapshot; a number field takes 1 and 1.0 for one.
fn is_same(kind: &FieldKind, left: &Value, right: &Value) -> bool {
    left == right || *kind == FieldKind::Number && left.is_number() && right.is_number() && left.as_f64() == right.as_f64()
}

fn is_empty_list(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
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
    let request = request::read(&document::read(text)?.value)?;
    let shown = value_in(&request.configuration, field);
    let place = request.place.join(&field.path);
    match meaning(field, entry, shown).map_err(one)? {
        Meaning::Untouched => Ok(None),
        Meaning::Reset if shown.is_none() => Ok(None),
        Meaning::Reset => remove(text, &place).map(Some).map_err(one),
        Meaning::Value(value) => set(text, &place, &value).map(Some).map_err(one),
    }
}

fn no_such_field(path: &ValuePath) -> Problem {
    Problem::error(path.clone(), "The snapshot has no value of this name.").with_fix("Open the form of this snapshot again.")
}
