//! Projects: which one a request means, and what may be done to one.

use crate::server::{
    api::wire::projects::{ProjectRequest, ProjectUpdate},
    db::{
        Connection,
        list::ListRequest,
        projects::{self, ProjectRow},
        secrets::SecretRow,
        stored::Changes,
        webhooks,
    },
    error::{AppError, OnConflict as _, Result},
    id::Id,
    service::names,
    state::ServerIdentity,
    time::Timestamp,
};

/// Longest project name (ZenML's limit).
const MAX_NAME_LENGTH: usize = 50;

/// The project with this name or id.
pub async fn find(connection: &mut Connection, name_or_id: &str) -> Result<ProjectRow> {
    let by_id = match name_or_id.parse::<Id>() {
        Ok(id) => connection.get::<ProjectRow>(id).await?,
        Err(_) => None,
    };
    let found = match by_id {
        Some(project) => Some(project),
        None => projects::find_by_name(connection, name_or_id).await?,
    };
    found.ok_or_else(|| AppError::NotFound(format!("No project with this name or ID found: {name_or_id}")))
}

/// The project a list is about: the `project` parameter, by name or id, or the default project.
pub async fn scope(connection: &mut Connection, server: &ServerIdentity, request: &ListRequest) -> Result<Id> {
    match request.get("project") {
        Some(name_or_id) => Ok(find(connection, name_or_id).await?.id),
        None => Ok(server.default_project_id),
    }
}

/// Refuses a project id that does not exist.
pub async fn require(connection: &mut Connection, id: Id) -> Result<ProjectRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("project", id))
}

/// Makes a project. Without a name, one is made from the display name.
pub async fn create(connection: &mut Connection, request: ProjectRequest) -> Result<ProjectRow> {
    let name = match request.name {
        Some(name) => name,
        None => name_from(&request.display_name),
    };
    if name.is_empty() {
        return Err(AppError::Malformed("1 validation error:\n  `name` must have at least 1 character.".to_owned()));
    }
    names::length(&name, MAX_NAME_LENGTH, "name")?;
    let now = Timestamp::now();
    let project = ProjectRow {
        id: Id::new(),
        created: now,
        updated: now,
        display_name: if request.display_name.is_empty() { name.clone() } else { request.display_name },
        name,
        description: request.description,
        project_metadata: request.project_metadata.map(|json| json.get().to_owned()),
    };
    connection
        .insert(&project)
        .await
        .on_conflict(|| AppError::Exists(format!("Unable to create project {}: A project with this name already exists.", project.name)))?;
    Ok(project)
}

/// Changes a project; the default project keeps its name.
pub async fn update(connection: &mut Connection, server: &ServerIdentity, project: &ProjectRow, update: ProjectUpdate) -> Result<()> {
    if let Some(name) = &update.name {
        names::length(name, MAX_NAME_LENGTH, "name")?;
        if project.id == server.default_project_id && *name != project.name {
            return Err(AppError::Forbidden("The name of the default project cannot be changed.".to_owned()));
        }
    }
    let changes = Changes::new()
        .set_some("name", update.name.as_deref())
        .set_some("display_name", update.display_name.as_deref())
        .set_some("description", update.description.as_deref())
        .set_some("project_metadata", update.project_metadata.as_ref().map(|json| json.get()));
    let name = update.name.unwrap_or_default();
    connection
        .update::<ProjectRow>(project.id, changes)
        .await
        .on_conflict(|| AppError::Exists(format!("Unable to rename the project to {name}: A project with this name already exists.")))?;
    Ok(())
}

/// Deletes a project with everything in it; not the default one.
pub async fn delete(connection: &mut Connection, server: &ServerIdentity, project: &ProjectRow) -> Result<()> {
    if project.id == server.default_project_id {
        return Err(AppError::Forbidden("The default project cannot be deleted.".to_owned()));
    }
    let secrets = webhooks::secrets_of_project(connection, project.id).await?;
    connection.delete::<ProjectRow>(project.id).await?;
    for secret in secrets {
        connection.delete::<SecretRow>(secret).await?;
    }
    Ok(())
}

/// Lowercase, spaces to dashes, and only `a-z 0-9 _ -` kept (ZenML's rule).
fn name_from(display_name: &str) -> String {
    let lower = display_name.to_lowercase().replace(' ', "-");
    lower.chars().filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-')).collect()
}

#[cfg(test)]
mod tests {
    use super::name_from;

    #[test]
    fn a_project_name_is_made_from_the_display_name() {
        assert_eq!(name_from("Fraud Détection (v2)"), "fraud-dtection-v2");
    }
}
