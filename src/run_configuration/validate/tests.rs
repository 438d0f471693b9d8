use serde_json::json;

use super::*;
use crate::run_configuration::{
    example::{component, dynamic_snapshot, map, training_snapshot},
    problem::Level,
};

fn problems_of(snapshot: &Snapshot, configuration: Value, replace: &[&str]) -> Vec<Problem> {
    let replace: Vec<ValuePath> = replace.iter().map(|path| ValuePath::from(*path)).collect();
    validate(snapshot, &map(configuration), &replace)
}

fn problems(configuration: Value) -> Vec<Problem> {
    problems_of(&training_snapshot(), configuration, &[])
}

/// The only problem, as (level, path, message, fix).
fn only(configuration: Value) -> (Level, String, String, String) {
    single(problems(configuration))
}

fn single(mut problems: Vec<Problem>) -> (Level, String, String, String) {
    assert_eq!(problems.len(), 1, "{problems:#?}");
    let problem = problems.remove(0);
    (problem.level, problem.path.to_string(), problem.message, problem.fix.unwrap_or_default())
}

fn trainer(parameters: Value) -> Value {
    json!({"steps": {"model_trainer": {"parameters": parameters}}})
}

#[test]
fn good_configurations_have_no_problems() {
    for configuration in [
        json!({}),
        json!({"run_name": "sweep-{team}-{date}", "enable_cache": false, "tags": ["a", {"name": "b", "color": "red"}], "extra": {"k": null}}),
        json!({"steps": {"model_trainer": {"parameters": {"learning_rate": 0.01, "seed": 7}, "enable_cache": true}, "evaluator": null}}),
        trainer(json!({"learning_rate": "1e-4", "layers": ["8", 4.0], "optimizer": {"momentum": 0.5}})),
        json!({"retry": {"max_retries": 3}, "model": {"name": "m", "version": 3}, "cache_policy": "default", "execution_mode": "fail_fast"}),
        json!({"failure_hook_source": "hooks.on_failure", "environment": {"A": "1"}, "substitutions": {"x": "y"}}),
        json!({"settings": {"resources": {"cpu_count": 2, "memory": "4GB"}, "orchestrator": {"x": 1}}}),
        json!({"steps": {"evaluator": {"settings": {"resources": {"gpu_count": "{{ limits.gpus }}"}}, "heartbeat_healthy_threshold": 30}}}),
    ] {
        assert_eq!(problems(configuration.clone()), [], "{configuration}");
    }
}

/// The client sends every field it knows, null where nothing is set.
#[test]
fn what_the_client_sends_has_no_problems() {
    let mut step: Map<String, Value> =
        crate::run_configuration::keys::STEP_KEYS.iter().map(|key| (key.name.to_owned(), json!(null))).collect();
    step.extend(map(json!({"parameters": {"rows": 5}, "settings": null, "heartbeat_healthy_threshold": 30, "outputs": {}})));
    let mut configuration: Map<String, Value> = RUN_KEYS.iter().map(|key| (key.name.to_owned(), json!(null))).collect();
    configuration
        .extend(map(json!({"schedule": null, "build": null, "settings": null, "parameters": null, "steps": {"data_loader": step}})));
    assert_eq!(problems(Value::Object(configuration)), []);
}

#[test]
fn build_schedule_and_docker_are_refused() {
    for (configuration, place) in [
        (json!({"build": "e6782b27-b09e-45d3-8405-8335c0ed5df0"}), "build"),
        (json!({"schedule": {"cron_expression": "0 0 * * *"}}), "schedule"),
        (json!({"settings": {"docker": {}}}), "settings.docker"),
        (json!({"steps": {"data_loader": {"settings": {"docker": {"parent_image": "x"}}}}}), "steps.data_loader.settings.docker"),
    ] {
        let (level, path, _, fix) = only(configuration);
        assert_eq!((level, path.as_str(), fix.starts_with("Remove")), (Level::Error, place, true));
    }
}

