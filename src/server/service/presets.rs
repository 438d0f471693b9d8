//! Presets: making, reading, changing and deleting them, and who sees which.
//!
//! A preset belongs to a pipeline, not to a snapshot: it outlives the snapshots it was made with. So nothing of it is checked
//! against a snapshot before it is used there. A shared preset is seen by all, a private one by its owner only; only the
//! owner or an admin changes one.

use crate::{
    model::roles::Action,
    run_configuration::request,
    server::{
        api::wire::presets::{PresetRequest, PresetUpdate},
        auth::roles,
        db::{
            Connection,
            presets::{self, PresetRow},
            stored::Changes,
            users::UserRow,
        },
        error::{AppError, OnConflict as _, Result},
        id::Id,
        service::{names, pipelines},
        time::Timestamp,
    },
};

/// Most presets of one pipeline.
const MAX_PRESETS: i64 = 500;
/// Most bytes of a preset's text.
const MAX_BYTES: usize = 64 * 1024;

/// The preset with this id, if the account sees it.
pub async fn get(connection: &mut Connection, user: Id, id: Id) -> Result<PresetRow> {
    let preset: Option<PresetRow> = connection.get(id).await?;
    // That another's private preset exists is nothing to be told.
    preset.filter(|preset| !preset.private || preset.user_id == user).ok_or_else(|| AppError::missing("preset", id))
}

/// Makes a preset.
///
/// # Errors
/// 400 with every problem of a configuration that cannot be read, and when the pipeline has too many presets; 403 for a shared
/// one of an account that is no editor; 409 when the name is taken.
pub async fn create(connection: &mut Connection, user: &UserRow, request: PresetRequest) -> Result<PresetRow> {
    let pipeline = pipelines::get(connection, request.pipeline).await?;
    refuse_sharing(connection, user, !request.private).await?;
    check(Some(&request.name), request.description.as_deref(), Some(&request.configuration))?;
    if presets::count(connection, pipeline.id).await? >= MAX_PRESETS {
        return Err(AppError::Invalid(format!("This pipeline has {MAX_PRESETS} presets already. Delete some that nobody uses.")));
    }
    let now = Timestamp::now();
    let preset = PresetRow {
        id: Id::new(),
        created: now,
        updated: now,
        user_id: user.id,
        project_id: pipeline.project_id,
        pipeline_id: pipeline.id,
        name: request.name,
        description: request.description.filter(|text| !text.is_empty()),
        private: request.private,
        configuration: request.configuration,
    };
    connection.insert(&preset).await.on_conflict(|| taken(&preset.name))?;
    Ok(preset)
}

/// A preset that all see changes what others work with.
async fn refuse_sharing(connection: &mut Connection, user: &UserRow, shared: bool) -> Result<()> {
    if !shared || user.role.may(Action::Edit) {
        return Ok(());
    }
    let ask = roles::whom_to_ask(connection).await?;
    Err(AppError::Forbidden(format!("To share a preset takes the role editor; yours is {}. Make it a private one. {ask}", user.role)))
}

fn taken(name: &str) -> AppError {
    AppError::Exists(format!("This pipeline has a preset named '{name}' already. Choose another name, or change that one."))
}

fn check(name: Option<&str>, description: Option<&str>, configuration: Option<&str>) -> Result<()> {
    if let Some(name) = name {
        names::validate(name, "preset")?;
    }
    names::length(description.unwrap_or_default(), names::MAX_TEXT_LENGTH, "description")?;
    let Some(text) = configuration else { return Ok(()) };
    if text.len() > MAX_BYTES {
        return Err(AppError::Invalid(format!("A preset may have {} KiB of text.", MAX_BYTES / 1024)));
    }
    request::read_text(text).map(drop).map_err(AppError::InvalidConfiguration)
}

/// Changes a preset; what the update does not name stays. Errors are those of [`create`], and 403 for another's preset.
pub async fn update(connection: &mut Connection, user: &UserRow, id: Id, update: PresetUpdate) -> Result<PresetRow> {
    let preset = changeable(connection, user, id).await?;
    check(update.name.as_deref(), update.description.as_deref(), update.configuration.as_deref())?;
    refuse_sharing(connection, user, update.private == Some(false) && preset.private).await?;
    let name = update.name.clone().unwrap_or(preset.name);
    let changes = Changes::new()
        .set_some("name", update.name)
        .set_some("description", update.description)
        .set_some("private", update.private)
        .set_some("configuration", update.configuration);
    connection.update::<PresetRow>(id, changes).await.on_conflict(|| taken(&name))?;
    connection.get(id).await?.ok_or_else(|| AppError::missing("preset", id))
}

/// Deletes a preset; 403 for another's.
pub async fn delete(connection: &mut Connection, user: &UserRow, id: Id) -> Result<()> {
    changeable(connection, user, id).await?;
    connection.delete::<PresetRow>(id).await?;
    Ok(())
}

/// Whether an account may change or delete a preset of this owner that it sees.
pub fn may_change(owner: Id, user: &UserRow) -> bool {
    owner == user.id || user.is_admin()
}

async fn changeable(connection: &mut Connection, user: &UserRow, id: Id) -> Result<PresetRow> {
    let preset = get(connection, user.id, id).await?;
    if !may_change(preset.user_id, user) {
        return Err(AppError::Forbidden("Only its owner or an admin can change this preset.".to_owned()));
    }
    Ok(preset)
}
