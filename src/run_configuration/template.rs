//! The configuration template of a snapshot: a run configuration that says what the snapshot does, without what is default anyway.

use serde_json::{Map, Value, json};

use super::{
    keys::{Key, Kind, RUN_KEYS, STEP_KEYS, definition},
    snapshot::Snapshot,
};

/// `config_template` of a snapshot response: the run's name, the steps, and the keys of the run.
pub fn config_template(snapshot: &Snapshot) -> Map<String, Value> {
    let mut template = Map::new();
    template.insert("run_name".to_owned(), json!(snapshot.run_name_template));
    let steps: Map<String, Value> = snapshot
        .steps
        .iter()
        .map(|step| {
            let overrides = step.overrides.as_object().cloned().unwrap_or_default();
            (step.name.clone(), Value::Object(without_defaults(&overrides, STEP_KEYS, true)))
        })
        .collect();
    template.insert("steps".to_owned(), Value::Object(steps));
    template.extend(without_defaults(&snapshot.pipeline_configuration, RUN_KEYS, snapshot.is_dynamic));
    template
}

/// The keys of a stored configuration that a run configuration has too and that differ from their defaults.
fn without_defaults(configuration: &Map<String, Value>, keys: &[Key], with_parameters: bool) -> Map<String, Value> {
    let mut kept = Map::new();
    for (name, value) in configuration {
        let value = match (name.as_str(), keys.iter().find(|key| key.name == name)) {
            ("parameters", _) => (with_parameters && !is_empty(value)).then(|| value.clone()),
            ("settings", _) => (!is_empty(value)).then(|| settings(value)),
            (_, Some(Key { kind: Kind::Outputs, .. })) | (_, None) => None,
            (_, Some(key)) => set_value(key, value),
        };
        kept.extend(value.map(|value| (name.clone(), value)));
    }
    kept
}

/// The value of a stored key as a run configuration has it: without defaults, with import paths for sources; none if it is not set.
pub(super) fn set_value(key: &Key, value: &Value) -> Option<Value> {
    if value.is_null() {
        return None;
    }
    match key.kind {
        Kind::Source => Some(import_path(value)),
        Kind::AnyMap | Kind::TextMap | Kind::Secrets => (!is_empty(value) || key.name == "init_hook_kwargs").then(|| value.clone()),
        Kind::HeartbeatThreshold => (*value != json!(30)).then(|| value.clone()),
        Kind::Tags => Some(tags(value)),
        Kind::Defined("ExecutionMode") => (*value != json!("continue_on_failure")).then(|| value.clone()),
        Kind::Defined(name) => {
            let value = object(value, name);
            // Steps and pipelines have the default cache policy; other objects count as set when they are there.
            (name != "CachePolicy" || !is_empty(&value)).then_some(value)
        }
        Kind::Boolean | Kind::Text | Kind::ComponentChoice | Kind::Outputs => Some(value.clone()),
    }
}

/// An object without the fields that are null or have their defaults.
fn object(value: &Value, definition_name: &str) -> Value {
    let Value::Object(fields) = value else { return value.clone() };
    let default = |field: &str| definition(definition_name)?.get("properties")?.get(field)?.get("default");
    let kept = fields.iter().filter(|(field, value)| !value.is_null() && default(field) != Some(*value));
    Value::Object(kept.map(|(field, value)| (field.clone(), without_nulls(value))).collect())
}

fn tags(value: &Value) -> Value {
    match value {
        Value::Array(tags) => Value::Array(tags.iter().map(without_nulls).collect()),
        other => other.clone(),
    }
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            Value::Object(map.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.clone(), value.clone())).collect())
        }
        other => other.clone(),
    }
}

fn settings(value: &Value) -> Value {
    let Value::Object(settings) = value else { return value.clone() };
    let kept = settings.iter().filter(|(key, _)| *key != "docker");
    Value::Object(kept.map(|(key, value)| (key.clone(), without_nulls(value))).collect())
}

