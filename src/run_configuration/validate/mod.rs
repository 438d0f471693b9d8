//! Everything that is wrong with a run configuration, found before anything is launched.
//!
//! The rules are those of ZenML's server (what it refuses is an error here) and of pydantic (what would fail in the step is an error too).
//! Two things that ZenML drops without a word are errors because something typed would be lost: steps the snapshot does not have, and keys
//! that are nearly a known one. Other unknown keys are warnings.

mod keys;
mod settings;
mod steps;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    keys::{RUN_KEYS, SPECIAL_RUN_KEYS, run_key, step_key},
    merge::merge,
    problem::Problem,
    run_name,
    snapshot::Snapshot,
    suggestion::{closest, did_you_mean},
    value_path::ValuePath,
};

/// Checks a run configuration against the snapshot it is for; problems come in the order of the document.
///
/// `replace_paths` are the values that are taken whole (see [`super::request::Request`]).
pub fn validate(snapshot: &Snapshot, configuration: &Map<String, Value>, replace_paths: &[ValuePath]) -> Vec<Problem> {
    check(snapshot, configuration, replace_paths).1
}

/// A run configuration in the form in which it is merged: only what is set, known and not null, with one spelling for everything.
#[derive(Debug, Default)]
pub(super) struct Update {
    /// The new template of the run's name.
    pub run_name: Option<String>,
    /// What to merge into the pipeline configuration.
    pub pipeline: Map<String, Value>,
    /// What to merge into the overrides of each step.
    pub steps: BTreeMap<String, Map<String, Value>>,
    /// Paths of values to take whole, following renamed settings keys.
    pub replace: Vec<ValuePath>,
}

/// Checks a run configuration and brings it to the form in which it is merged. The update is meaningful if no problem is an error.
pub(super) fn check(snapshot: &Snapshot, configuration: &Map<String, Value>, replace_paths: &[ValuePath]) -> (Update, Vec<Problem>) {
    let update = Update { replace: replace_paths.to_vec(), ..Update::default() };
    let mut pass = Pass { snapshot, update, problems: Vec::new() };
    for (key, value) in configuration {
        pass.top_level_key(key, value);
    }
    pass.check_run_name(configuration);
    pass.check_shadowed_switches(configuration);
    (pass.update, pass.problems)
}

/// One pass over a run configuration.
struct Pass<'a> {
    snapshot: &'a Snapshot,
    update: Update,
    problems: Vec<Problem>,
}

