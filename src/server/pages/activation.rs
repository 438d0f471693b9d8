//! The first admin of a new server, and accounts that an admin made for others.

use axum::{Form, extract::State, http::request::Parts, response::Response};
use leptos::prelude::use_context;
use serde::Deserialize;

use super::forms;
use crate::{
    model::{
        activation::Activation,
        error::{PageError, PageErrorKind},
        form::FormState,
    },
    server::{
        api::wire::{server::ServerActivationRequest, users::UserUpdate},
        auth::{passwords, sessions},
        db::server_settings,
        error::{AppError, Result},
        service,
        state::AppState,
    },
};

/// Fewest characters of a password chosen on a page.
const SHORTEST_PASSWORD: usize = 8;

/// What the set-up page needs to know; refuses a set-up link that does not count.
pub async fn setup(token: &str) -> Result<Activation, PageError> {
    let state = state()?;
    let settings = async {
        let settings = server_settings::get(&mut state.db.read().await?).await?;
        service::server_settings::check_setup_token(&settings, Some(token))?;
        Ok::<_, AppError>(settings)
    };
    let settings = settings.await?;
    Ok(Activation { name: "admin".to_owned(), full_name: String::new(), server_name: settings.server_name })
}

/// What the account page needs to know; refuses a link that does not count.
pub async fn account(user: &str, token: &str) -> Result<Activation, PageError> {
    let state = state()?;
    let found = async {
        let mut connection = state.db.read().await?;
        let user = service::users::find_to_activate(&mut connection, user, Some(token)).await?;
        Ok::<_, AppError>((user, server_settings::get(&mut connection).await?))
    };
    let (user, settings) = found.await.map_err(|error| match error {
        // Everybody may ask, so the answer does not tell which half is wrong.
        AppError::InvalidCredentials(_) => {
            AppError::Forbidden("This link is no longer valid. Ask an admin of the server for a new one.".to_owned())
        }
        other => other,
    })?;
    Ok(Activation { name: user.name, full_name: user.full_name, server_name: settings.server_name })
}

fn state() -> Result<AppState, PageError> {
    use_context::<AppState>().ok_or_else(|| PageError::new(PageErrorKind::Server, "No state in the context."))
}

/// The form of both pages.
#[derive(Deserialize)]
pub struct ActivationForm {
    #[serde(default)]
    username: String,
    #[serde(default)]
    full_name: String,
    #[serde(default)]
    server_name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    token: String,
    /// The account's id; empty on the set-up page.
    #[serde(default)]
    user: String,
}

impl ActivationForm {
    fn typed(&self) -> FormState {
        FormState::with_values([
            ("username", self.username.clone()),
            ("full_name", self.full_name.clone()),
            ("server_name", self.server_name.clone()),
        ])
    }

    /// The form with its errors, if there are any that can be told without asking the database.
    fn refused(&self) -> Option<FormState> {
        let mut form = self.typed();
        if self.username.trim().is_empty() {
            form = form.with_error("username", "Choose a user name.");
        }
        if self.password.chars().count() < SHORTEST_PASSWORD {
            form = form.with_error("password", format!("Use at least {SHORTEST_PASSWORD} characters."));
        }
        form.is_refused().then_some(form)
    }
}

/// `POST /activate-server?token=…`: makes the first admin and signs them in.
pub async fn activate_server(State(state): State<AppState>, parts: Parts, Form(form): Form<ActivationForm>) -> Result<Response> {
    if let Some(refused) = form.refused() {
        return Ok(forms::refuse(&state, parts, refused).await);
    }
    let activated = async {
        let hash = passwords::hash(&form.password).await?;
        let mut connection = state.db.begin().await?;
        let mut request = ServerActivationRequest {
            admin_username: Some(form.username.trim().to_owned()),
            setup_token: Some(form.token.clone()),
            ..ServerActivationRequest::default()
        };
        request.settings.server_name = Some(form.server_name.trim().to_owned()).filter(|name| !name.is_empty());
        let admin = service::server_settings::activate(&mut connection, request, Some(hash)).await?;
        connection.commit().await?;
        Ok::<_, AppError>(admin)
    };
    match activated.await {
        Ok(admin) => forms::see_other_with_cookie("/", sessions::start(&state, admin.id, &parts.headers)?.cookie),
        Err(error) => Ok(forms::refuse_error(&state, parts, form.typed(), error).await),
    }
}

/// `POST /activate-user?user=…&token=…`: sets name and password of an account and signs its owner in.
pub async fn activate_user(State(state): State<AppState>, parts: Parts, Form(form): Form<ActivationForm>) -> Result<Response> {
    if let Some(refused) = form.refused() {
        return Ok(forms::refuse(&state, parts, refused).await);
    }
    let activated = async {
        let hash = passwords::hash(&form.password).await?;
        let mut connection = state.db.begin().await?;
        let update = UserUpdate {
            name: Some(form.username.trim().to_owned()),
            full_name: Some(form.full_name.trim().to_owned()),
            activation_token: Some(form.token.clone()),
            ..UserUpdate::default()
        };
        let user = service::users::activate(&mut connection, &form.user, update, Some(hash)).await?;
        connection.commit().await?;
        Ok::<_, AppError>(user)
    };
    match activated.await {
        Ok(user) => forms::see_other_with_cookie("/", sessions::start(&state, user.id, &parts.headers)?.cookie),
        Err(error) => Ok(forms::refuse_error(&state, parts, form.typed(), error).await),
    }
}
