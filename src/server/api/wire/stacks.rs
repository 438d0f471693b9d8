//! Stacks on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Entity, Json, stored_json};
use crate::server::{
    db::{flavors::Flavors, stack_components::StackComponentRow, stacks::StackRow},
    error::Result,
    id::Id,
    time::Timestamp,
};

/// A component of a stack to be made: an existing one, or one that is made with the stack.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ComponentReference {
    Id(Id),
    New(NewComponent),
}

/// A component made together with its stack.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct NewComponent {
    pub flavor: String,
    /// Position in the request's `service_connectors`.
    pub service_connector_index: Option<i64>,
    pub service_connector_resource_id: Option<String>,
    #[serde(default)]
    pub configuration: Map<String, Value>,
}

/// A service connector of a stack to be made: an existing one, or one that is made with the stack.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ConnectorReference {
    Id(Id),
    New(NewConnector),
}

/// A service connector made together with its stack. Its configuration may hold secrets.
#[derive(Deserialize, JsonSchema)]
pub struct NewConnector {
    #[serde(rename = "type")]
    pub connector_type: String,
    pub auth_method: String,
    #[serde(default)]
    pub configuration: Map<String, Value>,
}

/// Components by type, in the order of the request.
pub type ComponentsByType<T> = Vec<(String, Vec<T>)>;

/// `POST /stacks`.
#[derive(Deserialize, JsonSchema)]
pub struct StackRequest {
    pub name: String,
    #[serde(default)]
    pub description: String,
    pub stack_spec_path: Option<String>,
    #[serde(deserialize_with = "super::ordered_map")]
    #[schemars(with = "super::MapOf<Vec<ComponentReference>>")]
    pub components: ComponentsByType<ComponentReference>,
    pub environment: Option<Map<String, Value>>,
    pub secrets: Option<Vec<String>>,
    pub labels: Option<Map<String, Value>>,
    #[serde(default)]
    pub service_connectors: Vec<ConnectorReference>,
}

/// `PUT /stacks/{id}`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct StackUpdate {
    pub name: Option<String>,
    pub description: Option<String>,
    pub stack_spec_path: Option<String>,
    #[serde(default, deserialize_with = "super::optional_ordered_map")]
    #[schemars(with = "Option<super::MapOf<Vec<Id>>>")]
    pub components: Option<ComponentsByType<Id>>,
    pub environment: Option<Map<String, Value>>,
    pub labels: Option<Map<String, Value>>,
    pub add_secrets: Option<Vec<String>>,
    pub remove_secrets: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Body {
    created: Timestamp,
    updated: Timestamp,
    user_id: Option<Id>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    components: Map<String, Value>,
    description: &'a str,
    stack_spec_path: Option<&'a str>,
    environment: Json,
    secrets: &'a [Id],
    labels: Json,
}

#[derive(Serialize)]
struct Resources {
    user: Option<Entity>,
}

/// A stack's body.
pub fn shallow(stack: &StackRow) -> Result<Entity> {
    let body = Body { created: stack.created, updated: stack.updated, user_id: stack.user_id };
    Ok(Entity::new(stack.id, &body)?.named(stack.name.as_str()))
}

/// What a stack is made of.
pub struct Linked<'a> {
    pub components: &'a [StackComponentRow],
    pub flavors: &'a Flavors,
    pub secrets: &'a [Id],
}

/// A stack with its owner, and with what it is made of when that is given (hydrated).
pub fn entity(stack: &StackRow, user: Option<Entity>, linked: Option<Linked<'_>>) -> Result<Entity> {
    let entity = shallow(stack)?.resources(&Resources { user })?;
    let Some(Linked { components: rows, flavors, secrets }) = linked else { return Ok(entity) };
    let mut components = Map::new();
    for row in rows {
        let component = serde_json::to_value(super::stack_components::shallow(row, flavors)?)?;
        match components.entry(row.component_type.clone()).or_insert_with(|| Value::Array(Vec::new())) {
            Value::Array(list) => list.push(component),
            _ => unreachable!("every entry is made as an array"),
        }
    }
    entity.metadata(&Metadata {
        components,
        description: &stack.description,
        stack_spec_path: stack.stack_spec_path.as_deref(),
        environment: stored_json(&stack.environment)?,
        secrets,
        labels: stored_json(&stack.labels)?,
    })
}
