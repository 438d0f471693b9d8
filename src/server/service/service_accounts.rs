//! Accounts of programs: they have no password, and sign in with API keys.

use crate::server::{
    api::wire::service_accounts::{ServiceAccountRequest, ServiceAccountUpdate},
    db::{
        Connection,
        stored::Changes,
        users::{self, UserRow},
    },
    error::{AppError, OnConflict as _, Result},
    id::Id,
    service::{self, names},
};

/// Longest description, in characters (ZenML's `TEXT_FIELD_MAX_LENGTH`).
pub const MAX_DESCRIPTION: usize = 65_535;

/// The service account with this name or id.
pub async fn find(connection: &mut Connection, name_or_id: &str) -> Result<UserRow> {
    let by_id = match name_or_id.parse::<Id>() {
        Ok(id) => connection.get::<UserRow>(id).await?.filter(|account| account.is_service_account),
        Err(_) => None,
    };
    let found = match by_id {
        Some(account) => Some(account),
        None => users::find_by_name(connection, name_or_id, true).await?,
    };
    found.ok_or_else(|| AppError::NotFound(format!("No service account with the '{name_or_id}' name or ID was found")))
}

/// Makes a service account.
pub async fn create(connection: &mut Connection, request: ServiceAccountRequest) -> Result<UserRow> {
    names::validate(&request.name, "service account")?;
    names::length(&request.full_name, names::MAX_LENGTH, "full_name")?;
    let description = request.description.unwrap_or_default();
    names::length(&description, MAX_DESCRIPTION, "description")?;
    let new = UserRow::new(&request.name);
    let account = UserRow {
        is_service_account: true,
        full_name: request.full_name,
        description,
        email_opted_in: Some(false),
        avatar_url: request.avatar_url,
        active: request.active,
        role: request.role.unwrap_or(new.role),
        ..new
    };
    connection.insert(&account).await.on_conflict(taken_name)?;
    Ok(account)
}

/// Changes a service account. An inactive one cannot sign in, and its tokens do not count.
pub async fn update(connection: &mut Connection, account: &UserRow, update: ServiceAccountUpdate) -> Result<UserRow> {
    if let Some(name) = &update.name {
        names::validate(name, "service account")?;
    }
    names::length(update.full_name.as_deref().unwrap_or_default(), names::MAX_LENGTH, "full_name")?;
    names::length(update.description.as_deref().unwrap_or_default(), MAX_DESCRIPTION, "description")?;
    let changes = Changes::new()
        .set_some("name", update.name)
        .set_some("full_name", update.full_name)
        .set_some("description", update.description)
        .set_some("active", update.active)
        .set_some("avatar_url", update.avatar_url)
        .set_some("role", update.role);
    connection.update::<UserRow>(account.id, changes).await.on_conflict(taken_name)?;
    find(connection, &account.id.to_string()).await
}

/// Removes a service account that owns nothing, with its keys.
pub async fn delete(connection: &mut Connection, account: &UserRow) -> Result<()> {
    service::users::refuse_owner(connection, account.id).await?;
    connection.delete::<UserRow>(account.id).await?;
    Ok(())
}

fn taken_name() -> AppError {
    AppError::Exists("Found an existing service account with this name. Choose another name.".to_owned())
}