#[test]
fn pipeline_parameters_of_a_static_pipeline_are_shown_where_to_go() {
    let (level, path, message, fix) = only(json!({"parameters": {"learning_rate": 0.1}}));
    assert_eq!((level, path.as_str()), (Level::Error, "parameters.learning_rate"));
    assert!(message.contains("static"), "{message}");
    assert_eq!(fix, "Move it to `steps.model_trainer.parameters.learning_rate`.");
    assert!(only(json!({"parameters": {"zzz": 1}})).3.contains("steps.<step>.parameters"));
    assert_eq!(problems(json!({"parameters": {}})), [], "ZenML refuses only what is not empty");
}

#[test]
fn pipeline_parameters_of_a_dynamic_pipeline_are_checked() {
    let snapshot = dynamic_snapshot();
    assert_eq!(problems_of(&snapshot, json!({"parameters": {"n": "5"}}), &[]), []);
    let (_, path, message, _) = single(problems_of(&snapshot, json!({"parameters": {"n": "many"}}), &[]));
    assert_eq!((path.as_str(), message.as_str()), ("parameters.n", "Expects an integer, not the text \"many\"."));
    let (_, path, _, fix) = single(problems_of(&snapshot, json!({"parameters": {"zz": 1}}), &[]));
    assert_eq!((path.as_str(), fix.as_str()), ("parameters.zz", "Known pipeline parameters: `n`."));
    assert_eq!(single(problems_of(&snapshot, json!({"n": 3}), &[])).3, "Move it under `parameters`.");
}

#[test]
fn a_dynamic_pipeline_takes_no_steps() {
    let (level, path, message, fix) = single(problems_of(&dynamic_snapshot(), json!({"steps": {"a": {}}}), &[]));
    assert_eq!((level, path.as_str()), (Level::Error, "steps"));
    assert!(message.contains("dynamic"), "{message}");
    assert!(fix.contains("takes pipeline parameters") && fix.contains("`n`"), "{fix}");
    assert_eq!(problems_of(&dynamic_snapshot(), json!({"steps": {}}), &[]), []);
}

#[test]
fn unknown_steps_are_refused() {
    let (level, path, message, fix) = only(json!({"steps": {"model_trainr": {"parameters": {"learning_rate": 1}}}}));
    assert_eq!((level, path.as_str(), message.as_str()), (Level::Error, "steps.model_trainr", "The snapshot has no step of this name."));
    assert_eq!(fix, "Did you mean `model_trainer`?");
    assert_eq!(only(json!({"steps": {"zzz": {}}})).3, "Known steps: `data_loader`, `model_trainer`, `evaluator`.");
}

#[test]
fn unknown_parameters_are_refused() {
    let (level, path, _, fix) = only(trainer(json!({"learnig_rate": 1})));
    assert_eq!((level, path.as_str()), (Level::Error, "steps.model_trainer.parameters.learnig_rate"));
    assert_eq!(fix, "Did you mean `learning_rate`?");
    assert_eq!(only(trainer(json!({"rows": 1}))).3, "It is a parameter of another step: `steps.data_loader.parameters.rows`.");
    assert!(only(trainer(json!({"data": 1}))).2.contains("output of the step `data_loader`"));
    assert_eq!(only(json!({"steps": {"evaluator": {"parameters": {"x": 1}}}})).3, "There are no parameters of the step `evaluator`.");
}

#[test]
fn parameters_are_checked_against_their_schema() {
    for (parameters, place, words) in [
        (json!({"learning_rate": "fast"}), "learning_rate", "Expects a number, not the text \"fast\"."),
        (json!({"learning_rate": 0}), "learning_rate", "Must be more than 0, not 0."),
        (json!({"learning_rate": null}), "learning_rate", "Expects a number, not null."),
        (json!({"model_type": "linar"}), "model_type", "Expects one of `linear`, `tree`, `forest`, not the text \"linar\"."),
        (json!({"model_type": 3}), "model_type", "Expects one of `linear`, `tree`, `forest`, not the number 3."),
        (json!({"layers": [8, "x"]}), "layers.1", "Expects an integer, not the text \"x\"."),
        (json!({"layers": 8}), "layers", "Expects a list of integers, not the number 8."),
        (json!({"optimizer": {"momentum": 2}}), "optimizer.momentum", "Must be at most 1, not 2."),
        (json!({"seed": 1.5}), "seed", "Expects an integer, not the number 1.5."),
    ] {
        let (level, path, message, _) = only(trainer(parameters));
        assert_eq!((level, path, message.as_str()), (Level::Error, format!("steps.model_trainer.parameters.{place}"), words));
    }
}

