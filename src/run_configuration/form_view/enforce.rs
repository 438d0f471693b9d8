//! What a launch may do under a view: it is judged by what it changes, however it was asked for.

use serde_json::{Map, Value};

use super::{FormView, ViewField, narrow};
use crate::run_configuration::{
    derive::{derive, is_filled_in},
    diff::{self, Change, render},
    form::{Field, all_fields},
    json_schema::Schema,
    problem::Problem,
    snapshot::Snapshot,
    value_path::ValuePath,
};

/// Characters of a value in a message.
const VALUE_LIMIT: usize = 60;
/// What a replay may say besides its values: which of the results that are there are taken over.
const OF_REPLAYS: [&str; 2] = ["steps_to_skip", "skip_successful_steps"];

/// Something that a view does not allow.
#[derive(Clone, Debug, PartialEq)]
pub struct Breach {
    pub rule: Rule,
    /// What and where, as an error.
    pub problem: Problem,
}

/// Which rule is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The value may not be set: the view has no such field, or it is locked.
    Closed,
    /// The value is outside of the limits of its field.
    Limits,
}

/// What a launch breaks of a view: `changes` are all that it changes against `snapshot`, which the view belongs to, and
/// `launched` is what it runs.
pub fn breaches(view: &FormView, snapshot: &Snapshot, changes: &[Change], launched: &Snapshot) -> Vec<Breach> {
    let known = view.known(snapshot);
    let mut found: Vec<Breach> = changes.iter().filter_map(|change| closed(&known, change)).collect();
    let has_options = known.iter().any(|(field, _)| !field.is_parameter());
    let of_launch = if has_options { all_fields(launched) } else { Vec::new() };
    for (field, own) in &known {
        let stored = value_at(launched, field);
        // Options are stored in other forms than they are typed in: a hook is typed as an import path.
        let typed =
            of_launch.iter().find(|other| !field.is_parameter() && other.path == field.path).and_then(|other| other.current.clone());
        // What was taken away is not what the snapshot has.
        let is_touched = changes.iter().any(|change| change.path.starts_with(&field.path) || field.path.starts_with(&change.path));
        let unset = field.current.as_ref().filter(|_| !own.locked || !is_touched);
        let value = typed.or_else(|| stored.clone()).or_else(|| unset.cloned());
        if own.locked {
            let is_kept = match &own.value {
                Some(fixed) => [&value, &stored].into_iter().flatten().any(|value| value == fixed),
                None => !changes.iter().any(|change| change.path.starts_with(&field.path)),
            };
            found.extend((!is_kept).then(|| locked(field, own)));
        } else if let Some(value) = value {
            let problems = outside(field, own, &value);
            found.extend(problems.into_iter().map(|problem| Breach { rule: Rule::Limits, problem }));
        }
    }
    found
}

fn locked(field: &Field, own: &ViewField) -> Breach {
    let fixed = own.value.as_ref().or(field.current.as_ref());
    let fixed = fixed.map_or_else(|| "what the snapshot has".to_owned(), |value| shown(field, value));
    let message = format!("The form of this snapshot fixes this value at {fixed}.");
    Breach { rule: Rule::Closed, problem: Problem::error(field.path.clone(), message).with_fix("Leave it out.") }
}

/// The changes of a launch that are to be judged: against the snapshot of the view as it would run without any.
///
/// # Errors
/// Those of [`derive`]: that snapshot cannot be run.
pub fn in_force(snapshot: &Snapshot, launched: &Snapshot) -> Result<Vec<Change>, Vec<Problem>> {
    let unchanged = derive(snapshot, &Map::new(), &[])?.snapshot;
    let mut changes = diff::changes(&unchanged, launched);
    changes.retain(|change| !change.path.segments().first().is_some_and(|first| OF_REPLAYS.contains(&first.as_str())));
    Ok(changes)
}

/// A change of what the view does not offer; locked fields are told by their value.
fn closed(known: &[(Field, &ViewField)], change: &Change) -> Option<Breach> {
    if known.iter().any(|(_, own)| change.path.starts_with(&own.path)) || is_beside_what_is_offered(known, change) {
        return None;
    }
    let message = "The form of this snapshot does not offer this value, so only those who may edit the snapshot can set it.";
    let problem = Problem::error(change.path.clone(), message).with_fix("Leave it out.");
    Some(Breach { rule: Rule::Closed, problem })
}

/// Whether a change is only that an object which was not there has its defaults beside a value that the view offers.
fn is_beside_what_is_offered(known: &[(Field, &ViewField)], change: &Change) -> bool {
    let is_filled_in = change.old.is_none() && change.new.as_ref().is_some_and(|new| is_filled_in(&change.path, new));
    is_filled_in && known.iter().any(|(_, own)| !own.locked && own.path.parent() == change.path.parent())
}

/// What is wrong with a value under the limits of a view; `field` is as the snapshot has it.
pub fn outside(field: &Field, own: &ViewField, value: &Value) -> Vec<Problem> {
    if value.is_null() && field.nullable && own.allowed.is_none() {
        return Vec::new();
    }
    for schema in narrow::schemas(field, own) {
        let checked = Schema::new(&schema).check(value, &schema, &field.path);
        let errors: Vec<Problem> = checked.problems.into_iter().filter(Problem::is_error).collect();
        if !errors.is_empty() {
            return errors;
        }
        // What JSON has no number for ("inf", and more digits than 64 bits hold) has not been compared with anything.
        let is_counted = schema.get("minimum").or(schema.get("maximum")).is_none() || checked.value.is_number();
        if !is_counted {
            let message = format!("Must be a number within the limits of the form, not {}.", shown(field, value));
            return vec![Problem::error(field.path.clone(), message)];
        }
    }
    Vec::new()
}

fn shown(field: &Field, value: &Value) -> String {
    if field.secret { "a value that is not shown".to_owned() } else { format!("`{}`", render(value, VALUE_LIMIT)) }
}

/// The value that a snapshot has for a field; an option of the run that is null is none.
fn value_at(snapshot: &Snapshot, field: &Field) -> Option<Value> {
    match field.path.segments() {
        [steps, step, rest @ ..] if steps == "steps" => {
            let step = snapshot.step(step)?;
            let rest = ValuePath::of(rest.iter().cloned());
            [&step.overrides, &step.config].into_iter().find_map(|document| rest.get(document.as_object()?)).cloned()
        }
        [name] if name == "run_name" => Some(Value::String(snapshot.run_name_template.clone())),
        _ if field.is_parameter() => field.path.get(&snapshot.pipeline_configuration).cloned(),
        _ => field.path.get(&snapshot.pipeline_configuration).filter(|value| !value.is_null()).cloned(),
    }
}
