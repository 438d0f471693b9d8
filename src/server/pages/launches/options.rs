//! The steps whose options Run Details shows: hundreds of fields that are mostly empty would hide those that are not.

use super::draft::{Draft, configuration_in};
use crate::{
    model::launches::StepChoice,
    run_configuration::{form::steps_without_options, snapshot::Snapshot},
};

/// Names such a step: a parameter of the URL, and a control of the form.
pub const NAME: &str = "options";

/// The snapshot with the steps whose options are shown, and the choice of more: those that the URL or the form asks for, and
/// those that have some in the draft. A form view has its own fields and no such choice.
pub fn shown(mut snapshot: Snapshot, draft: &Draft, values: &[(String, String)]) -> (Snapshot, StepChoice) {
    if snapshot.form.is_some() {
        return (snapshot, StepChoice::default());
    }
    let of_url = values.iter().filter(|(name, _)| name == NAME).map(|(_, step)| step);
    let mut asked: Vec<String> = Vec::new();
    for step in draft.options.iter().chain(of_url).filter(|step| snapshot.step(step).is_some()) {
        if !asked.contains(step) {
            asked.push(step.clone());
        }
    }
    let configuration = configuration_in(&draft.text).unwrap_or_default();
    let steps = configuration.get("steps").and_then(|steps| steps.as_object()).into_iter().flatten();
    let has_options = |keys: &serde_json::Value| keys.as_object().is_some_and(|keys| keys.keys().any(|key| key != "parameters"));
    let in_text = steps.filter(|(_, keys)| has_options(keys)).map(|(step, _)| step.clone());
    let in_fields = draft.refused.iter().filter_map(|(path, _, _)| match path.segments() {
        [steps, step, key, ..] if steps == "steps" && key != "parameters" => Some(step.clone()),
        _ => None,
    });
    snapshot.step_options = asked.iter().cloned().chain(in_text).chain(in_fields).collect();
    let hidden = steps_without_options(&snapshot);
    (snapshot, StepChoice { hidden, asked })
}
