//! The fields of a snapshot's form.

use serde_json::{Map, Value, json};

use super::{Field, FieldKind, form_to_value, value_to_form};
use crate::run_configuration::{json_schema::Schema, keys::run_key, snapshot::Snapshot, value_path::ValuePath};

/// Longer texts get a control of several lines.
const LONG_TEXT: u64 = 120;

/// All fields: parameters of the pipeline if it is dynamic, parameters of the steps in their order, then the name, cache and tags of the run.
pub fn fields(snapshot: &Snapshot) -> Vec<Field> {
    let mut fields = Vec::new();
    let none = Map::new();
    if snapshot.is_dynamic {
        let parameters = snapshot.parameters().unwrap_or(&none);
        let schema = snapshot.pipeline_parameter_schema.as_ref();
        fields.extend(parameter_fields(parameters, schema, &ValuePath::of(["parameters"]), None));
    }
    for step in &snapshot.steps {
        let path = ValuePath::of(["steps", &step.name, "parameters"]);
        fields.extend(parameter_fields(step.parameters().unwrap_or(&none), step.parameter_schema(), &path, Some(&step.name)));
    }
    fields.extend(run_option_fields(snapshot));
    fields
}

fn run_option_fields(snapshot: &Snapshot) -> Vec<Field> {
    let stored = |key: &str| snapshot.pipeline_configuration.get(key).filter(|value| !value.is_null()).cloned();
    let tags = stored("tags");
    let tag_kind = if tags.as_ref().is_none_or(is_lines) { FieldKind::Lines } else { FieldKind::Yaml };
    let option = |name: &str, label: &str, kind: FieldKind, current: Option<Value>| Field {
        path: ValuePath::of([name]),
        step: None,
        name: name.to_owned(),
        label: label.to_owned(),
        kind,
        required: false,
        nullable: false,
        default: None,
        current,
        description: run_key(name).map(|key| key.description.to_owned()),
        format: None,
        minimum: None,
        maximum: None,
    };
    vec![
        option("run_name", "Run name", FieldKind::Text, Some(json!(snapshot.run_name_template))),
        option("enable_cache", "Use cache", FieldKind::Boolean, stored("enable_cache")),
        option("tags", "Tags", tag_kind, tags),
    ]
}

/// The parameters that a schema defines, in its order, and then those that only have a value.
fn parameter_fields(parameters: &Map<String, Value>, schema: Option<&Value>, path: &ValuePath, step: Option<&String>) -> Vec<Field> {
    let none = Map::new();
    let properties = schema.and_then(|schema| schema.get("properties")).and_then(Value::as_object).unwrap_or(&none);
    // A step takes exactly the parameters it has values for; a dynamic pipeline also those with a default.
    let defined = properties.keys().filter(|name| step.is_none() || parameters.contains_key(*name));
    let others = parameters.keys().filter(|name| !properties.contains_key(*name));
    let root = schema.unwrap_or(&Value::Null);
    defined.chain(others).map(|name| parameter_field(name, parameters.get(name), properties.get(name), root, path, step)).collect()
}

fn parameter_field(
    name: &str,
    current: Option<&Value>,
    property: Option<&Value>,
    root: &Value,
    path: &ValuePath,
    step: Option<&String>,
) -> Field {
    let schema = Schema::new(root);
    let shape = property.map(|property| Shape::of(&schema, property)).unwrap_or_default();
    let keywords = shape.keywords.as_ref();
    let text = |key: &str| property.and_then(|property| property.get(key)).or(keywords?.get(key))?.as_str().map(str::to_owned);
    let default = property.and_then(|property| property.get("default")).cloned();
    let title = property.and_then(|property| property.get("title")).and_then(Value::as_str);
    let is_required = root.get("required").and_then(Value::as_array).is_some_and(|names| names.iter().any(|required| required == name));
    let mut field = Field {
        path: path.child(name),
        step: step.cloned(),
        name: name.to_owned(),
        label: title.map_or_else(|| name.replace('_', " "), str::to_owned),
        kind: shape.kind.clone().unwrap_or_else(|| kind_of_value(current)),
        required: current.is_none() && default.is_none() && is_required,
        nullable: shape.nullable,
        current: current.or(default.as_ref()).cloned(),
        default,
        description: text("description"),
        format: text("format"),
        minimum: limit(keywords, [("minimum", "at least"), ("exclusiveMinimum", "more than"), ("minLength", "at least")]),
        maximum: limit(keywords, [("maximum", "at most"), ("exclusiveMaximum", "less than"), ("maxLength", "at most")]),
    };
    if field.kind == FieldKind::Text && is_long(keywords, &[field.current.as_ref(), field.default.as_ref()]) {
        field.kind = FieldKind::MultilineText;
    }
    if !shows(&field) {
        field.kind = FieldKind::Yaml;
    }
    field
}

