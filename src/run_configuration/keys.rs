//! The keys a run configuration knows, at the top and in a step, with the type of each.
//!
//! The names and types are those of ZenML's `PipelineRunConfiguration` and `StepConfigurationUpdate`. Checking, the configuration schema
//! and "did you mean" all read them here.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

/// The type of a key; every key may also be null, which means "not set".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// True or false.
    Boolean,
    /// One text.
    Text,
    /// A Python object: an import path, or the stored form `{module, attribute, type}`.
    Source,
    /// A mapping from text to anything.
    AnyMap,
    /// A mapping from text to text.
    TextMap,
    /// A list of names or ids of secrets.
    Secrets,
    /// A list of tag names or tag objects.
    Tags,
    /// `true`, or the name of a stack component.
    ComponentChoice,
    /// The number of minutes without a heartbeat.
    HeartbeatThreshold,
    /// Declared outputs by name.
    Outputs,
    /// An object defined by name in `definitions.json`.
    Defined(&'static str),
}

/// One key of a run configuration.
#[derive(Debug)]
pub struct Key {
    /// The key as written.
    pub name: &'static str,
    /// The type of its value.
    pub kind: Kind,
    /// What it does, in one sentence.
    pub description: &'static str,
}

const fn key(name: &'static str, kind: Kind, description: &'static str) -> Key {
    Key { name, kind, description }
}

/// The keys of a run, except those with rules of their own: `steps`, `settings`, `parameters`, `build`, `schedule`.
pub const RUN_KEYS: &[Key] = &[
    key("run_name", Kind::Text, "Name of the run; {date} and {time} are replaced."),
    key("enable_cache", Kind::Boolean, "Reuse the outputs of steps that ran before with the same inputs."),
    key("enable_artifact_metadata", Kind::Boolean, "Record metadata of the output artifacts."),
    key("enable_artifact_visualization", Kind::Boolean, "Make visualizations of the output artifacts."),
    key("enable_step_logs", Kind::Boolean, "Keep the logs of the steps."),
    key("enable_pipeline_logs", Kind::Boolean, "Keep the logs of the run as a whole."),
    key("enable_heartbeat", Kind::Boolean, "Have running steps report that they are alive."),
    key("environment", Kind::AnyMap, "Environment variables of all steps."),
    key("secrets", Kind::Secrets, "Secrets whose values become environment variables of all steps."),
    key("tags", Kind::Tags, "Tags of the run."),
    key("extra", Kind::AnyMap, "Free values that steps can read."),
    key("model", Kind::Defined("Model"), "The model that the run works on."),
    key("retry", Kind::Defined("StepRetryConfig"), "How often failed steps are tried again."),
    key("init_hook_source", Kind::Source, "Called once before the run."),
    key("init_hook_kwargs", Kind::AnyMap, "Arguments of the init hook."),
    key("cleanup_hook_source", Kind::Source, "Called once after the run."),
    key("failure_hook_source", Kind::Source, "Called when a step fails; in a dynamic pipeline, when the run fails."),
    key("success_hook_source", Kind::Source, "Called when a step succeeds; in a dynamic pipeline, when the run succeeds."),
    key("start_hook_source", Kind::Source, "Called when a step starts; in a dynamic pipeline, when the run starts."),
    key("end_hook_source", Kind::Source, "Called when a step ends; in a dynamic pipeline, when the run ends."),
    key("pause_hook_source", Kind::Source, "Called when the run pauses."),
    key("resume_hook_source", Kind::Source, "Called when the run resumes."),
    key("substitutions", Kind::TextMap, "Values of placeholders in names."),
    key("cache_policy", Kind::Defined("CachePolicy"), "What makes a step run again although it ran before."),
    key("execution_mode", Kind::Defined("ExecutionMode"), "What happens to the other steps when one fails."),
];

