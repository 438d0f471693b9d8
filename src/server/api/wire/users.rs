//! Accounts on the wire.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entity, Json, present, stored_json};
use crate::{
    model::roles::Role,
    server::{db::users::UserRow, error::Result, id::Id, time::Timestamp},
};

/// `POST /users`. Whether the account is active follows from the password, so `active` is not read.
#[derive(Default, Deserialize, JsonSchema)]
pub struct UserRequest {
    pub name: String,
    pub is_admin: bool,
    /// Darkroom's own: without it, the account is an admin or an editor.
    pub role: Option<Role>,
    #[serde(default)]
    pub full_name: String,
    pub email: Option<String>,
    pub email_opted_in: Option<bool>,
    pub password: Option<String>,
    pub avatar_url: Option<String>,
    pub external_user_id: Option<Id>,
    pub user_metadata: Option<Json>,
}

/// `PUT /users/{name or id}`, `PUT /current-user`, and the bodies of activation and of the e-mail question.
#[derive(Default, Deserialize, JsonSchema)]
pub struct UserUpdate {
    pub name: Option<String>,
    pub full_name: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub email: Option<Option<String>>,
    pub email_opted_in: Option<bool>,
    pub password: Option<String>,
    pub old_password: Option<String>,
    pub activation_token: Option<String>,
    pub is_admin: Option<bool>,
    /// Darkroom's own.
    pub role: Option<Role>,
    pub active: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    pub avatar_url: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    pub default_project_id: Option<Option<Id>>,
    pub user_metadata: Option<Json>,
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    active: bool,
    activation_token: Option<&'a str>,
    full_name: &'a str,
    email_opted_in: Option<bool>,
    is_service_account: bool,
    is_admin: bool,
    default_project_id: Option<Id>,
    avatar_url: Option<&'a str>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    /// Darkroom's own; clients of ZenML pass over it.
    role: Role,
    password_changed_at: Option<Timestamp>,
    email: Option<&'a str>,
    external_user_id: Option<Id>,
    user_metadata: Json,
    /// Only ZenML Pro fills it.
    oidc_claims: Empty,
}

#[derive(Serialize)]
struct Empty {}

/// An account's body.
pub fn shallow(user: &UserRow) -> Result<Entity> {
    with_token(user, None)
}

/// An account, with its metadata when hydrated. What only its owner may see is null.
pub fn entity(user: &UserRow, hydrate: bool) -> Result<Entity> {
    if hydrate { shallow(user)?.metadata(&metadata(user, None, None)?) } else { shallow(user) }
}

/// An account as its owner sees it.
pub fn own(user: &UserRow) -> Result<Entity> {
    shallow(user)?.metadata(&metadata(user, user.password_changed_at, user.email.as_deref())?)
}

/// An account with the token that activates it, which is told this once.
pub fn with_activation_token(user: &UserRow, token: Option<&str>) -> Result<Entity> {
    with_token(user, token)?.metadata(&metadata(user, None, None)?)
}

/// The owner of an object, from accounts read together; none where the account is gone.
pub fn owner(users: &HashMap<Id, UserRow>, id: Option<Id>) -> Result<Option<Entity>> {
    id.and_then(|id| users.get(&id)).map(shallow).transpose()
}

fn with_token(user: &UserRow, activation_token: Option<&str>) -> Result<Entity> {
    let body = Body {
        created: user.created,
        updated: user.updated,
        active: user.active,
        activation_token,
        full_name: &user.full_name,
        email_opted_in: user.email_opted_in,
        is_service_account: user.is_service_account,
        is_admin: user.is_admin(),
        default_project_id: user.default_project_id,
        avatar_url: user.avatar_url.as_deref(),
    };
    Ok(Entity::new(user.id, &body)?.named(user.name.as_str()))
}

fn metadata<'a>(user: &UserRow, password_changed_at: Option<Timestamp>, email: Option<&'a str>) -> Result<Metadata<'a>> {
    Ok(Metadata {
        role: user.role,
        password_changed_at,
        email,
        external_user_id: user.external_user_id,
        user_metadata: stored_json(&user.user_metadata)?,
        oidc_claims: Empty {},
    })
}
