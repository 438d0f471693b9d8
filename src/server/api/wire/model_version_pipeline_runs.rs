//! Links between model versions and pipeline runs, on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entity, pipeline_runs};
use crate::server::{
    db::{model_version_pipeline_runs::ModelVersionPipelineRunRow, pipeline_runs::PipelineRunRow},
    error::Result,
    id::Id,
    time::Timestamp,
};

/// `POST /model_version_pipeline_runs`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ModelVersionPipelineRunRequest {
    pub model_version: Id,
    pub pipeline_run: Id,
}

#[derive(Serialize)]
struct Body {
    created: Timestamp,
    updated: Timestamp,
    model_version: Id,
    pipeline_run: Entity,
}

/// A link has metadata without any field.
#[derive(Serialize)]
struct Metadata {}

/// A link with the run's body inside.
pub fn entity(row: &ModelVersionPipelineRunRow, run: &PipelineRunRow, hydrate: bool) -> Result<Entity> {
    let body = Body {
        created: row.created,
        updated: row.updated,
        model_version: row.model_version_id,
        pipeline_run: pipeline_runs::shallow(run)?,
    };
    let entity = Entity::new(row.id, &body)?;
    if hydrate { entity.metadata(&Metadata {}) } else { Ok(entity) }
}
