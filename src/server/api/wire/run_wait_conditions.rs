//! Wait conditions of runs on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Entity, Json, RawMap, stored_json,
    words::{LeaseMode, Resolution, WaitConditionType},
};
use crate::server::{db::run_wait_conditions::RunWaitConditionRow, error::Result, id::Id, time::Timestamp};

/// `POST /run_wait_conditions`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct RunWaitConditionRequest {
    pub project: Id,
    pub run: Id,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: WaitConditionType,
    pub question: Option<String>,
    /// JSON Schema of the answer.
    pub data_schema: Option<serde_json::Map<String, Value>>,
    #[serde(default)]
    pub metadata: RawMap,
}

/// `PUT /run_wait_conditions/{id}/resolve`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct RunWaitConditionResolveRequest {
    pub resolution: Resolution,
    /// The answer; null and missing are the same.
    pub result: Option<Value>,
}

/// `PUT /run_wait_conditions/{id}`: the process that waits says until when it is sure to look again.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct RunWaitConditionLeaseUpdate {
    pub poller_instance_id: String,
    pub poller_lease_expires_at: Timestamp,
    #[serde(default = "refresh")]
    pub mode: LeaseMode,
}

fn refresh() -> LeaseMode {
    LeaseMode::Refresh
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    user_id: Option<Id>,
    project_id: Id,
    #[serde(rename = "type")]
    kind: &'a str,
    status: &'a str,
    last_polled_at: Option<Timestamp>,
    poller_instance_id: Option<&'a str>,
    poller_lease_expires_at: Option<Timestamp>,
    resolved_at: Option<Timestamp>,
    resolved_by_user_id: Option<Id>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    question: Option<&'a str>,
    run_metadata: Json,
    data_schema: Option<Json>,
    resolution: Option<&'a str>,
    result: Option<Json>,
}

/// What is linked to a wait condition.
#[derive(Serialize)]
pub struct Resources {
    pub user: Option<Entity>,
    pub run: Entity,
}

/// A wait condition's body: how it appears on its run.
pub fn shallow(condition: &RunWaitConditionRow) -> Result<Entity> {
    let body = Body {
        created: condition.created,
        updated: condition.updated,
        user_id: condition.user_id,
        project_id: condition.project_id,
        kind: &condition.kind,
        status: &condition.status,
        last_polled_at: condition.last_polled_at,
        poller_instance_id: condition.poller_instance_id.as_deref(),
        poller_lease_expires_at: condition.poller_lease_expires_at,
        resolved_at: condition.resolved_at,
        resolved_by_user_id: condition.resolved_by_user_id,
    };
    Ok(Entity::new(condition.id, &body)?.named(condition.name.as_str()))
}

/// A wait condition with its resources, and with its metadata when `run_metadata` is given.
pub fn entity(condition: &RunWaitConditionRow, resources: &Resources, run_metadata: Option<Json>) -> Result<Entity> {
    let entity = shallow(condition)?.resources(resources)?;
    let Some(run_metadata) = run_metadata else { return Ok(entity) };
    entity.metadata(&Metadata {
        question: condition.question.as_deref(),
        run_metadata,
        data_schema: condition.data_schema.as_deref().map(stored_json).transpose()?,
        resolution: condition.resolution.as_deref(),
        result: condition.result.as_deref().map(stored_json).transpose()?,
    })
}
