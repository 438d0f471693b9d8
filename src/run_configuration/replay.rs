//! The keys that a replay of a run knows besides those of a run configuration: which steps to skip, and which inputs to replace.
//!
//! The names are those of ZenML's `ReplayRunConfiguration`. They end up in the pipeline configuration of the snapshot that runs, where
//! the runner reads them.

use serde_json::{Map, Value};

use super::{
    json_schema::describe_value,
    problem::{Problem, has_errors},
    snapshot::{Snapshot, Step},
    suggestion::did_you_mean,
    value_path::ValuePath,
};

const SKIP_SUCCESSFUL_STEPS: &str = "skip_successful_steps";
const STEPS_TO_SKIP: &str = "steps_to_skip";
/// Inputs by invocation id, and inputs by the name of the step's function; the first wins.
const OVERRIDES: [&str; 2] = ["step_input_overrides", "step_default_input_overrides"];

/// Parts of a step's configuration that are maps with the step's inputs as keys.
const INPUT_MAPS: [&str; 4] = ["parameters", "external_input_artifacts", "model_artifacts_or_metadata", "client_lazy_loaders"];

/// What a replay asks for besides its run configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replay {
    /// In the form in which it is merged into the pipeline configuration: only what is set and not null.
    pub update: Map<String, Value>,
}

impl Replay {
    /// Takes the keys of a replay out of a run configuration and checks them against the snapshot that is to run again.
    ///
    /// ZenML ignores steps and inputs that do not exist; the step that was to be skipped would then run. They are refused here.
    ///
    /// # Errors
    /// Every problem of these keys.
    pub fn take(configuration: &mut Map<String, Value>, snapshot: &Snapshot) -> Result<Self, Vec<Problem>> {
        let mut replay = Self::default();
        let mut problems = Vec::new();
        let keys = [SKIP_SUCCESSFUL_STEPS, STEPS_TO_SKIP].into_iter().chain(OVERRIDES);
        for key in keys {
            let Some(value) = configuration.shift_remove(key).filter(|value| !value.is_null()) else { continue };
            match key {
                SKIP_SUCCESSFUL_STEPS => check_switch(&value, &mut problems),
                STEPS_TO_SKIP => check_steps(&value, snapshot, &mut problems),
                _ => check_overrides(key, &value, snapshot, &mut problems),
            }
            replay.update.insert(key.to_owned(), value);
        }
        if has_errors(&problems) { Err(problems) } else { Ok(replay) }
    }

    /// The values that replace inputs, each with its place, to be replaced by the ids of artifact versions.
    pub fn overrides_mut(&mut self) -> Vec<(ValuePath, &mut Value)> {
        let mut found = Vec::new();
        for (key, steps) in self.update.iter_mut().filter(|(key, _)| OVERRIDES.contains(&key.as_str())) {
            for (step, inputs) in steps.as_object_mut().into_iter().flatten() {
                for (input, value) in inputs.as_object_mut().into_iter().flatten() {
                    found.push((ValuePath::of([key, step, input]), value));
                }
            }
        }
        found
    }

    /// The paths of the keys that are set.
    pub fn paths(&self) -> impl Iterator<Item = ValuePath> {
        self.update.keys().map(|key| ValuePath::of([key]))
    }
}

/// Asks for a replay that skips what succeeded in the original run, but not the steps whose values are changed.
///
/// The steps of a dynamic pipeline are known to its runner only, which then skips every step that succeeded.
pub fn skip_successful(configuration: &mut Map<String, Value>, snapshot: &Snapshot, succeeded: &[String], changed: &[ValuePath]) {
    if snapshot.is_dynamic {
        configuration.insert(SKIP_SUCCESSFUL_STEPS.to_owned(), Value::Bool(true));
    } else {
        configuration.insert(STEPS_TO_SKIP.to_owned(), skippable(snapshot, succeeded, changed).into());
    }
}

/// The steps that succeeded, are not changed, and come behind none that runs: ZenML's runner refuses to skip those.
fn skippable<'a>(snapshot: &'a Snapshot, succeeded: &[String], changed: &[ValuePath]) -> Vec<&'a str> {
    let mut skipped: Vec<&str> = Vec::new();
    // The steps of a snapshot stand behind those that they need.
    for step in &snapshot.steps {
        let place = ValuePath::of(["steps", &step.name]);
        let is_changed = changed.iter().any(|path| path.starts_with(&place));
        let upstream = step.spec.get("upstream_steps").and_then(Value::as_array).into_iter().flatten();
        let is_behind_one_that_runs = upstream.filter_map(Value::as_str).any(|name| !skipped.contains(&name));
        if succeeded.contains(&step.name) && !is_changed && !is_behind_one_that_runs {
            skipped.push(&step.name);
        }
    }
    skipped
}

