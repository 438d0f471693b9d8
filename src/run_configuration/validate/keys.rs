//! The values of keys with a fixed type, brought to the form in which ZenML stores them.

use serde_json::{Map, Value, json};

use super::Pass;
use crate::run_configuration::{
    json_schema::{Schema, describe_value},
    keys::{DEFINITIONS, Key, Kind, definition},
    problem::{Problem, has_errors},
    suggestion::did_you_mean,
    value_path::ValuePath,
};

impl Pass<'_> {
    /// Checks the value of a known key; none if it is null or wrong.
    pub(super) fn known_key(&mut self, key: &Key, value: &Value, path: &ValuePath) -> Option<Value> {
        if value.is_null() {
            return None;
        }
        let value = match (key.kind, value) {
            (Kind::Source, Value::String(import_path)) if !import_path.is_empty() => source(import_path),
            (Kind::Defined("CachePolicy"), Value::String(name)) => self.named_cache_policy(name, path)?,
            (Kind::Defined("CachePolicy"), Value::Object(policy)) => with_sources(policy),
            _ => value.clone(),
        };
        let schema = Schema { near_misses_are_errors: true, ..Schema::new(&DEFINITIONS) };
        let checked = schema.check(&value, &key.kind.schema(), path);
        let is_wrong = has_errors(&checked.problems);
        self.problems.extend(checked.problems);
        if is_wrong {
            return None;
        }
        if key.kind == Kind::ComponentChoice {
            self.component_choice(key.name, &checked.value, path);
        }
        Some(match (key.kind, checked.value) {
            (Kind::Defined(name), Value::Object(object)) => Value::Object(known_and_set(object, name)),
            (_, value) => value,
        })
    }

    fn named_cache_policy(&mut self, name: &str, path: &ValuePath) -> Option<Value> {
        if name.eq_ignore_ascii_case("default") {
            let names = ["include_step_code", "include_step_parameters", "include_artifact_values", "include_artifact_ids"];
            return Some(names.into_iter().map(|name| (name.to_owned(), Value::Bool(true))).collect::<Map<_, _>>().into());
        }
        let message = format!("Expects `default` or a mapping, not {}.", describe_value(&json!(name)));
        self.problems.push(Problem::error(path.clone(), message));
        None
    }

    /// A step operator or experiment tracker chosen by name must be in the stack.
    fn component_choice(&mut self, kind: &str, value: &Value, path: &ValuePath) {
        let Value::String(name) = value else { return };
        let of_kind =
            || self.snapshot.components.iter().filter(|component| component.kind == kind).map(|component| component.name.as_str());
        if !self.snapshot.components.is_empty() && !of_kind().any(|component| component == name) {
            let kind = kind.replace('_', " ");
            let fix = did_you_mean(name, of_kind(), &format!("{kind}s in the stack"));
            self.problems.push(Problem::error(path.clone(), format!("The stack has no {kind} of this name.")).with_fix(fix));
        }
    }
}

/// The stored form of an import path; what follows an `@` is an old version pin and is dropped.
pub(super) fn source(import_path: &str) -> Value {
    let import_path = import_path.split('@').next().unwrap_or_default();
    let (module, attribute) = import_path.rsplit_once('.').map_or((import_path, None), |(module, name)| (module, Some(name)));
    json!({"module": module, "attribute": attribute, "type": "unknown"})
}

fn with_sources(policy: &Map<String, Value>) -> Value {
    let as_source = |value: &Value| value.as_str().filter(|path| !path.is_empty()).map_or_else(|| value.clone(), source);
    let mut policy = policy.clone();
    if let Some(function) = policy.get_mut("cache_func") {
        *function = as_source(function);
    }
    if let Some(Value::Array(dependencies)) = policy.get_mut("source_dependencies") {
        dependencies.iter_mut().for_each(|dependency| *dependency = as_source(dependency));
    }
    Value::Object(policy)
}

/// Fields that are null are not set, and unknown ones are ignored.
fn known_and_set(mut object: Map<String, Value>, definition_name: &str) -> Map<String, Value> {
    let properties = definition(definition_name).and_then(|definition| definition.get("properties"));
    object.retain(|field, value| !value.is_null() && properties.is_none_or(|properties| properties.get(field).is_some()));
    object
}
