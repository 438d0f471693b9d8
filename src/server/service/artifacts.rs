//! Artifacts: making, renaming, deleting.

use crate::server::{
    api::wire::artifacts::{ArtifactRequest, ArtifactUpdate},
    db::{
        Connection,
        artifacts::{self, ArtifactRow},
        stored::Changes,
        tags as tag_rows,
    },
    error::{AppError, OnConflict as _, Result},
    id::Id,
    service::{names, projects, tags},
    time::Timestamp,
};

/// The artifact with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<ArtifactRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("artifact", id))
}

/// Makes an artifact; its name is unique in the project.
pub async fn create(connection: &mut Connection, user: Id, request: ArtifactRequest) -> Result<ArtifactRow> {
    projects::require(connection, request.project).await?;
    let artifact = new_row(Some(user), request.project, request.name, request.has_custom_name)?;
    connection.insert(&artifact).await.on_conflict(|| taken(&artifact.name))?;
    let names = request.tags.unwrap_or_default();
    tags::attach_all(connection, Some(user), "artifact", artifact.id, &names).await?;
    Ok(artifact)
}

/// The artifact with this name, made if there is none; safe against another request making it at the same time.
///
/// A name that is chosen by a person once stays so.
pub async fn get_or_create(connection: &mut Connection, user: Id, project: Id, name: String, has_custom_name: bool) -> Result<ArtifactRow> {
    let mut artifact = match artifacts::find_by_name(connection, project, &name).await? {
        Some(artifact) => artifact,
        None => {
            let artifact = new_row(Some(user), project, name, has_custom_name)?;
            if connection.insert_if_absent(&artifact).await? {
                return Ok(artifact);
            }
            artifacts::find_by_name(connection, project, &artifact.name)
                .await?
                .ok_or_else(|| AppError::missing("artifact", &artifact.name))?
        }
    };
    if has_custom_name && !artifact.has_custom_name {
        connection.update::<ArtifactRow>(artifact.id, Changes::new().set("has_custom_name", true)).await?;
        artifact.has_custom_name = true;
    }
    Ok(artifact)
}

fn new_row(user: Option<Id>, project: Id, name: String, has_custom_name: bool) -> Result<ArtifactRow> {
    names::validate(&name, "artifact")?;
    let now = Timestamp::now();
    Ok(ArtifactRow {
        id: Id::new(),
        created: now,
        updated: now,
        user_id: user,
        project_id: project,
        name,
        has_custom_name,
        version_count: 0,
        latest_version_created: now,
    })
}

fn taken(name: &str) -> AppError {
    AppError::Exists(format!("An artifact with the name '{name}' already exists in this project."))
}

/// Renames an artifact (which makes its name a custom one) and changes its tags.
pub async fn update(connection: &mut Connection, user: Id, id: Id, update: ArtifactUpdate) -> Result<ArtifactRow> {
    get(connection, id).await?;
    let name = update.name.filter(|name| !name.is_empty());
    if let Some(name) = &name {
        names::validate(name, "artifact")?;
    }
    let has_custom_name = update.has_custom_name.or_else(|| name.is_some().then_some(true));
    let changes = Changes::new().set_some("name", name.as_deref()).set_some("has_custom_name", has_custom_name);
    connection.update::<ArtifactRow>(id, changes).await.on_conflict(|| taken(&name.unwrap_or_default()))?;
    tags::change(connection, user, "artifact", id, update.add_tags.as_deref(), update.remove_tags.as_deref()).await?;
    get(connection, id).await
}

/// Deletes an artifact with its versions; refused while a run has one of them.
pub async fn delete(connection: &mut Connection, id: Id) -> Result<()> {
    get(connection, id).await?;
    if artifacts::is_in_use(connection, id).await? {
        return Err(AppError::Invalid(
            "The artifact has versions that are outputs of runs, so it cannot be deleted. Delete those runs first.".to_owned(),
        ));
    }
    tag_rows::detach_all(connection, "artifact", id).await?;
    artifacts::detach_versions(connection, id).await?;
    connection.delete::<ArtifactRow>(id).await?;
    Ok(())
}
