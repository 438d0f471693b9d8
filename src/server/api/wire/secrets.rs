//! Secrets on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Entity;
use crate::server::{db::secrets::SecretRow, encryption::SecretValues, error::Result, id::Id, time::Timestamp};

/// Values by key, in order; null removes a key.
pub type ValueUpdates = Vec<(String, Option<String>)>;

/// `POST /secrets`.
#[derive(Deserialize, JsonSchema)]
pub struct SecretRequest {
    pub name: String,
    #[serde(default)]
    pub private: bool,
    #[serde(default, deserialize_with = "super::ordered_map")]
    #[schemars(with = "super::MapOf<Option<String>>")]
    pub values: ValueUpdates,
}

/// `PUT /secrets/{id}`.
#[derive(Deserialize, JsonSchema)]
pub struct SecretUpdate {
    pub name: Option<String>,
    pub private: Option<bool>,
    #[serde(default, deserialize_with = "super::optional_ordered_map")]
    #[schemars(with = "Option<super::MapOf<Option<String>>>")]
    pub values: Option<ValueUpdates>,
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    user_id: Id,
    private: bool,
    values: &'a SecretValues,
}

#[derive(Serialize)]
struct Metadata {}

#[derive(Serialize)]
struct Resources {
    user: Option<Entity>,
}

/// A secret with its owner; without values, as in lists, unless they are given.
pub fn entity(secret: &SecretRow, values: &SecretValues, user: Option<Entity>, hydrate: bool) -> Result<Entity> {
    let SecretRow { created, updated, user_id, private, .. } = *secret;
    let body = Body { created, updated, user_id, private, values };
    let entity = Entity::new(secret.id, &body)?.named(secret.name.as_str()).resources(&Resources { user })?;
    if hydrate { entity.metadata(&Metadata {}) } else { Ok(entity) }
}