/// The inputs of a step that a replay replaces, by the pipeline configuration of the snapshot that runs.
pub fn overridden_inputs<'a>(
    pipeline_configuration: &'a Map<String, Value>,
    invocation: &'a str,
    step: Option<&'a str>,
) -> impl Iterator<Item = &'a str> {
    let names = [Some(invocation), step];
    let inputs = OVERRIDES.iter().zip(names).filter_map(|(key, name)| pipeline_configuration.get(*key)?.get(name?)?.as_object());
    inputs.flat_map(|inputs| inputs.keys().map(String::as_str))
}

fn check_switch(value: &Value, problems: &mut Vec<Problem>) {
    if !value.is_boolean() {
        let message = format!("Expects true or false, not {}.", describe_value(value));
        problems.push(Problem::error(ValuePath::of([SKIP_SUCCESSFUL_STEPS]), message));
    }
}

fn check_steps(value: &Value, snapshot: &Snapshot, problems: &mut Vec<Problem>) {
    let path = ValuePath::of([STEPS_TO_SKIP]);
    let Some(names) = value.as_array() else {
        problems.push(Problem::error(path, format!("Expects a list of steps, not {}.", describe_value(value))));
        return;
    };
    for (position, name) in names.iter().enumerate() {
        let place = path.child(position.to_string());
        match name.as_str() {
            Some(name) => check_invocation(name, place, snapshot, problems),
            None => problems.push(Problem::error(place, format!("Expects the name of a step, not {}.", describe_value(name)))),
        }
    }
}

/// The steps of a dynamic pipeline are not known before it runs.
fn check_invocation(name: &str, place: ValuePath, snapshot: &Snapshot, problems: &mut Vec<Problem>) {
    if !snapshot.is_dynamic && snapshot.step(name).is_none() {
        problems.push(unknown_step(name, place, snapshot.steps.iter().map(|step| step.name.as_str())));
    }
}

fn unknown_step<'a>(name: &str, place: ValuePath, known: impl Iterator<Item = &'a str> + Clone) -> Problem {
    Problem::error(place, "The run's snapshot has no step of this name.").with_fix(did_you_mean(name, known, "steps"))
}

fn check_overrides(key: &str, value: &Value, snapshot: &Snapshot, problems: &mut Vec<Problem>) {
    let path = ValuePath::of([key]);
    let Some(steps) = value.as_object() else {
        problems.push(Problem::error(path, format!("Expects a mapping of steps to their inputs, not {}.", describe_value(value))));
        return;
    };
    for (name, inputs) in steps {
        let place = path.child(name);
        let Some(inputs) = inputs.as_object() else {
            problems.push(Problem::error(place, format!("Expects a mapping of inputs to values, not {}.", describe_value(inputs))));
            continue;
        };
        if snapshot.is_dynamic {
            continue;
        }
        let takes_name = |step: &&Step| if key == OVERRIDES[0] { step.name == *name } else { function_name(step) == Some(name.as_str()) };
        let named: Vec<&Step> = snapshot.steps.iter().filter(takes_name).collect();
        if named.is_empty() {
            let known =
                snapshot.steps.iter().filter_map(|step| if key == OVERRIDES[0] { Some(step.name.as_str()) } else { function_name(step) });
            problems.push(unknown_step(name, place, known));
            continue;
        }
        let known: Vec<&str> = named.iter().flat_map(|step| inputs_of(step)).collect();
        for input in inputs.keys().filter(|input| !known.contains(&input.as_str())) {
            let fix = did_you_mean(input, known.iter().copied(), "inputs");
            problems.push(Problem::error(place.child(input), "The step has no input of this name.").with_fix(fix));
        }
    }
}

fn function_name(step: &Step) -> Option<&str> {
    step.config.get("name")?.as_str()
}

