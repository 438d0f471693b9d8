//! Deployments on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Entity, Json, stored_json, tags::TagReference, words::DeploymentStatus};
use crate::server::{db::deployments::DeploymentRow, error::Result, id::Id, time::Timestamp};

/// `POST /deployments`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct DeploymentRequest {
    pub project: Id,
    pub name: String,
    pub snapshot_id: Id,
    pub deployer_id: Id,
    pub auth_key: Option<String>,
    pub tags: Option<Vec<TagReference>>,
}

/// `PUT /deployments/{id}`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct DeploymentUpdate {
    pub name: Option<String>,
    pub snapshot_id: Option<Id>,
    pub url: Option<String>,
    pub status: Option<DeploymentStatus>,
    pub deployment_metadata: Option<Map<String, Value>>,
    pub auth_key: Option<String>,
    pub add_tags: Option<Vec<String>>,
    pub remove_tags: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    user_id: Option<Id>,
    project_id: Id,
    url: Option<&'a str>,
    status: &'a str,
}

#[derive(Serialize)]
struct Metadata<'a> {
    deployment_metadata: Json,
    auth_key: Option<&'a str>,
}

/// What is linked to a deployment.
#[derive(Serialize)]
pub struct Resources {
    pub user: Option<Entity>,
    pub snapshot: Option<Entity>,
    pub deployer: Option<Entity>,
    pub pipeline: Option<Entity>,
    pub tags: Vec<Entity>,
    pub visualizations: Vec<Entity>,
    pub stack: Option<Entity>,
}

/// A deployment's body: how it appears on its snapshot.
pub fn shallow(deployment: &DeploymentRow) -> Result<Entity> {
    let body = Body {
        created: deployment.created,
        updated: deployment.updated,
        user_id: deployment.user_id,
        project_id: deployment.project_id,
        url: deployment.url.as_deref(),
        status: &deployment.status,
    };
    Ok(Entity::new(deployment.id, &body)?.named(deployment.name.as_str()))
}

/// A deployment with its resources, and with its metadata when hydrated.
pub fn entity(deployment: &DeploymentRow, resources: &Resources, hydrate: bool) -> Result<Entity> {
    let entity = shallow(deployment)?.resources(resources)?;
    if !hydrate {
        return Ok(entity);
    }
    entity.metadata(&Metadata {
        deployment_metadata: stored_json(&deployment.deployment_metadata)?,
        auth_key: deployment.auth_key.as_deref(),
    })
}
