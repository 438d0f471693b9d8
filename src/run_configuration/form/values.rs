//! From the text of a control to a value, and back.

use serde_json::{Value, json};

use super::{Field, FieldKind};
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
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
        }
        (FieldKind::Yaml | FieldKind::Lines, _) => to_yaml(value).trim_end_matches('\n').to_owned(),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Null) => String::new(),
        (_, value) => value.to_string(),
    }
}

/// The text by which a choice is posted: the value itself, or its JSON where two options would have the same text.
pub fn option_to_form(options: &[Value], value: &Value) -> String {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
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
        FieldKind::Lines => Ok(json!(text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>())),
        FieldKind::Choice { options } => {
            let chosen = options.iter().find(|option| option_to_form(options, option) == text);
            chosen.cloned().ok_or_else(|| {
                let schema = json!({"enum": options});
                let expected = describe_schema(&Schema::new(&schema), &schema);
                Problem::error(field.path.clone(), format!("Expects {expected}, not {}.", describe_value(&json!(text))))
            })
        }
        FieldKind::Yaml => yaml(field, text),
    }
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
