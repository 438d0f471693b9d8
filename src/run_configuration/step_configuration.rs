//! The configuration a step runs with: what is configured on the step, over what the pipeline passes on.

use serde_json::{Map, Value};

use super::merge::merge_set_values;

/// Keys of the pipeline configuration that every step inherits.
const PASSED_ON: [&str; 7] = ["settings", "extra", "retry", "substitutions", "environment", "secrets", "cache_policy"];

/// Keys that only the steps of static pipelines inherit; a dynamic pipeline runs its hooks itself.
const PASSED_ON_IN_STATIC_PIPELINES: [&str; 4] = ["failure_hook_source", "success_hook_source", "start_hook_source", "end_hook_source"];

/// The `config` of a step, recomputed as ZenML does when it reads a snapshot.
///
/// Where both have a value the two are merged and the step wins; secrets are those of the pipeline followed by those of the step. Null on
/// the step means "not set".
pub fn merged(overrides: &Map<String, Value>, pipeline_configuration: &Map<String, Value>, is_dynamic: bool) -> Map<String, Value> {
    let inherited = inherited(pipeline_configuration, is_dynamic);
    let mut config = overrides.clone();
    config.extend(inherited.iter().map(|(key, value)| (key.clone(), value.clone())));
    let own: Map<String, Value> =
        overrides.iter().filter(|(key, _)| inherited.contains_key(*key)).map(|(key, value)| (key.clone(), value.clone())).collect();
    merge_set_values(&mut config, &own);
    let secrets: Vec<Value> = [inherited.get("secrets"), overrides.get("secrets")]
        .into_iter()
        .filter_map(|secrets| secrets?.as_array())
        .flatten()
        .cloned()
        .collect();
    config.insert("secrets".to_owned(), Value::Array(secrets));
    config
}

fn inherited(pipeline_configuration: &Map<String, Value>, is_dynamic: bool) -> Map<String, Value> {
    let keys = PASSED_ON.iter().chain(PASSED_ON_IN_STATIC_PIPELINES.iter().filter(|_| !is_dynamic));
    keys.filter_map(|key| Some((*key, pipeline_configuration.get(*key).filter(|value| !value.is_null())?)))
        .map(|(key, value)| (key.to_owned(), if key == "settings" { without_null_settings(value) } else { value.clone() }))
        .collect()
}

/// A setting that is null is one that is not set; ZenML drops it when it passes settings on.
fn without_null_settings(settings: &Value) -> Value {
    let mut settings = settings.clone();
    if let Value::Object(components) = &mut settings {
        for component in components.values_mut().filter_map(Value::as_object_mut) {
            component.retain(|_, value| !value.is_null());
        }
    }
    settings
}

/// Adds the run's date and time to a `substitutions` mapping, keeping what it already has.
pub fn complete_substitutions(substitutions: &mut Map<String, Value>, date: &str, time: &str) {
    for (key, value) in [("date", date), ("time", time)] {
        substitutions.entry(key).or_insert_with(|| Value::String(value.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn config(overrides: Value, pipeline: Value, is_dynamic: bool) -> Value {
        Value::Object(merged(overrides.as_object().unwrap(), pipeline.as_object().unwrap(), is_dynamic))
    }

    #[test]
    fn the_step_wins_key_by_key() {
        let merged = config(
            json!({"parameters": {"x": null}, "settings": {"resources": {"cpu_count": 2}}, "extra": {"a": 1, "gone": null}, "retry": null}),
            json!({"settings": {"resources": {"cpu_count": 1, "memory": "1GB", "gpu_count": null}}, "extra": {"a": 0, "b": 0},
                   "retry": {"max_retries": 3}, "parameters": {"ignored": 1}, "name": "p", "enable_cache": true}),
            false,
        );
        assert_eq!(
            merged,
            json!({"parameters": {"x": null}, "settings": {"resources": {"cpu_count": 2, "memory": "1GB"}}, "extra": {"a": 1, "b": 0},
                   "retry": {"max_retries": 3}, "secrets": []})
        );
    }

    #[test]
    fn secrets_are_concatenated() {
        let merged = config(json!({"secrets": ["s"]}), json!({"secrets": ["p"]}), false);
        assert_eq!(merged["secrets"], json!(["p", "s"]));
    }

    #[test]
    fn hooks_are_passed_on_in_static_pipelines_only() {
        let overrides = json!({"failure_hook_source": null});
        let pipeline = json!({"failure_hook_source": {"module": "m"}});
        assert_eq!(config(overrides.clone(), pipeline.clone(), false)["failure_hook_source"], json!({"module": "m"}));
        assert_eq!(config(overrides, pipeline, true)["failure_hook_source"], json!(null));
    }

    #[test]
    fn the_cache_policy_of_the_step_wins() {
        let merged = config(
            json!({"cache_policy": {"include_step_code": true, "expires_after": null}}),
            json!({"cache_policy": {"include_step_code": false, "expires_after": 5}}),
            false,
        );
        assert_eq!(merged["cache_policy"], json!({"include_step_code": true, "expires_after": 5}));
    }

    #[test]
    fn own_substitutions_are_kept() {
        let mut substitutions = json!({"date": "today"}).as_object().cloned().unwrap();
        complete_substitutions(&mut substitutions, "2026_11_23", "05_10_50_520149");
        assert_eq!(Value::Object(substitutions), json!({"date": "today", "time": "05_10_50_520149"}));
    }
}
