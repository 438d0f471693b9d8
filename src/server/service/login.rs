//! Signing in by password or API key: for the REST surface and for the login page.

use std::net::IpAddr;

use crate::server::{
    auth::{self, imported, passwords},
    db::{
        api_keys::{self, ApiKeyRow},
        users::{self, UserRow},
    },
    error::{AppError, Result},
    service,
    state::AppState,
    time::Timestamp,
};

/// Whether too many failures make an account wait, and where the attempt comes from.
#[derive(Clone, Copy, Debug)]
pub enum Limit {
    /// As on the login page: failures are counted per address and account.
    PerAddress(Option<IpAddr>),
    /// As on the REST surface, unless the server was started with `--login-rate-limit`.
    None,
}

/// The active person with this name (or id) and password. Which of the two is wrong is not told.
pub async fn with_password(state: &AppState, name_or_id: &str, password: &str, limit: Limit) -> Result<UserRow> {
    if let Limit::PerAddress(address) = limit {
        state.login_limiter.check(address, name_or_id)?;
    }
    let found = service::users::find_person(&mut state.db.read().await?, name_or_id).await;
    let user = match found {
        Ok(user) => Some(user),
        Err(AppError::NotFound(_)) => None,
        Err(error) => return Err(error),
    };
    // The connection is back in the pool while the password is checked, which takes long.
    let fits = passwords::verify(password, user.as_ref().and_then(|user| user.password_hash.as_deref())).await?;
    let user = user.filter(|user| fits && user.active);
    if let Limit::PerAddress(address) = limit {
        match &user {
            Some(_) => state.login_limiter.succeeded(address, name_or_id),
            None => state.login_limiter.failed(address, name_or_id),
        }
    }
    if let Some(user) = &user {
        renew_imported_hash(state, user, password).await?;
    }
    user.ok_or_else(|| AppError::InvalidCredentials("Authentication error: invalid username or password".to_owned()))
}

/// Replaces a hash that came from another server, now that its password is known. The password stays the same, so tokens
/// that were made before count still.
async fn renew_imported_hash(state: &AppState, user: &UserRow, password: &str) -> Result<()> {
    let Some(old) = user.password_hash.as_deref().filter(|hash| imported::is_imported(hash)) else { return Ok(()) };
    let new = passwords::hash(password).await?;
    let mut connection = state.db.begin().await?;
    users::replace_password_hash(&mut connection, user.id, old, &new).await?;
    connection.commit().await?;
    Ok(())
}

/// The service account of an API key, and the key with the generation that the given secret belongs to.
pub async fn with_api_key(state: &AppState, text: &str) -> Result<(UserRow, ApiKeyRow, i64)> {
    let (account, key, generation) = auth::check_api_key(state, text).await?;
    let mut connection = state.db.begin().await?;
    api_keys::note_login(&mut connection, key.id, Timestamp::now()).await?;
    connection.commit().await?;
    Ok((account, key, generation))
}
