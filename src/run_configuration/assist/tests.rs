use serde_json::json;

use super::*;
use crate::run_configuration::{
    example::{dynamic_snapshot, training_snapshot},
    review::review,
};

/// The labels offered where `|` is in a text, and the text in front of it that is taken back.
fn labels(snapshot: &Snapshot, text: &str) -> (String, Vec<String>) {
    let at = text.find('|').unwrap();
    let line = text[..at].matches('\n').count() + 1;
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let column = text[start..at].chars().count() + 1;
    let (from, found) = complete(snapshot, &text.replace('|', ""), line, column).unwrap_or((column, Vec::new()));
    (text[start..at].chars().skip(from - 1).collect(), found.into_iter().map(|completion| completion.label).collect())
}

#[test]
fn keys_and_values_are_offered_where_they_may_stand() {
    let snapshot = training_snapshot();
    let (typed, keys) = labels(&snapshot, "st|");
    assert_eq!(typed, "st");
    assert!(keys.contains(&"steps".to_owned()) && keys.contains(&"run_name".to_owned()) && !keys.contains(&"parameters".to_owned()));
    assert_eq!(labels(&snapshot, "steps:\n  |").1, ["data_loader", "model_trainer", "evaluator"]);
    let trainer = "steps:\n  model_trainer:\n    parameters:\n";
    assert_eq!(labels(&snapshot, &format!("{trainer}      learning_rate: 1\n      |")).1, ["model_type", "layers", "optimizer", "seed"]);
    assert_eq!(
        labels(&snapshot, &format!("{trainer}      model_type: t|")),
        ("t".to_owned(), ["linear", "tree", "forest"].map(str::to_owned).to_vec())
    );
    assert_eq!(labels(&snapshot, &format!("{trainer}      optimizer:\n        mo|")).1, ["name", "momentum"]);
    assert_eq!(labels(&snapshot, "enable_cache: |\nsteps: [\n").1, ["true", "false"], "in a text that cannot be read as a whole");
    assert_eq!(labels(&snapshot, "run_configuration:\n  steps:\n    |").1.len(), 3);
    assert_eq!(labels(&snapshot, "steps:\n  gone:\n    |").1, [""; 0]);
    assert_eq!(labels(&dynamic_snapshot(), "parameters:\n  |").1, ["n"]);
    assert!(labels(&snapshot, "settings:\n  |").1.contains(&"resources".to_owned()));
    assert!(labels(&snapshot, "settings:\n  resources:\n    |").1.contains(&"cpu_count".to_owned()));
}

#[test]
fn what_is_offered_fits_when_it_is_written() {
    let snapshot = training_snapshot();
    let (_, found) = complete(&snapshot, "steps:\n  ", 2, 3).unwrap();
    assert_eq!(found[0].insert, "data_loader:\n    ");
    let (_, found) = complete(&snapshot, "", 1, 1).unwrap();
    assert_eq!(found.iter().find(|completion| completion.label == "run_name").unwrap().insert, "run_name: ");
}

#[test]
fn hovering_tells_what_a_key_takes() {
    let text = "steps:\n  model_trainer:\n    parameters:\n      learning_rate: 0.5 # x\n      optimizer: {momentum: 1}\n";
    let help = |line, column| hover(&training_snapshot(), text, line, column);
    let rate = help(4, 9).unwrap();
    assert_eq!(rate.title, "steps.model_trainer.parameters.learning_rate");
    assert_eq!(rate.lines, ["Takes a number", "Snapshot: 0.1"]);
    assert_eq!(help(5, 20).unwrap().title, "steps.model_trainer.parameters.optimizer.momentum");
    assert_eq!(hover(&training_snapshot(), "enable_cache: [\n", 1, 3).unwrap().title, "enable_cache");
    assert_eq!(hover(&training_snapshot(), "nothing: 1\n", 1, 3), None);
}

#[test]
fn what_is_required_is_written_out() {
    let mut snapshot = dynamic_snapshot();
    snapshot.pipeline_parameter_schema = Some(json!({"properties": {"n": {"type": "integer"}, "size": {"type": "integer"},
        "mode": {"enum": ["a", "b"]}}, "required": ["n", "size", "mode"]}));
    assert_eq!(with_required(&snapshot, "# mine\n"), "# mine\nparameters:\n  size: null\n  mode: a\n");
    assert_eq!(with_required(&snapshot, "parameters: {size: 1, mode: b}\n"), "parameters: {size: 1, mode: b}\n");
    assert_eq!(with_required(&training_snapshot(), "tags: [a]\n"), "tags: [a]\n", "the snapshot has all values");
}

#[test]
fn what_is_not_known_is_removed_and_nothing_else() {
    let text = "# kept\nbogus: 1\nsteps:\n  gone: {}\n  model_trainer:\n    nope: 1 # gone too\n    parameters:\n      learning_rat: 1\n      seed: 4 # kept\n      optimizer: {momentum: 1, what: 2}\n";
    let (text, removed) = without_unknown(&training_snapshot(), text);
    assert_eq!(text, "# kept\nsteps:\n  model_trainer:\n    parameters:\n      seed: 4 # kept\n      optimizer: {momentum: 1}\n");
    assert_eq!(removed.len(), 5);
    assert_eq!(review(&training_snapshot(), &text).problems, []);
    let kept = "parameters: {rows: 1}\nbuild: x\n";
    assert_eq!(without_unknown(&training_snapshot(), kept), (kept.to_owned(), Vec::new()), "their problems name a better way");
}
