//! Services on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Entity, Json, stored_json, words::ServiceState};
use crate::server::{db::services::ServiceRow, error::Result, id::Id, time::Timestamp};

/// What kind of service it is, and of which product.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ServiceType {
    #[serde(rename = "type")]
    pub kind: String,
    pub flavor: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub logo_url: String,
}

/// `POST /services`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ServiceRequest {
    pub project: Id,
    pub name: String,
    pub service_type: ServiceType,
    pub service_source: Option<String>,
    pub admin_state: Option<ServiceState>,
    pub config: Map<String, Value>,
    pub labels: Option<Map<String, Value>>,
    pub status: Option<Map<String, Value>>,
    pub endpoint: Option<Map<String, Value>>,
    pub prediction_url: Option<String>,
    pub health_check_url: Option<String>,
    pub model_version_id: Option<Id>,
    pub pipeline_run_id: Option<Id>,
}

/// `PUT /services/{id}`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ServiceUpdate {
    pub name: Option<String>,
    pub admin_state: Option<ServiceState>,
    pub service_source: Option<String>,
    pub status: Option<Map<String, Value>>,
    pub endpoint: Option<Map<String, Value>>,
    pub prediction_url: Option<String>,
    pub health_check_url: Option<String>,
    pub labels: Option<Map<String, Value>>,
    pub model_version_id: Option<Id>,
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    user_id: Option<Id>,
    project_id: Id,
    service_type: Json,
    labels: Option<Json>,
    state: Option<&'a str>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    service_source: Option<&'a str>,
    admin_state: Option<&'a str>,
    config: Json,
    status: Option<Json>,
    endpoint: Option<Json>,
    prediction_url: Option<&'a str>,
    health_check_url: Option<&'a str>,
}

/// What is linked to a service.
#[derive(Serialize)]
pub struct Resources {
    pub user: Option<Entity>,
    pub pipeline_run: Option<Entity>,
    pub model_version: Option<Entity>,
}

/// A service with its resources, and with its metadata when hydrated.
pub fn entity(service: &ServiceRow, resources: &Resources, hydrate: bool) -> Result<Entity> {
    let optional = |text: &Option<String>| text.as_deref().map(stored_json).transpose();
    let body = Body {
        created: service.created,
        updated: service.updated,
        user_id: service.user_id,
        project_id: service.project_id,
        service_type: stored_json(&service.service_type)?,
        labels: optional(&service.labels)?,
        state: service.state.as_deref(),
    };
    let entity = Entity::new(service.id, &body)?.named(service.name.as_str()).resources(resources)?;
    if !hydrate {
        return Ok(entity);
    }
    entity.metadata(&Metadata {
        service_source: service.service_source.as_deref(),
        admin_state: service.admin_state.as_deref(),
        config: stored_json(&service.config)?,
        status: optional(&service.status)?,
        endpoint: optional(&service.endpoint)?,
        prediction_url: service.prediction_url.as_deref(),
        health_check_url: service.health_check_url.as_deref(),
    })
}