impl Pass<'_> {
    fn top_level_key(&mut self, key: &str, value: &Value) {
        let path = ValuePath::of([key]);
        match key {
            "build" | "schedule" if !value.is_null() => self.refused_key(key, path),
            "parameters" => self.pipeline_parameters(value, &path),
            "steps" => self.steps(value, &path),
            "settings" => {
                if let Some(settings) = self.settings(value, &path) {
                    self.update.pipeline.insert(key.to_owned(), Value::Object(settings));
                }
            }
            "run_name" => {
                // An empty name means the template of the snapshot, as in ZenML.
                let name = run_key(key).and_then(|known| self.known_key(known, value, &path));
                self.update.run_name = name.as_ref().and_then(Value::as_str).filter(|name| !name.is_empty()).map(str::to_owned);
            }
            // Steps inherit the environment, and theirs takes texts only.
            "environment" if !self.snapshot.steps.is_empty() => {
                if let Some(value) = step_key(key).and_then(|known| self.known_key(known, value, &path)) {
                    self.update.pipeline.insert(key.to_owned(), value);
                }
            }
            _ => match run_key(key) {
                Some(known) => {
                    if let Some(value) = self.known_key(known, value, &path) {
                        self.update.pipeline.insert(key.to_owned(), value);
                    }
                }
                None if SPECIAL_RUN_KEYS.contains(&key) => {}
                None => self.unknown_top_level_key(key, path),
            },
        }
    }

    fn refused_key(&mut self, key: &str, path: ValuePath) {
        let (message, fix) = match key {
            "build" => ("A run of a snapshot uses the build of the snapshot.", "Remove `build`; for another build make another snapshot."),
            _ => ("A schedule cannot be set for a single run.", "Remove `schedule`."),
        };
        self.problems.push(Problem::error(path, message).with_fix(fix));
    }

    fn unknown_top_level_key(&mut self, key: &str, path: ValuePath) {
        let takers = self.steps_with_parameter(key);
        let known = SPECIAL_RUN_KEYS.into_iter().chain(RUN_KEYS.iter().map(|key| key.name)).chain(["run_configuration"]);
        let problem = if self.snapshot.step(key).is_some() {
            Problem::error(path, "This is a step, not a key of a run configuration.").with_fix("Move it under `steps`.")
        } else if self.snapshot.is_dynamic && self.snapshot.parameters().is_some_and(|parameters| parameters.contains_key(key)) {
            Problem::error(path, "This is a pipeline parameter.").with_fix("Move it under `parameters`.")
        } else if let Some(step) = takers.first() {
            let place = ValuePath::of(["steps", step, "parameters", key]);
            Problem::error(path, "This is a parameter of a step.").with_fix(format!("Move it to `{place}`."))
        } else if let Some(candidate) = closest(key, known) {
            Problem::error(path, "There is no key of this name.").with_fix(format!("Did you mean `{candidate}`?"))
        } else {
            Problem::warning(path, "This key is not known and has no effect.")
        };
        self.problems.push(problem);
    }

    /// The names of the steps that take a parameter.
    fn steps_with_parameter(&self, name: &str) -> Vec<&str> {
        let takes = |parameters: &Map<String, Value>| parameters.contains_key(name);
        self.snapshot.steps.iter().filter(|step| step.parameters().is_some_and(takes)).map(|step| step.name.as_str()).collect()
    }

    /// Pipeline parameters: only dynamic pipelines take them when a snapshot is run.
    fn pipeline_parameters(&mut self, value: &Value, path: &ValuePath) {
        let Some(parameters) = self.mapping(value, path) else { return };
        if self.snapshot.is_dynamic {
            let known = self.snapshot.parameters().cloned().unwrap_or_default();
            let schema = self.snapshot.pipeline_parameter_schema.as_ref();
            for (name, value) in &parameters {
                let is_defined = schema.is_some_and(|schema| schema.pointer("/properties").is_some_and(|map| map.get(name).is_some()));
                if is_defined || known.contains_key(name) {
                    self.parameter_value(value, known.get(name), schema, &path.child(name));
                } else {
                    let fix = did_you_mean(name, known.keys().map(String::as_str), "pipeline parameters");
                    self.problems.push(Problem::error(path.child(name), "The pipeline has no parameter of this name.").with_fix(fix));
                }
            }
            self.missing_parameters(&known, &parameters, path, "pipeline");
            self.update.pipeline.insert("parameters".to_owned(), Value::Object(parameters));
            return;
        }
        for name in parameters.keys() {
            let takers = self.steps_with_parameter(name);
            let places: Vec<String> =
                takers.iter().map(|step| format!("`{}`", ValuePath::of(["steps", step, "parameters", name]))).collect();
            let fix = match places.is_empty() {
                true => "Set parameters of steps, under `steps.<step>.parameters`.".to_owned(),
                false => format!("Move it to {}.", places.join(" or ")),
            };
            let message = "The pipeline of this snapshot is static: its own parameters are fixed, those of its steps can be set.";
            self.problems.push(Problem::error(path.child(name), message).with_fix(fix));
        }
    }

    /// The name of the run must come out of its template, with the substitutions that will hold.
    fn check_run_name(&mut self, configuration: &Map<String, Value>) {
        let is_touched = self.update.run_name.is_some() || configuration.get("substitutions").is_some_and(|value| !value.is_null());
        if !is_touched {
            return;
        }
        let template = self.update.run_name.as_ref().unwrap_or(&self.snapshot.run_name_template);
        let mut substitutions =
            self.snapshot.pipeline_configuration.get("substitutions").and_then(Value::as_object).cloned().unwrap_or_default();
        if let Some(Value::Object(own)) = self.update.pipeline.get("substitutions") {
            merge(&mut substitutions, own);
        }
        if let Err(message) = run_name::format(template, &substitutions, "2026_01_31", "12_00_00_000000") {
            self.problems.push(Problem::error(ValuePath::of(["run_name"]), message));
        }
    }

    /// A step with a setting of its own keeps it whatever the run says; ZenML says nothing about that.
    fn check_shadowed_switches(&mut self, configuration: &Map<String, Value>) {
        for key in ["enable_cache", "enable_artifact_metadata", "enable_artifact_visualization", "enable_step_logs"] {
            let Some(wanted) = self.update.pipeline.get(key).filter(|_| configuration.contains_key(key)) else { continue };
            let others = self.snapshot.steps.iter().filter(|step| {
                let is_typed = self.update.steps.get(&step.name).is_some_and(|update| update.contains_key(key));
                !is_typed && step.overrides.get(key).is_some_and(|own| !own.is_null() && own != wanted)
            });
            let others: Vec<&str> = others.map(|step| step.name.as_str()).collect();
            if let Some(first) = others.first() {
                let message = format!("This does not reach the steps that have a value of their own: {}.", others.join(", "));
                let fix = format!("Set it there, for example at `{}`.", ValuePath::of(["steps", first, key]));
                self.problems.push(Problem::warning(ValuePath::of([key]), message).with_fix(fix));
            }
        }
    }

    /// A value that must be a mapping; null is as good as not there.
    fn mapping(&mut self, value: &Value, path: &ValuePath) -> Option<Map<String, Value>> {
        match value {
            Value::Object(map) => Some(map.clone()),
            Value::Null => None,
            _ => {
                let message = format!("Expects a mapping, not {}.", super::json_schema::describe_value(value));
                self.problems.push(Problem::error(path.clone(), message));
                None
            }
        }
    }
}
