//! Signing in and out, and the session as the frame around the pages shows it.

use axum::{
    Form,
    extract::State,
    http::{StatusCode, request::Parts},
    response::Response,
};
use serde::Deserialize;

use super::{appearance, context, forms, launches};
use crate::{
    model::{error::PageError, form::FormState, session::Session},
    server::{
        auth::sessions,
        error::Result,
        middleware::client_address::ClientAddress,
        service::login::{self, Limit},
        state::AppState,
    },
};

/// The session of the request in the context.
pub async fn current() -> Result<Session, PageError> {
    let (state, account) = context::account().await?;
    let headers = context::parts().map(|parts| parts.headers).unwrap_or_default();
    Ok(Session {
        user_name: account.user.name,
        role: account.user.role,
        server_name: state.config.server_name.clone(),
        theme: appearance::theme(&headers),
        density: appearance::density(&headers),
    })
}

/// The form of the sign-in page.
#[derive(Deserialize)]
pub struct LoginForm {
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    redirect: String,
    /// What was typed in a form whose session had ended.
    #[serde(default)]
    typed: String,
}

/// `POST /login`: starts a session and goes to where the reader wanted to go.
pub async fn sign_in(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    parts: Parts,
    Form(form): Form<LoginForm>,
) -> Result<Response> {
    match login::with_password(&state, form.username.trim(), &form.password, Limit::PerAddress(address)).await {
        Ok(user) => {
            let session = sessions::start(&state, user.id, &parts.headers)?;
            let path = if forms::is_own_path(&form.redirect) { form.redirect } else { "/".to_owned() };
            let path = match form.typed.is_empty() {
                true => path,
                false => launches::keep_after_sign_in(&state, user.id, &path, &form.typed).await.unwrap_or(path),
            };
            forms::see_other_with_cookie(&path, session.cookie)
        }
        Err(error) => {
            let typed = FormState::with_values([("username", form.username), ("redirect", form.redirect), ("typed", form.typed)]);
            if error.status() == StatusCode::UNAUTHORIZED {
                let message = "User name or password is wrong.";
                return Ok(forms::refuse(&state, parts, typed.with_error("", message)).await);
            }
            Ok(forms::refuse_error(&state, parts, typed, error).await)
        }
    }
}

/// `POST /logout`: ends the browser's session.
pub async fn sign_out(State(state): State<AppState>) -> Result<Response> {
    forms::see_other_with_cookie("/login", sessions::end(&state)?)
}
