//! Pipeline snapshots on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{Entity, Json, RawMap, code_references::CodeReferenceRequest};
use crate::{
    model::status::ExecutionStatus,
    server::{db::pipeline_snapshots::PipelineSnapshotRow, error::Result, id::Id, time::Timestamp},
};

/// `POST /pipeline_snapshots`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct PipelineSnapshotRequest {
    pub project: Id,
    pub run_name_template: String,
    pub pipeline_configuration: Value,
    #[serde(default, deserialize_with = "super::ordered_map")]
    #[schemars(with = "super::MapOf<StepRequest>")]
    pub step_configurations: Vec<(String, StepRequest)>,
    #[serde(default)]
    pub client_environment: serde_json::Map<String, Value>,
    pub client_version: Option<String>,
    pub server_version: Option<String>,
    pub pipeline_version_hash: Option<String>,
    pub pipeline_spec: Option<Value>,
    #[serde(default)]
    pub is_dynamic: bool,
    #[serde(default)]
    pub name: NameChange,
    pub description: Option<String>,
    pub source_code: Option<String>,
    pub replace: Option<bool>,
    pub tags: Option<Vec<String>>,
    pub stack: Id,
    pub pipeline: Id,
    pub build: Option<Id>,
    pub schedule: Option<Id>,
    pub code_reference: Option<CodeReferenceRequest>,
    pub code_path: Option<String>,
    pub template: Option<Id>,
    pub source_snapshot: Option<Id>,
}

/// One step of a snapshot to be made. `config` is recomputed from the overrides; old clients send only `config`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct StepRequest {
    pub spec: Value,
    pub config: Option<serde_json::Map<String, Value>>,
    pub step_config_overrides: Option<serde_json::Map<String, Value>>,
}

/// `PUT /pipeline_snapshots/{id}`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct PipelineSnapshotUpdate {
    #[serde(default)]
    pub name: NameChange,
    pub description: Option<String>,
    pub replace: Option<bool>,
    pub add_tags: Option<Vec<String>>,
    pub remove_tags: Option<Vec<String>>,
}

/// `name` on the wire: a text, `false` for "no name", null for "as it is".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum NameChange {
    #[default]
    Keep,
    Remove,
    Set(String),
}

impl<'de> Deserialize<'de> for NameChange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Null => Ok(Self::Keep),
            Value::Bool(false) => Ok(Self::Remove),
            Value::String(name) if !name.is_empty() => Ok(Self::Set(name)),
            _ => Err(serde::de::Error::custom("`name` must be a text that is not empty, `false` or null")),
        }
    }
}

/// `POST /pipeline_snapshots/prune`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct PruneRequest {
    pub project: Id,
    pub older_than: Timestamp,
    #[serde(default)]
    pub apply: bool,
}

/// What a prune would delete, or the id of the work that deletes it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PruneResponse {
    pub snapshot_count: Option<i64>,
    pub task_id: Option<Id>,
}

#[derive(Serialize)]
struct Body {
    created: Timestamp,
    updated: Timestamp,
    user_id: Option<Id>,
    project_id: Id,
    runnable: bool,
    deployable: bool,
    is_dynamic: bool,
    pipeline_id: Id,
}

/// A snapshot's metadata; documents pass through as they were stored.
#[derive(Serialize)]
pub struct Metadata<'a> {
    pub description: Option<&'a str>,
    pub source_code: Option<&'a str>,
    pub run_name_template: &'a str,
    pub pipeline_configuration: Json,
    pub step_configurations: RawMap,
    pub client_environment: Json,
    pub client_version: Option<&'a str>,
    pub server_version: Option<&'a str>,
    pub pipeline_version_hash: Option<&'a str>,
    pub pipeline_spec: Option<Json>,
    pub code_path: Option<&'a str>,
    pub template_id: Option<Id>,
    pub source_snapshot_id: Option<Id>,
    pub config_template: Option<serde_json::Map<String, Value>>,
    pub config_schema: Option<Value>,
}

/// What is linked to a snapshot.
#[derive(Serialize)]
pub struct Resources<'a> {
    pub user: Option<&'a Entity>,
    pub pipeline: Option<&'a Entity>,
    pub stack: Option<&'a Entity>,
    pub build: Option<Entity>,
    pub schedule: Option<Entity>,
    pub code_reference: Option<&'a Entity>,
    pub deployment: Option<Entity>,
    pub tags: Vec<Entity>,
    pub latest_run_id: Option<Id>,
    pub latest_run_status: Option<ExecutionStatus>,
    pub latest_run_user: Option<&'a Entity>,
    pub visualizations: Vec<Entity>,
}

/// A snapshot's body. `deployable` means that it has a build and its stack has a deployer.
pub fn shallow(snapshot: &PipelineSnapshotRow, deployable: bool) -> Result<Entity> {
    let body = Body {
        created: snapshot.created,
        updated: snapshot.updated,
        user_id: snapshot.user_id,
        project_id: snapshot.project_id,
        runnable: snapshot.runnable,
        deployable,
        is_dynamic: snapshot.is_dynamic,
        pipeline_id: snapshot.pipeline_id,
    };
    Ok(Entity::new(snapshot.id, &body)?.maybe_named(snapshot.name.as_deref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_be_kept_removed_or_set() {
        let read = |text: &str| serde_json::from_str::<PipelineSnapshotUpdate>(text).map(|update| update.name);
        assert_eq!(read("{}").expect("readable"), NameChange::Keep);
        assert_eq!(read(r#"{"name": null}"#).expect("readable"), NameChange::Keep);
        assert_eq!(read(r#"{"name": false}"#).expect("readable"), NameChange::Remove);
        assert_eq!(read(r#"{"name": "a"}"#).expect("readable"), NameChange::Set("a".to_owned()));
        assert!(read(r#"{"name": true}"#).is_err());
        assert!(read(r#"{"name": ""}"#).is_err());
    }
}
