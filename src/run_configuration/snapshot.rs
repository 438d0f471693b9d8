//! What the shared core has to know about a snapshot to read, check and apply a run configuration.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::form_view::Form;

/// A snapshot, reduced to what a run configuration can change and what it is checked against.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Whether the pipeline decides on its steps while it runs; then there are no steps here.
    pub is_dynamic: bool,
    /// The name of a run, with placeholders in braces.
    pub run_name_template: String,
    /// The pipeline configuration as stored.
    pub pipeline_configuration: Map<String, Value>,
    /// `pipeline_spec.parameters`, if the snapshot has a spec.
    pub pipeline_spec_parameters: Option<Map<String, Value>>,
    /// `pipeline_spec.input_schema`: the JSON Schema of the pipeline parameters.
    pub pipeline_parameter_schema: Option<Value>,
    /// The steps in their stored order, which is the order of execution.
    pub steps: Vec<Step>,
    /// The components of the stack; of several with one kind the stack's default comes first.
    pub components: Vec<Component>,
    /// Whether settings of components are keyed `kind.flavor` instead of `kind:name`; see [`uses_legacy_settings_keys`].
    pub legacy_settings_keys: bool,
    /// The form view that is in force for whoever launches; it says which fields there are and what may be set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Form>,
    /// Steps whose options the form shows besides those that have some set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub step_options: Vec<String>,
}

/// One step of a static pipeline.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The invocation id, by which run configurations name the step.
    pub name: String,
    /// `spec`: source, upstream steps, inputs, parameter schema.
    pub spec: Value,
    /// `config`: the overrides merged with the pipeline configuration.
    pub config: Value,
    /// `step_config_overrides`: what is configured on the step itself.
    pub overrides: Value,
}

/// One component of the stack the snapshot runs on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Component {
    /// `orchestrator`, `artifact_store`, …
    pub kind: String,
    /// The name of the component.
    pub name: String,
    /// The name of its flavor.
    pub flavor: String,
    /// JSON Schema of the flavor's settings class, if it has one with fields.
    pub settings_schema: Option<Value>,
    /// Whether the flavor's configuration has the field `synchronous`.
    pub has_synchronous_field: bool,
}

impl Snapshot {
    /// The step with this invocation id.
    pub fn step(&self, name: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.name == name)
    }

    /// The pipeline parameters, without those that are null as a whole.
    pub fn parameters(&self) -> Option<&Map<String, Value>> {
        self.pipeline_configuration.get("parameters")?.as_object()
    }

    /// The orchestrator of the stack.
    pub fn orchestrator(&self) -> Option<&Component> {
        self.components.iter().find(|component| component.kind == "orchestrator")
    }
}

impl Step {
    /// The parameters the step takes, with their values in the snapshot.
    ///
    /// ZenML compares a run configuration with the parameters of the merged configuration; nothing but the step itself sets them, so they
    /// are the parameters of the overrides too.
    pub fn parameters(&self) -> Option<&Map<String, Value>> {
        let of = |document: &'_ Value| document.get("parameters").is_some_and(Value::is_object);
        let document = if of(&self.config) { &self.config } else { &self.overrides };
        document.get("parameters")?.as_object()
    }

    /// The JSON Schema of the parameters, if the client could make one.
    pub fn parameter_schema(&self) -> Option<&Value> {
        self.spec.get("parameter_spec").filter(|schema| schema.as_object().is_some_and(|map| !map.is_empty()))
    }

    /// The step that produces the input artifact `name`, if the step has such an input.
    pub fn input_producer(&self, name: &str) -> Option<&str> {
        let input = self.spec.get("inputs")?.get(name)?;
        input.get(0).unwrap_or(input).get("step_name")?.as_str()
    }
}

/// Whether a client of this version keys the settings of stack components `kind.flavor` (before ZenML 0.94.3) and not `kind:name`.
///
/// The version is that of the build, else that of the client that made the snapshot; a missing or unreadable one counts as old.
pub fn uses_legacy_settings_keys(version: Option<&str>) -> bool {
    let Some(version) = version.map(str::trim).filter(|version| !version.is_empty()) else { return true };
    let mut release = Vec::new();
    let mut is_pre_release = false;
    for part in version.trim_start_matches('v').split('.') {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        let Ok(number) = digits.parse::<u32>() else {
            if release.is_empty() {
                return true;
            }
            is_pre_release |= part.starts_with("dev");
            break;
        };
        release.push(number);
        if digits.len() < part.len() {
            is_pre_release |= !part[digits.len()..].starts_with(['+', '-']);
            break;
        }
    }
    release.resize(3, 0);
    match release[..].cmp(&[0, 94, 3]) {
        std::cmp::Ordering::Equal => is_pre_release,
        order => order.is_lt(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_keys_follow_the_version() {
        for old in [None, Some(""), Some("x"), Some("0.94.2"), Some("0.9"), Some("0.94.3rc1"), Some("0.94.3.dev1")] {
            assert!(uses_legacy_settings_keys(old), "{old:?}");
        }
        for new in ["0.94.3", "0.98.0", "1.0", "0.94.3+local", "0.95.0rc1", "v0.98.0"] {
            assert!(!uses_legacy_settings_keys(Some(new)), "{new}");
        }
    }

    #[test]
    fn a_step_knows_where_an_input_comes_from() {
        let step = Step {
            spec: json!({"inputs": {"data": {"step_name": "loader"}, "all": [{"step_name": "a"}, {"step_name": "b"}]}}),
            ..Step::default()
        };
        assert_eq!(step.input_producer("data"), Some("loader"));
        assert_eq!(step.input_producer("all"), Some("a"));
        assert_eq!(step.input_producer("x"), None);
    }
}
