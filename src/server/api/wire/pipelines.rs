//! Pipelines on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Entity;
use crate::{
    model::status::ExecutionStatus,
    server::{db::pipelines::PipelineRow, error::Result, id::Id, time::Timestamp},
};

/// `POST /pipelines`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct PipelineRequest {
    pub project: Id,
    pub name: String,
    pub description: Option<String>,
    pub tags: Option<Vec<String>>,
}

/// `PUT /pipelines/{id}`; an absent description clears it, as the reference server does.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct PipelineUpdate {
    pub description: Option<String>,
    pub add_tags: Option<Vec<String>>,
    pub remove_tags: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Body {
    created: Timestamp,
    updated: Timestamp,
    user_id: Option<Id>,
    project_id: Id,
}

#[derive(Serialize)]
struct Metadata<'a> {
    description: Option<&'a str>,
}

/// What is linked to a pipeline.
#[derive(Serialize)]
pub struct Resources {
    pub user: Option<Entity>,
    pub latest_run_user: Option<Entity>,
    pub latest_run_id: Option<Id>,
    pub latest_run_status: Option<ExecutionStatus>,
    pub tags: Vec<Entity>,
    pub visualizations: Vec<Entity>,
}

/// A pipeline's body.
pub fn shallow(pipeline: &PipelineRow) -> Result<Entity> {
    let body = Body { created: pipeline.created, updated: pipeline.updated, user_id: pipeline.user_id, project_id: pipeline.project_id };
    Ok(Entity::new(pipeline.id, &body)?.named(pipeline.name.as_str()))
}

/// A pipeline with its resources, and with its metadata when hydrated.
pub fn entity(pipeline: &PipelineRow, resources: &Resources, hydrate: bool) -> Result<Entity> {
    let entity = shallow(pipeline)?.resources(resources)?;
    if hydrate { entity.metadata(&Metadata { description: pipeline.description.as_deref() }) } else { Ok(entity) }
}
