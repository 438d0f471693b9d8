//! Artifact versions and their visualizations on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entity, Json, RawMap, artifacts, sources::Source, stored_json};
use crate::server::{
    db::{
        artifact_versions::{ArtifactVersionRow, ArtifactVisualizationRow},
        artifacts::ArtifactRow,
        run_metadata,
    },
    error::Result,
    id::Id,
    time::Timestamp,
};

/// `POST /artifact_versions`, and each item of `POST /artifact_versions/batch`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ArtifactVersionRequest {
    pub project: Id,
    pub artifact_id: Option<Id>,
    pub artifact_name: Option<String>,
    pub version: Option<Version>,
    #[serde(default)]
    pub has_custom_name: bool,
    #[serde(rename = "type")]
    pub kind: ArtifactType,
    pub artifact_store_id: Option<Id>,
    pub uri: String,
    pub materializer: Source,
    pub data_type: Source,
    pub content_hash: Option<String>,
    pub tags: Option<Vec<String>>,
    pub visualizations: Option<Vec<ArtifactVisualizationRequest>>,
    pub save_type: ArtifactSaveType,
    pub metadata: Option<RawMap>,
    pub item_count: Option<i64>,
}

/// A version as a client writes it: a number or a text.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Version {
    Number(i64),
    Text(String),
}

/// What an artifact is (ZenML's `ArtifactType`).
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub enum ArtifactType {
    DataAnalysisArtifact,
    DataArtifact,
    ModelArtifact,
    SchemaArtifact,
    ServiceArtifact,
    StatisticsArtifact,
    BaseArtifact,
}

/// How an artifact came to be (ZenML's `ArtifactSaveType`).
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ArtifactSaveType {
    StepOutput,
    Manual,
    Preexisting,
    External,
}

impl ArtifactType {
    /// The word on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DataAnalysisArtifact => "DataAnalysisArtifact",
            Self::DataArtifact => "DataArtifact",
            Self::ModelArtifact => "ModelArtifact",
            Self::SchemaArtifact => "SchemaArtifact",
            Self::ServiceArtifact => "ServiceArtifact",
            Self::StatisticsArtifact => "StatisticsArtifact",
            Self::BaseArtifact => "BaseArtifact",
        }
    }
}

impl ArtifactSaveType {
    /// The word on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StepOutput => "step_output",
            Self::Manual => "manual",
            Self::Preexisting => "preexisting",
            Self::External => "external",
        }
    }
}

/// A visualization of an artifact version that is being made.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ArtifactVisualizationRequest {
    #[serde(rename = "type")]
    pub kind: String,
    pub uri: String,
}

/// `PUT /artifact_versions/{id}`; a version's only changing part is its tags.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ArtifactVersionUpdate {
    pub add_tags: Option<Vec<String>>,
    pub remove_tags: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    user_id: Option<Id>,
    project_id: Id,
    artifact: Entity,
    version: &'a str,
    uri: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    materializer: Json,
    data_type: Json,
    save_type: &'a str,
    artifact_store_id: Option<Id>,
    content_hash: Option<&'a str>,
    item_count: Option<i64>,
}

/// What only a hydrated artifact version carries.
#[derive(Serialize)]
pub struct Metadata {
    pub visualizations: Vec<Entity>,
    pub run_metadata: run_metadata::Metadata,
}

/// What is linked to an artifact version.
#[derive(Serialize)]
pub struct Resources {
    pub user: Option<Entity>,
    pub tags: Vec<Entity>,
    pub producer_step_run_id: Option<Id>,
    pub producer_pipeline_run_id: Option<Id>,
}

/// An artifact version's body, with the artifact's inside.
pub fn shallow(version: &ArtifactVersionRow, artifact: &ArtifactRow) -> Result<Entity> {
    let body = Body {
        created: version.created,
        updated: version.updated,
        user_id: version.user_id,
        project_id: version.project_id,
        artifact: artifacts::shallow(artifact)?,
        version: &version.version,
        uri: &version.uri,
        kind: &version.kind,
        materializer: stored_json(&version.materializer)?,
        data_type: stored_json(&version.data_type)?,
        save_type: &version.save_type,
        artifact_store_id: version.artifact_store_id,
        content_hash: version.content_hash.as_deref(),
        item_count: version.item_count,
    };
    Entity::new(version.id, &body)
}

#[derive(Serialize)]
struct VisualizationBody<'a> {
    created: Timestamp,
    updated: Timestamp,
    #[serde(rename = "type")]
    kind: &'a str,
    uri: &'a str,
}

/// A visualization's body: how it appears on its artifact version.
pub fn visualization(row: &ArtifactVisualizationRow) -> Result<Entity> {
    let body = VisualizationBody { created: row.created, updated: row.updated, kind: &row.kind, uri: &row.uri };
    Entity::new(row.id, &body)
}

/// An artifact version with its resources, and with its metadata when that was read.
pub fn entity(version: &ArtifactVersionRow, artifact: &ArtifactRow, resources: &Resources, metadata: Option<&Metadata>) -> Result<Entity> {
    let entity = shallow(version, artifact)?.resources(resources)?;
    match metadata {
        Some(metadata) => entity.metadata(metadata),
        None => Ok(entity),
    }
}
