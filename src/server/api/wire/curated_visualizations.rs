//! Picked visualizations on the wire.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Entity, artifact_versions, present,
    words::{VisualizationResource, VisualizationSize},
};
use crate::server::{db::curated_visualizations::Curated, error::Result, id::Id, time::Timestamp};

/// `POST /curated_visualizations`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct CuratedVisualizationRequest {
    pub project: Id,
    pub artifact_visualization_id: Id,
    pub display_name: Option<String>,
    pub display_order: Option<i64>,
    #[serde(default = "full_width")]
    pub layout_size: VisualizationSize,
    pub resource_id: Id,
    pub resource_type: VisualizationResource,
}

fn full_width() -> VisualizationSize {
    VisualizationSize::FullWidth
}

/// `PUT /curated_visualizations/{id}`; null takes a name or a place in the order away.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct CuratedVisualizationUpdate {
    #[serde(default, deserialize_with = "present")]
    pub display_name: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    pub display_order: Option<Option<i64>>,
    pub layout_size: Option<VisualizationSize>,
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    /// Nobody's: the reference server keeps no owner either.
    user_id: Option<Id>,
    project_id: Id,
    artifact_visualization_id: Id,
    artifact_version_id: Id,
    display_name: Option<&'a str>,
    display_order: Option<i64>,
    layout_size: &'a str,
    resource_id: Id,
    resource_type: &'a str,
}

#[derive(Serialize)]
struct Metadata {}

#[derive(Serialize)]
struct Resources {
    user: Option<Entity>,
    artifact_visualization: Entity,
}

/// A picked visualization's body: how it appears on what it was picked for.
pub fn shallow((row, shown): &Curated) -> Result<Entity> {
    let body = Body {
        created: row.created,
        updated: row.updated,
        user_id: None,
        project_id: row.project_id,
        artifact_visualization_id: row.artifact_visualization_id,
        artifact_version_id: shown.artifact_version_id,
        display_name: row.display_name.as_deref(),
        display_order: row.display_order,
        layout_size: &row.layout_size,
        resource_id: row.resource_id,
        resource_type: &row.resource_type,
    };
    Entity::new(row.id, &body)
}

/// The picked visualizations of one object, from those read together.
pub fn of(visualizations: &HashMap<Id, Vec<Curated>>, resource: Id) -> Result<Vec<Entity>> {
    visualizations.get(&resource).into_iter().flatten().map(shallow).collect()
}

/// A picked visualization, when hydrated with what it shows.
pub fn entity(curated: &Curated, hydrate: bool) -> Result<Entity> {
    let entity = shallow(curated)?;
    if !hydrate {
        return Ok(entity);
    }
    let resources = Resources { user: None, artifact_visualization: artifact_versions::visualization(&curated.1)? };
    entity.metadata(&Metadata {})?.resources(&resources)
}
