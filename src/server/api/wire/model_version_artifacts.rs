//! Links between model versions and artifact versions, on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entity, artifact_versions};
use crate::server::{
    db::{artifact_versions::ArtifactVersionRow, artifacts::ArtifactRow, model_version_artifacts::ModelVersionArtifactRow},
    error::Result,
    id::Id,
    time::Timestamp,
};

/// `POST /model_version_artifacts`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ModelVersionArtifactRequest {
    pub model_version: Id,
    pub artifact_version: Id,
}

#[derive(Serialize)]
struct Body {
    created: Timestamp,
    updated: Timestamp,
    model_version: Id,
    artifact_version: Entity,
}

/// A link has metadata without any field.
#[derive(Serialize)]
struct Metadata {}

/// A link with the artifact version's body inside.
pub fn entity(row: &ModelVersionArtifactRow, version: &ArtifactVersionRow, artifact: &ArtifactRow, hydrate: bool) -> Result<Entity> {
    let body = Body {
        created: row.created,
        updated: row.updated,
        model_version: row.model_version_id,
        artifact_version: artifact_versions::shallow(version, artifact)?,
    };
    let entity = Entity::new(row.id, &body)?;
    if hydrate { entity.metadata(&Metadata {}) } else { Ok(entity) }
}
