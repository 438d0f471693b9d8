//! What may stand at a path of a run configuration.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::run_configuration::{
    json_schema::{Schema, describe_schema},
    keys::{DEFINITIONS, Key, RUN_KEYS, STEP_KEYS},
    settings::canonical_key,
    snapshot::{Snapshot, Step},
    value_path::ValuePath,
};

/// A place in a run configuration.
pub struct Spot<'a> {
    /// The key; empty for the whole.
    pub name: String,
    /// What it takes, in words.
    pub takes: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its value in the snapshot.
    pub current: Option<Value>,
    /// Whether it must be there although the snapshot has no value.
    pub required: bool,
    content: Content<'a>,
}

/// What is below a spot.
enum Content<'a> {
    Run,
    Steps,
    Step(&'a Step),
    /// Parameters of a step or of a dynamic pipeline.
    Parameters {
        schema: &'a Value,
        values: Option<&'a Map<String, Value>>,
        takes_all: bool,
    },
    Settings,
    /// Anything with a schema, within a document of schemas.
    Schema {
        root: &'a Value,
        schema: Cow<'a, Value>,
    },
}

/// The spot at a path; none where nothing is known.
pub fn spot<'a>(snapshot: &'a Snapshot, path: &ValuePath) -> Option<Spot<'a>> {
    let whole = Spot::fixed("", "a mapping", "", Content::Run);
    path.segments().iter().try_fold(whole, |spot, segment| spot.child(snapshot, segment))
}

impl<'a> Spot<'a> {
    fn fixed(name: &str, takes: &str, description: &str, content: Content<'a>) -> Self {
        let description = Some(description.to_owned()).filter(|text| !text.is_empty());
        Self { name: name.to_owned(), takes: takes.to_owned(), description, current: None, required: false, content }
    }

    /// The keys that may stand below; none where they are free or there are none.
    pub fn entries(&self, snapshot: &'a Snapshot) -> Vec<Spot<'a>> {
        match &self.content {
            Content::Run => run_entries(snapshot),
            Content::Steps => snapshot
                .steps
                .iter()
                .map(|step| Spot::fixed(&step.name, "a mapping", "A step of the pipeline.", Content::Step(step)))
                .collect(),
            Content::Step(step) => step_entries(step),
            Content::Parameters { schema, values, takes_all } => parameters(schema, *values, *takes_all),
            Content::Settings => settings(snapshot),
            Content::Schema { root, schema } => fields(root, schema, self.current.as_ref()),
        }
    }

    /// Whether no other keys than [`Spot::entries`] have an effect.
    pub fn is_closed(&self) -> bool {
        match &self.content {
            Content::Run | Content::Steps | Content::Step(_) | Content::Parameters { .. } => true,
            Content::Settings => false,
            Content::Schema { root, schema } => object(root, schema).is_some_and(|object| {
                object.get("properties").is_some() && matches!(object.get("additionalProperties"), None | Some(Value::Bool(false)))
            }),
        }
    }

    /// The values that may stand here, where they are few.
    pub fn options(&self) -> Vec<Value> {
        match &self.content {
            Content::Schema { root, schema } => options(root, schema),
            _ => Vec::new(),
        }
    }

    /// Whether the keys below are part of every run configuration of the snapshot, whether they are written or not.
    pub fn is_frame(&self) -> bool {
        matches!(self.content, Content::Run | Content::Steps | Content::Step(_) | Content::Parameters { .. })
    }

    /// Whether what stands here is written below its key.
    pub fn is_mapping(&self, snapshot: &'a Snapshot) -> bool {
        !self.entries(snapshot).is_empty() || self.takes == "a mapping"
    }

    fn child(&self, snapshot: &'a Snapshot, name: &str) -> Option<Self> {
        let found = self.entries(snapshot).into_iter().find(|entry| entry.name == name);
        let Content::Schema { root, schema } = &self.content else { return found };
        found.or_else(|| {
            // An item of a list, or an entry of a mapping with free keys.
            let current = self.current.as_ref().and_then(|value| value.get(name).or_else(|| value.get(name.parse::<usize>().ok()?)));
            let below = below(root, schema)?;
            Some(of_schema(name, root, Cow::Owned(below), current, false))
        })
    }
}

fn run_entries(snapshot: &Snapshot) -> Vec<Spot<'_>> {
    let mut entries = Vec::new();
    if snapshot.is_dynamic {
        let content = Content::Parameters {
            schema: snapshot.pipeline_parameter_schema.as_ref().unwrap_or(&Value::Null),
            values: snapshot.parameters(),
            takes_all: true,
        };
        entries.push(Spot::fixed("parameters", "a mapping", "Parameters of the pipeline.", content));
    } else {
        entries.push(Spot::fixed("steps", "a mapping", "What differs for single steps.", Content::Steps));
    }
    entries.push(Spot::fixed("settings", "a mapping", "Settings of resources and of the components of the stack.", Content::Settings));
    entries.extend(RUN_KEYS.iter().map(|key| of_key(key, snapshot.pipeline_configuration.get(key.name))));
    if let Some(name) = entries.iter_mut().find(|entry| entry.name == "run_name") {
        name.current = Some(Value::String(snapshot.run_name_template.clone()));
    }
    entries
}

