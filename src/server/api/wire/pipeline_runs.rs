//! Pipeline runs on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Entity, Json, RawMap, logs::LogsReference, logs::LogsRequest, tags::TagReference};
use crate::{
    model::status::ExecutionStatus,
    server::{db::pipeline_runs::PipelineRunRow, error::Result, id::Id, time::Timestamp},
};

/// What started a run, besides a person.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TriggerInfo {
    pub step_run_id: Option<Id>,
    pub deployment_id: Option<Id>,
}

/// `POST /runs`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct PipelineRunRequest {
    pub project: Id,
    pub name: String,
    pub snapshot: Id,
    pub orchestrator_run_id: Option<String>,
    pub start_time: Option<Timestamp>,
    pub end_time: Option<Timestamp>,
    pub status: ExecutionStatus,
    pub status_reason: Option<String>,
    #[serde(default)]
    pub orchestrator_environment: Map<String, Value>,
    pub trigger_info: Option<TriggerInfo>,
    pub tags: Option<Vec<TagReference>>,
    pub logs: Option<LogsReference>,
    pub exception_info: Option<Json>,
    pub original_run_id: Option<Id>,
    pub parent_run_id: Option<Id>,
    pub child_key: Option<String>,
}

/// `PUT /runs/{id}`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct PipelineRunUpdate {
    pub status: Option<ExecutionStatus>,
    pub status_reason: Option<String>,
    pub orchestrator_run_id: Option<String>,
    pub exception_info: Option<Json>,
    #[serde(default, deserialize_with = "super::optional_ordered_map")]
    #[schemars(with = "Option<super::MapOf<Id>>")]
    pub outputs: Option<Vec<(String, Id)>>,
    pub add_tags: Option<Vec<String>>,
    pub remove_tags: Option<Vec<String>>,
    pub add_logs: Option<Vec<LogsRequest>>,
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    user_id: Option<Id>,
    project_id: Id,
    status: ExecutionStatus,
    in_progress: bool,
    status_reason: Option<&'a str>,
    index: i64,
    pipeline_id: Option<Id>,
    child_key: Option<&'a str>,
    root_run_id: Option<Id>,
}

/// A run's metadata.
#[derive(Serialize)]
pub struct Metadata<'a> {
    pub run_metadata: Json,
    pub config: RawMap,
    pub start_time: Option<Timestamp>,
    pub end_time: Option<Timestamp>,
    pub client_environment: Json,
    pub orchestrator_environment: Json,
    pub orchestrator_run_id: Option<&'a str>,
    pub code_path: Option<&'a str>,
    pub template_id: Option<Id>,
    pub is_templatable: bool,
    pub trigger_info: Option<TriggerInfo>,
    pub enable_heartbeat: bool,
    pub exception_info: Option<Json>,
    pub trigger_execution_info: Option<Json>,
}

/// What is linked to a run.
#[derive(Serialize)]
pub struct Resources<'a> {
    pub user: Option<&'a Entity>,
    pub snapshot: Option<Entity>,
    pub source_snapshot: Option<Entity>,
    pub stack: Option<&'a Entity>,
    pub pipeline: Option<&'a Entity>,
    pub build: Option<Entity>,
    pub schedule: Option<Entity>,
    pub code_reference: Option<&'a Entity>,
    pub model_version: Option<&'a Entity>,
    pub tags: Vec<Entity>,
    pub log_collection: Vec<Entity>,
    pub visualizations: Vec<Entity>,
    pub trigger: Option<Entity>,
    pub original_run: Option<Entity>,
    pub parent_run: Option<Entity>,
    pub active_wait_condition: Option<Entity>,
    pub outputs: RawMap,
}

/// A run's body.
pub fn shallow(run: &PipelineRunRow) -> Result<Entity> {
    let body = Body {
        created: run.created,
        updated: run.updated,
        user_id: run.user_id,
        project_id: run.project_id,
        status: run.status,
        in_progress: run.in_progress,
        status_reason: run.status_reason.as_deref(),
        index: run.run_index,
        pipeline_id: run.pipeline_id,
        child_key: run.child_key.as_deref(),
        root_run_id: run.root_run_id,
    };
    Ok(Entity::new(run.id, &body)?.named(run.name.as_str()))
}

/// What started a run, if something did.
pub fn trigger_info(run: &PipelineRunRow) -> Option<TriggerInfo> {
    let info = TriggerInfo { step_run_id: run.triggered_by_step_run_id, deployment_id: run.triggered_by_deployment_id };
    (info.step_run_id.is_some() || info.deployment_id.is_some()).then_some(info)
}
