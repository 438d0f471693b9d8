//! Accounts of people: making, changing, activating and removing them, and who may.
//!
//! Hashing a password takes long, so callers do it (`auth::passwords`) before they open the transaction.

use crate::{
    model::roles::{Action, Role},
    server::{
        api::wire::users::{UserRequest, UserUpdate},
        auth::{imported, secrets},
        db::{
            Connection, devices,
            projects::ProjectRow,
            stored::Changes,
            users::{self, UserRow},
        },
        error::{AppError, OnConflict as _, Result},
        id::Id,
        service::names,
        time::Timestamp,
    },
};

/// The account with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<UserRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("user", id))
}

/// The person with this name, or any account with this id.
pub async fn find(connection: &mut Connection, name_or_id: &str) -> Result<UserRow> {
    let by_id = match name_or_id.parse::<Id>() {
        Ok(id) => connection.get::<UserRow>(id).await?,
        Err(_) => None,
    };
    let found = match by_id {
        Some(user) => Some(user),
        None => users::find_by_name(connection, name_or_id, false).await?,
    };
    found.ok_or_else(|| unknown(name_or_id))
}

/// The person with this name or id; not a service account, which has its own rules.
pub async fn find_person(connection: &mut Connection, name_or_id: &str) -> Result<UserRow> {
    let found = find(connection, name_or_id).await?;
    if found.is_service_account { Err(unknown(name_or_id)) } else { Ok(found) }
}

fn unknown(name_or_id: &str) -> AppError {
    AppError::NotFound(format!("No user account with the '{name_or_id}' name or ID was found"))
}

/// Makes an account. With a password it is active; without one it is not, and the token that activates it comes back.
pub async fn create(connection: &mut Connection, request: UserRequest, password_hash: Option<String>) -> Result<(UserRow, Option<String>)> {
    check_name(&request.name)?;
    names::length(&request.full_name, names::MAX_LENGTH, "full_name")?;
    names::length(request.email.as_deref().unwrap_or_default(), names::MAX_LENGTH, "email")?;
    let activation_token = if password_hash.is_none() { Some(secrets::generate(32)?) } else { None };
    let new = UserRow::new(&request.name);
    let user = UserRow {
        full_name: request.full_name,
        email: request.email,
        email_opted_in: request.email_opted_in,
        avatar_url: request.avatar_url,
        active: password_hash.is_some(),
        role: wanted_role(None, Some(request.is_admin), request.role)?.unwrap_or(new.role),
        password_changed_at: password_hash.as_ref().map(|_| new.created),
        password_hash,
        activation_token_hash: activation_token.as_deref().map(secrets::hash),
        external_user_id: request.external_user_id,
        user_metadata: request.user_metadata.map_or_else(|| "{}".to_owned(), |json| json.get().to_owned()),
        ..new
    };
    connection.insert(&user).await.on_conflict(taken_name)?;
    Ok((user, activation_token))
}

/// Changes an account for somebody: themselves, or an admin for others. `password_hash` is that of the new password; the
/// caller has checked the old one.
pub async fn update(
    connection: &mut Connection,
    actor: &UserRow,
    target: &UserRow,
    update: UserUpdate,
    password_hash: Option<String>,
) -> Result<UserRow> {
    let is_self = actor.id == target.id;
    if !is_self && !actor.role.may(Action::Administer) {
        return Err(AppError::Forbidden("Only admins are allowed to change other user accounts.".to_owned()));
    }
    if !is_self && (update.email.is_some() || update.email_opted_in.is_some()) {
        return Err(AppError::Forbidden("Cannot change the e-mail address of another user account.".to_owned()));
    }
    let role = wanted_role(Some(target.role), update.is_admin, update.role)?.filter(|wanted| *wanted != target.role);
    let active = update.active.filter(|wanted| *wanted != target.active);
    if is_self && (role.is_some() || active.is_some()) {
        let message = "Cannot change the role or the active status of your own user account. Ask another admin.";
        return Err(AppError::Forbidden(message.to_owned()));
    }
    if role.is_some() || active == Some(false) {
        keep_an_admin(connection, target).await?;
    }
    let changes = changes(connection, &update).await?.set_some("role", role).set_some("active", active);
    save(connection, target, changes, password_hash).await
}

/// The role that a request asks for; none where it leaves the role as it is. The protocol knows only admins and others.
fn wanted_role(current: Option<Role>, is_admin: Option<bool>, role: Option<Role>) -> Result<Option<Role>> {
    match (role, is_admin) {
        (Some(role), Some(is_admin)) if is_admin != (role == Role::Admin) => Err(AppError::Invalid(format!(
            "`role` is `{role}` and `is_admin` is `{is_admin}`, which contradict each other: an account with the role admin, and no other, is one."
        ))),
        (Some(role), _) => Ok(Some(role)),
        (None, Some(true)) => Ok(Some(Role::Admin)),
        (None, Some(false)) => Ok((current == Some(Role::Admin)).then_some(Role::Editor)),
        (None, None) => Ok(None),
    }
}

/// The account that this token activates.
pub async fn find_to_activate(connection: &mut Connection, name_or_id: &str, token: Option<&str>) -> Result<UserRow> {
    let user = match find_person(connection, name_or_id).await {
        Ok(user) => Some(user),
        Err(AppError::NotFound(_)) => None,
        Err(error) => return Err(error),
    };
    let (token, hash) =
        (token.unwrap_or_default(), user.as_ref().and_then(|user| user.activation_token_hash.as_deref()).unwrap_or_default());
    let fits = if imported::is_imported(hash) { imported::matches(token, hash).await? } else { secrets::matches(token, hash) };
    // The same answer whether the account or the token is wrong: this needs no sign-in.
    user.filter(|_| fits)
        .ok_or_else(|| AppError::InvalidCredentials(format!("Authentication error: invalid activation token for user {name_or_id}")))
}

