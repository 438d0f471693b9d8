//! Run metadata on the wire.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::RawMap;
use crate::server::id::Id;

/// `POST /run-metadata`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct RunMetadataRequest {
    pub project: Id,
    pub resources: Vec<RunMetadataResource>,
    pub stack_component_id: Option<Id>,
    pub values: RawMap,
    pub types: HashMap<String, String>,
    pub publisher_step_id: Option<Id>,
}

/// What metadata is logged on.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct RunMetadataResource {
    pub id: Id,
    #[serde(rename = "type")]
    pub kind: MetadataResourceType,
}

/// ZenML's `MetadataResourceTypes`.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MetadataResourceType {
    PipelineRun,
    StepRun,
    ArtifactVersion,
    ModelVersion,
    Schedule,
    WaitCondition,
}

impl MetadataResourceType {
    /// The word on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PipelineRun => "pipeline_run",
            Self::StepRun => "step_run",
            Self::ArtifactVersion => "artifact_version",
            Self::ModelVersion => "model_version",
            Self::Schedule => "schedule",
            Self::WaitCondition => "wait_condition",
        }
    }
}
