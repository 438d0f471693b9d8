//! Secrets: making, reading, changing and deleting them, and who sees which.
//!
//! A public secret is seen by all, a private one by its owner only, an internal one by nobody. Public names are unique,
//! private names are unique for each owner (ZenML's rules).

use std::collections::HashMap;

use anyhow::Context as _;

use crate::server::{
    api::wire::secrets::{SecretRequest, SecretUpdate, ValueUpdates},
    db::{
        Connection,
        secrets::{self, LinkedTo, SecretRow},
        stored::Changes,
        users::UserRow,
    },
    encryption::{Sealer, SecretValues},
    error::{AppError, OnConflict as _, Result},
    id::Id,
    service::names,
    time::Timestamp,
};

/// Most bytes of all keys and values of a secret together (ZenML's limit).
const MAX_BYTES: usize = 64 * 1024;

/// The secret with this id, if the account sees it.
pub async fn get(connection: &mut Connection, user: Id, id: Id) -> Result<SecretRow> {
    let secret: Option<SecretRow> = connection.get(id).await?;
    secret.filter(|secret| is_visible(secret, user)).ok_or_else(|| missing(id))
}

fn is_visible(secret: &SecretRow, user: Id) -> bool {
    !secret.internal && (!secret.private || secret.user_id == user)
}

/// Also for a secret that the account does not see: that it exists is nothing to be told.
fn missing(name_or_id: impl std::fmt::Display) -> AppError {
    AppError::NotFound(format!("Unable to get secret with name or ID '{name_or_id}': No secret with this name or ID found."))
}

/// The secret with this name or id, if the account sees it; of two with one name the account's own private one.
pub async fn find(connection: &mut Connection, user: Id, name_or_id: &str) -> Result<Option<SecretRow>> {
    if let Ok(id) = name_or_id.parse::<Id>()
        && let Some(secret) = connection.get::<SecretRow>(id).await?.filter(|secret| is_visible(secret, user))
    {
        return Ok(Some(secret));
    }
    let mut found = secrets::with_name(connection, name_or_id).await?;
    found.retain(|secret| is_visible(secret, user));
    Ok(found.into_iter().max_by_key(|secret| secret.private))
}

/// The ids of the secrets an account means by these names and ids; what it does not see is missing from the answer.
pub async fn resolve(connection: &mut Connection, user: Id, names: &[String]) -> Result<HashMap<String, Id>> {
    let mut found = HashMap::new();
    for name in names {
        if !found.contains_key(name)
            && let Some(secret) = find(connection, user, name).await?
        {
            found.insert(name.clone(), secret.id);
        }
    }
    Ok(found)
}

/// The values of a secret that the caller may read.
pub async fn values(connection: &mut Connection, sealer: &Sealer, secret: Id) -> Result<SecretValues> {
    match secrets::sealed(connection, secret).await? {
        Some(sealed) => Ok(sealer.open(secret, &sealed)?),
        None => Ok(SecretValues::default()),
    }
}

/// Makes a secret; it comes back with its values.
pub async fn create(
    connection: &mut Connection,
    sealer: &Sealer,
    user: &UserRow,
    request: SecretRequest,
) -> Result<(SecretRow, SecretValues)> {
    names::length(&request.name, names::MAX_LENGTH, "name")?;
    let mut values = SecretValues::default();
    merge(&mut values, request.values);
    let row = new_row(user.id, request.name, request.private, false);
    connection.insert(&row).await.on_conflict(|| taken(&row.name, row.private, user))?;
    store(connection, sealer, row.id, &values).await?;
    Ok((row, values))
}

fn new_row(user_id: Id, name: String, private: bool, internal: bool) -> SecretRow {
    let now = Timestamp::now();
    SecretRow { id: Id::new(), created: now, updated: now, user_id, name, private, internal }
}

fn taken(name: &str, private: bool, owner: &UserRow) -> AppError {
    AppError::Exists(match private {
        true => format!("Found an existing private secret with the same '{name}' name for the same '{}' user", owner.name),
        false => format!("Found an existing public secret with the same '{name}' name"),
    })
}

/// Null removes a key, all else sets it.
fn merge(values: &mut SecretValues, updates: ValueUpdates) {
    for (key, value) in updates {
        match value {
            Some(value) => values.set(key, value),
            None => values.remove(&key),
        }
    }
}