/// Activates an account with its token, and lets its owner choose name, password and the like.
pub async fn activate(connection: &mut Connection, name_or_id: &str, update: UserUpdate, password_hash: Option<String>) -> Result<UserRow> {
    let user = find_to_activate(connection, name_or_id, update.activation_token.as_deref()).await?;
    if password_hash.is_none() && user.password_hash.is_none() {
        return Err(AppError::Invalid("A password is needed to activate the account.".to_owned()));
    }
    let changes = changes(connection, &update).await?.set("active", true).set("activation_token_hash", None::<String>);
    save(connection, &user, changes, password_hash).await
}

/// Makes an account unusable until it is activated with the token that comes back.
pub async fn deactivate(connection: &mut Connection, actor: &UserRow, target: &UserRow) -> Result<(UserRow, String)> {
    if actor.id == target.id {
        return Err(AppError::Forbidden("Cannot deactivate yourself.".to_owned()));
    }
    keep_an_admin(connection, target).await?;
    let token = secrets::generate(32)?;
    let changes = Changes::new().set("active", false).set("activation_token_hash", secrets::hash(&token));
    Ok((save(connection, target, changes, None).await?, token))
}

/// Sets what the account's owner answered about their e-mail address.
pub async fn answer_email_question(connection: &mut Connection, user: &UserRow, update: UserUpdate) -> Result<UserRow> {
    check_email(&update)?;
    let changes = Changes::new().set_some("email", update.email).set_some("email_opted_in", update.email_opted_in);
    save(connection, user, changes, None).await
}

/// Removes an account that owns nothing.
pub async fn delete(connection: &mut Connection, actor: &UserRow, target: &UserRow) -> Result<()> {
    if actor.id == target.id {
        return Err(AppError::Forbidden("You cannot delete the user account you are signed in with.".to_owned()));
    }
    keep_an_admin(connection, target).await?;
    refuse_owner(connection, target.id).await?;
    devices::delete_of(connection, target.id).await?;
    connection.delete::<UserRow>(target.id).await?;
    Ok(())
}

/// Gives an account another password and activates it, for whoever runs the server; earlier tokens no longer count.
pub async fn reset_password(connection: &mut Connection, name_or_id: &str, password_hash: String) -> Result<UserRow> {
    let user = find_person(connection, name_or_id).await?;
    let changes = Changes::new().set("active", true).set("activation_token_hash", None::<String>);
    save(connection, &user, changes, Some(password_hash)).await
}

/// Refuses to take away an account that owns something: whose it was would be lost.
pub async fn refuse_owner(connection: &mut Connection, id: Id) -> Result<()> {
    match users::owns_rows_in(connection, id).await? {
        None => Ok(()),
        Some(table) => Err(AppError::Forbidden(format!(
            "The account owns {} and cannot be deleted. Delete what it owns, or deactivate the account instead.",
            table.replace('_', " ")
        ))),
    }
}

/// Refuses to take the last admin away. The admins are locked, so that two of them cannot remove each other at once.
async fn keep_an_admin(connection: &mut Connection, target: &UserRow) -> Result<()> {
    if users::lock_active_admins(connection).await? == [target.id] {
        return Err(AppError::Forbidden(
            "This is the only admin account; there must always be one. Make somebody else an admin first.".to_owned(),
        ));
    }
    Ok(())
}

/// The changes that need no permission beyond that to change the account.
async fn changes(connection: &mut Connection, update: &UserUpdate) -> Result<Changes> {
    if let Some(name) = &update.name {
        check_name(name)?;
    }
    check_email(update)?;
    names::length(update.full_name.as_deref().unwrap_or_default(), names::MAX_LENGTH, "full_name")?;
    if let Some(Some(project)) = update.default_project_id
        && connection.get::<ProjectRow>(project).await?.is_none()
    {
        return Err(AppError::missing("project", project));
    }
    Ok(Changes::new()
        .set_some("name", update.name.as_deref())
        .set_some("full_name", update.full_name.as_deref())
        .set_some("email", update.email.clone())
        .set_some("email_opted_in", update.email_opted_in)
        .set_some("avatar_url", update.avatar_url.clone())
        .set_some("default_project_id", update.default_project_id)
        .set_some("user_metadata", update.user_metadata.as_ref().map(|json| json.get())))
}

async fn save(connection: &mut Connection, user: &UserRow, changes: Changes, password_hash: Option<String>) -> Result<UserRow> {
    let changed_at = password_hash.as_ref().map(|_| Timestamp::now());
    let changes = changes.set_some("password_hash", password_hash).set_some("password_changed_at", changed_at);
    connection.update::<UserRow>(user.id, changes).await.on_conflict(taken_name)?;
    connection.get(user.id).await?.ok_or_else(|| unknown(&user.name))
}

fn taken_name() -> AppError {
    AppError::Exists("Found an existing user account with this name. Choose another name.".to_owned())
}

fn check_name(name: &str) -> Result<()> {
    names::validate(name, "user account")
}

fn check_email(update: &UserUpdate) -> Result<()> {
    if update.email_opted_in == Some(true) && update.email.as_ref().is_none_or(Option::is_none) {
        let message = "1 validation error:\n  `email` is needed where `email_opted_in` is true.";
        return Err(AppError::Malformed(message.to_owned()));
    }
    names::length(update.email.as_ref().and_then(Option::as_deref).unwrap_or_default(), names::MAX_LENGTH, "email")
}
