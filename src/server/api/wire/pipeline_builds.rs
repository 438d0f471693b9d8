//! Pipeline builds on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Entity, Json, stored_json};
use crate::server::{db::pipeline_builds::PipelineBuildRow, error::Result, id::Id, time::Timestamp};

/// `POST /pipeline_builds`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct PipelineBuildRequest {
    pub project: Id,
    pub pipeline: Option<Id>,
    pub stack: Option<Id>,
    #[serde(default)]
    pub images: Map<String, Value>,
    pub is_local: bool,
    pub contains_code: bool,
    pub zenml_version: Option<String>,
    pub python_version: Option<String>,
    pub checksum: Option<String>,
    pub stack_checksum: Option<String>,
    pub duration: Option<i64>,
}

/// One image of a build, with every field that ZenML's `BuildItem` has.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct BuildItem {
    pub image: String,
    pub dockerfile: Option<String>,
    pub requirements: Option<String>,
    pub settings_checksum: Option<String>,
    #[serde(default = "super::models::yes")]
    pub contains_code: bool,
    #[serde(default)]
    pub requires_code_download: bool,
}

#[derive(Serialize)]
struct Body {
    created: Timestamp,
    updated: Timestamp,
    user_id: Option<Id>,
    project_id: Id,
}

#[derive(Serialize)]
struct Metadata<'a> {
    pipeline: Option<Entity>,
    stack: Option<Entity>,
    images: Json,
    zenml_version: Option<&'a str>,
    python_version: Option<&'a str>,
    checksum: Option<&'a str>,
    stack_checksum: Option<&'a str>,
    is_local: bool,
    contains_code: bool,
    duration: Option<i64>,
}

#[derive(Serialize)]
struct Resources {
    user: Option<Entity>,
}

/// What the metadata of a build names besides the build itself.
pub struct Links {
    pub pipeline: Option<Entity>,
    pub stack: Option<Entity>,
}

/// A build's body.
pub fn shallow(build: &PipelineBuildRow) -> Result<Entity> {
    let body = Body { created: build.created, updated: build.updated, user_id: build.user_id, project_id: build.project_id };
    Entity::new(build.id, &body)
}

/// A build with its owner, and with its metadata when what that names was read.
pub fn entity(build: &PipelineBuildRow, user: Option<Entity>, links: Option<Links>) -> Result<Entity> {
    let entity = shallow(build)?.resources(&Resources { user })?;
    let Some(Links { pipeline, stack }) = links else { return Ok(entity) };
    entity.metadata(&Metadata {
        pipeline,
        stack,
        images: stored_json(&build.images)?,
        zenml_version: build.zenml_version.as_deref(),
        python_version: build.python_version.as_deref(),
        checksum: build.checksum.as_deref(),
        stack_checksum: build.stack_checksum.as_deref(),
        is_local: build.is_local,
        contains_code: build.contains_code,
        duration: build.duration,
    })
}
