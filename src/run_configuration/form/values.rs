//! From the text of a control to a value, and back.

use serde_json::{Map, Value, json};

use super::{
    Field, FieldKind, Parts, Scalar, join_rows,
    nested::{parts_of, value_of_parts},
    split_rows,
};
use crate::run_configuration::{
    document,
    emit::to_yaml,
    json_schema::{Schema, describe_schema, describe_value},
    problem::Problem,
};

/// The text that the control of a field shows for a value.
pub fn value_to_form(field: &Field, value: &Value) -> String {
    match (&field.kind, value) {
        (FieldKind::Choice { options }, _) => option_to_form(options, value),
        (FieldKind::Lines, Value::Array(items)) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).map(line_of_text).collect::<Vec<_>>().join("\n")
        }
        (FieldKind::Choices { options }, Value::Array(items)) => {
            // As checkboxes are sent: in their order, each once.
            let chosen = options.iter().filter(|option| items.contains(option));
            chosen.map(|option| option_to_form(options, option)).collect::<Vec<_>>().join("\n")
        }
        (FieldKind::Numbers { .. }, Value::Array(items)) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        (FieldKind::Rows { .. }, Value::Object(map)) => {
            join_rows(&map.iter().map(|(key, value)| (key.clone(), plain(value))).collect::<Vec<_>>())
        }
        (kind @ (FieldKind::Union { .. } | FieldKind::Cards { .. } | FieldKind::Model { .. }), _) => {
            parts_of(kind, value).map(|parts| parts.write()).unwrap_or_default()
        }
        (FieldKind::Yaml | FieldKind::Lines, _) => to_yaml(value).trim_end_matches('\n').to_owned(),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Null) => String::new(),
        (_, value) => value.to_string(),
    }
}

/// An item of a list of texts on its line: in double quotes where the line alone would be read as another text.
fn line_of_text(text: &str) -> String {
    let is_plain = !text.is_empty() && text.trim() == text && !text.contains(['\n', '\r']) && !text.starts_with('"');
    if is_plain { text.to_owned() } else { json!(text).to_string() }
}

fn text_of_line(line: &str) -> Value {
    let quoted = line.starts_with('"').then(|| serde_json::from_str(line).ok()).flatten();
    quoted.unwrap_or_else(|| json!(line))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The text by which a choice is posted: the value itself, or its JSON where two options would have the same text.
pub fn option_to_form(options: &[Value], value: &Value) -> String {
    let is_clear = options.iter().filter(|option| plain(option) == plain(value)).count() < 2;
    if is_clear { plain(value) } else { value.to_string() }
}

/// The value that a typed text means in a field.
///
/// Whether it fits (limits, lengths) is left to [`crate::run_configuration::validate`], which sees the whole configuration.
///
/// # Errors
/// The text cannot be read as the kind of the field.
pub fn form_to_value(field: &Field, text: &str) -> Result<Value, Problem> {
    match &field.kind {
        FieldKind::Text | FieldKind::MultilineText => Ok(json!(text)),
        FieldKind::Date | FieldKind::DateTime => Ok(json!(text.trim())),
        FieldKind::Integer => scalar(field, text, "integer"),
        FieldKind::Number => scalar(field, text, "number"),
        FieldKind::Boolean => scalar(field, text, "boolean"),
        FieldKind::Lines => Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(text_of_line).collect()),
        FieldKind::Choice { options } => choice(field, options, text),
        FieldKind::Choices { options } => {
            text.lines().filter(|line| !line.is_empty()).map(|line| choice(field, options, line)).collect::<Result<Value, _>>()
        }
        FieldKind::Numbers { whole } => {
            let text = text.trim().trim_start_matches('[').trim_end_matches(']');
            let items = text.split(|character: char| character == ',' || character.is_whitespace()).filter(|item| !item.is_empty());
            items.map(|item| scalar(field, item, if *whole { "integer" } else { "number" })).collect()
        }
        FieldKind::Rows { values } => rows(field, *values, text),
        FieldKind::Union { .. } | FieldKind::Cards { .. } | FieldKind::Model { .. } => {
            value_of_parts(field, &Parts::read(text).unwrap_or_default())
        }
        FieldKind::Yaml => yaml(field, text),
    }
}

fn choice(field: &Field, options: &[Value], text: &str) -> Result<Value, Problem> {
    let chosen = options.iter().find(|option| option_to_form(options, option) == text);
    chosen.cloned().ok_or_else(|| {
        let schema = json!({"enum": options});
        let expected = describe_schema(&Schema::new(&schema), &schema);
        Problem::error(field.path.clone(), format!("Expects {expected}, not {}.", describe_value(&json!(text))))
    })
}

fn rows(field: &Field, values: Scalar, text: &str) -> Result<Value, Problem> {
    let mut map = Map::new();
    for (key, typed) in split_rows(text) {
        let value = match values {
            Scalar::Text => json!(typed),
            Scalar::Integer => scalar(field, &typed, "integer")?,
            Scalar::Number => scalar(field, &typed, "number")?,
            Scalar::Boolean => scalar(field, &typed, "boolean")?,
        };
        if map.insert(key.clone(), value).is_some() {
            let problem = Problem::error(field.path.clone(), format!("The key {key:?} is there twice."));
            return Err(problem.with_fix("Give each row a key of its own."));
        }
    }
    Ok(Value::Object(map))
}

/// Numbers and truth values. What JSON cannot hold exactly stays text, which pydantic reads as the number it is.
fn scalar(field: &Field, text: &str, name: &str) -> Result<Value, Problem> {
    let typed = text.trim();
    let as_yaml = document::read(typed).ok().filter(|document| document.warnings.is_empty()).map(|document| document.value);
    let value = as_yaml.filter(|value| value.is_number() || value.is_boolean()).unwrap_or_else(|| json!(typed));
    let schema = json!({"type": name});
    let mut checked = Schema::new(&schema).check(&value, &schema, &field.path);
    match checked.problems.is_empty() {
        true => {
            let inexact = name == "number" && value.is_string() && document::read(typed).is_ok_and(|document| document.value.is_number());
            Ok(if inexact { value } else { checked.value })
        }
        false => Err(checked.problems.swap_remove(0)),
    }
}

/// One value in YAML, with the line of a problem counted within the field.
fn yaml(field: &Field, text: &str) -> Result<Value, Problem> {
    document::read(text).map(|document| document.value).map_err(|problems| {
        let problem = problems.into_iter().find(Problem::is_error);
        let problem = problem.unwrap_or_else(|| Problem::error(field.path.clone(), "This is not valid YAML."));
        Problem { path: field.path.join(&problem.path), ..problem }
    })
}
