//! Code references on the wire; they have no routes of their own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entity, code_repositories};
use crate::server::{
    db::{code_references::CodeReferenceRow, code_repositories::CodeRepositoryRow},
    error::Result,
    id::Id,
    time::Timestamp,
};

/// `code_reference` of a snapshot that is being made.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct CodeReferenceRequest {
    pub commit: String,
    pub subdirectory: String,
    pub code_repository: Id,
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    commit: &'a str,
    subdirectory: &'a str,
    code_repository: Entity,
}

/// A code reference's body, with the repository's inside.
pub fn shallow(reference: &CodeReferenceRow, repository: &CodeRepositoryRow) -> Result<Entity> {
    let body = Body {
        created: reference.created,
        updated: reference.updated,
        commit: &reference.commit_hash,
        subdirectory: &reference.subdirectory,
        code_repository: code_repositories::shallow(repository)?,
    };
    Entity::new(reference.id, &body)
}
