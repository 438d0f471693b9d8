//! Model versions on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Entity, PageResponse,
    models::{self, ModelCard},
};
use crate::server::{
    db::{model_versions::ModelVersionRow, models::ModelRow, run_metadata},
    error::Result,
    id::Id,
    time::Timestamp,
};

/// `POST /model_versions`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ModelVersionRequest {
    pub project: Id,
    pub model: Id,
    pub name: Option<String>,
    pub description: Option<String>,
    pub stage: Option<String>,
    pub tags: Option<Vec<String>>,
}

/// `PUT /model_versions/{id}`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ModelVersionUpdate {
    pub name: Option<String>,
    pub description: Option<String>,
    pub stage: Option<String>,
    /// Take the stage away from the version that has it.
    #[serde(default)]
    pub force: bool,
    pub add_tags: Option<Vec<String>>,
    pub remove_tags: Option<Vec<String>>,
}

/// `model` in the configuration of a pipeline or a step (ZenML's `Model`).
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct ModelConfiguration {
    pub name: String,
    #[serde(flatten)]
    pub card: ModelCard,
    pub tags: Option<Vec<String>>,
    /// Name, number or stage of the version; none means a new version for each run.
    pub version: Option<ModelVersionReference>,
    #[serde(default = "models::yes")]
    pub save_models_to_registry: bool,
}

/// How a configuration names a model version.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ModelVersionReference {
    Number(i64),
    Text(String),
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    user_id: Option<Id>,
    project_id: Id,
    stage: Option<&'a str>,
    number: i64,
    model: Entity,
}

#[derive(Serialize)]
struct Metadata<'a> {
    description: Option<&'a str>,
    run_metadata: &'a run_metadata::Metadata,
}

/// What is linked to a model version.
#[derive(Serialize)]
pub struct Resources {
    pub user: Option<Entity>,
    pub services: PageResponse<Entity>,
    pub tags: Vec<Entity>,
}

/// The first page of a model version's services, as the reference server cuts it.
pub fn services(mut services: Vec<Entity>) -> PageResponse<Entity> {
    const SIZE: usize = 5;
    let total = services.len();
    services.truncate(SIZE);
    PageResponse { index: 1, max_size: SIZE as u64, total_pages: total.div_ceil(SIZE).max(1) as u64, total: total as u64, items: services }
}

/// A model version's body, with the model's inside.
pub fn shallow(version: &ModelVersionRow, model: &ModelRow) -> Result<Entity> {
    let body = Body {
        created: version.created,
        updated: version.updated,
        user_id: version.user_id,
        project_id: version.project_id,
        stage: version.stage.as_deref(),
        number: version.number,
        model: models::shallow(model)?,
    };
    Ok(Entity::new(version.id, &body)?.named(version.name.as_str()))
}

/// A model version with its resources, and with its metadata when that was read.
pub fn entity(
    version: &ModelVersionRow,
    model: &ModelRow,
    resources: &Resources,
    run_metadata: Option<&run_metadata::Metadata>,
) -> Result<Entity> {
    let entity = shallow(version, model)?.resources(resources)?;
    match run_metadata {
        Some(run_metadata) => entity.metadata(&Metadata { description: version.description.as_deref(), run_metadata }),
        None => Ok(entity),
    }
}
