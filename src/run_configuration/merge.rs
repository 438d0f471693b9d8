//! Merging one document into another, as ZenML merges configurations.

use serde_json::{Map, Value};

use super::value_path::ValuePath;

/// Merges `update` into `original`: mappings key by key, everything else (lists too) replaced.
pub fn merge(original: &mut Map<String, Value>, update: &Map<String, Value>) {
    merge_replacing(original, update, &ValuePath::root(), &[]);
}

/// Like [`merge`], but the values at the paths in `replace` are taken whole; `path` is where `update` sits in the document of those paths.
pub fn merge_replacing(original: &mut Map<String, Value>, update: &Map<String, Value>, path: &ValuePath, replace: &[ValuePath]) {
    for (key, value) in update {
        let below = path.child(key);
        match value {
            Value::Object(update) if !replace.contains(&below) => {
                let slot = original.entry(key).or_insert(Value::Null);
                if let Value::Object(original) = slot {
                    merge_replacing(original, update, &below, replace);
                } else {
                    *slot = value.clone();
                }
            }
            _ => drop(original.insert(key.clone(), value.clone())),
        }
    }
}

/// Like [`merge`], but null values of the update, at any depth, change nothing.
pub fn merge_set_values(original: &mut Map<String, Value>, update: &Map<String, Value>) {
    for (key, value) in update.iter().filter(|(_, value)| !value.is_null()) {
        if let Value::Object(update) = value {
            let slot = original.entry(key).or_insert(Value::Null);
            let mut merged = std::mem::take(slot).as_object().cloned().unwrap_or_default();
            merge_set_values(&mut merged, update);
            *slot = Value::Object(merged);
        } else {
            original.insert(key.clone(), value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn mappings_merge_and_everything_else_is_replaced() {
        let mut original = map(json!({"a": {"x": 1, "y": [1, 2]}, "b": null, "c": 1}));
        merge(&mut original, &map(json!({"a": {"y": [3], "z": null}, "b": {"k": 1}, "c": {"k": 1}, "d": {}})));
        assert_eq!(Value::Object(original), json!({"a": {"x": 1, "y": [3], "z": null}, "b": {"k": 1}, "c": {"k": 1}, "d": {}}));
    }

    #[test]
    fn a_replaced_path_loses_its_old_keys() {
        let mut original = map(json!({"p": {"d": {"a": 1}, "e": {"a": 1}}}));
        let replace = [ValuePath::from("steps.s.p.d")];
        merge_replacing(&mut original, &map(json!({"p": {"d": {"b": 2}, "e": {"b": 2}}})), &ValuePath::from("steps.s"), &replace);
        assert_eq!(Value::Object(original), json!({"p": {"d": {"b": 2}, "e": {"a": 1, "b": 2}}}));
    }

    #[test]
    fn nulls_can_be_left_out_at_any_depth() {
        let mut original = map(json!({"a": {"x": 1}, "b": 1}));
        merge_set_values(&mut original, &map(json!({"a": {"x": null, "y": {"z": null}}, "b": null})));
        assert_eq!(Value::Object(original), json!({"a": {"x": 1, "y": {}}, "b": 1}));
    }
}
