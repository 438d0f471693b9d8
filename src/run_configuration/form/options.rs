//! The fields that are no parameters: options of the run, what it asks of machines, settings of single steps, and the rest.
//!
//! Which keys there are and what they take is known by `keys` and the definitions; here stands which control each has.

use serde_json::{Map, Value, json};

use super::{
    Field, FieldKind, Scalar,
    fields::{limit, shows},
    shape::Shape,
};
use crate::run_configuration::{
    json_schema::{Schema, describe_schema},
    keys::{DEFINITIONS, Key, Kind, RUN_KEYS, definition, run_key, step_key},
    settings::{canonical_key, normalise},
    snapshot::{Snapshot, Step},
    template::set_value,
    value_path::ValuePath,
};

/// A field of an object, and what there is to say about it.
type Part = (&'static str, &'static str);

const MODEL: &[Part] = &[
    ("name", "The name of the model that the run works on."),
    ("version", "The number, name or stage of a version; without one the run makes a new version."),
];
const RETRY: &[Part] = &[
    ("max_retries", "How often a failed step is tried again."),
    ("delay", "Seconds before a step is tried again."),
    ("backoff", "By how much the delay grows with each try."),
];
const RESOURCES: &[Part] =
    &[("cpu_count", "Processor cores."), ("gpu_count", "Graphics processors."), ("memory", "A number with its unit, for example 4GB.")];

/// The fields of the run that stand before those of steps: its options, then what it asks of machines.
pub fn of_run(snapshot: &Snapshot) -> Vec<Field> {
    let run = Holder::of_run(snapshot);
    let mut fields: Vec<Field> = ["run_name", "enable_cache", "tags", "model"].iter().flat_map(|name| run.key(run_key(name))).collect();
    fields.extend(run.resources());
    fields.extend(run.key(run_key("retry")));
    fields
}

/// All other keys of a run, and the settings of the components of its stack.
pub fn rest_of_run(snapshot: &Snapshot) -> Vec<Field> {
    let run = Holder::of_run(snapshot);
    let keys = RUN_KEYS.iter().flat_map(|key| run.key(Some(key)));
    keys.filter(|field| field.section() == super::Section::Advanced).chain(run.components()).collect()
}

/// What can be set for a step besides its parameters.
pub fn of_step(snapshot: &Snapshot, step: &Step) -> Vec<Field> {
    let none = Map::new();
    let root = ValuePath::of(["steps", &step.name]);
    let step = Holder { snapshot, root, step: Some(&step.name), stored: step.overrides.as_object().unwrap_or(&none) };
    let keys = ["enable_cache", "retry", "experiment_tracker", "step_operator"];
    step.resources().into_iter().chain(keys.iter().flat_map(|name| step.key(step_key(name)))).collect()
}

/// What has such keys: the run, or a step with what is configured on it itself.
struct Holder<'a> {
    snapshot: &'a Snapshot,
    root: ValuePath,
    step: Option<&'a str>,
    stored: &'a Map<String, Value>,
}

impl<'a> Holder<'a> {
    fn of_run(snapshot: &'a Snapshot) -> Self {
        Self { snapshot, root: ValuePath::root(), step: None, stored: &snapshot.pipeline_configuration }
    }

    /// The field of a key, or the fields of its object.
    fn key(&self, key: Option<&Key>) -> Vec<Field> {
        let Some(key) = key else { return Vec::new() };
        match key.kind {
            Kind::Defined(name @ "Model") => return self.parts(&["model"], name, MODEL),
            Kind::Defined(name @ "StepRetryConfig") => return self.parts(&["retry"], name, RETRY),
            _ => {}
        }
        let current = match key.name {
            "run_name" => Some(json!(self.snapshot.run_name_template)),
            name => self.stored.get(name).and_then(|value| set_value(key, value)),
        };
        let (kind, takes) = match key.kind {
            Kind::Source => (FieldKind::Text, Some("an import path")),
            // Values of environment variables are texts, whatever they are written as.
            Kind::AnyMap if key.name == "environment" => (FieldKind::Rows { values: Scalar::Text }, Some("names and values")),
            Kind::TextMap => (FieldKind::Rows { values: Scalar::Text }, Some("names and values")),
            Kind::Secrets => (FieldKind::Lines, Some("names of secrets")),
            Kind::Tags => (FieldKind::Lines, None),
            Kind::ComponentChoice => match self.choices(key.name, current.as_ref()) {
                Some(choices) => (choices, Some("a component of the stack")),
                None => return Vec::new(),
            },
            kind => {
                let shape = Shape::of(&Schema::new(&DEFINITIONS), &kind.schema());
                (shape.kind.unwrap_or(FieldKind::Yaml), matches!(kind, Kind::AnyMap | Kind::Defined("CachePolicy")).then_some("a mapping"))
            }
        };
        vec![self.field(&[key.name], kind, current, takes.map(str::to_owned), key.description)]
    }

