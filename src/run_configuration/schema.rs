//! The configuration schema of a snapshot: a JSON Schema of the run configurations it takes.
//!
//! The shape is that of the schema ZenML builds for a snapshot: definitions for settings and for each step, and the step's own parameter
//! schema in its place. Dashboards and editors read it; checking is done by [`super::validate`].

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    keys::{DEFINITIONS, Key, Kind, RUN_KEYS, STEP_KEYS},
    settings::canonical_key,
    snapshot::{Snapshot, Step},
};

/// `config_schema` of a snapshot response.
pub fn config_schema(snapshot: &Snapshot) -> Value {
    let mut definitions = Definitions::default();
    let settings = settings_definition(snapshot, &mut definitions);
    definitions.insert("Settings", settings);
    let generic = generic_step_properties(snapshot, &mut definitions);
    let steps = steps_definition(snapshot, &generic, &mut definitions);
    let are_steps_required = steps.get("required").is_some();
    definitions.insert("Steps", steps);

    let mut properties = Map::new();
    if snapshot.is_dynamic {
        let none = Map::new();
        let names = snapshot.parameters().unwrap_or(&none).keys();
        definitions.insert("Parameters", parameters_definition("Parameters", names));
        properties.insert("parameters".to_owned(), json!({"$ref": "#/$defs/Parameters", "default": null}));
    }
    properties.extend(RUN_KEYS.iter().map(|key| (key.name.to_owned(), property(key))));
    properties.insert("settings".to_owned(), optional_reference("Settings"));
    let steps = if are_steps_required { reference("Steps") } else { optional_reference("Steps") };
    properties.insert("steps".to_owned(), steps);

    let mut schema = Map::new();
    schema.insert("properties".to_owned(), Value::Object(properties));
    if are_steps_required {
        schema.insert("required".to_owned(), json!(["steps"]));
    }
    schema.insert("title".to_owned(), json!("Result"));
    schema.insert("type".to_owned(), json!("object"));
    let used = definitions.used_by(&Value::Object(schema.clone()));
    let mut document = Map::new();
    document.insert("$defs".to_owned(), Value::Object(used));
    document.extend(schema);
    Value::Object(document)
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

fn optional_reference(name: &str) -> Value {
    json!({"anyOf": [reference(name), {"type": "null"}], "default": null})
}

/// The words of a name, as pydantic titles a field.
fn title(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters.flat_map(char::to_lowercase)).collect::<String>()).unwrap_or_default()
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The property of a key with a fixed type.
fn property(key: &Key) -> Value {
    if key.kind == Kind::HeartbeatThreshold {
        return json!({"default": 30, "description": key.description, "maximum": 60, "minimum": 10, "title": title(key.name), "type": "integer"});
    }
    // Hooks are objects inside and import paths outside.
    let schema = if key.kind == Kind::Source { json!({"type": "string"}) } else { key.kind.schema() };
    let mut property = json!({"anyOf": [schema, {"type": "null"}], "default": null, "description": key.description});
    if !matches!(key.kind, Kind::Defined(_)) {
        property["title"] = json!(title(key.name));
    }
    property
}

/// The properties that every step has, in ZenML's order.
fn generic_step_properties(snapshot: &Snapshot, definitions: &mut Definitions) -> Map<String, Value> {
    let mut properties = Map::new();
    for key in STEP_KEYS {
        if key.name == "environment" {
            properties.insert("settings".to_owned(), optional_reference("Settings"));
        }
        let is_shown = !matches!(key.kind, Kind::ComponentChoice | Kind::Outputs) && (key.name != "runtime" || snapshot.is_dynamic);
        if is_shown {
            properties.insert(key.name.to_owned(), property(key));
        }
    }
    for (kind, name) in [("experiment_tracker", "ExperimentTrackers"), ("step_operator", "StepOperators")] {
        let names: Vec<&str> =
            snapshot.components.iter().filter(|component| component.kind == kind).map(|component| component.name.as_str()).collect();
        if !names.is_empty() {
            definitions.insert(name, json!({"enum": names, "title": name, "type": "string"}));
            let choice = json!({"anyOf": [reference(name), {"type": "boolean"}, {"type": "null"}], "default": null, "title": title(kind)});
            properties.insert(kind.to_owned(), choice);
        }
    }
    properties
}

