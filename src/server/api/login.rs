//! `/login`, `/logout` and `/api_token`: how a client gets a token.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    extract::{ApiQuery, FormFields},
    routes::{Routes, WithHeaders},
    wire::login::Token,
};
use crate::{
    model::roles::Action,
    server::{
        auth::{Account, sessions, tokens::Claims},
        error::{AppError, Result},
        id::Id,
        middleware::{client_address::ClientAddress, idempotency::SecretAnswer},
        service::{self, login::Limit},
        state::AppState,
    },
};

/// The routes of signing in.
pub fn router() -> Routes {
    Routes::new()
        .post(Action::Open, "/login", log_in)
        .fails(&[401, 429])
        .get(Action::Open, "/logout", log_out)
        .get(Action::KeepAccount, "/api_token", get_api_token)
        .fails(&[400, 404])
}

/// The ways to sign in (RFC 6749, RFC 8628, and ZenML's own for API keys).
enum Grant<'a> {
    Password { name: &'a str, password: &'a str },
    ApiKey(&'a str),
    DeviceCode { client_id: Id, code: &'a str },
}

impl<'a> Grant<'a> {
    /// Reads the form; without a grant type it follows from the fields.
    fn read(fields: &'a FormFields) -> Result<Self> {
        let refuse = |message: String| AppError::Plain(StatusCode::BAD_REQUEST, message);
        let grant_type = match fields.get("grant_type") {
            Some(given) => given,
            None if fields.get("username").is_some() => "password",
            None if fields.get("password").is_some() => "zenml-api-key",
            None if fields.get("device_code").is_some() => "urn:ietf:params:oauth:grant-type:device_code",
            None => "password",
        };
        match grant_type {
            "password" => {
                let name = fields.get("username").ok_or_else(|| refuse("Invalid request: username is required.".to_owned()))?;
                Ok(Self::Password { name, password: fields.get("password").unwrap_or_default() })
            }
            "zenml-api-key" => Ok(Self::ApiKey(fields.get("password").ok_or_else(|| refuse("API key is required.".to_owned()))?)),
            "urn:ietf:params:oauth:grant-type:device_code" => {
                let (Some(client_id), Some(code)) = (fields.get("client_id"), fields.get("device_code")) else {
                    return Err(refuse("Invalid request: device code and client ID are required.".to_owned()));
                };
                let client_id = client_id.parse().map_err(|_| refuse("Invalid request: invalid client ID.".to_owned()))?;
                Ok(Self::DeviceCode { client_id, code })
            }
            other => Err(refuse(format!("Unsupported grant type: {other}"))),
        }
    }
}

async fn log_in(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    fields: FormFields,
) -> Result<SecretAnswer<WithHeaders<Token>>> {
    let mut answer_headers = HeaderMap::new();
    let token = match Grant::read(&fields)? {
        Grant::Password { name, password } => {
            let limit = if state.config.login_rate_limit { Limit::PerAddress(address) } else { Limit::None };
            let user = service::login::with_password(&state, name, password, limit).await?;
            let session = sessions::start(&state, user.id, &headers)?;
            answer_headers.insert(header::SET_COOKIE, session.cookie);
            Token { access_token: session.access_token, csrf_token: session.csrf_token, ..Token::default() }
        }
        Grant::ApiKey(text) => {
            let (account, key, generation) = service::login::with_api_key(&state, text).await?;
            let claims = Claims { api_key_id: Some(key.id), key_gen: Some(generation), ..Claims::new(&state.server, account.id) };
            Token { access_token: claims.sign(&state.keys)?, ..Token::default() }
        }
        Grant::DeviceCode { client_id, code } => {
            let (user, device) = service::devices::exchange(&state.db, client_id, code).await?;
            let claims = Claims { device_id: Some(device.id), ..Claims::new(&state.server, user.id) };
            Token { access_token: claims.sign(&state.keys)?, ..Token::default() }
        }
    };
    Ok(SecretAnswer(WithHeaders(answer_headers, token)))
}

/// Takes the browser's cookie away; needs no sign-in.
async fn log_out(State(state): State<AppState>) -> Result<WithHeaders<()>> {
    Ok(WithHeaders(HeaderMap::from_iter([(header::SET_COOKIE, sessions::end(&state)?)]), ()))
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum TokenType {
    #[default]
    Generic,
    Workload,
}

#[derive(Deserialize, JsonSchema)]
struct TokenQuery {
    #[serde(default)]
    token_type: TokenType,
    expires_in: Option<i64>,
    schedule_id: Option<Id>,
    pipeline_run_id: Option<Id>,
    deployment_id: Option<Id>,
}

/// A token for a program that acts for the account: for a limited time, or for one run's work.
async fn get_api_token(
    State(state): State<AppState>,
    account: Account,
    ApiQuery(query): ApiQuery<TokenQuery>,
) -> Result<SecretAnswer<Json<String>>> {
    if matches!(query.token_type, TokenType::Workload) {
        // Such a token is good for all that a run does, whatever the role of its account.
        account.require(&state, Action::Record).await?;
    }
    let claims = account.claims.ok_or_else(|| AppError::NotAuthorized("Not authenticated.".to_owned()))?;
    let token = match query.token_type {
        TokenType::Generic => {
            if query.schedule_id.or(query.pipeline_run_id).or(query.deployment_id).is_some() {
                let message = "Generic API tokens cannot be scoped to a schedule, pipeline run or deployment.";
                return Err(AppError::Invalid(message.to_owned()));
            }
            service::api_tokens::generic(&state, claims, query.expires_in)?
        }
        TokenType::Workload => {
            let scope = service::api_tokens::Scope {
                schedule_id: query.schedule_id,
                pipeline_run_id: query.pipeline_run_id,
                deployment_id: query.deployment_id,
            };
            service::api_tokens::workload(&state, claims, scope).await?
        }
    };
    Ok(SecretAnswer(Json(token)))
}
