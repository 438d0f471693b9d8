//! Pipeline builds: making and deleting; nothing changes one.

use crate::server::{
    api::wire::pipeline_builds::{BuildItem, PipelineBuildRequest},
    db::{Connection, pipeline_builds::PipelineBuildRow, pipelines::PipelineRow, stacks::StackRow},
    error::{AppError, Result},
    id::Id,
    service::{names, projects},
    time::Timestamp,
};

/// The build with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<PipelineBuildRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("pipeline build", id))
}

/// Stores a build; the pipeline and the stack it names must exist.
pub async fn create(connection: &mut Connection, user: Id, request: PipelineBuildRequest) -> Result<PipelineBuildRow> {
    projects::require(connection, request.project).await?;
    if let Some(stack) = request.stack {
        connection.get::<StackRow>(stack).await?.ok_or_else(|| AppError::missing("stack", stack))?;
    }
    if let Some(id) = request.pipeline {
        let pipeline = connection.get::<PipelineRow>(id).await?.filter(|pipeline| pipeline.project_id == request.project);
        pipeline.ok_or_else(|| AppError::missing("pipeline", id))?;
    }
    for text in [&request.zenml_version, &request.python_version, &request.checksum, &request.stack_checksum].into_iter().flatten() {
        names::length(text, names::MAX_LENGTH, "version or checksum")?;
    }
    let now = Timestamp::now();
    let build = PipelineBuildRow {
        id: Id::new(),
        created: now,
        updated: now,
        user_id: Some(user),
        project_id: request.project,
        stack_id: request.stack,
        pipeline_id: request.pipeline,
        images: images(request.images)?,
        is_local: request.is_local,
        contains_code: request.contains_code,
        zenml_version: request.zenml_version,
        python_version: request.python_version,
        checksum: request.checksum,
        stack_checksum: request.stack_checksum,
        duration: request.duration,
    };
    connection.insert(&build).await?;
    Ok(build)
}

/// The images as they are stored: every field present, unknown ones dropped, in the order in which they came.
fn images(images: serde_json::Map<String, serde_json::Value>) -> Result<String> {
    let item = |(key, value): (String, serde_json::Value)| {
        let item = serde_json::from_value::<BuildItem>(value)
            .map_err(|error| AppError::Malformed(format!("1 validation error:\n  `images.{key}`: {error}")))?;
        Ok((key, serde_json::to_value(item)?))
    };
    let images = images.into_iter().map(item).collect::<Result<serde_json::Map<_, _>>>()?;
    Ok(serde_json::to_string(&images)?)
}

/// Deletes a build; snapshots made with it stay, without it.
pub async fn delete(connection: &mut Connection, id: Id) -> Result<()> {
    get(connection, id).await?;
    connection.delete::<PipelineBuildRow>(id).await?;
    Ok(())
}
