//! Log streams on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Entity;
use crate::server::{db::logs::LogsRow, error::Result, id::Id, time::Timestamp};

/// `POST /logs`, and `logs` and `add_logs` of runs and steps.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct LogsRequest {
    pub project: Option<Id>,
    /// Chosen by the client, which writes the text under it before the server knows of the stream.
    #[serde(default)]
    pub id: Id,
    pub uri: Option<String>,
    #[serde(default)]
    pub source: String,
    pub artifact_store_id: Option<Id>,
    pub log_store_id: Option<Id>,
    pub pipeline_run_id: Option<Id>,
    pub step_run_id: Option<Id>,
    pub hook_invocation_id: Option<Id>,
}

/// `PUT /logs/{id}`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct LogsUpdate {
    pub pipeline_run_id: Option<Id>,
    pub step_run_id: Option<Id>,
}

/// `logs` of a run or a step that is being made: a stream that exists, or a new one.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum LogsReference {
    Id(Id),
    Request(Box<LogsRequest>),
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    user_id: Option<Id>,
    project_id: Id,
    uri: Option<&'a str>,
    source: &'a str,
    #[serde(flatten)]
    links: Links,
}

/// The reference server gives these both in the body and in the metadata.
#[derive(Serialize)]
struct Links {
    step_run_id: Option<Id>,
    pipeline_run_id: Option<Id>,
    artifact_store_id: Option<Id>,
    log_store_id: Option<Id>,
    hook_invocation_id: Option<Id>,
}

#[derive(Serialize)]
struct Resources {
    user: Option<Entity>,
}

fn links(logs: &LogsRow) -> Links {
    Links {
        step_run_id: logs.step_run_id,
        pipeline_run_id: logs.pipeline_run_id,
        artifact_store_id: logs.artifact_store_id,
        log_store_id: logs.log_store_id,
        hook_invocation_id: logs.hook_invocation_id,
    }
}

/// A log stream's body.
pub fn shallow(logs: &LogsRow) -> Result<Entity> {
    let body = Body {
        created: logs.created,
        updated: logs.updated,
        user_id: logs.user_id,
        project_id: logs.project_id,
        uri: logs.uri.as_deref(),
        source: &logs.source,
        links: links(logs),
    };
    Entity::new(logs.id, &body)
}

/// A log stream with its owner, and with its metadata when hydrated.
pub fn entity(logs: &LogsRow, user: Option<Entity>, hydrate: bool) -> Result<Entity> {
    let entity = shallow(logs)?.resources(&Resources { user })?;
    if hydrate { entity.metadata(&links(logs)) } else { Ok(entity) }
}
