//! Models on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Entity;
use crate::server::{db::models::ModelRow, error::Result, id::Id, time::Timestamp};

/// `POST /models`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ModelRequest {
    pub project: Id,
    pub name: String,
    #[serde(flatten)]
    pub card: ModelCard,
    pub tags: Option<Vec<String>>,
    #[serde(default = "yes")]
    pub save_models_to_registry: bool,
}

/// What a model says about itself.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct ModelCard {
    pub license: Option<String>,
    pub description: Option<String>,
    pub audience: Option<String>,
    pub use_cases: Option<String>,
    pub limitations: Option<String>,
    pub trade_offs: Option<String>,
    pub ethics: Option<String>,
}

/// For flags that are on unless switched off.
pub fn yes() -> bool {
    true
}

/// `PUT /models/{id}`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ModelUpdate {
    pub name: Option<String>,
    #[serde(flatten)]
    pub card: ModelCard,
    pub add_tags: Option<Vec<String>>,
    pub remove_tags: Option<Vec<String>>,
    pub save_models_to_registry: Option<bool>,
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
    license: Option<&'a str>,
    description: Option<&'a str>,
    audience: Option<&'a str>,
    use_cases: Option<&'a str>,
    limitations: Option<&'a str>,
    trade_offs: Option<&'a str>,
    ethics: Option<&'a str>,
    save_models_to_registry: bool,
}

/// What is linked to a model.
#[derive(Serialize)]
pub struct Resources {
    pub user: Option<Entity>,
    pub tags: Vec<Entity>,
    pub latest_version_name: Option<String>,
    pub latest_version_id: Option<Id>,
    pub visualizations: Vec<Entity>,
}

/// A model's body.
pub fn shallow(model: &ModelRow) -> Result<Entity> {
    let body = Body { created: model.created, updated: model.updated, user_id: model.user_id, project_id: model.project_id };
    Ok(Entity::new(model.id, &body)?.named(model.name.as_str()))
}

/// A model with its resources, and with its metadata when hydrated.
pub fn entity(model: &ModelRow, resources: &Resources, hydrate: bool) -> Result<Entity> {
    let entity = shallow(model)?.resources(resources)?;
    if !hydrate {
        return Ok(entity);
    }
    entity.metadata(&Metadata {
        license: model.license.as_deref(),
        description: model.description.as_deref(),
        audience: model.audience.as_deref(),
        use_cases: model.use_cases.as_deref(),
        limitations: model.limitations.as_deref(),
        trade_offs: model.trade_offs.as_deref(),
        ethics: model.ethics.as_deref(),
        save_models_to_registry: model.save_models_to_registry,
    })
}
