//! Hook invocations on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entity, Json, RawMap, stored_json, words::HookType};
use crate::{
    model::status::ExecutionStatus,
    server::{db::hook_invocations::HookInvocationRow, error::Result, id::Id, time::Timestamp},
};

/// `POST /hook_invocations`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct HookInvocationRequest {
    pub project: Id,
    #[serde(default)]
    pub id: Id,
    pub hook_type: HookType,
    pub name: Option<String>,
    pub status: ExecutionStatus,
    pub start_time: Timestamp,
    pub end_time: Option<Timestamp>,
    pub source: Option<String>,
    pub pipeline_run_id: Id,
    pub step_run_id: Option<Id>,
    #[serde(default, deserialize_with = "super::ordered_map")]
    #[schemars(with = "std::collections::HashMap<String, Vec<Id>>")]
    pub outputs: Vec<(String, Vec<Id>)>,
    pub exception_info: Option<Json>,
    /// A log stream that exists, to be linked.
    pub logs_id: Option<Id>,
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    user_id: Option<Id>,
    project_id: Id,
    hook_type: &'a str,
    status: ExecutionStatus,
    start_time: Timestamp,
    end_time: Option<Timestamp>,
    pipeline_run_id: Id,
    step_run_id: Option<Id>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    source: Option<&'a str>,
    exception_info: Option<Json>,
}

/// What is linked to a hook invocation.
#[derive(Serialize)]
pub struct Resources {
    pub user: Option<Entity>,
    /// Artifact versions by output name.
    pub outputs: RawMap,
    pub log_collection: Vec<Entity>,
}

/// A hook invocation with its resources, and with its metadata when hydrated.
pub fn entity(hook: &HookInvocationRow, resources: &Resources, hydrate: bool) -> Result<Entity> {
    let body = Body {
        created: hook.created,
        updated: hook.updated,
        user_id: hook.user_id,
        project_id: hook.project_id,
        hook_type: &hook.hook_type,
        status: hook.status,
        start_time: hook.start_time,
        end_time: hook.end_time,
        pipeline_run_id: hook.pipeline_run_id,
        step_run_id: hook.step_run_id,
    };
    let entity = Entity::new(hook.id, &body)?.maybe_named(hook.name.as_deref()).resources(resources)?;
    if !hydrate {
        return Ok(entity);
    }
    entity.metadata(&Metadata {
        source: hook.source.as_deref(),
        exception_info: hook.exception_info.as_deref().map(stored_json).transpose()?,
    })
}
