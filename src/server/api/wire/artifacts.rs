//! Artifacts on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Entity;
use crate::server::{db::artifacts::ArtifactRow, error::Result, id::Id, time::Timestamp};

/// `POST /artifacts`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ArtifactRequest {
    pub project: Id,
    pub name: String,
    #[serde(default)]
    pub has_custom_name: bool,
    pub tags: Option<Vec<String>>,
}

/// `PUT /artifacts/{id}`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ArtifactUpdate {
    pub name: Option<String>,
    pub has_custom_name: Option<bool>,
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
struct Metadata {
    has_custom_name: bool,
}

/// What is linked to an artifact.
#[derive(Serialize)]
pub struct Resources {
    pub user: Option<Entity>,
    pub tags: Vec<Entity>,
    pub latest_version_name: Option<String>,
    pub latest_version_id: Option<Id>,
}

/// An artifact's body.
pub fn shallow(artifact: &ArtifactRow) -> Result<Entity> {
    let body = Body { created: artifact.created, updated: artifact.updated, user_id: artifact.user_id, project_id: artifact.project_id };
    Ok(Entity::new(artifact.id, &body)?.named(artifact.name.as_str()))
}

/// An artifact with its resources, and with its metadata when hydrated.
pub fn entity(artifact: &ArtifactRow, resources: &Resources, hydrate: bool) -> Result<Entity> {
    let entity = shallow(artifact)?.resources(resources)?;
    if hydrate { entity.metadata(&Metadata { has_custom_name: artifact.has_custom_name }) } else { Ok(entity) }
}