/// The keys of one step, except those with rules of their own: `parameters`, `settings`, `name`.
pub const STEP_KEYS: &[Key] = &[
    key("enable_cache", Kind::Boolean, "Reuse the outputs if the step ran before with the same inputs."),
    key("enable_artifact_metadata", Kind::Boolean, "Record metadata of the output artifacts."),
    key("enable_artifact_visualization", Kind::Boolean, "Make visualizations of the output artifacts."),
    key("enable_step_logs", Kind::Boolean, "Keep the logs of the step."),
    key("step_operator", Kind::ComponentChoice, "The step operator that runs the step."),
    key("experiment_tracker", Kind::ComponentChoice, "The experiment tracker of the step."),
    key("environment", Kind::TextMap, "Environment variables of the step."),
    key("secrets", Kind::Secrets, "Secrets whose values become environment variables of the step."),
    key("extra", Kind::AnyMap, "Free values that the step can read."),
    key("failure_hook_source", Kind::Source, "Called when the step fails."),
    key("success_hook_source", Kind::Source, "Called when the step succeeds."),
    key("start_hook_source", Kind::Source, "Called when the step starts."),
    key("end_hook_source", Kind::Source, "Called when the step ends."),
    key("model", Kind::Defined("Model"), "The model that the step works on."),
    key("retry", Kind::Defined("StepRetryConfig"), "How often the step is tried again when it fails."),
    key("substitutions", Kind::TextMap, "Values of placeholders in names."),
    key("cache_policy", Kind::Defined("CachePolicy"), "What makes the step run again although it ran before."),
    key("runtime", Kind::Defined("StepRuntime"), "Whether a step of a dynamic pipeline runs inline or on its own."),
    key("heartbeat_healthy_threshold", Kind::HeartbeatThreshold, "Minutes without a heartbeat after which the step counts as dead."),
    key("group", Kind::Defined("GroupInfo"), "The group the step belongs to."),
    key("outputs", Kind::Outputs, "Declared outputs."),
];

/// Keys of a run that have rules of their own.
pub const SPECIAL_RUN_KEYS: [&str; 5] = ["steps", "settings", "parameters", "build", "schedule"];

/// Keys of a step that have rules of their own; `name` is an old key that ZenML ignores.
pub const SPECIAL_STEP_KEYS: [&str; 3] = ["parameters", "settings", "name"];

/// A schema document whose `$defs` are the definitions that the schemas of keys refer to.
pub static DEFINITIONS: LazyLock<Value> = LazyLock::new(|| {
    let definitions: Map<String, Value> = serde_json::from_str(include_str!("definitions.json")).unwrap_or_default();
    json!({"$defs": definitions})
});

/// The definition with this name.
pub fn definition(name: &str) -> Option<&'static Value> {
    DEFINITIONS.get("$defs")?.get(name)
}

/// The key of a run with this name.
pub fn run_key(name: &str) -> Option<&'static Key> {
    RUN_KEYS.iter().find(|key| key.name == name)
}

/// The key of a step with this name.
pub fn step_key(name: &str) -> Option<&'static Key> {
    STEP_KEYS.iter().find(|key| key.name == name)
}

impl Kind {
    /// The JSON Schema of a value of this type that is not null; references point into [`DEFINITIONS`].
    pub fn schema(self) -> Value {
        let text = json!({"type": "string"});
        match self {
            Self::Boolean => json!({"type": "boolean"}),
            Self::Text => text,
            Self::Source => json!({"anyOf": [{"minLength": 1, "type": "string"}, {"$ref": "#/$defs/Source"}]}),
            Self::AnyMap => json!({"additionalProperties": true, "type": "object"}),
            Self::TextMap => json!({"additionalProperties": text, "type": "object"}),
            Self::Secrets => json!({"items": {"anyOf": [{"format": "uuid", "type": "string"}, text]}, "type": "array"}),
            Self::Tags => json!({"items": {"anyOf": [text, {"$ref": "#/$defs/Tag"}]}, "type": "array"}),
            Self::ComponentChoice => json!({"anyOf": [{"type": "boolean"}, text]}),
            Self::HeartbeatThreshold => json!({"maximum": 60, "minimum": 10, "type": "integer"}),
            Self::Outputs => json!({"additionalProperties": {"type": "object"}, "type": "object"}),
            Self::Defined(name) => json!({"$ref": format!("#/$defs/{name}")}),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_definition_that_a_key_uses_is_there() {
        for key in RUN_KEYS.iter().chain(STEP_KEYS) {
            if let Kind::Defined(name) = key.kind {
                assert!(definition(name).is_some(), "{name}");
            }
        }
        for name in ["Source", "Tag", "ResourceSettings"] {
            assert!(definition(name).is_some(), "{name}");
        }
    }
}
