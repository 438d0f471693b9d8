//! Who is asking: session cookie, bearer token or API key, and the extractor that handlers name in their signature.

pub mod keys;
pub mod tokens;

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};

use super::{
    db::users::{self, UserRow},
    error::{AppError, Result},
    state::AppState,
};
use tokens::Claims;

/// The account a request acts for. Naming it in a handler's signature is what makes the handler require credentials.
#[derive(Clone, Debug)]
pub struct Account {
    pub user: UserRow,
    /// The token's claims; none when an API key was sent as the bearer itself.
    pub claims: Option<Claims>,
}

impl Account {
    /// Refuses everybody but admins.
    pub fn require_admin(&self) -> Result<()> {
        if self.user.is_admin {
            return Ok(());
        }
        Err(AppError::Forbidden("This operation needs an admin account. Ask an admin to do it, or to make you one.".to_owned()))
    }
}

impl FromRequestParts<AppState> for Account {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self> {
        if let Some(account) = parts.extensions.get::<Self>() {
            return Ok(account.clone());
        }
        // The cookie is read first: so does the reference server.
        let credential = cookie(parts, &state.cookie_name()).or_else(|| bearer(parts)).ok_or(AppError::NotAuthenticated)?;
        let account = authenticate(state, &credential).await?;
        parts.extensions.insert(account.clone());
        Ok(account)
    }
}

/// The account behind a token or an API key.
pub async fn authenticate(state: &AppState, credential: &str) -> Result<Account> {
    let claims = Claims::verify(credential, &state.keys, &state.server)?;
    let mut connection = state.db.read().await?;
    let user = users::get(&mut connection, claims.sub)
        .await?
        .filter(|user| user.active)
        .ok_or_else(|| AppError::InvalidCredentials("Authentication error: error retrieving token user".to_owned()))?;
    Ok(Account { user, claims: Some(claims) })
}

fn cookie(parts: &Parts, name: &str) -> Option<String> {
    let headers = parts.headers.get_all(header::COOKIE);
    headers.iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(';')).find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name && !value.is_empty()).then(|| value.to_owned())
    })
}

fn bearer(parts: &Parts) -> Option<String> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}
