//! The body of `POST /pipeline_snapshots/{id}/runs`, and the file a user uploads: both say how a run is to differ from its snapshot.

use serde_json::{Map, Value};

use super::{
    document,
    keys::{RUN_KEYS, SPECIAL_RUN_KEYS},
    problem::{Problem, has_errors},
    suggestion::closest,
    value_path::ValuePath,
};

/// Keys of the body around a run configuration.
const WRAPPER_KEYS: [&str; 3] = ["run_configuration", "step_run", REPLACE_PATHS];
/// The key of the values that are taken whole.
pub const REPLACE_PATHS: &str = "replace_paths";

/// A request to run a snapshot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The run configuration as sent; empty if there was none.
    pub configuration: Map<String, Value>,
    /// The step run that asks for this run, as sent.
    pub step_run: Option<String>,
    /// Values to take whole instead of merging them, as paths in the run configuration.
    pub replace_paths: Vec<ValuePath>,
    /// Where the run configuration sits in what was read: `run_configuration`, or the root for a bare one.
    pub place: ValuePath,
    /// Keys that have no effect.
    pub warnings: Vec<Problem>,
}

/// Reads a body: `{"run_configuration": {…}, "step_run": …, "replace_paths": […]}`, or the keys of a run configuration themselves.
///
/// ZenML's documentation posts the second form, which its server accepts and ignores; here it means what it says. Both at once are refused.
/// Unknown keys are ignored as in ZenML, unless one is near a known key and its values would be lost.
///
/// # Errors
/// All errors of the body itself; what is in the run configuration is checked by [`super::validate::validate`].
pub fn read(body: &Value) -> Result<Request, Vec<Problem>> {
    let map = match body {
        Value::Object(map) => map,
        Value::Null => return Ok(Request::default()),
        _ => {
            let problem = Problem::error(ValuePath::root(), "A run configuration is a mapping of keys to values.");
            return Err(vec![problem.with_fix("Start with a key, for example `steps:`.")]);
        }
    };
    let mut problems = Vec::new();
    let mut request = Request {
        step_run: read_step_run(map, &mut problems),
        replace_paths: read_replace_paths(map, &mut problems),
        ..Request::default()
    };
    read_configuration(map, &mut request, &mut problems);
    check_replace_paths(&request, &mut problems);
    if has_errors(&problems) {
        return Err(problems);
    }
    request.warnings = problems;
    Ok(request)
}

/// Reads a body that is written as YAML or JSON; problems have no places in the text yet.
///
/// # Errors
/// Those of [`document::read`] and of [`read`].
pub fn read_text(text: &str) -> Result<Request, Vec<Problem>> {
    read(&document::read(text)?.value)
}

fn read_configuration(map: &Map<String, Value>, request: &mut Request, problems: &mut Vec<Problem>) {
    let bare: Map<String, Value> = map.iter().filter(|(key, _)| is_run_key(key)).map(|(key, value)| (key.clone(), value.clone())).collect();
    match map.get("run_configuration") {
        Some(Value::Object(_)) if !bare.is_empty() => {
            let keys: Vec<String> = bare.keys().map(|key| format!("`{key}`")).collect();
            let message = format!("The body has `run_configuration` and, beside it, {} of a second run configuration.", keys.join(", "));
            problems.push(Problem::error(ValuePath::root(), message).with_fix("Move everything into `run_configuration`."));
        }
        Some(Value::Object(configuration)) => {
            request.configuration = configuration.clone();
            request.place = ValuePath::of(["run_configuration"]);
            report_unknown(map.keys(), problems);
        }
        // Unknown keys beside the known ones of a bare run configuration are judged with it.
        Some(Value::Null) | None => {
            request.configuration = map.clone();
            request.configuration.retain(|key, _| !WRAPPER_KEYS.contains(&key.as_str()));
        }
        Some(_) => {
            let message = "A run configuration is a mapping of keys to values, or null.";
            problems.push(Problem::error(ValuePath::of(["run_configuration"]), message));
        }
    }
}

fn read_step_run(map: &Map<String, Value>, problems: &mut Vec<Problem>) -> Option<String> {
    match map.get("step_run")? {
        Value::Null => None,
        Value::String(id) if is_uuid(id) => Some(id.clone()),
        _ => {
            problems.push(Problem::error(ValuePath::of(["step_run"]), "Expects the id of a step run, or null."));
            None
        }
    }
}

fn read_replace_paths(map: &Map<String, Value>, problems: &mut Vec<Problem>) -> Vec<ValuePath> {
    let texts: Option<Vec<&str>> = match map.get(REPLACE_PATHS) {
        None | Some(Value::Null) => return Vec::new(),
        Some(paths) => paths.as_array().and_then(|paths| paths.iter().map(Value::as_str).collect()),
    };
    if texts.is_none() {
        let problem = Problem::error(ValuePath::of([REPLACE_PATHS]), "Expects a list of paths.");
        problems.push(problem.with_fix("Write for example [\"steps.trainer.parameters.layers\"]."));
    }
    texts.unwrap_or_default().into_iter().map(ValuePath::from).collect()
}

