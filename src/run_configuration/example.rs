//! Snapshots for tests: a static training pipeline and a dynamic one, shaped as the ZenML client sends them.

use serde_json::{Map, Value, json};

use super::{
    snapshot::{Component, Snapshot, Step},
    step_configuration::merged,
};

/// The object in a JSON literal.
pub fn map(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

fn pipeline_configuration() -> Value {
    json!({
        "enable_cache": null, "environment": {}, "secrets": [], "execution_mode": "continue_on_failure", "settings": {},
        "tags": ["demo", "nightly"], "extra": {}, "failure_hook_source": null, "model": null, "parameters": null, "retry": null,
        "substitutions": {"team": "vision"}, "cache_policy": null, "name": "training",
    })
}

fn step(name: &str, upstream: &[&str], inputs: Value, parameters: Value, parameter_spec: Value) -> Step {
    let policy = json!({"include_step_code": true, "include_step_parameters": true, "include_artifact_values": true,
        "include_artifact_ids": true, "ignored_inputs": null, "file_dependencies": null, "source_dependencies": null, "cache_func": null,
        "expires_after": null});
    let overrides = json!({
        "enable_cache": null, "step_operator": null, "experiment_tracker": null, "parameters": parameters, "settings": {}, "environment": {},
        "secrets": [], "extra": {}, "failure_hook_source": null, "model": null, "retry": null, "substitutions": {},
        "cache_policy": policy, "heartbeat_healthy_threshold": 30, "group": null, "outputs": {}, "name": name,
    });
    Step {
        name: name.to_owned(),
        spec: json!({"source": {"module": "run", "attribute": name, "type": "user"}, "upstream_steps": upstream, "inputs": inputs,
            "invocation_id": name, "enable_heartbeat": false, "parameter_spec": parameter_spec}),
        config: Value::Object(merged(overrides.as_object().unwrap(), &map(pipeline_configuration()), false)),
        overrides,
    }
}

fn object_schema(properties: Value) -> Value {
    json!({"additionalProperties": false, "properties": properties, "title": "Parameters", "type": "object"})
}

/// A component of the stack.
pub fn component(kind: &str, name: &str, flavor: &str) -> Component {
    Component { kind: kind.to_owned(), name: name.to_owned(), flavor: flavor.to_owned(), ..Component::default() }
}

/// `data_loader(data_path, rows) -> model_trainer(learning_rate, model_type, layers, optimizer, seed) -> evaluator()`.
pub fn training_snapshot() -> Snapshot {
    let loader = object_schema(json!({
        "data_path": {"default": "data.csv", "title": "Data Path", "type": "string"},
        "rows": {"default": 20, "minimum": 1, "title": "Rows", "type": "integer"}}));
    let mut trainer = object_schema(json!({
        "learning_rate": {"default": 0.1, "exclusiveMinimum": 0, "title": "Learning Rate", "type": "number"},
        "model_type": {"default": "linear", "enum": ["linear", "tree", "forest"], "title": "Model Type", "type": "string"},
        "layers": {"default": [8, 4], "items": {"type": "integer"}, "title": "Layers", "type": "array"},
        "optimizer": {"$ref": "#/$defs/Optimizer", "default": {"name": "adam", "momentum": 0.9}},
        "seed": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": null, "title": "Seed"}}));
    trainer["$defs"] = json!({"Optimizer": {"type": "object", "title": "Optimizer", "required": ["name", "momentum"], "properties": {
        "name": {"title": "Name", "type": "string"}, "momentum": {"title": "Momentum", "type": "number", "maximum": 1}}}});
    let trainer_parameters = json!({"learning_rate": 0.1, "model_type": "linear", "layers": [8, 4],
        "optimizer": {"name": "adam", "momentum": 0.9}, "seed": null});
    Snapshot {
        is_dynamic: false,
        run_name_template: "training-{date}-{time}".to_owned(),
        pipeline_configuration: map(pipeline_configuration()),
        pipeline_spec_parameters: Some(Map::new()),
        pipeline_parameter_schema: None,
        steps: vec![
            step("data_loader", &[], json!({}), json!({"data_path": "data.csv", "rows": 20}), loader),
            step(
                "model_trainer",
                &["data_loader"],
                json!({"data": {"step_name": "data_loader", "output_name": "dataset"}}),
                trainer_parameters,
                trainer,
            ),
            step(
                "evaluator",
                &["model_trainer"],
                json!({"model": {"step_name": "model_trainer", "output_name": "model"}}),
                json!({}),
                json!({}),
            ),
        ],
        components: vec![component("orchestrator", "default", "local"), component("artifact_store", "default", "local")],
        legacy_settings_keys: false,
        form: None,
        step_options: Vec::new(),
    }
}

/// A dynamic pipeline with the parameter `n`.
pub fn dynamic_snapshot() -> Snapshot {
    let mut configuration = map(pipeline_configuration());
    configuration.insert("parameters".to_owned(), json!({"n": 2}));
    Snapshot {
        is_dynamic: true,
        run_name_template: "dynamic-{date}-{time}".to_owned(),
        pipeline_configuration: configuration,
        pipeline_spec_parameters: Some(map(json!({"n": 2}))),
        pipeline_parameter_schema: Some(object_schema(json!({"n": {"default": 2, "title": "N", "type": "integer"}}))),
        components: vec![component("orchestrator", "default", "local")],
        ..Snapshot::default()
    }
}
