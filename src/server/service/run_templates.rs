//! Run templates: made from a snapshot, which they run.

use crate::server::{
    api::wire::run_templates::{RunTemplateRequest, RunTemplateUpdate},
    db::{
        Connection,
        pipeline_snapshots::PipelineSnapshotRow,
        run_templates::{self, RunTemplateRow},
        stored::Changes,
        tags as tag_rows,
    },
    error::{AppError, OnConflict as _, Result},
    id::Id,
    service::{names, pipeline_snapshots, projects, tags},
    time::Timestamp,
};

/// The run template with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<RunTemplateRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("run template", id))
}

/// Makes a template; its name is unique in the project. Unless it is hidden, its snapshot takes name and description over.
///
/// The reference server insists on a build for remote components; what runs here needs a stack only.
pub async fn create(connection: &mut Connection, user: Id, request: RunTemplateRequest) -> Result<RunTemplateRow> {
    let project = projects::require(connection, request.project).await?;
    names::length(&request.name, names::MAX_LENGTH, "name")?;
    names::length(request.description.as_deref().unwrap_or_default(), names::MAX_TEXT_LENGTH, "description")?;
    let snapshot: Option<PipelineSnapshotRow> = connection.get(request.source_snapshot_id).await?;
    let snapshot = snapshot.filter(|snapshot| snapshot.project_id == project.id).ok_or_else(|| {
        AppError::missing_reference("pipeline snapshot", request.source_snapshot_id, "run template being created", &project.name)
    })?;
    if snapshot.stack_id.is_none() {
        return Err(AppError::Invalid("Unable to create run template as the stack of the snapshot has been deleted.".to_owned()));
    }
    let now = Timestamp::now();
    let template = RunTemplateRow {
        id: Id::new(),
        created: now,
        updated: now,
        user_id: Some(user),
        project_id: project.id,
        name: request.name,
        description: request.description,
        hidden: request.hidden,
        source_snapshot_id: Some(snapshot.id),
    };
    connection.insert(&template).await.on_conflict(|| taken("create", &template.name, &project.name))?;
    if !template.hidden {
        pipeline_snapshots::rename(connection, &snapshot, &template.name, template.description.as_deref()).await?;
    }
    let names = request.tags.unwrap_or_default();
    tags::attach_all(connection, Some(user), "run_template", template.id, &names).await?;
    Ok(template)
}

fn taken(verb: &str, name: &str, project: &str) -> AppError {
    AppError::Exists(format!(
        "Unable to {verb} the requested run template with name '{name}': Found another existing run template with the same name in the \
         '{project}' project."
    ))
}

/// Changes a template; what the update does not name stays.
pub async fn update(connection: &mut Connection, user: Id, id: Id, update: RunTemplateUpdate) -> Result<RunTemplateRow> {
    let template = get(connection, id).await?;
    names::length(update.name.as_deref().unwrap_or_default(), names::MAX_LENGTH, "name")?;
    names::length(update.description.as_deref().unwrap_or_default(), names::MAX_TEXT_LENGTH, "description")?;
    let project = projects::require(connection, template.project_id).await?;
    let changes = Changes::new()
        .set_some("name", update.name.as_deref())
        .set_some("description", update.description)
        .set_some("hidden", update.hidden);
    let name = update.name.unwrap_or_default();
    connection.update::<RunTemplateRow>(id, changes).await.on_conflict(|| taken("update", &name, &project.name))?;
    tags::change(connection, user, "run_template", id, update.add_tags.as_deref(), update.remove_tags.as_deref()).await?;
    get(connection, id).await
}

/// The snapshot that a template runs.
pub async fn source_snapshot(connection: &mut Connection, template: &RunTemplateRow) -> Result<PipelineSnapshotRow> {
    let snapshot = match template.source_snapshot_id {
        Some(id) => connection.get(id).await?,
        None => None,
    };
    snapshot.ok_or_else(|| AppError::Invalid("This template can not be run because it has no source snapshot.".to_owned()))
}

/// Deletes a template; its snapshot and its runs stay.
pub async fn delete(connection: &mut Connection, id: Id) -> Result<()> {
    get(connection, id).await?;
    tag_rows::detach_all(connection, "run_template", id).await?;
    run_templates::clear(connection, id).await?;
    connection.delete::<RunTemplateRow>(id).await?;
    Ok(())
}
