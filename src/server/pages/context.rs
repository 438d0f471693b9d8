//! What server functions find in the context of their request.

use axum::http::{StatusCode, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use crate::{
    model::{
        error::{PageError, PageErrorKind},
        roles::{Action, Role},
    },
    server::{auth::Account, error::AppError, state::AppState},
};

/// The shared state and the account of the request; every server function begins with this.
pub async fn account() -> Result<(AppState, Account), PageError> {
    let state = use_context::<AppState>().ok_or_else(|| PageError::new(PageErrorKind::Server, "No state in the context."))?;
    let account = leptos_axum::extract_with_state::<Account, AppState>(&state).await;
    account.map(|account| (state, account)).map_err(|_| PageError::from(AppError::NotAuthenticated))
}

/// The role of the account of the request in the context, which the session of the page was checked for.
pub fn role() -> Option<Role> {
    parts()?.extensions.get::<Account>().map(|account| account.user.role)
}

/// Refuses what the account of the request may not do.
pub async fn require(action: Action) -> Result<(), PageError> {
    if action == Action::Open {
        return Ok(());
    }
    let (state, account) = account().await?;
    Ok(account.require(&state, action).await?)
}

/// The head of the request in the context.
pub fn parts() -> Option<Parts> {
    use_context::<Parts>()
}

impl From<AppError> for PageError {
    /// Also sets the status of the answer, so that a page whose object is missing is a 404.
    fn from(error: AppError) -> Self {
        if let AppError::Internal(source) = &error {
            tracing::error!(error = format!("{source:#}"), "page failed");
        }
        if let Some(response) = use_context::<ResponseOptions>() {
            response.set_status(error.status());
        }
        let kind = match error.status() {
            StatusCode::NOT_FOUND => PageErrorKind::NotFound,
            StatusCode::FORBIDDEN => PageErrorKind::Forbidden,
            StatusCode::UNAUTHORIZED => PageErrorKind::SignedOut,
            status if status.is_client_error() => PageErrorKind::Invalid,
            _ => PageErrorKind::Server,
        };
        let message =
            if kind == PageErrorKind::SignedOut { "Your session ended. Sign in again to go on.".to_owned() } else { error.message() };
        Self::new(kind, message)
    }
}
