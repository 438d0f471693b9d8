//! Tags on the wire.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Entity;
use crate::server::{db::tags::TagRow, error::Result, id::Id, time::Timestamp};

/// `POST /tags`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct TagRequest {
    pub name: String,
    #[serde(default)]
    pub exclusive: bool,
    /// None means one by chance.
    pub color: Option<String>,
}

/// `PUT /tags/{id}`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct TagUpdate {
    pub name: Option<String>,
    pub exclusive: Option<bool>,
    pub color: Option<String>,
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    user_id: Option<Id>,
    color: &'a str,
    exclusive: bool,
}

#[derive(Serialize)]
struct Metadata {
    tagged_count: i64,
}

#[derive(Serialize)]
struct Resources {
    user: Option<Entity>,
}

/// A tag's body: how it appears on tagged objects.
pub fn shallow(tag: &TagRow) -> Result<Entity> {
    let body = Body { created: tag.created, updated: tag.updated, user_id: tag.user_id, color: &tag.color, exclusive: tag.exclusive };
    Ok(Entity::new(tag.id, &body)?.named(tag.name.as_str()))
}

/// The tags of one object, from tags read together.
pub fn of(tags: &HashMap<Id, Vec<TagRow>>, resource: Id) -> Result<Vec<Entity>> {
    tags.get(&resource).into_iter().flatten().map(shallow).collect()
}

/// A tag with its owner, and with its count when hydrated.
pub fn entity(tag: &TagRow, user: Option<Entity>, tagged_count: Option<i64>) -> Result<Entity> {
    let entity = shallow(tag)?.resources(&Resources { user })?;
    match tagged_count {
        Some(tagged_count) => entity.metadata(&Metadata { tagged_count }),
        None => Ok(entity),
    }
}

/// A tag as named in a configuration: `"name"` or `{"name": …, "color": …, "exclusive": …, "cascade": …}`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum TagReference {
    Name(String),
    Tag { name: String, color: Option<String>, exclusive: Option<bool>, cascade: Option<bool> },
}
