//! The snapshot that a launch runs: the source snapshot with a run configuration merged in.

use serde_json::{Map, Value};

use super::{
    diff::{self, Change},
    keys::{Kind, definition, run_key, step_key},
    merge::merge_replacing,
    problem::{Problem, has_errors},
    settings::{canonical_key, normalise},
    snapshot::{Snapshot, Step},
    step_configuration::merged,
    validate::check,
    value_path::ValuePath,
};

/// A derived snapshot and how it differs from its source.
#[derive(Clone, Debug, PartialEq)]
pub struct Derived {
    /// Everything that a run configuration can change, in the form in which it is stored.
    pub snapshot: Snapshot,
    /// What the user changed, sorted by path.
    pub changes: Vec<Change>,
    /// What was typed and has no effect or may not mean what it looks like.
    pub warnings: Vec<Problem>,
}

impl Derived {
    /// The sorted paths of what the user changed.
    pub fn changed_paths(&self) -> Vec<ValuePath> {
        self.changes.iter().map(|change| change.path.clone()).collect()
    }
}

/// Merges a run configuration into a snapshot, as ZenML's server does when it runs one.
///
/// Mappings merge key by key and everything else is replaced; values at `replace_paths` are taken whole. An orchestrator that can wait for
/// a run is told not to: the process that submits must not outlive its task. `secrets` must hold ids (see [`with_secret_ids`]).
///
/// # Errors
/// All problems (warnings too) if one of them is an error; see [`super::validate::validate`].
pub fn derive(source: &Snapshot, configuration: &Map<String, Value>, replace_paths: &[ValuePath]) -> Result<Derived, Vec<Problem>> {
    let (update, mut problems) = check(source, configuration, replace_paths);
    if has_errors(&problems) {
        return Err(problems);
    }
    let mut snapshot = source.clone();
    if let Some(name) = update.run_name {
        snapshot.run_name_template = name;
    }
    merge_replacing(&mut snapshot.pipeline_configuration, &update.pipeline, &ValuePath::root(), &update.replace);
    for step in &mut snapshot.steps {
        if let (Value::Object(overrides), Some(update_of_step)) = (&mut step.overrides, update.steps.get(&step.name)) {
            merge_replacing(overrides, update_of_step, &ValuePath::of(["steps", &step.name]), &update.replace);
        }
    }
    let changes = diff::changes(source, &snapshot);
    let async_problems = force_asynchronous(&mut snapshot);
    if has_errors(&async_problems) {
        problems.extend(async_problems);
        return Err(problems);
    }
    complete(&mut snapshot);
    Ok(Derived { snapshot, changes, warnings: problems })
}

/// Fills in what follows from the merged values: defaults of objects that were made by the merge, and the configurations of the steps.
fn complete(snapshot: &mut Snapshot) {
    fill_defaults(&mut snapshot.pipeline_configuration);
    if let Some(parameters) = snapshot.parameters().filter(|parameters| !parameters.is_empty()).cloned()
        && snapshot.pipeline_spec_parameters.is_some()
    {
        snapshot.pipeline_spec_parameters = Some(parameters);
    }
    let Snapshot { steps, pipeline_configuration, is_dynamic, .. } = snapshot;
    for Step { overrides, config, .. } in steps {
        if let Value::Object(overrides) = overrides {
            fill_defaults(overrides);
            *config = Value::Object(merged(overrides, pipeline_configuration, *is_dynamic));
        }
    }
}

/// Stored objects have all their fields, as ZenML writes them.
fn fill_defaults(configuration: &mut Map<String, Value>) {
    for (key, value) in configuration {
        match (key.as_str(), value) {
            ("retry", Value::Object(retry)) => fill(retry, "StepRetryConfig"),
            ("cache_policy", Value::Object(policy)) => {
                fill(policy, "CachePolicy");
                let dependencies = policy.get_mut("source_dependencies").and_then(Value::as_array_mut).into_iter().flatten();
                dependencies.filter_map(Value::as_object_mut).for_each(|source| fill(source, "Source"));
            }
            ("group", Value::Object(group)) => fill(group, "GroupInfo"),
            ("model", Value::Object(model)) => {
                fill(model, "Model");
                // ZenML's model sets it whenever it is read.
                model.insert("suppress_class_validation_warnings".to_owned(), Value::Bool(true));
            }
            ("tags", Value::Array(tags)) => tags.iter_mut().filter_map(Value::as_object_mut).for_each(|tag| fill(tag, "Tag")),
            (_, Value::Object(source)) if key.ends_with("_hook_source") => fill(source, "Source"),
            _ => {}
        }
    }
}

