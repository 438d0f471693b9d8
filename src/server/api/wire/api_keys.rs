//! API keys on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entity, service_accounts};
use crate::server::{
    db::{api_keys::ApiKeyRow, users::UserRow},
    error::Result,
    time::Timestamp,
};

/// `POST /service_accounts/{id}/api_keys`.
#[derive(Deserialize, JsonSchema)]
pub struct ApiKeyRequest {
    pub name: String,
    pub description: Option<String>,
}

/// `PUT /service_accounts/{id}/api_keys/{name or id}`; what is absent or null stays.
#[derive(Deserialize, JsonSchema)]
pub struct ApiKeyUpdate {
    pub name: Option<String>,
    pub description: Option<String>,
    pub active: Option<bool>,
}

/// `PUT /service_accounts/{id}/api_keys/{name or id}/rotate`.
#[derive(Default, Deserialize, JsonSchema)]
pub struct ApiKeyRotateRequest {
    /// How long the previous key counts still.
    #[serde(default)]
    pub retain_period_minutes: i64,
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    /// The key itself, told once.
    key: Option<&'a str>,
    active: bool,
    service_account: Entity,
}

#[derive(Serialize)]
struct Metadata<'a> {
    description: &'a str,
    retain_period_minutes: i64,
    last_login: Option<Timestamp>,
    last_rotated: Option<Timestamp>,
}

/// A key without its secret, with its metadata when hydrated.
pub fn entity(key: &ApiKeyRow, account: &UserRow, hydrate: bool) -> Result<Entity> {
    with_secret(key, account, None, hydrate)
}

/// A key with the text that its owner must keep: it is told this once.
pub fn with_secret(key: &ApiKeyRow, account: &UserRow, secret: Option<&str>, hydrate: bool) -> Result<Entity> {
    let body = Body {
        created: key.created,
        updated: key.updated,
        key: secret,
        active: key.active,
        service_account: service_accounts::entity(account, false)?,
    };
    let entity = Entity::new(key.id, &body)?.named(key.name.as_str());
    if !hydrate {
        return Ok(entity);
    }
    entity.metadata(&Metadata {
        description: &key.description,
        retain_period_minutes: key.retain_period_minutes,
        last_login: key.last_login,
        last_rotated: key.last_rotated,
    })
}