fn inputs_of(step: &Step) -> Vec<&str> {
    let maps = INPUT_MAPS.iter().map(|key| step.config.get(*key)).chain([step.spec.get("inputs")]);
    maps.flatten().filter_map(Value::as_object).flat_map(|map| map.keys().map(String::as_str)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn snapshot() -> Snapshot {
        let load = Step { name: "load".to_owned(), config: json!({"name": "load"}), ..Step::default() };
        let spec = json!({"inputs": {"data": [{"step_name": "load"}]}});
        let train = |name: &str| Step {
            name: name.to_owned(),
            spec: spec.clone(),
            config: json!({"name": "train", "parameters": {"lr": 0.1}}),
            ..Step::default()
        };
        Snapshot { steps: vec![load, train("train"), train("train_2")], ..Snapshot::default() }
    }

    fn take(configuration: Value) -> Result<Replay, Vec<Problem>> {
        Replay::take(&mut configuration.as_object().cloned().unwrap(), &snapshot())
    }

    #[test]
    fn a_step_is_skipped_if_nothing_before_it_and_of_it_changes() {
        let step =
            |name: &str, upstream: &[&str]| Step { name: name.to_owned(), spec: json!({ "upstream_steps": upstream }), ..Step::default() };
        let steps = vec![step("load", &[]), step("train", &["load"]), step("test", &["train"]), step("report", &["load"])];
        let snapshot = Snapshot { steps, ..Snapshot::default() };
        let skip = |succeeded: &[&str], changed: &[&str]| {
            let succeeded: Vec<String> = succeeded.iter().map(|name| (*name).to_owned()).collect();
            let changed: Vec<ValuePath> = changed.iter().map(|path| ValuePath::from(*path)).collect();
            let mut configuration = Map::new();
            skip_successful(&mut configuration, &snapshot, &succeeded, &changed);
            Value::Object(configuration)
        };
        let all = ["load", "train", "test", "report"];
        assert_eq!(skip(&all[..2], &["enable_cache"]), json!({"steps_to_skip": ["load", "train"]}));
        assert_eq!(skip(&all, &["steps.train.parameters.lr"]), json!({"steps_to_skip": ["load", "report"]}));
        assert_eq!(skip(&["train"], &[]), json!({"steps_to_skip": []}), "behind a step that runs");
        let dynamic = Snapshot { is_dynamic: true, ..Snapshot::default() };
        let mut configuration = Map::new();
        skip_successful(&mut configuration, &dynamic, &[], &[]);
        assert_eq!(Value::Object(configuration), json!({"skip_successful_steps": true}));
    }

    #[test]
    fn the_keys_of_a_replay_leave_the_configuration() {
        let mut configuration = json!({"steps_to_skip": ["load"], "enable_cache": false, "skip_successful_steps": null});
        let replay = Replay::take(configuration.as_object_mut().unwrap(), &snapshot()).unwrap();
        assert_eq!(configuration, json!({"enable_cache": false}));
        assert_eq!(Value::Object(replay.update), json!({"steps_to_skip": ["load"]}));
    }

    #[test]
    fn what_would_be_lost_is_refused_with_its_place() {
        for (configuration, place) in [
            (json!({"skip_successful_steps": "yes"}), "skip_successful_steps"),
            (json!({"steps_to_skip": "load"}), "steps_to_skip"),
            (json!({"steps_to_skip": ["load", "lod"]}), "steps_to_skip.1"),
            (json!({"step_input_overrides": {"trian": {}}}), "step_input_overrides.trian"),
            (json!({"step_input_overrides": {"train_2": {"dta": 1}}}), "step_input_overrides.train_2.dta"),
            (json!({"step_default_input_overrides": {"train_2": {"data": 1}}}), "step_default_input_overrides.train_2"),
        ] {
            let problems = take(configuration.clone()).unwrap_err();
            assert_eq!(problems[0].path.to_string(), place, "{configuration}");
        }
    }

    #[test]
    fn inputs_and_parameters_can_be_replaced() {
        let mut replay = take(json!({"step_input_overrides": {"train": {"data": [1], "lr": 2}}})).unwrap();
        let places: Vec<String> = replay.overrides_mut().iter().map(|(path, _)| path.to_string()).collect();
        assert_eq!(places, ["step_input_overrides.train.data", "step_input_overrides.train.lr"]);
        let inputs: Vec<&str> = overridden_inputs(&replay.update, "train", Some("train")).collect();
        assert_eq!(inputs, ["data", "lr"]);
        assert_eq!(overridden_inputs(&replay.update, "train_2", Some("train")).count(), 0);
    }
}
