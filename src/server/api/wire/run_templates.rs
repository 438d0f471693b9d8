//! Run templates on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Entity, Json};
use crate::{
    model::status::ExecutionStatus,
    server::{db::run_templates::RunTemplateRow, error::Result, id::Id, time::Timestamp},
};

/// `POST /run_templates`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct RunTemplateRequest {
    pub project: Id,
    pub name: String,
    pub description: Option<String>,
    /// Clients before ZenML 0.90 call snapshots deployments.
    #[serde(alias = "source_deployment_id")]
    pub source_snapshot_id: Id,
    #[serde(default)]
    pub hidden: bool,
    pub tags: Option<Vec<String>>,
}

/// `PUT /run_templates/{id}`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct RunTemplateUpdate {
    pub name: Option<String>,
    pub description: Option<String>,
    pub hidden: Option<bool>,
    pub add_tags: Option<Vec<String>>,
    pub remove_tags: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Body {
    created: Timestamp,
    updated: Timestamp,
    user_id: Option<Id>,
    project_id: Id,
    runnable: bool,
    hidden: bool,
}

/// A template's metadata: that of its snapshot.
#[derive(Serialize)]
pub struct Metadata<'a> {
    pub description: Option<&'a str>,
    pub pipeline_spec: Option<Json>,
    pub config_template: Option<Map<String, Value>>,
    pub config_schema: Option<Value>,
}

/// What is linked to a template.
#[derive(Serialize)]
pub struct Resources {
    pub user: Option<Entity>,
    pub source_snapshot: Option<Entity>,
    pub pipeline: Option<Entity>,
    pub build: Option<Entity>,
    pub code_reference: Option<Entity>,
    pub tags: Vec<Entity>,
    pub latest_run_id: Option<Id>,
    pub latest_run_status: Option<ExecutionStatus>,
}

/// A template with its resources, and with its metadata where it is given. `runnable` is that of its snapshot.
pub fn entity(template: &RunTemplateRow, runnable: bool, resources: &Resources, metadata: Option<&Metadata<'_>>) -> Result<Entity> {
    let body = Body {
        created: template.created,
        updated: template.updated,
        user_id: template.user_id,
        project_id: template.project_id,
        runnable,
        hidden: template.hidden,
    };
    let entity = Entity::new(template.id, &body)?.named(template.name.as_str()).resources(resources)?;
    match metadata {
        Some(metadata) => entity.metadata(metadata),
        None => Ok(entity),
    }
}
