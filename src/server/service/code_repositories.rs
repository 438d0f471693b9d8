//! Code repositories: making, changing, deleting.

use crate::server::{
    api::wire::code_repositories::{CodeRepositoryRequest, CodeRepositoryUpdate},
    db::{Connection, code_repositories::CodeRepositoryRow, stored::Changes},
    error::{AppError, OnConflict as _, Result},
    id::Id,
    service::{names, projects},
    time::Timestamp,
};

/// The code repository with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<CodeRepositoryRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("code repository", id))
}

/// Makes a code repository; its name is unique in the project.
pub async fn create(connection: &mut Connection, user: Id, request: CodeRepositoryRequest) -> Result<CodeRepositoryRow> {
    projects::require(connection, request.project).await?;
    check(Some(&request.name), request.description.as_deref(), Some(request.config.get()))?;
    let now = Timestamp::now();
    let repository = CodeRepositoryRow {
        id: Id::new(),
        created: now,
        updated: now,
        user_id: Some(user),
        project_id: request.project,
        name: request.name,
        description: request.description,
        config: request.config.get().to_owned(),
        source: request.source.text().to_owned(),
        logo_url: request.logo_url,
    };
    connection.insert(&repository).await.on_conflict(|| taken(&repository.name))?;
    Ok(repository)
}

fn check(name: Option<&str>, description: Option<&str>, config: Option<&str>) -> Result<()> {
    if let Some(name) = name {
        names::length(name, names::MAX_LENGTH, "name")?;
    }
    names::length(description.unwrap_or_default(), names::MAX_TEXT_LENGTH, "description")?;
    match config {
        Some(config) if !config.trim_start().starts_with('{') => {
            Err(AppError::Malformed("1 validation error:\n  `config` must be an object.".to_owned()))
        }
        _ => Ok(()),
    }
}

fn taken(name: &str) -> AppError {
    AppError::Exists(format!("A code repository with the name '{name}' already exists in this project."))
}

/// Changes a code repository; what the update does not name, or names as empty, stays (as on the reference server).
pub async fn update(connection: &mut Connection, id: Id, update: CodeRepositoryUpdate) -> Result<CodeRepositoryRow> {
    get(connection, id).await?;
    check(update.name.as_deref(), update.description.as_deref(), update.config.as_ref().map(|config| config.get()))?;
    let filled = |text: Option<&'_ str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    let changes = Changes::new()
        .set_some("name", filled(update.name.as_deref()))
        .set_some("description", filled(update.description.as_deref()))
        .set_some("config", update.config.as_ref().map(|config| config.get()).filter(|config| *config != "{}"))
        .set_some("source", update.source.as_ref().map(|source| source.text()))
        .set_some("logo_url", filled(update.logo_url.as_deref()));
    let name = update.name.unwrap_or_default();
    connection.update::<CodeRepositoryRow>(id, changes).await.on_conflict(|| taken(&name))?;
    get(connection, id).await
}

/// Deletes a code repository with its references; snapshots made from it stay, without their reference.
pub async fn delete(connection: &mut Connection, id: Id) -> Result<()> {
    get(connection, id).await?;
    connection.delete::<CodeRepositoryRow>(id).await?;
    Ok(())
}
