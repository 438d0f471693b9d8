//! Stack components on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Entity, Json, stored_json};
use crate::server::{
    db::{
        flavors::{FlavorRow, Flavors},
        service_connectors::ServiceConnectorRow,
        stack_components::StackComponentRow,
    },
    error::Result,
    id::Id,
    time::Timestamp,
};

/// `POST /components`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ComponentRequest {
    pub name: String,
    #[serde(rename = "type")]
    pub component_type: String,
    pub flavor: String,
    pub configuration: Map<String, Value>,
    pub environment: Option<Map<String, Value>>,
    pub secrets: Option<Vec<String>>,
    pub connector_resource_id: Option<String>,
    pub labels: Option<Map<String, Value>>,
    pub connector: Option<Id>,
}

/// `PUT /components/{id}`; an absent connector is cleared, as in the reference server.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ComponentUpdate {
    pub name: Option<String>,
    pub configuration: Option<Map<String, Value>>,
    pub environment: Option<Map<String, Value>>,
    pub connector_resource_id: Option<String>,
    pub labels: Option<Map<String, Value>>,
    pub connector: Option<Id>,
    pub add_secrets: Option<Vec<String>>,
    pub remove_secrets: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    user_id: Option<Id>,
    #[serde(rename = "type")]
    component_type: &'a str,
    flavor_name: &'a str,
    integration: Option<&'a str>,
    logo_url: Option<&'a str>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    configuration: Json,
    environment: Json,
    secrets: &'a [Id],
    labels: Option<Json>,
    connector_resource_id: Option<&'a str>,
    connector: Option<Entity>,
}

#[derive(Serialize)]
struct Resources {
    user: Option<Entity>,
    flavor: Option<Entity>,
}

/// The flavor of a component, from flavors read together.
fn flavor_of<'a>(component: &StackComponentRow, flavors: &'a Flavors) -> Option<&'a FlavorRow> {
    flavors.get(&(component.component_type.clone(), component.flavor.clone()))
}

/// A component's body.
pub fn shallow(component: &StackComponentRow, flavors: &Flavors) -> Result<Entity> {
    let flavor = flavor_of(component, flavors);
    let body = Body {
        created: component.created,
        updated: component.updated,
        user_id: component.user_id,
        component_type: &component.component_type,
        flavor_name: &component.flavor,
        integration: flavor.and_then(|flavor| flavor.integration.as_deref()),
        logo_url: flavor.and_then(|flavor| flavor.logo_url.as_deref()),
    };
    Ok(Entity::new(component.id, &body)?.named(component.name.as_str()))
}

/// What a component uses, besides its flavor.
pub struct Linked<'a> {
    pub secrets: &'a [Id],
    pub connector: Option<&'a ServiceConnectorRow>,
}

/// A component with its owner and flavor, and with its configuration when what it uses is given (hydrated).
pub fn entity(component: &StackComponentRow, flavors: &Flavors, user: Option<Entity>, linked: Option<Linked<'_>>) -> Result<Entity> {
    let flavor = flavor_of(component, flavors).map(super::flavors::shallow).transpose()?;
    let entity = shallow(component, flavors)?.resources(&Resources { user, flavor })?;
    let Some(Linked { secrets, connector }) = linked else { return Ok(entity) };
    entity.metadata(&Metadata {
        configuration: stored_json(&component.configuration)?,
        environment: stored_json(&component.environment)?,
        secrets,
        labels: component.labels.as_deref().map(stored_json).transpose()?,
        connector_resource_id: component.connector_resource_id.as_deref(),
        connector: connector.map(super::service_connectors::shallow).transpose()?,
    })
}
