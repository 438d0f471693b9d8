//! What a view makes of a field: its words, its control, and its limits as schemas that values are checked against.

use serde_json::{Value, json};

use super::ViewField;
use crate::run_configuration::form::{Field, FieldKind, shows};

/// A field as a view shows it.
pub fn narrowed(mut field: Field, own: &ViewField, is_own: bool) -> Field {
    field.label = label(&field, own);
    field.about = Some(own.help.clone()).filter(|help| !help.is_empty());
    field.locked = own.locked;
    let has_many = matches!(field.kind, FieldKind::Choices { .. } | FieldKind::Lines | FieldKind::Numbers { .. } | FieldKind::Rows { .. });
    if own.locked && (has_many || field.kind.has_parts()) {
        // Nothing is chosen: it is shown as it is written.
        field.kind = FieldKind::Yaml;
    }
    if let Some(value) = own.start(is_own) {
        field.current = Some(value.clone());
        field.required = false;
    }
    if own.multiline && field.kind == FieldKind::Text {
        field.kind = FieldKind::MultilineText;
    }
    if let Some(allowed) = &own.allowed {
        let options = allowed.iter().filter(|value| !value.is_null()).cloned().collect();
        field.nullable &= allowed.contains(&Value::Null);
        field.kind = match field.kind {
            FieldKind::Choices { .. } => FieldKind::Choices { options },
            _ => FieldKind::Choice { options },
        };
        // The choices say what it takes.
        (field.takes, field.minimum, field.maximum) = (Some("a choice".to_owned()), None, None);
        return field;
    }
    if let Some(least) = &own.minimum {
        field.minimum = Some(format!("at least {least}"));
    }
    if let Some(most) = &own.maximum {
        field.maximum = Some(format!("at most {most}"));
    }
    if let Some(most) = own.max_length {
        field.maximum = Some(format!("at most {most} characters"));
    }
    if !shows(&field) {
        field.kind = FieldKind::Yaml;
    }
    field
}

/// What a field is called: by the owner, or else in the code.
pub fn label(field: &Field, own: &ViewField) -> String {
    if own.label.is_empty() { field.full_name() } else { own.label.clone() }
}

/// What can be limited in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    Range,
    Allowed,
    Length,
    Multiline,
}

/// Whether a field has something to limit; `field` is as the snapshot has it.
pub fn takes_limit(field: &Field, limit: Limit) -> bool {
    let kind = &field.kind;
    match limit {
        Limit::Range => matches!(kind, FieldKind::Integer | FieldKind::Number),
        Limit::Length | Limit::Multiline => matches!(kind, FieldKind::Text | FieldKind::MultilineText),
        Limit::Allowed => {
            let has_no_options = matches!(kind, FieldKind::Yaml | FieldKind::Rows { .. } | FieldKind::Lines | FieldKind::Numbers { .. });
            !has_no_options && !kind.has_parts()
        }
    }
}

/// The limits of a view as JSON Schemas, each with a type of its own: a value of another type is not within them, whatever
/// the code would make of it.
pub fn schemas(field: &Field, own: &ViewField) -> Vec<Value> {
    let mut schemas = Vec::new();
    if takes_limit(field, Limit::Range) && (own.minimum.is_some() || own.maximum.is_some()) {
        let mut schema = json!({"type": if field.kind == FieldKind::Integer { "integer" } else { "number" }});
        for (keyword, limit) in [("minimum", &own.minimum), ("maximum", &own.maximum)] {
            if let Some(limit) = limit {
                schema[keyword] = json!(limit);
            }
        }
        schemas.push(schema);
    }
    if let Some(most) = own.max_length.filter(|_| takes_limit(field, Limit::Length)) {
        schemas.push(json!({"type": "string", "maxLength": most}));
    }
    if let Some(allowed) = own.allowed.as_ref().filter(|_| takes_limit(field, Limit::Allowed)) {
        let is_list = matches!(field.kind, FieldKind::Choices { .. });
        schemas.push(if is_list { json!({"type": "array", "items": {"enum": allowed}}) } else { json!({"enum": allowed}) });
    }
    schemas
}
