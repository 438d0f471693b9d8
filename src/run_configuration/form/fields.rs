//! The fields of a snapshot's form.

use serde_json::{Map, Value};

use super::{Field, FieldKind, Scalar, Section, form_to_value, options, value_to_form};
use crate::run_configuration::{
    json_schema::{Schema, describe_schema},
    snapshot::{Snapshot, Step},
    value_path::ValuePath,
};

/// Longer texts get a control of several lines.
const LONG_TEXT: u64 = 120;
/// Models in models deeper than this are one field, written as YAML.
const MOST_MODELS: usize = 4;
/// A list of more different values is not shown as checkboxes.
const MOST_CHECKBOXES: usize = 24;

/// The fields that are shown: those of the snapshot's form view where one is in force, else all but the options of steps that
/// have none set and that nobody asked for.
pub fn fields(snapshot: &Snapshot) -> Vec<Field> {
    let mut fields = typable_fields(snapshot);
    if snapshot.form.is_none() {
        let hidden = steps_without_options(snapshot);
        fields.retain(|field| field.section() != Section::Resources || field.step.as_ref().is_none_or(|step| !hidden.contains(step)));
    }
    fields
}

/// The fields that may be typed in: those of the form view in force, else all.
pub fn typable_fields(snapshot: &Snapshot) -> Vec<Field> {
    snapshot.form.as_ref().map_or_else(|| all_fields(snapshot), |form| form.fields(snapshot))
}

/// The steps whose options are not shown: the snapshot sets none, and nobody asked for them.
pub fn steps_without_options(snapshot: &Snapshot) -> Vec<String> {
    let is_set = |step: &Step| options::of_step(snapshot, step).iter().any(|field| field.current.is_some());
    let hidden = snapshot.steps.iter().filter(|step| !snapshot.step_options.contains(&step.name) && !is_set(step));
    hidden.map(|step| step.name.clone()).collect()
}

/// All fields: parameters of the pipeline if it is dynamic, parameters of the steps in their order, options of the run, what it
/// and its steps ask of machines, and the rest of a run configuration.
pub fn all_fields(snapshot: &Snapshot) -> Vec<Field> {
    let mut fields = Vec::new();
    let none = Map::new();
    if snapshot.is_dynamic {
        let schema = snapshot.pipeline_parameter_schema.as_ref().unwrap_or(&Value::Null);
        let place = Place { root: schema, path: ValuePath::of(["parameters"]), step: None, models: Vec::new() };
        fields.extend(place.fields(snapshot.parameters().unwrap_or(&none), schema));
    }
    for step in &snapshot.steps {
        let schema = step.parameter_schema().unwrap_or(&Value::Null);
        let path = ValuePath::of(["steps", &step.name, "parameters"]);
        let place = Place { root: schema, path, step: Some(&step.name), models: Vec::new() };
        fields.extend(place.fields(step.parameters().unwrap_or(&none), schema));
    }
    fields.extend(options::of_run(snapshot));
    fields.extend(snapshot.steps.iter().flat_map(|step| options::of_step(snapshot, step)));
    fields.extend(options::rest_of_run(snapshot));
    fields
}

/// Where fields come from: the parameters of a step or pipeline, or the fields of a model in them.
struct Place<'a> {
    /// The schema document that references start from.
    root: &'a Value,
    path: ValuePath,
    step: Option<&'a String>,
    models: Vec<String>,
}

