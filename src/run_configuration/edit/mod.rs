//! Changing one value in a YAML text and leaving every other line as it is.
//!
//! The new text is made by replacing the bytes of one value, or by adding or removing the lines of one entry; comments, order, quotes and
//! notation elsewhere stay. Every edit is read back: it either says exactly what it should, or it is refused.

mod patch;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use super::{document, problem::Problem, value_path::ValuePath};

/// Sets the value at `path`, adding the mappings that lead to it.
///
/// Setting a mapping or a list where there is one changes only the entries that differ. Setting what is already there changes nothing.
///
/// # Errors
/// The first problem of a text that cannot be read, or one that says that the value cannot be edited in this notation.
pub fn set(text: &str, path: &ValuePath, value: &Value) -> Result<String, Problem> {
    let current = read(text)?;
    match (value_at(&current, path), value) {
        (Some(Value::Object(old)), Value::Object(new)) if !old.is_empty() && !new.is_empty() => return set_entries(text, path, old, new),
        (Some(Value::Array(old)), Value::Array(new)) if !old.is_empty() && !new.is_empty() => return set_items(text, path, old.len(), new),
        _ => {}
    }
    if value_at(&current, path) == Some(value) {
        return Ok(text.to_owned());
    }
    let mut expected = current;
    put(&mut expected, path.segments(), value.clone());
    let edited = patch::set(text, path, &expected)?;
    confirm(edited, &expected, path)
}

/// Removes the entry at `path`, and the mappings that become empty by it. Nothing happens if there is no such entry.
///
/// # Errors
/// As for [`set`].
pub fn remove(text: &str, path: &ValuePath) -> Result<String, Problem> {
    let current = read(text)?;
    if path.is_root() || value_at(&current, path).is_none() {
        return Ok(text.to_owned());
    }
    let mut target = path.clone();
    while let Some(parent) = target.parent().filter(|parent| !parent.is_root()) {
        match value_at(&current, &parent) {
            Some(Value::Object(map)) if map.len() == 1 => target = parent,
            _ => break,
        }
    }
    remove_exactly(text, &target)
}

fn set_entries(text: &str, path: &ValuePath, old: &Map<String, Value>, new: &Map<String, Value>) -> Result<String, Problem> {
    let mut edited = text.to_owned();
    for (key, value) in new {
        edited = set(&edited, &path.child(key), value)?;
    }
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        edited = remove_exactly(&edited, &path.child(key))?;
    }
    Ok(edited)
}

fn set_items(text: &str, path: &ValuePath, old_length: usize, new: &[Value]) -> Result<String, Problem> {
    let mut edited = text.to_owned();
    for (position, value) in new.iter().enumerate() {
        edited = set(&edited, &path.child(position.to_string()), value)?;
    }
    for position in (new.len()..old_length).rev() {
        edited = remove_exactly(&edited, &path.child(position.to_string()))?;
    }
    Ok(edited)
}

/// Removes one entry or item and nothing around it.
fn remove_exactly(text: &str, path: &ValuePath) -> Result<String, Problem> {
    let mut expected = read(text)?;
    take(&mut expected, path.segments());
    confirm(patch::remove(text, path, &expected)?, &expected, path)
}

fn read(text: &str) -> Result<Value, Problem> {
    let first = |problems: Vec<Problem>| problems.into_iter().find(Problem::is_error);
    match document::read(text) {
        Ok(document) => Ok(document.value),
        Err(problems) => Err(first(problems).unwrap_or_else(|| cannot_edit(&ValuePath::root()))),
    }
}

fn confirm(edited: String, expected: &Value, path: &ValuePath) -> Result<String, Problem> {
    let is_nothing = |value: &Value| value.is_null() || value.as_object().is_some_and(Map::is_empty);
    match read(&edited) {
        Ok(value) if value == *expected || is_nothing(&value) && is_nothing(expected) => Ok(edited),
        _ => Err(cannot_edit(path)),
    }
}

fn cannot_edit(path: &ValuePath) -> Problem {
    Problem::error(path.clone(), "This value cannot be changed from here, because of the way it is written in the text.")
        .with_fix("Change it in the text.")
}

/// The value at a path; the root is a path too.
pub fn value_at<'value>(document: &'value Value, path: &ValuePath) -> Option<&'value Value> {
    path.segments().iter().try_fold(document, |value, segment| match value {
        Value::Object(map) => map.get(segment),
        Value::Array(items) => items.get(segment.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Sets a value in a document; what is neither a mapping nor a list with such a position on the way becomes a mapping.
pub fn put(document: &mut Value, segments: &[String], value: Value) {
    let Some((first, rest)) = segments.split_first() else {
        *document = value;
        return;
    };
    if let Value::Array(items) = document
        && let Ok(position) = first.parse::<usize>()
        && position <= items.len()
    {
        if position == items.len() {
            items.push(Value::Null);
        }
        return put(&mut items[position], rest, value);
    }
    if !document.is_object() {
        *document = Value::Object(Map::new());
    }
    if let Value::Object(map) = document {
        put(map.entry(first).or_insert(Value::Null), rest, value);
    }
}

fn take(document: &mut Value, segments: &[String]) -> Option<Value> {
    let (first, rest) = segments.split_first()?;
    match document {
        Value::Object(map) if rest.is_empty() => map.shift_remove(first),
        Value::Object(map) => take(map.get_mut(first)?, rest),
        Value::Array(items) => {
            let position = first.parse::<usize>().ok().filter(|position| *position < items.len())?;
            if rest.is_empty() { Some(items.remove(position)) } else { take(&mut items[position], rest) }
        }
        _ => None,
    }
}
