//! Code repositories on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entity, Json, sources::Source, stored_json};
use crate::server::{db::code_repositories::CodeRepositoryRow, error::Result, id::Id, time::Timestamp};

/// `POST /code_repositories`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct CodeRepositoryRequest {
    pub project: Id,
    pub name: String,
    pub config: Json,
    pub source: Source,
    pub logo_url: Option<String>,
    pub description: Option<String>,
}

/// `PUT /code_repositories/{id}`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct CodeRepositoryUpdate {
    pub name: Option<String>,
    pub config: Option<Json>,
    pub source: Option<Source>,
    pub logo_url: Option<String>,
    pub description: Option<String>,
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    user_id: Option<Id>,
    project_id: Id,
    source: Json,
    logo_url: Option<&'a str>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    config: Json,
    description: Option<&'a str>,
}

#[derive(Serialize)]
struct Resources {
    user: Option<Entity>,
}

/// A code repository's body.
pub fn shallow(repository: &CodeRepositoryRow) -> Result<Entity> {
    let body = Body {
        created: repository.created,
        updated: repository.updated,
        user_id: repository.user_id,
        project_id: repository.project_id,
        source: stored_json(&repository.source)?,
        logo_url: repository.logo_url.as_deref(),
    };
    Ok(Entity::new(repository.id, &body)?.named(repository.name.as_str()))
}

/// A code repository with its owner, and with its metadata when hydrated.
pub fn entity(repository: &CodeRepositoryRow, user: Option<Entity>, hydrate: bool) -> Result<Entity> {
    let entity = shallow(repository)?.resources(&Resources { user })?;
    if !hydrate {
        return Ok(entity);
    }
    entity.metadata(&Metadata { config: stored_json(&repository.config)?, description: repository.description.as_deref() })
}
