//! Options of a run and of its steps as fields: what they write into a text, and what is sent of it.

use serde_json::{Value, json};

use super::*;
use crate::run_configuration::{
    code::{self, Target},
    derive::derive,
    example::{component, map, training_snapshot},
    keys::RUN_KEYS,
    problem::has_errors,
    review::review,
    snapshot::Snapshot,
};

fn field(snapshot: &Snapshot, path: &str) -> Field {
    let fields = all_fields(snapshot);
    fields.into_iter().find(|field| field.path.to_string() == path).unwrap_or_else(|| panic!("no field {path}"))
}

/// A text with something typed in one of the fields.
fn typed(snapshot: &Snapshot, text: &str, path: &str, entry: &str) -> String {
    let (text, problems) =
        apply_to_text(text, &all_fields(snapshot), &[(ValuePath::from(path), Entry { text: entry.to_owned(), is_null: false })]);
    assert_eq!(problems, [], "{path}");
    text
}

fn rows(rows: &[(&str, &str)]) -> String {
    join_rows(&rows.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect::<Vec<_>>())
}

fn changes(snapshot: &Snapshot, text: &str) -> Vec<(String, Value)> {
    let found = review(snapshot, text);
    assert!(!has_errors(&found.problems), "{text}{:?}", found.problems);
    found.changes.into_iter().map(|change| (change.path.to_string(), change.new.unwrap_or_default())).collect()
}

#[test]
fn each_option_is_written_where_it_belongs_and_taken_back_without_a_trace() {
    let mut snapshot = training_snapshot();
    snapshot.components.push(component("experiment_tracker", "mlflow", "mlflow"));
    let environment = rows(&[("LEVEL", "3"), ("MODE", "")]);
    let step = |key: &str| format!("steps.evaluator.{key}");
    for (path, entry, value) in [
        ("enable_cache", "false", json!(false)),
        ("settings.resources.cpu_count", "2.5", json!(2.5)),
        ("settings.resources.gpu_count", "1", json!(1)),
        ("settings.resources.memory", "4GB", json!("4GB")),
        ("retry.max_retries", "3", json!(3)),
        (&step("settings.resources.memory"), "16GiB", json!("16GiB")),
        (&step("enable_cache"), "true", json!(true)),
        (&step("retry.backoff"), "2", json!(2)),
        (&step("experiment_tracker"), "mlflow", json!("mlflow")),
        (&step("experiment_tracker"), "false", json!(false)),
        ("environment", &environment, json!({"LEVEL": "3", "MODE": ""})),
        ("secrets", "api\nother", json!(["api", "other"])),
        ("extra", "a: [1]", json!({"a": [1]})),
        ("failure_hook_source", "hooks.notify", json!("hooks.notify")),
        ("substitutions", &rows(&[("team", "audio")]), json!({"team": "audio"})),
        ("cache_policy", "expires_after: 60", json!({"expires_after": 60})),
        ("execution_mode", "fail_fast", json!("fail_fast")),
    ] {
        let before = "# mine\nrun_name: x # kept\n";
        let text = typed(&snapshot, before, path, entry);
        assert!(text.starts_with(before), "{text}");
        let request = crate::run_configuration::request::read_text(&text).expect("a text");
        let place = ValuePath::from(path);
        assert_eq!(place.get(&request.configuration), Some(&value), "{text}");
        assert!(changes(&snapshot, &text).iter().any(|(changed, _)| changed.starts_with(path)), "{text}");
        let own = field(&snapshot, path).entry(None).text;
        assert_eq!(typed(&snapshot, &text, path, &own), before, "{path}");
    }
}

#[test]
fn every_key_of_a_run_has_a_field() {
    let all = all_fields(&training_snapshot());
    for key in RUN_KEYS {
        assert!(all.iter().any(|field| field.path.segments()[0] == key.name), "{}", key.name);
    }
}

