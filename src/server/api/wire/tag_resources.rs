//! Tags on resources, on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Entity;
use crate::server::{db::tags::TagResourceRow, error::Result, id::Id, time::Timestamp};

/// `POST` and `DELETE /tag_resources`, and each item of their batches.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub struct TagResourceRequest {
    pub tag_id: Id,
    pub resource_id: Id,
    pub resource_type: TaggableResourceType,
}

/// What can carry tags (ZenML's `TaggableResourceTypes`).
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaggableResourceType {
    Artifact,
    ArtifactVersion,
    Model,
    ModelVersion,
    Pipeline,
    PipelineRun,
    RunTemplate,
    PipelineSnapshot,
    Deployment,
}

impl TaggableResourceType {
    /// The word on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Artifact => "artifact",
            Self::ArtifactVersion => "artifact_version",
            Self::Model => "model",
            Self::ModelVersion => "model_version",
            Self::Pipeline => "pipeline",
            Self::PipelineRun => "pipeline_run",
            Self::RunTemplate => "run_template",
            Self::PipelineSnapshot => "pipeline_snapshot",
            Self::Deployment => "deployment",
        }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    tag_id: Id,
    resource_id: Id,
    resource_type: &'a str,
}

/// A tag on a resource.
pub fn entity(link: &TagResourceRow) -> Result<Entity> {
    let body = Body {
        created: link.created,
        updated: link.updated,
        tag_id: link.tag_id,
        resource_id: link.resource_id,
        resource_type: &link.resource_type,
    };
    Entity::new(link.id, &body)
}
