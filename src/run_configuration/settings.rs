//! Keys of `settings`: which component of the stack each one means.
//!
//! A key is `docker`, `resources` or `deployment`, or names a component: `kind`, `kind.flavor` or `kind:name`. They are brought to one form
//! before they are merged, so that two spellings of one component meet.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{
    problem::Problem,
    snapshot::{Component, Snapshot},
    suggestion::closest,
    value_path::ValuePath,
};

/// Kinds of stack components.
const COMPONENT_KINDS: [&str; 15] = [
    "alerter",
    "annotator",
    "artifact_store",
    "container_registry",
    "data_validator",
    "experiment_tracker",
    "feature_store",
    "image_builder",
    "log_store",
    "model_deployer",
    "orchestrator",
    "step_operator",
    "model_registry",
    "deployer",
    "sandbox",
];

/// Keys that are not about a component.
const GENERAL_KEYS: [&str; 3] = ["docker", "resources", "deployment"];

/// Settings with their keys in the one form, and what there is to say about them.
#[derive(Debug, Default)]
pub struct NormalisedSettings {
    /// The settings; keys of components come last, as in ZenML.
    pub settings: Map<String, Value>,
    /// The typed key of each settings key that was changed: (typed, new).
    pub renamed: Vec<(String, String)>,
    /// Keys that name nothing (warnings), are ambiguous or meet another one (errors).
    pub problems: Vec<Problem>,
}

/// What a settings key means.
enum Meaning<'a> {
    General,
    Component(&'a Component),
    /// The stack has no such component; ZenML drops the settings.
    NoSuchComponent(String),
    Ambiguous(String),
    Unknown,
}

/// Brings the keys of `settings`, found at `path`, to the form `kind:name`, or `kind.flavor` for old snapshots.
pub fn normalise(settings: &Map<String, Value>, snapshot: &Snapshot, path: &ValuePath) -> NormalisedSettings {
    let mut result = NormalisedSettings::default();
    let mut components = Map::new();
    let mut typed_keys: HashMap<String, String> = HashMap::new();
    for (key, value) in settings {
        let place = path.child(key);
        match meaning(key, &snapshot.components) {
            Meaning::General => drop(result.settings.insert(key.clone(), value.clone())),
            Meaning::Component(component) => {
                let new = canonical_key(component, snapshot.legacy_settings_keys);
                if let Some(other) = typed_keys.insert(new.clone(), key.clone()) {
                    let message = format!("`{other}` and `{key}` are settings of the same component, `{new}`.");
                    result.problems.push(Problem::error(place, message).with_fix("Put them under one key."));
                    continue;
                }
                components.insert(new.clone(), value.clone());
                if new != *key {
                    result.renamed.push((key.clone(), new));
                }
            }
            Meaning::NoSuchComponent(message) => result.problems.push(Problem::warning(place, message)),
            Meaning::Ambiguous(message) => result.problems.push(Problem::error(place, message)),
            Meaning::Unknown => {
                result.problems.push(unknown_key(key, place, snapshot));
                result.settings.insert(key.clone(), value.clone());
            }
        }
    }
    result.settings.extend(components);
    result
}

/// The key under which the settings of a component are stored.
pub fn canonical_key(component: &Component, legacy: bool) -> String {
    if legacy { format!("{}.{}", component.kind, component.flavor) } else { format!("{}:{}", component.kind, component.name) }
}

