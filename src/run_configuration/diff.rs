//! What a launch changes against its snapshot.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{snapshot::Snapshot, value_path::ValuePath};

/// One value that differs, named as in a run configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// For example `steps.trainer.parameters.lr`.
    pub path: ValuePath,
    /// The value of the snapshot; none if it has no such entry.
    pub old: Option<Value>,
    /// The value of the launch; none if the entry is gone.
    pub new: Option<Value>,
}

/// All values that differ between two states of a snapshot, sorted by path.
///
/// What is configured on the pipeline is named once and not again for each step that inherits it.
pub fn changes(old: &Snapshot, new: &Snapshot) -> Vec<Change> {
    let mut changes = Vec::new();
    if old.run_name_template != new.run_name_template {
        let text = |template: &str| Some(Value::String(template.to_owned()));
        let (old, new) = (text(&old.run_name_template), text(&new.run_name_template));
        changes.push(Change { path: ValuePath::of(["run_name"]), old, new });
    }
    compare_maps(&old.pipeline_configuration, &new.pipeline_configuration, &ValuePath::root(), &mut changes);
    for step in &new.steps {
        let before = old.step(&step.name).map_or(&Value::Null, |step| &step.overrides);
        compare(Some(before), Some(&step.overrides), ValuePath::of(["steps", &step.name]), &mut changes);
    }
    changes.sort_by(|left, right| left.path.cmp(&right.path));
    changes
}

fn compare(old: Option<&Value>, new: Option<&Value>, path: ValuePath, changes: &mut Vec<Change>) {
    let none = Map::new();
    match (old, new) {
        (old, new) if old == new => {}
        (Some(Value::Object(old)), Some(Value::Object(new))) => compare_maps(old, new, &path, changes),
        // A mapping where nothing was: each of its entries is a change, an empty one is none.
        (None | Some(Value::Null), Some(Value::Object(new))) => compare_maps(&none, new, &path, changes),
        (old, new) => changes.push(Change { path, old: old.cloned(), new: new.cloned() }),
    }
}

fn compare_maps(old: &Map<String, Value>, new: &Map<String, Value>, path: &ValuePath, changes: &mut Vec<Change>) {
    for (key, value) in new {
        compare(old.get(key), Some(value), path.child(key), changes);
    }
    for (key, value) in old.iter().filter(|(key, _)| !new.contains_key(*key)) {
        compare(Some(value), None, path.child(key), changes);
    }
}

/// A value on one line of at most `limit` characters: texts in quotes, lists and mappings as JSON, the rest of a long one as `…`.
pub fn render(value: &Value, limit: usize) -> String {
    let text = match value {
        Value::Array(items) => format!("[{}]", items.iter().map(|item| render(item, usize::MAX)).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let entries: Vec<String> = map.iter().map(|(key, value)| format!("{key}: {}", render(value, usize::MAX))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        _ => value.to_string(),
    };
    if text.chars().count() <= limit {
        return text;
    }
    text.chars().take(limit.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::run_configuration::snapshot::Step;

    fn snapshot(name: &str, pipeline: Value, overrides: Value) -> Snapshot {
        Snapshot {
            run_name_template: name.to_owned(),
            pipeline_configuration: pipeline.as_object().cloned().unwrap(),
            steps: vec![Step { name: "a.b".to_owned(), overrides, ..Step::default() }],
            ..Snapshot::default()
        }
    }

    #[test]
    fn leaves_are_named_once_and_in_order() {
        let old = snapshot(
            "n",
            json!({"tags": ["x"], "extra": {}, "settings": {}, "gone": 1}),
            json!({"parameters": {"lr": 0.1, "k": 1}, "retry": null}),
        );
        let new = snapshot(
            "m",
            json!({"tags": ["y"], "extra": {}, "settings": {"resources": {"cpu_count": 2}, "empty": {}}}),
            json!({"parameters": {"lr": 0.2, "k": 1}, "retry": {"max_retries": 3}}),
        );
        let found: Vec<(String, Option<Value>, Option<Value>)> =
            changes(&old, &new).into_iter().map(|change| (change.path.to_string(), change.old, change.new)).collect();
        assert_eq!(
            found,
            [
                ("gone".into(), Some(json!(1)), None),
                ("run_name".into(), Some(json!("n")), Some(json!("m"))),
                ("settings.resources.cpu_count".into(), None, Some(json!(2))),
                ("steps.a\\.b.parameters.lr".into(), Some(json!(0.1)), Some(json!(0.2))),
                ("steps.a\\.b.retry.max_retries".into(), None, Some(json!(3))),
                ("tags".into(), Some(json!(["x"])), Some(json!(["y"]))),
            ]
        );
        assert!(changes(&old, &old).is_empty());
    }

    #[test]
    fn values_fit_on_a_line() {
        assert_eq!(render(&json!({"a": [1, "x\ny"], "b": null}), 80), "{a: [1, \"x\\ny\"], b: null}");
        assert_eq!(render(&json!("abcdef"), 5), "\"abc…");
        assert_eq!(render(&json!(1e-4), 80), "0.0001");
    }
}
