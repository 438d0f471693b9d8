//! Picked visualizations: what is shown on the page of a deployment, model, pipeline, run, snapshot or project.

use crate::server::{
    api::wire::curated_visualizations::{CuratedVisualizationRequest, CuratedVisualizationUpdate},
    db::{
        Connection,
        artifact_versions::{ArtifactVersionRow, ArtifactVisualizationRow},
        curated_visualizations::{self, Curated, CuratedVisualizationRow},
        stored::Changes,
    },
    error::{AppError, OnConflict as _, Result},
    id::Id,
    service::names,
    time::Timestamp,
};

/// The picked visualization with this id, and what it shows.
pub async fn get(connection: &mut Connection, id: Id) -> Result<Curated> {
    let row: CuratedVisualizationRow = connection.get(id).await?.ok_or_else(|| AppError::missing("curated visualization", id))?;
    let shown = shown(connection, row.artifact_visualization_id).await?;
    Ok((row, shown))
}

async fn shown(connection: &mut Connection, id: Id) -> Result<ArtifactVisualizationRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("artifact visualization", id))
}

/// Picks a visualization for a resource of the same project, once.
pub async fn create(connection: &mut Connection, request: CuratedVisualizationRequest) -> Result<Curated> {
    let resource_type = request.resource_type.as_str();
    let resource_project = curated_visualizations::project_of(connection, resource_type, request.resource_id).await?;
    let resource_project = resource_project.ok_or_else(|| AppError::missing(&resource_type.replace('_', " "), request.resource_id))?;
    let shown = shown(connection, request.artifact_visualization_id).await?;
    let version: Option<ArtifactVersionRow> = connection.get(shown.artifact_version_id).await?;
    if version.is_none_or(|version| version.project_id != request.project) {
        return Err(AppError::Forbidden("Curated visualizations must target the same project as the artifact visualization.".to_owned()));
    }
    if resource_project != request.project {
        return Err(AppError::Forbidden(format!(
            "Resource {resource_type} with ID {} belongs to a different project than the curated visualization (project ID: {}).",
            request.resource_id, request.project
        )));
    }
    let now = Timestamp::now();
    names::length(request.display_name.as_deref().unwrap_or_default(), names::MAX_LENGTH, "display_name")?;
    let row = CuratedVisualizationRow {
        id: Id::new(),
        created: now,
        updated: now,
        project_id: request.project,
        artifact_visualization_id: shown.id,
        display_name: request.display_name,
        display_order: request.display_order,
        layout_size: request.layout_size.as_str().to_owned(),
        resource_type: resource_type.to_owned(),
        resource_id: request.resource_id,
    };
    connection.insert(&row).await.on_conflict(|| {
        AppError::Exists("A curated visualization for this resource already exists for the specified artifact visualization.".to_owned())
    })?;
    require_free_order(connection, &row, row.display_order).await?;
    Ok((row, shown))
}

/// Refuses a place in the order that another visualization of the resource has.
async fn require_free_order(connection: &mut Connection, row: &CuratedVisualizationRow, order: Option<i64>) -> Result<()> {
    match order {
        Some(order) if curated_visualizations::is_order_taken(connection, row, order).await? => Err(AppError::Exists(format!(
            "A curated visualization for this resource already uses the display order '{order}'. Please choose a different value."
        ))),
        _ => Ok(()),
    }
}

/// Changes name, place and width.
pub async fn update(connection: &mut Connection, id: Id, update: CuratedVisualizationUpdate) -> Result<Curated> {
    let (row, _) = get(connection, id).await?;
    require_free_order(connection, &row, update.display_order.flatten()).await?;
    let name = update.display_name.as_ref().and_then(|name| name.as_deref()).unwrap_or_default();
    names::length(name, names::MAX_LENGTH, "display_name")?;
    let mut changes = Changes::new().set_some("layout_size", update.layout_size.map(|size| size.as_str()));
    if let Some(name) = update.display_name {
        changes = changes.set("display_name", name);
    }
    if let Some(order) = update.display_order {
        changes = changes.set("display_order", order);
    }
    connection.update::<CuratedVisualizationRow>(id, changes).await?;
    get(connection, id).await
}

/// Takes a visualization off the page it was picked for.
pub async fn delete(connection: &mut Connection, id: Id) -> Result<()> {
    get(connection, id).await?;
    connection.delete::<CuratedVisualizationRow>(id).await?;
    Ok(())
}