async fn store(connection: &mut Connection, sealer: &Sealer, secret: Id, values: &SecretValues) -> Result<()> {
    let bytes: usize = values.iter().map(|(key, value)| key.len() + value.len()).sum();
    if bytes > MAX_BYTES {
        return Err(AppError::Invalid(format!(
            "The keys and values of a secret may have {} KiB together, and these have {}. Keep large files in an artifact store.",
            MAX_BYTES / 1024,
            bytes.div_ceil(1024)
        )));
    }
    secrets::set_sealed(connection, secret, &sealer.seal(secret, values)?).await?;
    Ok(())
}

/// Changes a secret; it comes back with its values. Given values are merged into the stored ones where `patch` says so,
/// and take their place otherwise.
pub async fn update(
    connection: &mut Connection,
    sealer: &Sealer,
    user: Id,
    id: Id,
    update: SecretUpdate,
    patch: bool,
) -> Result<(SecretRow, SecretValues)> {
    let secret = get(connection, user, id).await?;
    if update.private.is_some() && secret.user_id != user {
        return Err(AppError::Forbidden("Only the user who created the secret is allowed to update its private status.".to_owned()));
    }
    names::length(update.name.as_deref().unwrap_or_default(), names::MAX_LENGTH, "name")?;
    let owner: UserRow = connection.get(secret.user_id).await?.context("the owner of a secret")?;
    let changes = Changes::new().set_some("name", update.name.as_deref()).set_some("private", update.private);
    let conflict = || taken(update.name.as_deref().unwrap_or(&secret.name), update.private.unwrap_or(secret.private), &owner);
    connection.update::<SecretRow>(id, changes).await.on_conflict(conflict)?;
    let mut values = values(connection, sealer, id).await?;
    if let Some(updates) = update.values {
        if !patch {
            values = SecretValues::default();
        }
        merge(&mut values, updates);
        store(connection, sealer, id, &values).await?;
    }
    Ok((get(connection, user, id).await?, values))
}

/// Deletes a secret with its values; stacks and components that use it lose it.
pub async fn delete(connection: &mut Connection, user: Id, id: Id) -> Result<()> {
    get(connection, user, id).await?;
    connection.delete::<SecretRow>(id).await?;
    Ok(())
}

/// Keeps values for something that is no secret of a user's itself; nobody sees it in the list of secrets.
pub async fn keep(connection: &mut Connection, sealer: &Sealer, user: Id, purpose: &str, values: &SecretValues) -> Result<Id> {
    let row = new_row(user, purpose.chars().take(names::MAX_LENGTH).collect(), false, true);
    connection.insert(&row).await?;
    store(connection, sealer, row.id, values).await?;
    Ok(row.id)
}

/// Changes kept values whole; without values the kept secret is deleted. Gives the id under which they are kept now.
pub async fn keep_instead(
    connection: &mut Connection,
    sealer: &Sealer,
    user: Id,
    purpose: &str,
    kept: Option<Id>,
    values: &SecretValues,
) -> Result<Option<Id>> {
    match kept {
        Some(id) if values.is_empty() => {
            connection.delete::<SecretRow>(id).await?;
            Ok(None)
        }
        Some(id) => {
            store(connection, sealer, id, values).await?;
            Ok(Some(id))
        }
        None if values.is_empty() => Ok(None),
        None => keep(connection, sealer, user, purpose, values).await.map(Some),
    }
}

/// Links secrets to a stack or a component, then takes others from it; names and ids mean what they mean to the account.
pub async fn change_links(connection: &mut Connection, user: Id, to: LinkedTo, owner: Id, add: &[String], remove: &[String]) -> Result<()> {
    for name in add {
        let secret = find(connection, user, name).await?.ok_or_else(|| missing(name))?;
        secrets::link(connection, to, owner, secret.id).await?;
    }
    for name in remove {
        let secret = find(connection, user, name).await?.ok_or_else(|| missing(name))?;
        secrets::unlink(connection, to, owner, secret.id).await?;
    }
    Ok(())
}

/// Refuses a key that does not open what is stored: found at the start, not at the first run that needs a secret.
pub async fn check_key(connection: &mut Connection, sealer: &Sealer) -> anyhow::Result<()> {
    if let Some((secret, sealed)) = secrets::any_sealed(connection).await? {
        sealer.open(secret, &sealed).context("the key for secrets is not the one that the database's secrets were stored with")?;
    }
    Ok(())
}