/// `module.attribute` of a stored source.
fn import_path(source: &Value) -> Value {
    let part = |key: &str| source.get(key).and_then(Value::as_str);
    match (part("module"), part("attribute")) {
        (Some(module), Some(attribute)) if !attribute.is_empty() => json!(format!("{module}.{attribute}")),
        (Some(module), _) => json!(module),
        _ => source.clone(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run_configuration::{
        example::{dynamic_snapshot, map, training_snapshot},
        validate::validate,
    };

    #[test]
    fn only_what_is_set_is_there() {
        let mut snapshot = training_snapshot();
        snapshot.steps[0].overrides["enable_cache"] = json!(false);
        assert_eq!(
            Value::Object(config_template(&snapshot)),
            json!({"run_name": "training-{date}-{time}",
                "steps": {
                    "data_loader": {"enable_cache": false, "parameters": {"data_path": "data.csv", "rows": 20}},
                    "model_trainer": {"parameters": {"learning_rate": 0.1, "model_type": "linear", "layers": [8, 4],
                        "optimizer": {"name": "adam", "momentum": 0.9}, "seed": null}},
                    "evaluator": {}},
                "tags": ["demo", "nightly"], "substitutions": {"team": "vision"}})
        );
    }

    /// What ZenML 0.98 answers for the same configuration.
    #[test]
    fn objects_lose_their_defaults() {
        let mut snapshot = training_snapshot();
        snapshot.steps.truncate(1);
        snapshot.pipeline_configuration = map(json!({
            "environment": {"A": "1"}, "secrets": [], "execution_mode": "fail_fast",
            "settings": {"docker": {"parent_image": "x"}, "resources": {"cpu_count": 2, "gpu_count": null}},
            "tags": ["a", {"name": "t", "color": "red", "exclusive": null}], "extra": {"k": null},
            "failure_hook_source": {"module": "a", "attribute": "b", "type": "unknown"},
            "model": {"name": "m", "license": null, "save_models_to_registry": true, "suppress_class_validation_warnings": true},
            "parameters": {"ignored": 1}, "retry": {"max_retries": 1, "delay": 0, "backoff": 0}, "name": "p",
            "cache_policy": {"include_step_code": false, "include_step_parameters": true, "cache_func": {"module": "x", "attribute": "y", "type": "unknown"}}}));
        snapshot.steps[0].overrides = json!({"name": "s", "parameters": {"x": null, "d": {}}, "settings": {"docker": {}},
            "retry": {"max_retries": 1, "delay": 0, "backoff": 0}, "cache_policy": {"include_step_code": true, "expires_after": null},
            "group": {"id": "g", "name": null, "type": "manual"}, "success_hook_source": {"module": "q", "attribute": "r", "type": "unknown"},
            "heartbeat_healthy_threshold": 30, "outputs": {"o": {}}, "step_type": null});
        assert_eq!(
            Value::Object(config_template(&snapshot)),
            json!({"run_name": "training-{date}-{time}",
                "steps": {"data_loader": {"parameters": {"x": null, "d": {}}, "settings": {}, "retry": {}, "group": {"id": "g"},
                    "success_hook_source": "q.r"}},
                "environment": {"A": "1"}, "execution_mode": "fail_fast", "settings": {"resources": {"cpu_count": 2}},
                "tags": ["a", {"name": "t", "color": "red"}], "extra": {"k": null}, "failure_hook_source": "a.b",
                "model": {"name": "m", "suppress_class_validation_warnings": true}, "retry": {},
                "cache_policy": {"include_step_code": false, "cache_func": {"module": "x", "attribute": "y", "type": "unknown"}}})
        );
    }

    #[test]
    fn a_dynamic_pipeline_shows_its_parameters() {
        assert_eq!(config_template(&dynamic_snapshot())["parameters"], json!({"n": 2}));
    }

    #[test]
    fn the_template_of_a_static_snapshot_can_be_sent_back() {
        assert_eq!(validate(&training_snapshot(), &config_template(&training_snapshot()), &[]), []);
    }
}