fn step_entries(step: &Step) -> Vec<Spot<'_>> {
    let parameters =
        Content::Parameters { schema: step.parameter_schema().unwrap_or(&Value::Null), values: step.parameters(), takes_all: false };
    let mut entries = vec![
        Spot::fixed("parameters", "a mapping", "Parameters of the step.", parameters),
        Spot::fixed("settings", "a mapping", "Settings of resources and of the components of the stack.", Content::Settings),
    ];
    entries.extend(STEP_KEYS.iter().map(|key| of_key(key, step.overrides.get(key.name))));
    entries
}

fn of_key<'a>(key: &Key, current: Option<&Value>) -> Spot<'a> {
    let current = current.filter(|value| !value.is_null());
    let spot = of_schema(key.name, &DEFINITIONS, Cow::Owned(key.kind.schema()), current, false);
    Spot { description: Some(key.description.to_owned()), ..spot }
}

fn settings(snapshot: &Snapshot) -> Vec<Spot<'_>> {
    let resources = serde_json::json!({"$ref": "#/$defs/ResourceSettings"});
    let mut entries = vec![of_schema("resources", &DEFINITIONS, Cow::Owned(resources), None, false)];
    for component in &snapshot.components {
        if let Some(schema) = &component.settings_schema {
            let key = canonical_key(component, snapshot.legacy_settings_keys);
            entries.push(of_schema(&key, schema, Cow::Borrowed(schema), None, false));
        }
    }
    entries
}

fn parameters<'a>(schema: &'a Value, values: Option<&'a Map<String, Value>>, takes_all: bool) -> Vec<Spot<'a>> {
    let none = Map::new();
    let values = values.unwrap_or(&none);
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
    let defined = properties.iter().filter(|(name, _)| takes_all || values.contains_key(*name));
    let defined = defined.map(|(name, property)| {
        let current = values.get(name).or(property.get("default"));
        let is_required = current.is_none() && is_required(schema, name);
        of_schema(name, schema, Cow::Owned(property.clone()), current, is_required)
    });
    let others = values.iter().filter(|(name, _)| !properties.contains_key(*name));
    let others = others.map(|(name, value)| of_schema(name, schema, Cow::Owned(Value::Null), Some(value), false));
    defined.chain(others).collect()
}

/// The fields of the model that a schema is, or may be.
fn fields<'a>(root: &'a Value, schema: &Value, current: Option<&Value>) -> Vec<Spot<'a>> {
    let Some(object) = object(root, schema) else { return Vec::new() };
    let properties = object.get("properties").and_then(Value::as_object).into_iter().flatten();
    properties
        .map(|(name, property)| {
            let current = current.and_then(|value| value.get(name));
            let is_required = current.is_none() && is_required(object, name);
            of_schema(name, root, Cow::Owned(property.clone()), current.or(property.get("default")), is_required)
        })
        .collect()
}

fn is_required(schema: &Value, name: &str) -> bool {
    schema.get("required").and_then(Value::as_array).is_some_and(|names| names.iter().any(|required| required == name))
}

fn of_schema<'a>(name: &str, root: &'a Value, schema: Cow<'a, Value>, current: Option<&Value>, required: bool) -> Spot<'a> {
    let checker = Schema::new(root);
    let text = |schema: &Value| schema.get("description").and_then(Value::as_str).map(str::to_owned);
    Spot {
        name: name.to_owned(),
        takes: describe_schema(&checker, &schema),
        description: text(&schema).or_else(|| text(checker.resolve(&schema))),
        current: current.cloned(),
        required,
        content: Content::Schema { root, schema },
    }
}

/// The branches of a union, references followed; of anything else the schema itself.
fn branches<'s>(root: &'s Value, schema: &'s Value) -> Vec<&'s Value> {
    let checker = Schema::new(root);
    let schema = checker.resolve(schema);
    let union = schema.get("anyOf").or(schema.get("oneOf")).or(schema.get("allOf")).and_then(Value::as_array);
    union.map_or_else(|| vec![schema], |branches| branches.iter().map(|branch| checker.resolve(branch)).collect())
}

/// The only object among the branches of a schema.
fn object<'s>(root: &'s Value, schema: &'s Value) -> Option<&'s Value> {
    let mut objects = branches(root, schema).into_iter().filter(|branch| branch.get("properties").is_some());
    objects.next().filter(|_| objects.next().is_none())
}

/// The schema of items, or of the values of a mapping with free keys.
fn below(root: &Value, schema: &Value) -> Option<Value> {
    branches(root, schema).into_iter().find_map(|branch| {
        let free = branch.get("additionalProperties").filter(|schema| schema.is_object());
        branch.get("items").or(free).cloned()
    })
}

fn options(root: &Value, schema: &Value) -> Vec<Value> {
    let of_branch = |branch: &Value| match branch.get("type").and_then(Value::as_str) {
        _ if branch.get("enum").is_some() => branch["enum"].as_array().cloned().unwrap_or_default(),
        _ if branch.get("const").is_some() => vec![branch["const"].clone()],
        Some("boolean") => vec![Value::Bool(true), Value::Bool(false)],
        Some("null") => vec![Value::Null],
        _ => Vec::new(),
    };
    let found: Vec<Value> = branches(root, schema).into_iter().flat_map(of_branch).collect();
    // Null alone says nothing.
    if found.iter().all(Value::is_null) { Vec::new() } else { found }
}
