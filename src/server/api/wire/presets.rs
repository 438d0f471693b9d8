//! Presets on the wire. Darkroom's own: ZenML has none; the envelope is the one of all resources.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Entity;
use crate::server::{db::presets::PresetRow, error::Result, id::Id, time::Timestamp};

/// `POST /presets`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct PresetRequest {
    pub pipeline: Id,
    pub name: String,
    pub description: Option<String>,
    /// Only its owner sees it.
    #[serde(default)]
    pub private: bool,
    /// A run configuration in YAML or JSON, with only the values that the preset sets.
    pub configuration: String,
}

/// `PUT /presets/{id}`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct PresetUpdate {
    pub name: Option<String>,
    pub description: Option<String>,
    pub private: Option<bool>,
    pub configuration: Option<String>,
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    user_id: Id,
    project_id: Id,
    pipeline_id: Id,
    private: bool,
    description: Option<&'a str>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    configuration: &'a str,
}

#[derive(Serialize)]
struct Resources {
    user: Option<Entity>,
}

/// A preset with its owner, and with its configuration when hydrated.
pub fn entity(preset: &PresetRow, user: Option<Entity>, hydrate: bool) -> Result<Entity> {
    let body = Body {
        created: preset.created,
        updated: preset.updated,
        user_id: preset.user_id,
        project_id: preset.project_id,
        pipeline_id: preset.pipeline_id,
        private: preset.private,
        description: preset.description.as_deref(),
    };
    let entity = Entity::new(preset.id, &body)?.named(preset.name.as_str()).resources(&Resources { user })?;
    if hydrate { entity.metadata(&Metadata { configuration: &preset.configuration }) } else { Ok(entity) }
}