/// Whether a value at a path is one that is filled in beside what is set in the same object.
pub fn is_filled_in(path: &ValuePath, value: &Value) -> bool {
    let segments: Vec<&str> = path.segments().iter().map(String::as_str).collect();
    let (key, field) = match segments[..] {
        ["steps", _, key, field] => (step_key(key), field),
        [key, field] => (run_key(key), field),
        _ => return false,
    };
    let Some(key) = key.filter(|key| matches!(key.kind, Kind::Defined(_))) else { return false };
    let mut filled = Map::from_iter([(key.name.to_owned(), Value::Object(Map::new()))]);
    fill_defaults(&mut filled);
    filled[key.name].get(field) == Some(value)
}

fn fill(object: &mut Map<String, Value>, definition_name: &str) {
    let properties = definition(definition_name).and_then(|definition| definition.get("properties")).and_then(Value::as_object);
    for (field, property) in properties.into_iter().flatten() {
        if let Some(default) = property.get("default").filter(|_| !object.contains_key(field)) {
            object.insert(field.clone(), default.clone());
        }
    }
}

/// Sets `synchronous` to false in the settings of an orchestrator that has it.
fn force_asynchronous(snapshot: &mut Snapshot) -> Vec<Problem> {
    let Some(orchestrator) = snapshot.orchestrator().filter(|orchestrator| orchestrator.has_synchronous_field) else { return Vec::new() };
    let key = canonical_key(orchestrator, snapshot.legacy_settings_keys);
    let settings = snapshot.pipeline_configuration.get("settings").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut normalised = normalise(&settings, snapshot, &ValuePath::of(["settings"]));
    let orchestrator_settings = normalised.settings.entry(key).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(values) = orchestrator_settings {
        values.insert("synchronous".to_owned(), Value::Bool(false));
    }
    snapshot.pipeline_configuration.insert("settings".to_owned(), Value::Object(normalised.settings));
    normalised.problems
}

/// Replaces the names of secrets by their ids, in the run's `secrets` and in those of its steps.
///
/// # Errors
/// One problem for each secret that `id_of` does not know.
pub fn with_secret_ids(
    configuration: &Map<String, Value>,
    id_of: impl Fn(&str) -> Option<String>,
) -> Result<Map<String, Value>, Vec<Problem>> {
    let mut configuration = configuration.clone();
    let mut problems = Vec::new();
    let mut resolve = |secrets: Option<&mut Value>, path: &ValuePath| {
        for (position, secret) in secrets.and_then(Value::as_array_mut).into_iter().flatten().enumerate() {
            let Some(name) = secret.as_str() else { continue };
            match id_of(name) {
                Some(id) => *secret = Value::String(id),
                None => problems
                    .push(Problem::error(path.child(position.to_string()), format!("There is no secret `{name}` that you may use."))),
            }
        }
    };
    resolve(configuration.get_mut("secrets"), &ValuePath::of(["secrets"]));
    for (name, step) in configuration.get_mut("steps").and_then(Value::as_object_mut).into_iter().flatten() {
        resolve(step.get_mut("secrets"), &ValuePath::of(["steps", name, "secrets"]));
    }
    if problems.is_empty() { Ok(configuration) } else { Err(problems) }
}

/// The names or ids in `secrets` of the run and of its steps, for looking them up before [`with_secret_ids`].
pub fn secret_references(configuration: &Map<String, Value>) -> Vec<String> {
    let steps = configuration.get("steps").and_then(Value::as_object).into_iter().flat_map(Map::values);
    let lists = std::iter::once(configuration.get("secrets")).chain(steps.map(|step| step.get("secrets")));
    lists.filter_map(|list| list?.as_array()).flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