impl Place<'_> {
    /// The fields that a schema defines, in its order, and then those that only have a value.
    fn fields(&self, values: &Map<String, Value>, schema: &Value) -> Vec<Field> {
        let none = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
        // A step takes exactly the parameters it has values for; a dynamic pipeline and a model also those with a default.
        let takes_all = self.step.is_none() || !self.models.is_empty();
        let defined = properties.keys().filter(|name| takes_all || values.contains_key(*name));
        let others = values.keys().filter(|name| !properties.contains_key(*name));
        defined.chain(others).flat_map(|name| self.field(name, values.get(name), properties.get(name), schema)).collect()
    }

    /// A field; of a model that is always there, the fields in it.
    fn field(&self, name: &str, stored: Option<&Value>, property: Option<&Value>, parent: &Value) -> Vec<Field> {
        let schema = Schema::new(self.root);
        let shape = property.map(|property| Shape::of(&schema, property)).unwrap_or_default();
        let default = property.and_then(|property| property.get("default"));
        let current = stored.or(default);
        if let (Some(model), Some(Value::Object(values))) = (shape.model(), current)
            && self.models.len() < MOST_MODELS
        {
            let models = [&self.models[..], &[name.to_owned()]].concat();
            let fields = Place { root: self.root, path: self.path.child(name), step: self.step, models }.fields(values, model);
            if !fields.is_empty() {
                return fields;
            }
        }
        let keywords = shape.keywords.as_ref();
        let text = |key: &str| property.and_then(|property| property.get(key)).or(keywords?.get(key))?.as_str().map(str::to_owned);
        let title = property.and_then(|property| property.get("title")).and_then(Value::as_str);
        let is_required =
            parent.get("required").and_then(Value::as_array).is_some_and(|names| names.iter().any(|required| required == name));
        let mut field = Field {
            path: self.path.child(name),
            step: self.step.cloned(),
            models: self.models.clone(),
            name: name.to_owned(),
            label: title.map_or_else(|| name.replace('_', " "), str::to_owned),
            kind: shape.kind.clone().unwrap_or_else(|| kind_of_value(stored)),
            takes: property.map(|property| describe_schema(&schema, property)),
            required: current.is_none() && is_required,
            nullable: shape.nullable,
            current: current.cloned(),
            default: default.cloned(),
            description: text("description"),
            format: text("format"),
            minimum: limit(keywords, [("minimum", "at least"), ("exclusiveMinimum", "more than"), ("minLength", "at least")]),
            maximum: limit(keywords, [("maximum", "at most"), ("exclusiveMaximum", "less than"), ("maxLength", "at most")]),
            about: None,
            locked: false,
            needs: Vec::new(),
        };
        if field.kind == FieldKind::Text && is_long(keywords, &[field.current.as_ref(), field.default.as_ref()]) {
            field.kind = FieldKind::MultilineText;
        }
        if !shows(&field) {
            field.kind = FieldKind::Yaml;
        }
        vec![field]
    }
}

/// Whether the control can hold the value of the snapshot and give it back.
pub fn shows(field: &Field) -> bool {
    match &field.current {
        None => true,
        Some(Value::Null) if field.nullable => true,
        Some(value) => {
            let text = value_to_form(field, value);
            let fits = !(matches!(field.kind, FieldKind::Rows { .. }) && text.contains(['\n', '\r']));
            fits && form_to_value(field, &text).is_ok_and(|read| read == *value)
        }
    }
}

fn is_long(keywords: Option<&Value>, values: &[Option<&Value>]) -> bool {
    let limit = keywords.and_then(|keywords| keywords.get("maxLength")).and_then(Value::as_u64);
    let has_lines = |value: &&Value| value.as_str().is_some_and(|text| text.contains('\n'));
    limit.is_some_and(|limit| limit > LONG_TEXT) || values.iter().flatten().any(has_lines)
}

pub(super) fn limit(keywords: Option<&Value>, words: [(&str, &str); 3]) -> Option<String> {
    let found = words.into_iter().find_map(|(keyword, words)| Some((keyword, words, keywords?.get(keyword)?)));
    found.map(|(keyword, words, limit)| format!("{words} {limit}{}", if keyword.ends_with("Length") { " characters" } else { "" }))
}

/// What a schema says about the control.
#[derive(Default)]
pub(super) struct Shape {
    pub(super) kind: Option<FieldKind>,
    nullable: bool,
    /// The schema of the value when it is not null.
    pub(super) keywords: Option<Value>,
}

impl Shape {
    /// The schema of a model: an object with named fields and no others, and never null.
    fn model(&self) -> Option<&Value> {
        let model = self.keywords.as_ref().filter(|_| !self.nullable)?;
        let is_closed = matches!(model.get("additionalProperties"), None | Some(Value::Bool(false)));
        (has_type(model, "object") && is_closed && model.get("properties").is_some()).then_some(model)
    }

    pub(super) fn of(schema: &Schema, property: &Value) -> Self {
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