#[test]
fn a_schema_that_refuses_the_stored_value_is_not_trusted() {
    let mut snapshot = training_snapshot();
    snapshot.steps[1].config["parameters"]["learning_rate"] = json!("auto");
    assert_eq!(problems_of(&snapshot, trainer(json!({"learning_rate": "fast"})), &[]), []);
}

#[test]
fn a_value_taken_whole_must_be_complete() {
    let optimizer = trainer(json!({"optimizer": {"momentum": 0.5}}));
    assert_eq!(problems_of(&training_snapshot(), optimizer.clone(), &[]), []);
    let found = problems_of(&training_snapshot(), optimizer, &["steps.model_trainer.parameters.optimizer"]);
    assert_eq!(single(found).2, "`name` is missing.");
    let rows = json!({"steps": {"data_loader": {"parameters": {"rows": 5}}}});
    let (_, path, message, _) = single(problems_of(&training_snapshot(), rows, &["steps.data_loader.parameters"]));
    assert_eq!(path, "steps.data_loader.parameters");
    assert!(message.contains("`data_path`"), "{message}");
}

#[test]
fn unknown_keys_are_errors_only_when_something_was_meant() {
    let meant = [
        (json!({"stpes": {}}), "Did you mean `steps`?"),
        (json!({"run_configuraton": {}}), "Did you mean `run_configuration`?"),
        (json!({"enable-cache": false}), "Did you mean `enable_cache`?"),
        (json!({"model_trainer": {}}), "Move it under `steps`."),
        (json!({"learning_rate": 1}), "Move it to `steps.model_trainer.parameters.learning_rate`."),
        (json!({"steps": {"data_loader": {"rows": 1}}}), "Move it to `steps.data_loader.parameters.rows`."),
        (json!({"steps": {"data_loader": {"params": {}, "parameter": {}}}}), ""),
        (json!({"retry": {"max_retires": 3}}), "Did you mean `max_retries`?"),
        (json!({"settings": {"resources": {"cpucount": 3}}}), "Did you mean `cpu_count`?"),
    ];
    for (configuration, fix) in meant {
        let problems = problems(configuration.clone());
        assert!(problems.iter().any(Problem::is_error), "{configuration}");
        assert!(fix.is_empty() || problems[0].fix.as_deref() == Some(fix), "{configuration}: {problems:?}");
    }
    for configuration in [json!({"bogus": 1}), json!({"steps": {"data_loader": {"bogus": 1}}}), json!({"retry": {"bogus": 3}})] {
        assert_eq!(only(configuration).0, Level::Warning);
    }
}

#[test]
fn types_of_known_keys_are_those_of_zenml() {
    for (configuration, place) in [
        (json!({"enable_cache": 2}), "enable_cache"),
        (json!({"run_name": 3}), "run_name"),
        (json!({"tags": "a"}), "tags"),
        (json!({"tags": [1]}), "tags.0"),
        (json!({"steps": []}), "steps"),
        (json!({"steps": {"data_loader": 3}}), "steps.data_loader"),
        (json!({"steps": {"data_loader": {"parameters": 3}}}), "steps.data_loader.parameters"),
        (json!({"steps": {"data_loader": {"retry": {"max_retries": 0}}}}), "steps.data_loader.retry.max_retries"),
        (json!({"steps": {"data_loader": {"environment": {"A": 1}}}}), "steps.data_loader.environment.A"),
        (json!({"steps": {"data_loader": {"heartbeat_healthy_threshold": 5}}}), "steps.data_loader.heartbeat_healthy_threshold"),
        (json!({"retry": 3}), "retry"),
        (json!({"execution_mode": "x"}), "execution_mode"),
        (json!({"settings": {"resources": 3}}), "settings.resources"),
        (json!({"environment": {"A": 1}}), "environment.A"),
        (json!({"extra": []}), "extra"),
        (json!({"model": "m"}), "model"),
        (json!({"model": {"version": "1"}}), "model"),
        (json!({"cache_policy": "x"}), "cache_policy"),
        (json!({"secrets": "a"}), "secrets"),
        (json!({"substitutions": {"a": 1}}), "substitutions.a"),
        (json!({"failure_hook_source": ""}), "failure_hook_source"),
        (json!({"failure_hook_source": {"module": "a"}}), "failure_hook_source"),
    ] {
        let (level, path, _, _) = only(configuration);
        assert_eq!((level, path.as_str()), (Level::Error, place));
    }
}