fn check_replace_paths(request: &Request, problems: &mut Vec<Problem>) {
    for (position, path) in request.replace_paths.iter().enumerate() {
        if path.get(&request.configuration).is_none() {
            let place = ValuePath::of([REPLACE_PATHS.to_owned(), position.to_string()]);
            problems.push(Problem::error(place, format!("The run configuration has no value at `{path}` to take.")));
        }
    }
}

fn report_unknown<'a>(keys: impl Iterator<Item = &'a String>, problems: &mut Vec<Problem>) {
    for key in keys.filter(|key| !WRAPPER_KEYS.contains(&key.as_str())) {
        let place = ValuePath::of([key]);
        let known = WRAPPER_KEYS.into_iter().chain(run_key_names());
        problems.push(match closest(key, known) {
            Some(candidate) => Problem::error(place, "There is no key of this name.").with_fix(format!("Did you mean `{candidate}`?")),
            None => Problem::warning(place, "This key is not known and has no effect."),
        });
    }
}

fn run_key_names() -> impl Iterator<Item = &'static str> + Clone {
    SPECIAL_RUN_KEYS.into_iter().chain(RUN_KEYS.iter().map(|key| key.name))
}

fn is_run_key(name: &str) -> bool {
    run_key_names().any(|key| key == name)
}

/// 32 hexadecimal digits, with or without the dashes of the usual form.
fn is_uuid(text: &str) -> bool {
    let dashes: Vec<usize> = text.match_indices('-').map(|(position, _)| position).collect();
    let digits = text.chars().filter(|character| *character != '-');
    digits.clone().all(|digit| digit.is_ascii_hexdigit()) && digits.count() == 32 && (dashes.is_empty() || dashes == [8, 13, 18, 23])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn configuration(body: Value) -> Value {
        Value::Object(read(&body).unwrap().configuration)
    }

    fn error(body: Value) -> Problem {
        read(&body).unwrap_err().remove(0)
    }

    #[test]
    fn both_forms_are_read() {
        let steps = json!({"steps": {"a": {"parameters": {"n": 3}}}});
        assert_eq!(configuration(json!({"run_configuration": steps, "step_run": null})), steps);
        assert_eq!(configuration(steps.clone()), steps);
        assert_eq!(configuration(json!({"run_configuration": null, "steps": {}})), json!({"steps": {}}));
        for empty in [json!({}), json!(null), json!({"run_configuration": null}), json!({"run_configuration": {}})] {
            assert_eq!(configuration(empty), json!({}));
        }
    }

    #[test]
    fn the_place_of_the_configuration_is_kept() {
        assert_eq!(read(&json!({"run_configuration": {"steps": {}}})).unwrap().place.to_string(), "run_configuration");
        assert!(read(&json!({"steps": {}})).unwrap().place.is_root());
    }

    #[test]
    fn both_forms_at_once_are_refused() {
        let problem = error(json!({"run_configuration": {}, "steps": {}, "tags": []}));
        assert!(problem.message.contains("`steps`, `tags`"), "{problem}");
    }

    #[test]
    fn unknown_keys_are_ignored_unless_something_would_be_lost() {
        let request = read(&json!({"run_configuration": {}, "nope": 1})).unwrap();
        assert_eq!((request.configuration.len(), request.warnings.len()), (0, 1));
        assert_eq!(error(json!({"run_configuration": {}, "step": {}})).fix.as_deref(), Some("Did you mean `steps`?"));
        assert_eq!(configuration(json!({"stpes": {}, "nope": 1})), json!({"stpes": {}, "nope": 1}), "left to the validation");
    }

    #[test]
    fn wrong_shapes_are_refused() {
        assert!(error(json!([1])).fix.is_some());
        assert_eq!(error(json!({"run_configuration": 3})).path.to_string(), "run_configuration");
        assert_eq!(error(json!({"step_run": "x"})).path.to_string(), "step_run");
        assert_eq!(error(json!({"replace_paths": "x"})).path.to_string(), "replace_paths");
    }

    #[test]
    fn step_run_is_an_id() {
        for id in ["71694ac4-0c82-43dd-8742-51a85cd1c098", "71694ac40c8243dd874251a85cd1c098"] {
            assert_eq!(read(&json!({"step_run": id})).unwrap().step_run.as_deref(), Some(id));
        }
        assert_eq!(error(json!({"step_run": "71694ac-40c82-43dd-8742-51a85cd1c098"})).path.to_string(), "step_run");
    }

    #[test]
    fn a_path_to_replace_must_have_a_value() {
        let body = json!({"steps": {"a": {"parameters": {"d": {}}}}, "replace_paths": ["steps.a.parameters.d"]});
        assert_eq!(read(&body).unwrap().replace_paths, [ValuePath::from("steps.a.parameters.d")]);
        assert_eq!(error(json!({"replace_paths": ["steps.a"], "steps": {}})).path.to_string(), "replace_paths.0");
    }
}