/// Whether the control can hold the value of the snapshot and give it back.
fn shows(field: &Field) -> bool {
    match &field.current {
        None => true,
        Some(Value::Null) if field.nullable => true,
        Some(value) => form_to_value(field, &value_to_form(field, value)).is_ok_and(|read| read == *value),
    }
}

fn is_long(keywords: Option<&Value>, values: &[Option<&Value>]) -> bool {
    let limit = keywords.and_then(|keywords| keywords.get("maxLength")).and_then(Value::as_u64);
    let has_lines = |value: &&Value| value.as_str().is_some_and(|text| text.contains('\n'));
    limit.is_some_and(|limit| limit > LONG_TEXT) || values.iter().flatten().any(has_lines)
}

fn limit(keywords: Option<&Value>, words: [(&str, &str); 3]) -> Option<String> {
    let found = words.into_iter().find_map(|(keyword, words)| Some((keyword, words, keywords?.get(keyword)?)));
    found.map(|(keyword, words, limit)| format!("{words} {limit}{}", if keyword.ends_with("Length") { " characters" } else { "" }))
}

/// What a schema says about the control.
#[derive(Default)]
struct Shape {
    kind: Option<FieldKind>,
    nullable: bool,
    /// The schema of the value when it is not null.
    keywords: Option<Value>,
}

impl Shape {
    fn of(schema: &Schema, property: &Value) -> Self {
        let property = schema.resolve(property);
        if let Some([one]) = property.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
            return Self::of(schema, one);
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
            [one] => Self { nullable: nullable || is_null(one), ..Self::of(schema, one) },
            // Decimals are written as a number or a text of one.
            [number, text] if has_type(number, "number") && has_type(text, "string") && text.get("pattern").is_some() => {
                Self { kind: Some(FieldKind::Number), nullable, keywords: Some(number.clone()) }
            }
            _ => Self { kind: Some(FieldKind::Yaml), nullable, keywords: None },
        }
    }
}

fn has_type(schema: &Value, name: &str) -> bool {
    schema.get("type").and_then(Value::as_str) == Some(name)
}

fn is_null(schema: &Value) -> bool {
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
        (Some("array"), _) => {
            let is_plain = |item: &Value| has_type(schema.resolve(item), "string") && schema.resolve(item).get("enum").is_none();
            if property.get("prefixItems").is_none() && property.get("items").is_some_and(is_plain) {
                FieldKind::Lines
            } else {
                FieldKind::Yaml
            }
        }
        _ => FieldKind::Yaml,
    }
}

/// Without a schema, the value of the snapshot is all there is to go by; it may well be of another type next time, so numbers stay open.
fn kind_of_value(current: Option<&Value>) -> FieldKind {
    match current {
        Some(Value::Bool(_)) => FieldKind::Boolean,
        Some(Value::Number(_)) => FieldKind::Number,
        Some(Value::String(text)) if text.contains('\n') => FieldKind::MultilineText,
        Some(Value::String(_)) => FieldKind::Text,
        _ => FieldKind::Yaml,
    }
}

fn is_lines(value: &Value) -> bool {
    value.as_array().is_some_and(|items| items.iter().all(Value::is_string))
}