#[test]
fn names_of_runs_are_tried() {
    let (level, path, message, _) = only(json!({"run_name": "{tem}"}));
    assert_eq!((level, path.as_str()), (Level::Error, "run_name"));
    assert!(message.contains("`{tem}`") && message.contains("`{team}`"), "{message}");
    assert_eq!(problems(json!({"run_name": "{tem}", "substitutions": {"tem": "x"}})), []);
    assert_eq!(problems(json!({"run_name": ""})), [], "as in ZenML, an empty name is the template of the snapshot");
    assert!(only(json!({"run_name": "x".repeat(300)})).2.contains("255"));
}

#[test]
fn settings_of_components_are_checked() {
    let mut snapshot = training_snapshot();
    snapshot.components[0].settings_schema = Some(json!({"type": "object", "additionalProperties": true, "required": ["other"],
        "properties": {"synchronous": {"type": "boolean"}, "count": {"$ref": "#/$defs/Count"}}, "$defs": {"Count": {"type": "integer"}}}));
    for key in ["orchestrator", "orchestrator.local", "orchestrator:default"] {
        let (level, path, _, _) = single(problems_of(&snapshot, json!({"settings": {key: {"count": "x"}}}), &[]));
        assert_eq!((level, path), (Level::Error, ValuePath::of(["settings", key, "count"]).to_string()));
    }
    let (level, _, _, fix) = single(problems_of(&snapshot, json!({"settings": {"orchestrator": {"synchronos": true}}}), &[]));
    assert_eq!((level, fix.as_str()), (Level::Warning, "Did you mean `synchronous`?"));
    assert_eq!(single(problems_of(&snapshot, json!({"settings": {"orchestrator:x": {}}}), &[])).0, Level::Warning);
    assert_eq!(single(problems_of(&snapshot, json!({"settings": {"step_operator": {}}}), &[])).0, Level::Error);
}

#[test]
fn a_chosen_component_must_be_in_the_stack() {
    let mut snapshot = training_snapshot();
    snapshot.components.push(component("step_operator", "gpu-pool", "kubernetes"));
    let choose = |name: Value| problems_of(&snapshot, json!({"steps": {"evaluator": {"step_operator": name}}}), &[]);
    assert_eq!(choose(json!("gpu-pool")), []);
    assert_eq!(choose(json!(true)), []);
    assert_eq!(single(choose(json!("gpu_pool"))).3, "Did you mean `gpu-pool`?");
}

#[test]
fn a_switch_that_does_not_reach_a_step_is_told() {
    let mut snapshot = training_snapshot();
    snapshot.steps[1].overrides["enable_cache"] = json!(true);
    let (level, path, message, fix) = single(problems_of(&snapshot, json!({"enable_cache": false}), &[]));
    assert_eq!((level, path.as_str()), (Level::Warning, "enable_cache"));
    assert!(message.ends_with("model_trainer."), "{message}");
    assert!(fix.contains("steps.model_trainer.enable_cache"));
    assert_eq!(problems_of(&snapshot, json!({"enable_cache": true}), &[]), []);
    let both = json!({"enable_cache": false, "steps": {"model_trainer": {"enable_cache": false}}});
    assert_eq!(problems_of(&snapshot, both, &[]), []);
}
