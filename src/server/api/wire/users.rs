//! Accounts as they appear inside other objects.

use std::collections::HashMap;

use serde::Serialize;

use super::Entity;
use crate::server::{db::users::UserRow, error::Result, id::Id, time::Timestamp};

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

/// An account's body.
pub fn shallow(user: &UserRow) -> Result<Entity> {
    let body = Body {
        created: user.created,
        updated: user.updated,
        active: user.active,
        activation_token: None,
        full_name: &user.full_name,
        email_opted_in: user.email_opted_in,
        is_service_account: user.is_service_account,
        is_admin: user.is_admin,
        default_project_id: user.default_project_id,
        avatar_url: user.avatar_url.as_deref(),
    };
    Ok(Entity::new(user.id, &body)?.named(user.name.as_str()))
}

/// The owner of an object, from accounts read together; none where the account is gone.
pub fn owner(users: &HashMap<Id, UserRow>, id: Option<Id>) -> Result<Option<Entity>> {
    id.and_then(|id| users.get(&id)).map(shallow).transpose()
}
