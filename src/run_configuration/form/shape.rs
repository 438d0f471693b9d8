//! What a JSON Schema says about the control of a value without parts of its own.

use std::{collections::HashSet, ptr};

use serde_json::Value;

use super::{FieldKind, Scalar};
use crate::run_configuration::json_schema::Schema;

/// Schemas in schemas that say the same value are looked into as deep as this; some lead back to themselves.
const MOST_WRAPPED: usize = 8;
/// A list of more different values is not shown as checkboxes.
const MOST_CHECKBOXES: usize = 24;

/// What a schema says about the control.
#[derive(Default)]
pub struct Shape {
    pub kind: Option<FieldKind>,
    pub nullable: bool,
    /// The schema of the value when it is not null.
    pub keywords: Option<Value>,
}

impl Shape {
    /// The schema of a model: an object with named fields and no others, and never null.
    pub fn model(&self) -> Option<&Value> {
        self.keywords.as_ref().filter(|schema| !self.nullable && is_model(schema))
    }

    pub fn of(schema: &Schema, property: &Value) -> Self {
        Self::within(schema, property, MOST_WRAPPED)
    }

    fn within(schema: &Schema, property: &Value, left: usize) -> Self {
        let property = schema.resolve(property);
        let Some(left) = left.checked_sub(1) else { return Self { kind: Some(FieldKind::Yaml), nullable: true, keywords: None } };
        if let Some([one]) = property.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
            return Self::within(schema, one, left);
        }
        let Some(branches) = property.get("anyOf").or(property.get("oneOf")).and_then(Value::as_array) else {
            let is_any = property.get("type").is_none() && property.get("enum").is_none() && property.get("const").is_none();
            return Self {
                kind: Some(kind_of_schema(schema, property)),
                nullable: is_null(property) || is_any,
                keywords: Some(property.clone()),
            };
        };
        let branches: Vec<&Value> = branches.iter().map(|branch| schema.resolve(branch)).collect();
        let nullable = branches.iter().any(|branch| is_null(branch));
        let others: Vec<&Value> = branches.into_iter().filter(|branch| !is_null(branch)).collect();
        match others[..] {
            [one] => Self { nullable: nullable || is_null(one), ..Self::within(schema, one, left) },
            [number, text] if is_decimal(number, text) => Self { kind: Some(FieldKind::Number), nullable, keywords: Some(number.clone()) },
            _ => Self { kind: Some(FieldKind::Yaml), nullable, keywords: None },
        }
    }
}

/// A number, or a text of one: so decimals are written.
pub fn is_decimal(number: &Value, text: &Value) -> bool {
    has_type(number, "number") && has_type(text, "string") && text.get("pattern").is_some()
}

/// Whether a schema has a password in it, at any depth.
pub fn has_password(schema: &Schema, property: &Value) -> bool {
    fn look<'a>(schema: &Schema<'a>, property: &'a Value, seen: &mut HashSet<*const Value>) -> bool {
        let property = schema.resolve(property);
        if !seen.insert(ptr::from_ref(property)) {
            return false;
        }
        match property {
            Value::Object(keywords) => {
                let has_one = |(key, value): (&String, &'a Value)| match (key.as_str(), value) {
                    ("default" | "examples" | "const" | "enum" | "$defs", _) => false,
                    // Here keys are names, which may be those of keywords.
                    ("properties", Value::Object(properties)) => properties.values().any(|property| look(schema, property, seen)),
                    (_, value) => look(schema, value, seen),
                };
                keywords.get("format").and_then(Value::as_str) == Some("password") || keywords.iter().any(has_one)
            }
            Value::Array(parts) => parts.iter().any(|part| look(schema, part, seen)),
            _ => false,
        }
    }
    look(schema, property, &mut HashSet::new())
}

/// An object with named fields and no others.
pub fn is_model(schema: &Value) -> bool {
    let is_closed = matches!(schema.get("additionalProperties"), None | Some(Value::Bool(false)));
    has_type(schema, "object") && is_closed && schema.get("properties").is_some()
}

pub fn has_type(schema: &Value, name: &str) -> bool {
    schema.get("type").and_then(Value::as_str) == Some(name)
}

pub fn is_null(schema: &Value) -> bool {
    has_type(schema, "null")
}

fn kind_of_schema(schema: &Schema, property: &Value) -> FieldKind {
    if let Some(options) = property.get("enum").and_then(Value::as_array) {
        return FieldKind::Choice { options: options.clone() };
    }
    if let Some(option) = property.get("const") {
        return FieldKind::Choice { options: vec![option.clone()] };
    }
    match (property.get("type").and_then(Value::as_str), property.get("format").and_then(Value::as_str)) {
        (Some("boolean"), _) => FieldKind::Boolean,
        (Some("integer"), _) => FieldKind::Integer,
        (Some("number"), _) => FieldKind::Number,
        (Some("string"), Some("date")) => FieldKind::Date,
        (Some("string"), Some("date-time")) => FieldKind::DateTime,
        (Some("string"), _) => FieldKind::Text,
        (Some("array"), _) if property.get("prefixItems").is_none() => {
            property.get("items").and_then(|item| kind_of_list(schema.resolve(item))).unwrap_or(FieldKind::Yaml)
        }
        (Some("object"), _) if property.get("properties").is_none() => {
            let values = property.get("additionalProperties").and_then(|value| scalar_of(schema.resolve(value)));
            values.map_or(FieldKind::Yaml, |values| FieldKind::Rows { values })
        }
        _ => FieldKind::Yaml,
    }
}

fn kind_of_list(item: &Value) -> Option<FieldKind> {
    if let Some(options) = item.get("enum").and_then(Value::as_array) {
        return (options.len() <= MOST_CHECKBOXES).then(|| FieldKind::Choices { options: options.clone() });
    }
    match scalar_of(item)? {
        Scalar::Text => Some(FieldKind::Lines),
        Scalar::Integer => Some(FieldKind::Numbers { whole: true }),
        Scalar::Number => Some(FieldKind::Numbers { whole: false }),
        Scalar::Boolean => None,
    }
}

fn scalar_of(schema: &Value) -> Option<Scalar> {
    match schema.get("type").and_then(Value::as_str).filter(|_| schema.get("enum").is_none() && schema.get("const").is_none())? {
        "string" => Some(Scalar::Text),
        "integer" => Some(Scalar::Integer),
        "number" => Some(Scalar::Number),
        "boolean" => Some(Scalar::Boolean),
        _ => None,
    }
}
