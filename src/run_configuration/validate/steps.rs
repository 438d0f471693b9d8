//! `steps` of a run configuration, and the parameters of each step.

use serde_json::{Map, Value};

use super::Pass;
use crate::run_configuration::{
    json_schema::Schema,
    keys::{SPECIAL_STEP_KEYS, STEP_KEYS, step_key},
    merge::merge_replacing,
    problem::{Problem, has_errors},
    snapshot::Step,
    suggestion::{closest, did_you_mean},
    value_path::ValuePath,
};

impl Pass<'_> {
    pub(super) fn steps(&mut self, value: &Value, path: &ValuePath) {
        let Some(steps) = self.mapping(value, path).filter(|steps| !steps.is_empty()) else { return };
        let snapshot = self.snapshot;
        if snapshot.is_dynamic {
            let names: Vec<String> = snapshot.parameters().into_iter().flat_map(Map::keys).map(|name| format!("`{name}`")).collect();
            let names = if names.is_empty() { "but this one has none".to_owned() } else { names.join(", ") };
            let message = "The pipeline of this snapshot is dynamic: its steps are made while it runs and cannot be configured here.";
            let fix = format!("It takes pipeline parameters, under `parameters`: {names}.");
            self.problems.push(Problem::error(path.clone(), message).with_fix(fix));
            return;
        }
        for (name, value) in &steps {
            let path = path.child(name);
            match snapshot.step(name) {
                Some(step) => self.step(step, value, &path),
                None => {
                    let fix = did_you_mean(name, snapshot.steps.iter().map(|step| step.name.as_str()), "steps");
                    self.problems.push(Problem::error(path, "The snapshot has no step of this name.").with_fix(fix));
                }
            }
        }
    }

    fn step(&mut self, step: &Step, value: &Value, path: &ValuePath) {
        let Some(configuration) = self.mapping(value, path) else { return };
        let mut update = Map::new();
        for (key, value) in &configuration {
            let path = path.child(key);
            let value = match (key.as_str(), step_key(key)) {
                ("parameters", _) => self.step_parameters(step, value, &path).map(Value::Object),
                ("settings", _) => self.settings(value, &path).map(Value::Object),
                (_, Some(known)) => self.known_key(known, value, &path),
                ("name", None) => None,
                (_, None) => {
                    self.unknown_step_key(step, key, path);
                    None
                }
            };
            update.extend(value.map(|value| (key.clone(), value)));
        }
        self.update.steps.insert(step.name.clone(), update);
    }

    fn unknown_step_key(&mut self, step: &Step, key: &str, path: ValuePath) {
        let known = SPECIAL_STEP_KEYS.into_iter().chain(STEP_KEYS.iter().map(|key| key.name));
        let problem = if step.parameters().is_some_and(|parameters| parameters.contains_key(key)) {
            let place = ValuePath::of(["steps", &step.name, "parameters", key]);
            Problem::error(path, "This is a parameter of the step.").with_fix(format!("Move it to `{place}`."))
        } else if let Some(candidate) = closest(key, known) {
            Problem::error(path, "There is no key of this name.").with_fix(format!("Did you mean `{candidate}`?"))
        } else {
            Problem::warning(path, "This key is not known and has no effect.")
        };
        self.problems.push(problem);
    }

    fn step_parameters(&mut self, step: &Step, value: &Value, path: &ValuePath) -> Option<Map<String, Value>> {
        let parameters = self.mapping(value, path)?;
        let none = Map::new();
        let known = step.parameters().unwrap_or(&none);
        for (name, value) in &parameters {
            let place = path.child(name);
            if known.contains_key(name) {
                self.parameter_value(value, known.get(name), step.parameter_schema(), &place);
            } else {
                self.unknown_parameter(step, name, known, place);
            }
        }
        self.missing_parameters(known, &parameters, path, "step");
        Some(parameters)
    }

    fn unknown_parameter(&mut self, step: &Step, name: &str, known: &Map<String, Value>, place: ValuePath) {
        if let Some(producer) = step.input_producer(name) {
            let message = format!("This is an input of the step: it is the output of the step `{producer}` and cannot be set.");
            self.problems.push(Problem::error(place, message));
            return;
        }
        let elsewhere = self.steps_with_parameter(name);
        let near = closest(name, known.keys().map(String::as_str));
        let fix = match (near, elsewhere.first()) {
            (None, Some(other)) => format!("It is a parameter of another step: `{}`.", ValuePath::of(["steps", other, "parameters", name])),
            _ => did_you_mean(name, known.keys().map(String::as_str), &format!("parameters of the step `{}`", step.name)),
        };
        self.problems.push(Problem::error(place, "The step has no parameter of this name.").with_fix(fix));
    }

    /// A parameter must be there after the merge; only a set of parameters that is taken whole can lose one.
    pub(super) fn missing_parameters(&mut self, known: &Map<String, Value>, sent: &Map<String, Value>, path: &ValuePath, of: &str) {
        if !self.update.replace.iter().any(|replaced| path.starts_with(replaced)) {
            return;
        }
        for name in known.keys().filter(|name| !sent.contains_key(*name)) {
            let problem =
                Problem::error(path.clone(), format!("The {of} needs the parameter `{name}`, and the values here replace all others."));
            self.problems.push(problem.with_fix(format!("Add `{name}`.")));
        }
    }

    /// Checks a parameter as it will be: merged into the value of the snapshot, unless it is taken whole.
    pub(super) fn parameter_value(&mut self, sent: &Value, stored: Option<&Value>, schema: Option<&Value>, path: &ValuePath) {
        let Some(root) = schema else { return };
        let Some(property) = path.last().and_then(|name| root.get("properties")?.get(name)) else { return };
        let checker = Schema::new(root);
        // A schema that refuses what the snapshot ran with cannot be relied on (types with readers of their own).
        if stored.is_some_and(|stored| has_errors(&checker.check(stored, property, path).problems)) {
            return;
        }
        let is_whole = self.update.replace.iter().any(|replaced| path.starts_with(replaced));
        let value = match (stored, sent) {
            (Some(Value::Object(stored)), Value::Object(sent)) if !is_whole => {
                let mut merged = stored.clone();
                merge_replacing(&mut merged, sent, path, &self.update.replace);
                Value::Object(merged)
            }
            _ => sent.clone(),
        };
        self.problems.extend(checker.check(&value, property, path).problems);
    }
}
