//! The fields of a snapshot's form.

use std::{cell::Cell, collections::HashSet};

use serde_json::{Map, Value};

use super::{
    Field, FieldKind, Section, form_to_value, options,
    shape::{Shape, has_password},
    value_to_form,
};
use crate::run_configuration::{
    json_schema::{Schema, describe_schema},
    snapshot::Snapshot,
    value_path::ValuePath,
};

/// Longer texts get a control of several lines.
const LONG_TEXT: u64 = 120;
/// Models in models deeper than this are one field, written as YAML.
pub const MOST_MODELS: usize = 4;
/// A field with more controls than these in its parts is written as YAML in the parts that come last.
const MOST_INNER: usize = 200;

/// The fields that are shown: those of the snapshot's form view where one is in force, else all but the options of steps that
/// have none set and that nobody asked for.
pub fn fields(snapshot: &Snapshot) -> Vec<Field> {
    let mut fields = typable_fields(snapshot);
    if snapshot.form.is_none() {
        let with_options = steps_with_options(snapshot, &fields);
        fields.retain(|field| field.section() != Section::Resources || field.step.as_ref().is_none_or(|step| with_options.contains(step)));
    }
    fields
}

/// The fields that may be typed in: those of the form view in force, else all.
pub fn typable_fields(snapshot: &Snapshot) -> Vec<Field> {
    snapshot.form.as_ref().map_or_else(|| all_fields(snapshot), |form| form.fields(snapshot))
}

/// The steps whose options are not shown: the snapshot sets none, and nobody asked for them.
pub fn steps_without_options(snapshot: &Snapshot) -> Vec<String> {
    let with_options = steps_with_options(snapshot, &options_of_steps(snapshot));
    snapshot.steps.iter().map(|step| &step.name).filter(|step| !with_options.contains(*step)).cloned().collect()
}

/// The steps of which one of these fields is an option that the snapshot sets, and those that were asked for.
fn steps_with_options(snapshot: &Snapshot, fields: &[Field]) -> HashSet<String> {
    let set = fields.iter().filter(|field| field.section() == Section::Resources && field.current.is_some());
    set.filter_map(|field| field.step.clone()).chain(snapshot.step_options.iter().cloned()).collect()
}

fn options_of_steps(snapshot: &Snapshot) -> Vec<Field> {
    snapshot.steps.iter().flat_map(|step| options::of_step(snapshot, step)).collect()
}

/// All fields: parameters of the pipeline if it is dynamic, parameters of the steps in their order, options of the run, what it
/// and its steps ask of machines, and the rest of a run configuration.
pub fn all_fields(snapshot: &Snapshot) -> Vec<Field> {
    let mut fields = Vec::new();
    let none = Map::new();
    if snapshot.is_dynamic {
        let schema = snapshot.pipeline_parameter_schema.as_ref().unwrap_or(&Value::Null);
        let place = Place::new(schema, ValuePath::of(["parameters"]), None);
        fields.extend(place.fields(snapshot.parameters().unwrap_or(&none), schema));
    }
    for step in &snapshot.steps {
        let schema = step.parameter_schema().unwrap_or(&Value::Null);
        let path = ValuePath::of(["steps", &step.name, "parameters"]);
        let place = Place::new(schema, path, Some(&step.name));
        fields.extend(place.fields(step.parameters().unwrap_or(&none), schema));
    }
    fields.extend(options::of_run(snapshot));
    fields.extend(options_of_steps(snapshot));
    fields.extend(options::rest_of_run(snapshot));
    fields
}

/// Where fields come from: the parameters of a step or pipeline, or the fields of a model in them.
pub struct Place<'a> {
    /// The schema document that references start from.
    pub root: &'a Value,
    pub path: ValuePath,
    pub step: Option<&'a String>,
    pub models: Vec<String>,
    /// In how many models and values with parts it is.
    pub depth: usize,
    /// Of the parts of a value, the models that they are in.
    pub inside: Vec<*const Value>,
    /// How many more controls the parts of the value may have.
    pub left: Option<&'a Cell<usize>>,
}

impl<'a> Place<'a> {
    fn new(root: &'a Value, path: ValuePath, step: Option<&'a String>) -> Self {
        Self { root, path, step, models: Vec::new(), depth: 0, inside: Vec::new(), left: None }
    }

    /// The fields that a schema defines, in its order, and then those that only have a value.
    pub fn fields(&self, values: &Map<String, Value>, schema: &Value) -> Vec<Field> {
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
        let shape = property.map(|property| Shape::of(&Schema::new(self.root), property)).unwrap_or_default();
        let current = stored.or(property.and_then(|property| property.get("default")));
        if let (Some(model), Some(Value::Object(values)), None) = (shape.model(), current, self.left)
            && self.depth < MOST_MODELS
        {
            let models = [&self.models[..], &[name.to_owned()]].concat();
            let place = Place { path: self.path.child(name), models, depth: self.depth + 1, inside: Vec::new(), ..*self };
            let fields = place.fields(values, model);
            if !fields.is_empty() {
                return fields;
            }
        }
        let left = Cell::new(MOST_INNER);
        let kind = property.and_then(|property| self.with_budget(&left).kind_with_parts(property, current));
        let mut field = self.one(name, stored, property, kind.or(shape.kind.clone()), &shape);
        let required = parent.get("required").and_then(Value::as_array);
        field.required = field.current.is_none() && required.is_some_and(|names| names.iter().any(|required| required == name));
        vec![field]
    }

    /// The same place, where the parts of a value share what is left.
    fn with_budget<'b>(&'b self, fresh: &'b Cell<usize>) -> Place<'b> {
        let left = self.left.or(Some(fresh));
        Place { path: self.path.clone(), models: self.models.clone(), inside: self.inside.clone(), left, ..*self }
    }

    /// One field with its words.
    pub fn one(
        &self,
        name: &str,
        stored: Option<&Value>,
        property: Option<&Value>,
        kind: Option<FieldKind>,
        Shape { nullable, keywords, .. }: &Shape,
    ) -> Field {
        if let Some(left) = self.left {
            left.set(left.get().saturating_sub(1));
        }
        let keywords = keywords.as_ref();
        let default = property.and_then(|property| property.get("default"));
        let text = |key: &str| property.and_then(|property| property.get(key)).or(keywords?.get(key))?.as_str().map(str::to_owned);
        let title = property.and_then(|property| property.get("title")).and_then(Value::as_str);
        let mut field = Field {
            step: self.step.cloned(),
            models: self.models.clone(),
            label: title.map_or_else(|| name.replace('_', " "), str::to_owned),
            takes: property.map(|property| describe_schema(&Schema::new(self.root), property)),
            nullable: *nullable,
            current: stored.or(default).cloned(),
            default: default.cloned(),
            description: text("description"),
            format: text("format"),
            secret: property.is_some_and(|property| has_password(&Schema::new(self.root), property)),
            minimum: limit(keywords, [("minimum", "at least"), ("exclusiveMinimum", "more than"), ("minLength", "at least")]),
            maximum: limit(keywords, [("maximum", "at most"), ("exclusiveMaximum", "less than"), ("maxLength", "at most")]),
            ..Field::new(self.path.child(name), kind.unwrap_or_else(|| kind_of_value(stored)))
        };
        if field.kind == FieldKind::Text && is_long(keywords, &[field.current.as_ref(), field.default.as_ref()]) {
            field.kind = FieldKind::MultilineText;
        }
        if !shows(&field) {
            field.kind = FieldKind::Yaml;
        }
        field
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