fn meaning<'a>(key: &str, components: &'a [Component]) -> Meaning<'a> {
    if GENERAL_KEYS.contains(&key) {
        return Meaning::General;
    }
    let separator = if key.contains(':') { ':' } else { '.' };
    let (kind, selector) = key.split_once(separator).map_or((key, None), |(kind, selector)| (kind, Some(selector)));
    if !COMPONENT_KINDS.contains(&kind) || selector.is_some_and(|selector| selector.is_empty() || selector.contains('\n')) {
        return Meaning::Unknown;
    }
    let of_kind: Vec<&Component> = components.iter().filter(|component| component.kind == kind).collect();
    let Some(selector) = selector else {
        return match of_kind.first() {
            Some(component) => Meaning::Component(component),
            None => Meaning::Ambiguous(format!("The stack has no component of the kind `{kind}`.")),
        };
    };
    let property = |component: &&&Component| if separator == ':' { component.name == selector } else { component.flavor == selector };
    let matches: Vec<&&Component> = of_kind.iter().filter(property).collect();
    match matches[..] {
        [component] => Meaning::Component(component),
        [] => {
            let known: Vec<String> = of_kind.iter().map(|component| format!("`{}`", canonical_key(component, false))).collect();
            let known = if known.is_empty() { "none of that kind".to_owned() } else { known.join(", ") };
            Meaning::NoSuchComponent(format!("These settings have no effect: the stack has {known}."))
        }
        _ => {
            let names: Vec<String> = matches.iter().map(|component| format!("`{kind}:{}`", component.name)).collect();
            Meaning::Ambiguous(format!("The key fits {} components of the stack: write {}.", names.len(), names.join(" or ")))
        }
    }
}

fn unknown_key(key: &str, place: ValuePath, snapshot: &Snapshot) -> Problem {
    let components: Vec<String> = snapshot.components.iter().map(|component| canonical_key(component, false)).collect();
    let known = ["resources", "deployment"].into_iter().chain(COMPONENT_KINDS).chain(components.iter().map(String::as_str));
    match closest(key, known) {
        Some(candidate) => Problem::error(place, "There are no settings of this name.").with_fix(format!("Did you mean `{candidate}`?")),
        None => Problem::warning(place, "These settings have no effect: the key is neither `resources` nor a component of the stack."),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn component(kind: &str, name: &str, flavor: &str) -> Component {
        Component { kind: kind.into(), name: name.into(), flavor: flavor.into(), ..Component::default() }
    }

    fn snapshot(legacy: bool) -> Snapshot {
        let components = vec![
            component("orchestrator", "default", "local"),
            component("experiment_tracker", "main", "mlflow"),
            component("experiment_tracker", "other", "mlflow"),
        ];
        Snapshot { components, legacy_settings_keys: legacy, ..Snapshot::default() }
    }

    fn run(settings: Value, legacy: bool) -> NormalisedSettings {
        normalise(settings.as_object().unwrap(), &snapshot(legacy), &ValuePath::of(["settings"]))
    }

    #[test]
    fn all_spellings_become_one() {
        for key in ["orchestrator", "orchestrator.local", "orchestrator:default"] {
            let result = run(json!({key: {"a": 1}, "resources": {}}), false);
            assert_eq!(Value::Object(result.settings), json!({"resources": {}, "orchestrator:default": {"a": 1}}));
            let result = run(json!({key: {"a": 1}}), true);
            assert_eq!(Value::Object(result.settings), json!({"orchestrator.local": {"a": 1}}));
        }
        assert_eq!(run(json!({"experiment_tracker": {}}), false).settings.keys().collect::<Vec<_>>(), ["experiment_tracker:main"]);
    }

    #[test]
    fn settings_of_no_component_are_dropped_with_a_warning() {
        let result = run(json!({"orchestrator:other": {}, "step_operator.x": {}}), false);
        assert!(result.settings.is_empty());
        assert!(result.problems.iter().all(|problem| !problem.is_error()));
        assert!(result.problems[0].message.contains("`orchestrator:default`"), "{}", result.problems[0]);
        assert_eq!(result.problems[1].path.to_string(), "settings.step_operator\\.x");
    }

    #[test]
    fn two_spellings_at_once_and_unclear_ones_are_errors() {
        for settings in [
            json!({"orchestrator": {}, "orchestrator:default": {}}),
            json!({"experiment_tracker.mlflow": {}}),
            json!({"step_operator": {}}),
            json!({"orchestrater": {}}),
            json!({"resource": {}}),
        ] {
            assert!(run(settings.clone(), false).problems[0].is_error(), "{settings}");
        }
    }

    #[test]
    fn other_keys_are_kept_with_a_warning() {
        let result = run(json!({"zzzzzzz": {"a": 1}}), false);
        assert_eq!(Value::Object(result.settings), json!({"zzzzzzz": {"a": 1}}));
        assert!(!result.problems[0].is_error());
    }
}