fn steps_definition(snapshot: &Snapshot, generic: &Map<String, Value>, definitions: &mut Definitions) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for step in &snapshot.steps {
        let has_parameters = step.parameters().is_some_and(|parameters| !parameters.is_empty());
        let definition = step_definition(step, has_parameters, generic, definitions);
        let name = definitions.insert_unique(&step.name, definition);
        let property = if has_parameters { reference(&name) } else { optional_reference(&name) };
        properties.insert(step.name.clone(), property);
        required.extend(has_parameters.then_some(&step.name));
    }
    object("Steps", properties, &required)
}

fn step_definition(step: &Step, has_parameters: bool, generic: &Map<String, Value>, definitions: &mut Definitions) -> Value {
    let mut properties = Map::new();
    if has_parameters {
        let parameters = match step.parameter_schema() {
            Some(schema) => definitions.hoist(schema, &step.name),
            None => {
                let name = format!("{}_parameters", step.name);
                let definition = parameters_definition(&name, step.parameters().into_iter().flat_map(Map::keys));
                let name = definitions.insert_unique(&name, definition);
                json!({"anyOf": [reference(&name), {"type": "null"}]})
            }
        };
        properties.insert("parameters".to_owned(), parameters);
    }
    properties.extend(generic.clone());
    let required: &[&str] = if has_parameters { &["parameters"] } else { &[] };
    object(&step.name, properties, required)
}

/// Parameters without a schema: each is required and may be anything.
fn parameters_definition<'a>(title_: &str, names: impl Iterator<Item = &'a String>) -> Value {
    let names: Vec<&String> = names.collect();
    let properties = names.iter().map(|name| ((*name).clone(), json!({"title": title(name)}))).collect();
    object(title_, properties, &names)
}

fn object<S: serde::Serialize>(title: &str, properties: Map<String, Value>, required: &[S]) -> Value {
    let mut definition = json!({"properties": properties});
    if !required.is_empty() {
        definition["required"] = json!(required);
    }
    definition["title"] = json!(title);
    definition["type"] = json!("object");
    definition
}

fn settings_definition(snapshot: &Snapshot, definitions: &mut Definitions) -> Value {
    let mut properties = Map::new();
    properties.insert("resources".to_owned(), optional_reference("ResourceSettings"));
    for component in &snapshot.components {
        if let Some(schema) = &component.settings_schema {
            let schema = definitions.hoist(schema, &component.flavor);
            let name = schema.get("title").and_then(Value::as_str).unwrap_or(&component.flavor).to_owned();
            let name = definitions.insert_unique(&name, schema);
            properties.insert(canonical_key(component, false), optional_reference(&name));
        }
    }
    object::<&str>("Settings", properties, &[])
}

/// The `$defs` of the schema under construction.
struct Definitions(BTreeMap<String, Value>);

impl Default for Definitions {
    fn default() -> Self {
        let known = DEFINITIONS.get("$defs").and_then(Value::as_object).into_iter().flatten();
        Self(known.map(|(name, definition)| (name.clone(), definition.clone())).collect())
    }
}

impl Definitions {
    fn insert(&mut self, name: &str, definition: Value) {
        self.0.insert(name.to_owned(), definition);
    }

    /// Adds a definition, under another name if the name has another meaning already.
    fn insert_unique(&mut self, name: &str, definition: Value) -> String {
        let name = self.free_name(name, name, &definition);
        self.0.insert(name.clone(), definition);
        name
    }

    /// `name` if it is free or means the same; else `other`, `other_2`, …
    fn free_name(&self, name: &str, other: &str, definition: &Value) -> String {
        let fits = |name: &str| self.0.get(name).is_none_or(|known| known == definition);
        if fits(name) {
            return name.to_owned();
        }
        let mut candidate = if other == name { format!("{other}_2") } else { other.to_owned() };
        let mut number = 2;
        while !fits(&candidate) {
            candidate = format!("{other}_{number}");
            number += 1;
        }
        candidate
    }

