//! Pipelines: making, changing, deleting.

use crate::server::{
    api::wire::pipelines::{PipelineRequest, PipelineUpdate},
    db::{
        Connection, curated_visualizations, pipeline_runs,
        pipelines::{self, PipelineRow},
        stored::Changes,
        tags as tag_rows,
    },
    error::{AppError, OnConflict as _, Result},
    id::Id,
    service::{names, projects, tags},
    time::Timestamp,
};

/// The pipeline with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<PipelineRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("pipeline", id))
}

/// The pipeline with this name or id in a project.
pub async fn find(connection: &mut Connection, project: Id, name_or_id: &str) -> Result<PipelineRow> {
    if let Ok(id) = name_or_id.parse::<Id>() {
        return get(connection, id).await;
    }
    pipelines::find_by_name(connection, project, name_or_id)
        .await?
        .ok_or_else(|| AppError::NotFound(format!("No pipeline named '{name_or_id}' was found in this project.")))
}

/// Makes a pipeline; its name is unique in the project.
pub async fn create(connection: &mut Connection, user: Id, request: PipelineRequest) -> Result<PipelineRow> {
    projects::require(connection, request.project).await?;
    names::length(&request.name, names::MAX_LENGTH, "name")?;
    names::length(request.description.as_deref().unwrap_or_default(), names::MAX_TEXT_LENGTH, "description")?;
    let now = Timestamp::now();
    let pipeline = PipelineRow {
        id: Id::new(),
        created: now,
        updated: now,
        user_id: Some(user),
        project_id: request.project,
        name: request.name,
        description: request.description,
        run_count: 0,
        latest_run_id: None,
        latest_run_created: now,
    };
    connection.insert(&pipeline).await.on_conflict(|| {
        AppError::Exists(format!(
            "Unable to create pipeline in project '{}': A pipeline with the name '{}' already exists.",
            pipeline.project_id, pipeline.name
        ))
    })?;
    let names = request.tags.unwrap_or_default();
    tags::attach_all(connection, Some(user), "pipeline", pipeline.id, &names).await?;
    Ok(pipeline)
}

/// Changes a pipeline's description (an absent one clears it) and tags.
pub async fn update(connection: &mut Connection, user: Id, id: Id, update: PipelineUpdate) -> Result<PipelineRow> {
    names::length(update.description.as_deref().unwrap_or_default(), names::MAX_TEXT_LENGTH, "description")?;
    let changes = Changes::new().set("description", update.description.as_deref());
    connection.update::<PipelineRow>(id, changes).await?;
    let pipeline = get(connection, id).await?;
    tags::change(connection, user, "pipeline", id, update.add_tags.as_deref(), update.remove_tags.as_deref()).await?;
    Ok(pipeline)
}

/// Deletes a pipeline with its snapshots, runs and steps.
pub async fn delete(connection: &mut Connection, id: Id) -> Result<()> {
    get(connection, id).await?;
    tag_rows::detach_all(connection, "pipeline", id).await?;
    pipeline_runs::forget_counts_of(connection, id).await?;
    connection.delete::<PipelineRow>(id).await?;
    Ok(curated_visualizations::delete_orphans(connection).await?)
}
