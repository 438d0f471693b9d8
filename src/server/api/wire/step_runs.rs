//! Step runs on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Entity, Json, RawMap, logs::LogsReference, logs::LogsRequest, pipeline_snapshots::StepRequest};
use crate::{
    model::status::ExecutionStatus,
    server::{db::step_runs::StepRunRow, error::Result, id::Id, time::Timestamp},
};

/// `POST /steps`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct StepRunRequest {
    pub project: Id,
    pub name: String,
    pub start_time: Timestamp,
    pub end_time: Option<Timestamp>,
    pub status: ExecutionStatus,
    pub cache_key: Option<String>,
    pub cache_expires_at: Option<Timestamp>,
    pub code_hash: Option<String>,
    pub docstring: Option<String>,
    pub source_code: Option<String>,
    pub pipeline_run_id: Id,
    pub original_step_run_id: Option<Id>,
    #[serde(default, deserialize_with = "super::ordered_map")]
    #[schemars(with = "super::MapOf<Vec<Id>>")]
    pub inputs: Vec<(String, Vec<Id>)>,
    #[serde(default, deserialize_with = "super::ordered_map")]
    #[schemars(with = "super::MapOf<Vec<Id>>")]
    pub outputs: Vec<(String, Vec<Id>)>,
    pub logs: Option<LogsReference>,
    pub exception_info: Option<Json>,
    /// The configuration of a step of a dynamic pipeline, whose snapshot has none.
    pub dynamic_config: Option<StepRequest>,
}

/// `PUT /steps/{id}`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct StepRunUpdate {
    #[serde(default, deserialize_with = "super::ordered_map")]
    #[schemars(with = "super::MapOf<Vec<Id>>")]
    pub outputs: Vec<(String, Vec<Id>)>,
    #[serde(default, deserialize_with = "super::ordered_map")]
    #[schemars(with = "super::MapOf<Id>")]
    pub loaded_artifact_versions: Vec<(String, Id)>,
    pub status: Option<ExecutionStatus>,
    pub end_time: Option<Timestamp>,
    pub exception_info: Option<Json>,
    pub cache_expires_at: Option<Timestamp>,
    pub add_logs: Option<Vec<LogsRequest>>,
}

/// `PUT /steps/{id}/heartbeat` answers without the envelope, and with an offset on the time.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HeartbeatResponse {
    pub id: Id,
    pub status: ExecutionStatus,
    pub latest_heartbeat: String,
    pub pipeline_run_status: ExecutionStatus,
    pub heartbeat_enabled: bool,
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    user_id: Option<Id>,
    project_id: Id,
    #[serde(rename = "type")]
    step_type: &'a Value,
    status: ExecutionStatus,
    version: i64,
    is_retriable: bool,
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    latest_heartbeat: Option<Timestamp>,
    model_version_id: Option<Id>,
    resource_request_id: Option<Id>,
    substitutions: &'a Value,
    heartbeat_threshold: Option<i64>,
}

/// A step run's metadata; `spec` passes through as it was stored.
#[derive(Serialize)]
pub struct Metadata<'a> {
    pub config: &'a Map<String, Value>,
    pub spec: Json,
    pub cache_key: Option<&'a str>,
    pub cache_expires_at: Option<Timestamp>,
    pub code_hash: Option<&'a str>,
    pub docstring: Option<&'a str>,
    pub source_code: Option<Json>,
    pub exception_info: Option<Json>,
    pub snapshot_id: Option<Id>,
    pub pipeline_run_id: Id,
    pub original_step_run_id: Option<Id>,
    pub parent_step_ids: Vec<Id>,
    pub run_metadata: Json,
}

/// What is linked to a step run.
#[derive(Serialize)]
pub struct Resources {
    pub log_collection: Vec<Entity>,
    pub model_version: Option<Entity>,
    pub inputs: RawMap,
    pub outputs: RawMap,
    pub resource_request: Option<Entity>,
    pub user: Option<Entity>,
}

/// An input: the artifact version with how the step came by it.
#[derive(Serialize)]
pub struct InputEntity<'a> {
    #[serde(flatten)]
    pub artifact_version: &'a Entity,
    pub input_type: &'a str,
    pub index: Option<i64>,
    pub chunk_index: Option<i64>,
    pub chunk_size: Option<i64>,
}

/// A step run's body; `config` has the substitutions of its run.
pub fn shallow(step: &StepRunRow, config: &Map<String, Value>) -> Result<Entity> {
    let body = Body {
        created: step.created,
        updated: step.updated,
        user_id: step.user_id,
        project_id: step.project_id,
        step_type: config.get("step_type").unwrap_or(&Value::Null),
        status: step.status,
        version: step.version,
        is_retriable: step.is_retriable,
        start_time: step.start_time,
        end_time: step.end_time,
        latest_heartbeat: step.latest_heartbeat,
        model_version_id: step.model_version_id,
        resource_request_id: None,
        substitutions: config.get("substitutions").unwrap_or(&Value::Null),
        heartbeat_threshold: step.heartbeat_threshold,
    };
    Ok(Entity::new(step.id, &body)?.named(step.name.as_str()))
}
