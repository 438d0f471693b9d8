//! Flavors on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entity, Json, present, stored_json};
use crate::server::{db::flavors::FlavorRow, error::Result, id::Id, time::Timestamp};

/// `POST /flavors`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct FlavorRequest {
    pub name: String,
    pub display_name: Option<String>,
    #[serde(rename = "type")]
    pub component_type: String,
    pub config_schema: Json,
    pub connector_type: Option<String>,
    pub connector_resource_type: Option<String>,
    pub connector_resource_id_attr: Option<String>,
    pub source: String,
    pub integration: Option<String>,
    pub logo_url: Option<String>,
    pub docs_url: Option<String>,
    pub sdk_docs_url: Option<String>,
    pub is_custom: Option<bool>,
}

/// `PUT /flavors/{id}`; null removes what may be missing.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct FlavorUpdate {
    pub name: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub display_name: Option<Option<String>>,
    #[serde(rename = "type")]
    pub component_type: Option<String>,
    pub config_schema: Option<Json>,
    #[serde(default, deserialize_with = "present")]
    pub connector_type: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    pub connector_resource_type: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    pub connector_resource_id_attr: Option<Option<String>>,
    pub source: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub integration: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    pub logo_url: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    pub docs_url: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    pub sdk_docs_url: Option<Option<String>>,
    pub is_custom: Option<bool>,
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    user_id: Option<Id>,
    #[serde(rename = "type")]
    component_type: &'a str,
    display_name: String,
    integration: Option<&'a str>,
    source: &'a str,
    logo_url: Option<&'a str>,
    is_custom: bool,
}

#[derive(Serialize)]
struct Metadata<'a> {
    config_schema: Json,
    connector_type: Option<&'a str>,
    connector_resource_type: Option<&'a str>,
    connector_resource_id_attr: Option<&'a str>,
    docs_url: Option<&'a str>,
    sdk_docs_url: Option<&'a str>,
}

#[derive(Serialize)]
struct Resources {
    user: Option<Entity>,
}

/// A flavor's body.
pub fn shallow(flavor: &FlavorRow) -> Result<Entity> {
    let body = Body {
        created: flavor.created,
        updated: flavor.updated,
        user_id: flavor.user_id,
        component_type: &flavor.component_type,
        display_name: flavor.display_name.clone().unwrap_or_else(|| title(&flavor.name)),
        integration: flavor.integration.as_deref(),
        source: &flavor.source,
        logo_url: flavor.logo_url.as_deref(),
        is_custom: flavor.is_custom,
    };
    Ok(Entity::new(flavor.id, &body)?.named(flavor.name.as_str()))
}

/// A flavor with its owner, and with its schema when hydrated.
pub fn entity(flavor: &FlavorRow, user: Option<Entity>, hydrate: bool) -> Result<Entity> {
    let entity = shallow(flavor)?.resources(&Resources { user })?;
    if !hydrate {
        return Ok(entity);
    }
    entity.metadata(&Metadata {
        config_schema: stored_json(&flavor.config_schema)?,
        connector_type: flavor.connector_type.as_deref(),
        connector_resource_type: flavor.connector_resource_type.as_deref(),
        connector_resource_id_attr: flavor.connector_resource_id_attr.as_deref(),
        docs_url: flavor.docs_url.as_deref(),
        sdk_docs_url: flavor.sdk_docs_url.as_deref(),
    })
}

/// `vm_local` becomes `Vm Local`: the display name of a flavor that has none. As in Python's `str.title`, a letter that
/// follows none is a capital.
fn title(name: &str) -> String {
    let mut after_letter = false;
    let mut titled = String::with_capacity(name.len());
    for letter in name.replace('_', " ").chars() {
        match after_letter {
            true => titled.extend(letter.to_lowercase()),
            false => titled.extend(letter.to_uppercase()),
        }
        after_letter = letter.is_alphabetic();
    }
    titled
}