    /// A schema without its own `$defs`, which move here; where a name is taken they are called `<owner>__<name>`.
    fn hoist(&mut self, schema: &Value, owner: &str) -> Value {
        let mut schema = schema.clone();
        let own = schema.as_object_mut().and_then(|keywords| keywords.shift_remove("$defs"));
        let own = own.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
        let names: BTreeMap<&str, String> =
            own.iter().map(|(name, definition)| (name.as_str(), self.free_name(name, &format!("{owner}__{name}"), definition))).collect();
        rename_references(&mut schema, &names);
        for (name, definition) in &own {
            let mut definition = definition.clone();
            rename_references(&mut definition, &names);
            self.0.entry(names[name.as_str()].clone()).or_insert(definition);
        }
        schema
    }

    /// The definitions that `schema` refers to, directly or through others.
    fn used_by(&self, schema: &Value) -> Map<String, Value> {
        let mut used = BTreeMap::new();
        let mut open = references(schema);
        while let Some(name) = open.pop() {
            if let Some(definition) = self.0.get(name).filter(|_| !used.contains_key(name)) {
                used.insert(name.to_owned(), definition.clone());
                open.extend(references(definition));
            }
        }
        used.into_iter().collect()
    }
}

const DEFINITION: &str = "#/$defs/";

fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(map) => {
            let own = map.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix(DEFINITION));
            own.into_iter().chain(map.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

fn rename_references(value: &mut Value, names: &BTreeMap<&str, String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(reference) if key == "$ref" => {
                        if let Some(name) = reference.strip_prefix(DEFINITION).and_then(|name| names.get(name)) {
                            *reference = format!("{DEFINITION}{name}");
                        }
                    }
                    other => rename_references(other, names),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename_references(item, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run_configuration::{
        example::{component, dynamic_snapshot, map, training_snapshot},
        template::config_template,
    };

    fn without_descriptions(value: &Value) -> Value {
        match value {
            Value::Object(map) => {
                let kept = map.iter().filter(|(key, value)| *key != "description" || !value.is_string());
                Value::Object(kept.map(|(key, value)| (key.clone(), without_descriptions(value))).collect())
            }
            Value::Array(items) => Value::Array(items.iter().map(without_descriptions).collect()),
            other => other.clone(),
        }
    }

    /// The snapshot whose template and schema were recorded from ZenML 0.98.
    fn recorded_snapshot(recorded: &Value) -> Snapshot {
        let step = |name: &str, overrides: Value, property: Value| Step {
            name: name.to_owned(),
            spec: json!({"parameter_spec": {"additionalProperties": false, "properties": property,
                "title": format!("{}Parameters", name.to_uppercase()), "type": "object"}}),
            config: overrides.clone(),
            overrides,
        };
        let mut deployer = component("deployer", "default", "local");
        deployer.settings_schema = recorded.pointer("/config_schema/$defs/LocalDeployerSettings").cloned();
        Snapshot {
            run_name_template: "p1-{date}-{time}".to_owned(),
            pipeline_configuration: map(json!({"name": "p1", "settings": {}, "extra": {}, "execution_mode": "continue_on_failure"})),
            steps: vec![
                step(
                    "a",
                    json!({"enable_cache": false, "parameters": {"x": 1}}),
                    json!({"x": {"default": 1, "title": "X", "type": "integer"}}),
                ),
                step("b", json!({"parameters": {"k": 3}}), json!({"k": {"default": 3, "title": "K", "type": "integer"}})),
            ],
            components: vec![component("orchestrator", "default", "local"), deployer],
            ..Snapshot::default()
        }
    }

    #[test]
    fn template_and_schema_have_the_shape_that_zenml_gives_them() {
        let recorded: Value = serde_json::from_str(include_str!("../tests/fixtures/config_schema.json")).unwrap();
        let snapshot = recorded_snapshot(&recorded);
        assert_eq!(Value::Object(config_template(&snapshot)), recorded["config_template"]);
        let schema = without_descriptions(&config_schema(&snapshot));
        let expected = &recorded["config_schema"];
        for (name, definition) in expected["$defs"].as_object().unwrap() {
            assert_eq!(&schema["$defs"][name], definition, "{name}");
        }
        assert_eq!(&schema, expected);
        let order = |value: &Value| value["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(order(&schema), order(expected), "keys come in the same order");
        assert_eq!(order(&schema["$defs"]["a"]), order(&expected["$defs"]["a"]));
    }

    #[test]
    fn definitions_of_parameters_move_to_the_root() {
        let mut snapshot = training_snapshot();
        snapshot.steps[0].spec["parameter_spec"] = json!({"type": "object", "properties": {"rows": {"$ref": "#/$defs/Optimizer"}},
            "$defs": {"Optimizer": {"type": "integer"}, "Model": {"type": "string"}}});
        let schema = config_schema(&snapshot);
        let definitions = &schema["$defs"];
        assert_eq!(definitions["data_loader"]["properties"]["parameters"]["properties"]["rows"], reference("Optimizer"));
        assert_eq!(definitions["Optimizer"], json!({"type": "integer"}));
        let trainer = &definitions["model_trainer"]["properties"]["parameters"];
        assert_eq!(trainer["properties"]["optimizer"]["$ref"], json!("#/$defs/model_trainer__Optimizer"));
        assert_eq!(definitions["model_trainer__Optimizer"]["title"], json!("Optimizer"));
        assert!(trainer.get("$defs").is_none());
        assert_eq!(definitions["Model"]["title"], json!("Model"), "the model of the run keeps its name");
    }

    #[test]
    fn steps_without_a_schema_list_their_parameters() {
        let mut snapshot = training_snapshot();
        snapshot.steps[0].spec["parameter_spec"] = json!(null);
        let schema = config_schema(&snapshot);
        assert_eq!(
            schema["$defs"]["data_loader_parameters"],
            json!({"properties": {"data_path": {"title": "Data Path"}, "rows": {"title": "Rows"}}, "required": ["data_path", "rows"],
                "title": "data_loader_parameters", "type": "object"})
        );
        assert_eq!(schema["$defs"]["Steps"]["required"], json!(["data_loader", "model_trainer"]));
        assert_eq!(schema["$defs"]["Steps"]["properties"]["evaluator"]["default"], json!(null));
        assert!(schema["$defs"]["evaluator"].get("required").is_none());
    }

    #[test]
    fn a_dynamic_pipeline_has_parameters_and_no_required_steps() {
        let schema = config_schema(&dynamic_snapshot());
        assert_eq!(
            schema["$defs"]["Parameters"],
            json!({"properties": {"n": {"title": "N"}}, "required": ["n"], "title": "Parameters", "type": "object"})
        );
        assert_eq!(schema["properties"].as_object().unwrap().keys().next().unwrap(), "parameters");
        assert!(schema.get("required").is_none());
        assert!(schema["$defs"].get("GroupInfo").is_none(), "only what is used");
    }

    #[test]
    fn choices_of_components_are_those_of_the_stack() {
        let mut snapshot = training_snapshot();
        snapshot.components.push(component("step_operator", "gpu", "kubernetes"));
        let mut tracker = component("experiment_tracker", "mlflow", "mlflow");
        tracker.settings_schema = Some(json!({"title": "MLFlowSettings", "type": "object", "properties": {"nested": {"type": "boolean"}}}));
        snapshot.components.push(tracker.clone());
        snapshot.components.push(component_named(tracker, "other"));
        let schema = config_schema(&snapshot);
        let definitions = &schema["$defs"];
        assert_eq!(definitions["StepOperators"]["enum"], json!(["gpu"]));
        assert_eq!(definitions["ExperimentTrackers"]["enum"], json!(["mlflow", "other"]));
        assert_eq!(definitions["evaluator"]["properties"]["step_operator"]["anyOf"][0], reference("StepOperators"));
        let settings = definitions["Settings"]["properties"].as_object().unwrap();
        assert_eq!(settings.keys().collect::<Vec<_>>(), ["resources", "experiment_tracker:mlflow", "experiment_tracker:other"]);
        assert_eq!(settings["experiment_tracker:other"], settings["experiment_tracker:mlflow"], "one definition for one flavor");
    }

    fn component_named(mut component: super::super::snapshot::Component, name: &str) -> super::super::snapshot::Component {
        component.name = name.to_owned();
        component
    }
}
