//! The server's settings, and its activation: the first admin is made once, by whoever has the set-up link.

use crate::server::{
    api::wire::{
        server::{ServerActivationRequest, ServerSettingsUpdate},
        users::UserRequest,
    },
    auth::secrets,
    db::{
        Connection,
        server_settings::{self, ServerSettingsRow},
        stored::Changes,
        users::UserRow,
    },
    error::{AppError, Result},
    service::{self, names},
};

/// Changes the settings.
pub async fn update(connection: &mut Connection, update: ServerSettingsUpdate) -> Result<ServerSettingsRow> {
    let row = server_settings::get(connection).await?;
    connection.update::<ServerSettingsRow>(row.id, changes(update)?).await?;
    Ok(server_settings::get(connection).await?)
}

/// Makes a new set-up token for a server that is not active; the one before no longer counts.
pub async fn renew_setup_token(connection: &mut Connection) -> Result<Option<String>> {
    let row = server_settings::get(connection).await?;
    if row.active {
        return Ok(None);
    }
    let token = secrets::generate(32)?;
    connection.update::<ServerSettingsRow>(row.id, Changes::new().set("setup_token_hash", secrets::hash(&token))).await?;
    Ok(Some(token))
}

/// Refuses a set-up token that is not the current one; the page asks before it shows its form.
pub fn check_setup_token(settings: &ServerSettingsRow, token: Option<&str>) -> Result<()> {
    if settings.active {
        return Err(AppError::Forbidden("The server is already active.".to_owned()));
    }
    if !secrets::matches(token.unwrap_or_default(), settings.setup_token_hash.as_deref().unwrap_or_default()) {
        let message = "Setting the server up needs the token of the set-up link, which the server prints when it starts.";
        return Err(AppError::Forbidden(message.to_owned()));
    }
    Ok(())
}

/// Activates the server with its first admin. Unlike the ZenML server, whose activation is open to whoever comes first,
/// it needs the set-up token. `password_hash` is that of the request's password.
pub async fn activate(connection: &mut Connection, request: ServerActivationRequest, password_hash: Option<String>) -> Result<UserRow> {
    let row = server_settings::find(connection).await?.ok_or_else(|| AppError::Internal(anyhow::anyhow!("no settings")))?;
    check_setup_token(&row, request.setup_token.as_deref())?;
    let (Some(name), Some(password_hash)) = (request.admin_username, password_hash) else {
        return Err(AppError::Invalid(
            "`admin_username` and `admin_password` are needed: without an admin nobody could sign in.".to_owned(),
        ));
    };
    let changes = changes(request.settings)?.set("active", true).set("setup_token_hash", None::<String>);
    connection.update::<ServerSettingsRow>(row.id, changes).await?;
    create_admin(connection, name, password_hash).await
}

/// Makes an admin for whoever runs the server, which is active from then on.
pub async fn activate_with(connection: &mut Connection, name: &str, password_hash: String) -> Result<UserRow> {
    let row = server_settings::get(connection).await?;
    if !row.active {
        let changes = Changes::new().set("active", true).set("setup_token_hash", None::<String>);
        connection.update::<ServerSettingsRow>(row.id, changes).await?;
    }
    create_admin(connection, name.to_owned(), password_hash).await
}

async fn create_admin(connection: &mut Connection, name: String, password_hash: String) -> Result<UserRow> {
    let request = UserRequest { name, is_admin: true, ..UserRequest::default() };
    Ok(service::users::create(connection, request, Some(password_hash)).await?.0)
}

fn changes(update: ServerSettingsUpdate) -> Result<Changes> {
    if let Some(name) = &update.server_name {
        names::validate(name, "server")?;
    }
    names::length(update.logo_url.as_deref().unwrap_or_default(), 2048, "logo_url")?;
    Ok(Changes::new()
        .set_some("server_name", update.server_name)
        .set_some("logo_url", update.logo_url)
        .set_some("enable_analytics", update.enable_analytics)
        .set_some("display_announcements", update.display_announcements)
        .set_some("display_updates", update.display_updates))
}