    /// `true` for the component that the stack has, its components by name, `false` for none; nothing where there is no choice.
    fn choices(&self, kind: &str, current: Option<&Value>) -> Option<FieldKind> {
        let of_kind = self.snapshot.components.iter().filter(|component| component.kind == kind);
        let names: Vec<Value> = of_kind.map(|component| json!(component.name)).collect();
        let is_choice = !names.is_empty() || current.is_some();
        is_choice.then(|| FieldKind::Choice { options: [vec![json!(true)], names, vec![json!(false)]].concat() })
    }

    fn resources(&self) -> Vec<Field> {
        self.parts(&["settings", "resources"], "ResourceSettings", RESOURCES)
    }

    /// Fields of a defined object; what it requires is sent along with the others.
    fn parts(&self, place: &[&str], name: &str, parts: &[Part]) -> Vec<Field> {
        let schema = Schema::new(&DEFINITIONS);
        let object = ValuePath::of(place.iter().copied());
        let stored = |part: &str| object.child(part).get(self.stored).filter(|value| !value.is_null()).cloned();
        let requires = definition(name).and_then(|definition| definition.get("required")).and_then(Value::as_array).into_iter().flatten();
        let required: Vec<(ValuePath, Value)> =
            requires.filter_map(Value::as_str).filter_map(|part| Some((self.root.join(&object.child(part)), stored(part)?))).collect();
        let one = |(part, description): &Part| {
            let property = definition(name)?.get("properties")?.get(*part)?;
            let property = without_null(property);
            let shape = Shape::of(&schema, &property);
            let kind = shape.kind.unwrap_or(FieldKind::Yaml);
            let keywords = shape.keywords.as_ref();
            let place: Vec<&str> = place.iter().copied().chain([*part]).collect();
            let mut field = self.field(&place, kind, stored(part), Some(describe_schema(&schema, &property)), description);
            field.minimum = limit(keywords, [("minimum", "at least"), ("exclusiveMinimum", "more than"), ("minLength", "at least")]);
            field.needs.clone_from(&required);
            Some(field)
        };
        parts.iter().filter_map(one).collect()
    }

    /// Settings of components that say what they take, and those that the snapshot has.
    fn components(&self) -> Vec<Field> {
        let none = Map::new();
        let settings = self.stored.get("settings").and_then(Value::as_object).unwrap_or(&none);
        let stored = normalise(settings, self.snapshot, &ValuePath::root()).settings;
        let one = |component: &crate::run_configuration::snapshot::Component| {
            let key = canonical_key(component, self.snapshot.legacy_settings_keys);
            let current = stored.get(&key).filter(|value| value.as_object().is_some_and(|values| !values.is_empty())).cloned();
            let has_some = component.settings_schema.is_some() || current.is_some();
            let description = format!("Settings of the {} of the stack.", component.kind.replace('_', " "));
            has_some.then(|| self.field(&["settings", &key], FieldKind::Yaml, current, Some("a mapping".to_owned()), &description))
        };
        self.snapshot.components.iter().filter_map(one).collect()
    }

    /// A field; the last part of its place is its name, the one before it that of its object.
    fn field(&self, place: &[&str], kind: FieldKind, current: Option<Value>, takes: Option<String>, description: &str) -> Field {
        let (name, above) = place.split_last().map_or(("", &[][..]), |(name, above)| (*name, above));
        let mut field = Field {
            step: self.step.map(str::to_owned),
            models: above.last().map(|name| (*name).to_owned()).into_iter().collect(),
            label: name.replace('_', " "),
            takes,
            // Null says that nothing is set there, which is what no value says.
            nullable: false,
            current: current.filter(|value| !is_nothing(value)),
            description: Some(description.to_owned()),
            ..Field::new(self.root.join(&ValuePath::of(place.iter().copied())), kind)
        };
        if !shows(&field) {
            field.kind = FieldKind::Yaml;
        }
        field
    }
}

/// An empty list or mapping is what is there where nothing is set.
fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty)
}

/// The schema of a value that is there.
fn without_null(property: &Value) -> Value {
    let Some(branches) = property.get("anyOf").and_then(Value::as_array) else { return property.clone() };
    let others: Vec<&Value> = branches.iter().filter(|branch| branch.get("type") != Some(&json!("null"))).collect();
    match others[..] {
        [one] => one.clone(),
        _ => json!({ "anyOf": others }),
    }
}
