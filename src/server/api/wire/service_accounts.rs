//! Service accounts on the wire: accounts of programs, with fewer fields than those of people.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Entity;
use crate::{
    model::roles::Role,
    server::{db::users::UserRow, error::Result, id::Id, time::Timestamp},
};

/// `POST /service_accounts`.
#[derive(Deserialize, JsonSchema)]
pub struct ServiceAccountRequest {
    pub name: String,
    #[serde(default)]
    pub full_name: String,
    pub description: Option<String>,
    pub active: bool,
    pub avatar_url: Option<String>,
    /// Darkroom's own: what the account may do. A new one is an editor unless it says otherwise.
    pub role: Option<Role>,
}

/// `PUT /service_accounts/{name or id}`; what is absent or null stays.
#[derive(Default, Deserialize, JsonSchema)]
pub struct ServiceAccountUpdate {
    pub name: Option<String>,
    pub full_name: Option<String>,
    pub description: Option<String>,
    pub active: Option<bool>,
    pub avatar_url: Option<String>,
    /// Darkroom's own: what the account may do. A new one is an editor unless it says otherwise.
    pub role: Option<Role>,
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    full_name: &'a str,
    active: bool,
    avatar_url: Option<&'a str>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    description: &'a str,
    /// Darkroom's own; clients of ZenML pass over it.
    role: Role,
    external_user_id: Option<Id>,
}

/// A service account, with its metadata when hydrated.
pub fn entity(account: &UserRow, hydrate: bool) -> Result<Entity> {
    let body = Body {
        created: account.created,
        updated: account.updated,
        full_name: &account.full_name,
        active: account.active,
        avatar_url: account.avatar_url.as_deref(),
    };
    let entity = Entity::new(account.id, &body)?.named(account.name.as_str());
    if !hydrate {
        return Ok(entity);
    }
    entity.metadata(&Metadata { description: &account.description, role: account.role, external_user_id: account.external_user_id })
}