#[test]
fn a_version_alone_has_the_name_of_its_model_sent_along() {
    let mut snapshot = training_snapshot();
    snapshot.pipeline_configuration["model"] = json!({"name": "churn", "version": null, "save_models_to_registry": true});
    let text = typed(&snapshot, "", "model.version", "staging");
    assert_eq!(changes(&snapshot, &text), [("model.version".to_owned(), json!("staging"))], "{text}");
    assert!(text.contains("name: churn"), "{text}");
    assert_eq!(typed(&snapshot, &text, "model.version", ""), "", "the name alone says nothing");
    let renamed = typed(&snapshot, &text, "model.name", "other");
    let back = typed(&snapshot, &renamed, "model.name", "churn");
    assert_eq!(changes(&snapshot, &back), [("model.version".to_owned(), json!("staging"))], "{back}");
    // Where the snapshot has no model, the form says that a name is missing.
    let found = review(&training_snapshot(), &typed(&training_snapshot(), "", "model.version", "3"));
    assert!(has_errors(&found.problems), "{:?}", found.problems);
}

#[test]
fn fields_show_what_the_snapshot_has_as_it_is_typed() {
    let mut snapshot = training_snapshot();
    let configuration = &mut snapshot.pipeline_configuration;
    configuration["settings"] = json!({"resources": {"cpu_count": 2, "memory": null}, "orchestrator": {"synchronous": true}});
    configuration["failure_hook_source"] = json!({"module": "hooks", "attribute": "notify", "type": "user"});
    configuration["environment"] = json!({"LEVEL": 3});
    snapshot.steps[0].overrides["step_operator"] = json!("gone");
    let shown = |path: &str| (field(&snapshot, path).current, field(&snapshot, path).kind);
    assert_eq!(shown("settings.resources.cpu_count"), (Some(json!(2)), FieldKind::Number));
    assert_eq!(shown("settings.resources.memory"), (None, FieldKind::Text));
    assert_eq!(shown("failure_hook_source"), (Some(json!("hooks.notify")), FieldKind::Text));
    assert_eq!(shown("environment"), (Some(json!({"LEVEL": 3})), FieldKind::Yaml), "a number would come back as text");
    assert_eq!(shown("settings.orchestrator:default"), (Some(json!({"synchronous": true})), FieldKind::Yaml));
    assert_eq!(shown("steps.data_loader.step_operator"), (Some(json!("gone")), FieldKind::Yaml), "not one of the stack");
    let steps = |snapshot: &Snapshot| {
        let fields = fields(snapshot).into_iter().filter(|field| field.section() == Section::Resources);
        fields.filter_map(|field| field.step).collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    };
    assert_eq!(steps(&snapshot), ["data_loader"], "only the step that has some set");
    snapshot.step_options = vec!["evaluator".to_owned()];
    assert_eq!(steps(&snapshot), ["data_loader", "evaluator"]);
    assert_eq!(steps_without_options(&snapshot), ["model_trainer"]);
}

#[test]
fn a_hook_that_is_typed_again_is_no_change() {
    let mut snapshot = training_snapshot();
    snapshot.pipeline_configuration["failure_hook_source"] = json!({"module": "hooks", "attribute": "notify", "type": "user"});
    let text = typed(&snapshot, "", "failure_hook_source", "hooks.other");
    assert!(text.contains("hooks.other"), "{text}");
    assert_eq!(typed(&snapshot, &text, "failure_hook_source", "hooks.notify"), "");
}

#[test]
fn what_may_be_a_credential_is_in_no_link() {
    let snapshot = training_snapshot();
    let configuration = map(json!({
        "environment": {"TOKEN": "hunter2"}, "init_hook_kwargs": {"key": "hunter2"}, "settings": {"resources": {"cpu_count": 2}},
        "steps": {"evaluator": {"retry": {"delay": 5}}}, "model": {"name": "churn"},
    }));
    let target = Target { url: "http://h".into(), project: "p".into(), snapshot: "s".into(), name: None, pipeline: "training".into() };
    let (link, missing) = code::link(&target, &all_fields(&snapshot), &configuration);
    assert!(!link.contains("hunter2") && missing == 2, "{link} {missing}");
    for value in ["p.settings.resources.cpu_count=2", "p.steps.evaluator.retry.delay=5", "p.model.name=churn"] {
        assert!(link.contains(value), "{link}");
    }
}

#[test]
fn options_run_as_they_are_typed() {
    let snapshot = training_snapshot();
    let text = typed(&snapshot, "", "steps.evaluator.retry.max_retries", "2");
    let found = review(&snapshot, &text);
    let derived = derive(&snapshot, &found.configuration.expect("a text"), &found.replace_paths).expect("it runs").snapshot;
    assert_eq!(derived.steps[2].config["retry"], json!({"max_retries": 2, "delay": 0, "backoff": 0}));
}
