//! Projects on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entity, Json, object_or_empty};
use crate::server::{db::projects::ProjectRow, error::Result, time::Timestamp};

/// `POST /projects`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ProjectRequest {
    pub name: Option<String>,
    #[serde(default)]
    pub display_name: String,
    #[serde(default)]
    pub description: String,
    pub project_metadata: Option<Json>,
}

/// `PUT /projects/{name or id}`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ProjectUpdate {
    pub name: Option<String>,
    pub display_name: Option<String>,
    pub description: Option<String>,
    pub project_metadata: Option<Json>,
}

/// `GET /projects/{name or id}/statistics`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProjectStatistics {
    pub pipelines: i64,
    pub runs: i64,
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    display_name: &'a str,
}

#[derive(Serialize)]
struct Metadata<'a> {
    description: &'a str,
    project_metadata: Json,
}

/// A project, with its metadata when hydrated.
pub fn entity(project: &ProjectRow, hydrate: bool) -> Result<Entity> {
    let body = Body { created: project.created, updated: project.updated, display_name: &project.display_name };
    let entity = Entity::new(project.id, &body)?.named(project.name.as_str());
    if !hydrate {
        return Ok(entity);
    }
    let project_metadata = object_or_empty(project.project_metadata.as_deref())?;
    entity.metadata(&Metadata { description: &project.description, project_metadata })
}
