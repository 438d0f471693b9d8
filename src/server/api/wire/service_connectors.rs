//! Service connectors on the wire.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};

use super::{Entity, Json, stored_json};
use crate::server::{db::service_connectors::ServiceConnectorRow, encryption::SecretValues, error::Result, id::Id, time::Timestamp};

/// A connector type by its name, or by its whole specification.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ConnectorTypeReference {
    Name(String),
    Specification { connector_type: String },
}

impl ConnectorTypeReference {
    /// The type's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Name(name) | Self::Specification { connector_type: name } => name,
        }
    }
}

/// `POST /service_connectors` and `POST /service_connectors/verify`.
#[derive(Deserialize, JsonSchema)]
pub struct ServiceConnectorRequest {
    pub name: String,
    pub connector_type: ConnectorTypeReference,
    #[serde(default)]
    pub description: String,
    pub auth_method: String,
    #[serde(default)]
    pub resource_types: Vec<String>,
    pub resource_id: Option<String>,
    #[serde(default)]
    pub supports_instances: bool,
    pub expires_at: Option<Timestamp>,
    pub expires_skew_tolerance: Option<i64>,
    pub expiration_seconds: Option<i64>,
    #[serde(default)]
    pub configuration: Map<String, Value>,
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

/// `PUT /service_connectors/{id}`.
#[derive(Deserialize, JsonSchema)]
pub struct ServiceConnectorUpdate {
    pub name: Option<String>,
    pub connector_type: Option<ConnectorTypeReference>,
    pub description: Option<String>,
    pub auth_method: Option<String>,
    pub resource_types: Option<Vec<String>>,
    pub resource_id: Option<String>,
    pub supports_instances: Option<bool>,
    pub expires_at: Option<Timestamp>,
    pub expires_skew_tolerance: Option<i64>,
    pub expiration_seconds: Option<i64>,
    pub configuration: Option<Map<String, Value>>,
    pub labels: Option<BTreeMap<String, String>>,
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    user_id: Option<Id>,
    description: &'a str,
    connector_type: Json,
    auth_method: &'a str,
    resource_types: Json,
    resource_id: Option<&'a str>,
    supports_instances: bool,
    expires_at: Option<Timestamp>,
    expires_skew_tolerance: Option<i64>,
}

#[derive(Serialize)]
struct Metadata {
    configuration: Map<String, Value>,
    expiration_seconds: Option<i64>,
    labels: Json,
}

#[derive(Serialize)]
struct Resources {
    user: Option<Entity>,
}

fn with_type(connector: &ServiceConnectorRow, connector_type: Json) -> Result<Entity> {
    let body = Body {
        created: connector.created,
        updated: connector.updated,
        user_id: connector.user_id,
        description: &connector.description,
        connector_type,
        auth_method: &connector.auth_method,
        resource_types: stored_json(&connector.resource_types)?,
        resource_id: connector.resource_id.as_deref(),
        supports_instances: connector.supports_instances,
        expires_at: connector.expires_at,
        expires_skew_tolerance: connector.expires_skew_tolerance,
    };
    Ok(Entity::new(connector.id, &body)?.named(connector.name.as_str()))
}

/// A connector's body, which names its type.
pub fn shallow(connector: &ServiceConnectorRow) -> Result<Entity> {
    with_type(connector, super::json(&connector.connector_type)?)
}

/// A connector with its owner and its type's specification where that is known. Secret values come with its metadata,
/// and bring it with them even where it was not asked for, as on the reference server.
pub fn entity(
    connector: &ServiceConnectorRow,
    specification: Option<&RawValue>,
    secret: &SecretValues,
    user: Option<Entity>,
    hydrate: bool,
) -> Result<Entity> {
    let connector_type = specification.map_or_else(|| super::json(&connector.connector_type), |found| Ok(found.to_owned()))?;
    let entity = with_type(connector, connector_type)?.resources(&Resources { user })?;
    if !hydrate && secret.is_empty() {
        return Ok(entity);
    }
    let mut configuration: Map<String, Value> = serde_json::from_str(&connector.configuration)?;
    configuration.extend(secret.iter().map(|(key, value)| (key.to_owned(), Value::from(value))));
    entity.metadata(&Metadata { configuration, expiration_seconds: connector.expiration_seconds, labels: stored_json(&connector.labels)? })
}
