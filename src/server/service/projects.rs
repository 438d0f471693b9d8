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
    service::{names, onboarding},
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
    let given = request.name.filter(|name| !name.is_empty());
    let name = given.unwrap_or_else(|| name_from(&request.display_name));
    check_name(&name)?;
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
    onboarding::note(connection).await?;
    Ok(project)
}

/// Changes a project; the default project keeps its name.
pub async fn update(connection: &mut Connection, server: &ServerIdentity, project: &ProjectRow, update: ProjectUpdate) -> Result<()> {
    if let Some(name) = &update.name {
        check_name(name)?;
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

/// Refuses names that are empty, too long, or have other characters than `a-z 0-9 _ -` (ZenML's rule: names stand in URLs).
fn check_name(name: &str) -> Result<()> {
    names::length(name, MAX_NAME_LENGTH, "name")?;
    if name.is_empty() || !name.chars().all(is_name_character) {
        let rule = "`name` must have lowercase letters, digits, `_` and `-` only, at least one of them";
        return Err(AppError::Malformed(format!("1 validation error:\n  {rule}, not `{name}`.")));
    }
    Ok(())
}

fn is_name_character(character: char) -> bool {
    character.is_ascii_lowercase() || character.is_ascii_digit() || matches!(character, '_' | '-')
}

/// Lowercase, spaces to dashes, and only what a name may have kept (ZenML's rule).
fn name_from(display_name: &str) -> String {
    display_name.to_lowercase().replace(' ', "-").chars().filter(|character| is_name_character(*character)).collect()
}

#[cfg(test)]
mod tests {
    use super::{check_name, name_from};

    #[test]
    fn names_stand_in_urls() {
        for good in ["churn", "fraud_2-b"] {
            check_name(good).unwrap();
        }
        for bad in ["", " ", "a b", "Upper", "with/slash", "ü", &"x".repeat(51)] {
            check_name(bad).unwrap_err();
        }
    }

    #[test]
    fn a_project_name_is_made_from_the_display_name() {
        assert_eq!(name_from("Fraud Détection (v2)"), "fraud-dtection-v2");
    }
}
