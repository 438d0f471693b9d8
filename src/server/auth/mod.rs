//! Who is asking: session cookie, bearer token or API key, and the extractor that handlers name in their signature.

pub mod api_keys;
pub mod csrf;
pub mod downloads;
pub mod imported;
pub mod keys;
pub mod login_limiter;
pub mod origin;
pub mod passwords;
pub mod roles;
pub mod secrets;
pub mod sessions;
pub mod tokens;

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};

use super::{
    db::{
        Connection,
        api_keys::{ApiKeyRow, note_login as note_key_login, replace_hashes},
        deployments::DeploymentRow,
        devices::{DeviceRow, DeviceStatus, note_login as note_device_login},
        pipeline_runs::PipelineRunRow,
        schedules::ScheduleRow,
        users::{UserRow, note_seen},
    },
    error::{AppError, Result},
    id::Id,
    state::AppState,
    time::Timestamp,
};
use api_keys::ApiKey;
use origin::Origin;
use roles::Needed;
use tokens::Claims;

use crate::model::roles::Action;

/// How long a token that is scoped to a run counts after the run's end, in seconds: its last logs are written then.
const RUN_LEEWAY: i64 = 3600;
/// How often the last use of a key or a device is noted, in seconds: not with every request.
const NOTE_LOGIN_EVERY: f64 = 60.0;
/// How often it is noted that an account was at work, in seconds.
const NOTE_SEEN_EVERY: i64 = 3600;

/// The account a request acts for. Naming it in a handler's signature is what makes the handler require credentials.
#[derive(Clone, Debug)]
pub struct Account {
    pub user: UserRow,
    /// The token's claims; none when an API key was sent as the bearer itself.
    pub claims: Option<Claims>,
}

impl Account {
    /// Whether the account may do it, or the run may for which its token was made.
    pub fn may(&self, action: Action) -> bool {
        self.user.role.may(action) || (action.is_work_of_a_run() && self.is_a_run())
    }

    /// Refuses what the account may not do, with the names of those who can change that.
    pub async fn require(&self, state: &AppState, action: Action) -> Result<()> {
        if self.may(action) {
            return Ok(());
        }
        Err(roles::refusal(&mut state.db.read().await?, &self.user, action).await?)
    }

    /// Refuses to stop or answer a run: whoever may not change things may do so only with runs of their own.
    pub async fn require_steering(&self, state: &AppState, run: &PipelineRunRow) -> Result<()> {
        self.require(state, Action::Steer).await?;
        if self.may(Action::Edit) || run.user_id == Some(self.user.id) {
            return Ok(());
        }
        let ask = roles::whom_to_ask(&mut state.db.read().await?).await?;
        Err(AppError::Forbidden(format!(
            "Somebody else started this run: with the role {} you may stop and answer only your own. {ask}",
            self.user.role
        )))
    }

    /// Whether the request comes from the process of a run, a schedule or a deployment, which was given a token for its work.
    pub fn is_a_run(&self) -> bool {
        self.claims.as_ref().is_some_and(Claims::is_for_work)
    }
}

impl FromRequestParts<AppState> for Account {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self> {
        let account = Self::find(parts, state).await?;
        if let Some(Needed(action)) = parts.extensions.get().copied() {
            account.require(state, action).await?;
        }
        Ok(account)
    }
}

impl Account {
    /// Finds out once in a request who is asking.
    async fn find(parts: &mut Parts, state: &AppState) -> Result<Self> {
        if let Some(account) = parts.extensions.get::<Self>() {
            return Ok(account.clone());
        }
        // The cookie is read first: so does the reference server.
        let cookie = cookie(parts, &state.cookie_name());
        let by_cookie = cookie.is_some();
        let credential = cookie.or_else(|| bearer(parts)).ok_or(AppError::NotAuthenticated)?;
        let csrf_token = parts.headers.get(csrf::HEADER).and_then(|value| value.to_str().ok());
        let account = authenticate(state, &credential, csrf_token).await?;
        if by_cookie {
            refuse_foreign_page(parts, state, &account)?;
        }
        tracing::Span::current().record("user", account.user.name.as_str());
        parts.extensions.insert(account.clone());
        Ok(account)
    }
}

/// Browsers send the cookie of a session also with requests of some other pages: those on another port, or on another
/// host of the same domain. Such a page may change something only with a session of its own, whose CSRF token it has.
fn refuse_foreign_page(parts: &Parts, state: &AppState, account: &Account) -> Result<()> {
    let has_own_session = account.claims.as_ref().is_some_and(|claims| claims.session_id.is_some());
    if parts.method.is_safe() || has_own_session || Origin::of(&parts.headers, &state.config) != Origin::Foreign {
        return Ok(());
    }
    Err(AppError::Forbidden("This request was sent by a page of another site, which has not signed in itself.".to_owned()))
}

/// The account behind a token or an API key. A token of a cross-site session counts only with its CSRF token.
pub async fn authenticate(state: &AppState, credential: &str, csrf_token: Option<&str>) -> Result<Account> {
    let account = if credential.starts_with(api_keys::PREFIX) {
        let (user, key, _) = check_api_key(state, credential).await?;
        note_use(state, Used::ApiKey(key.id), key.last_login);
        Account { user, claims: None }
    } else {
        let claims = Claims::verify(credential, &state.keys, &state.server)?;
        if let Some(session) = claims.session_id {
            let token = csrf_token.ok_or_else(|| refused("missing CSRF token"))?;
            if !csrf::verify(token, session, &state.keys) {
                return Err(refused("the CSRF token does not belong to the access token"));
            }
        }
        let mut connection = state.db.read().await?;
        let user = check_account(&mut connection, &claims).await?;
        check_scope(state, &mut connection, &claims, &user).await?;
        Account { user, claims: Some(claims) }
    };
    // The process of a run works on without anybody there.
    if !account.is_a_run() {
        note_use(state, Used::Account(account.user.id), account.user.last_seen);
    }
    state.activity.note(&state.db);
    Ok(account)
}

/// The active account of a token that was issued after the account's last change of password.
async fn check_account(connection: &mut Connection, claims: &Claims) -> Result<UserRow> {
    let user: Option<UserRow> = connection.get(claims.sub).await?;
    let user = user.ok_or_else(|| refused("error retrieving token user"))?;
    if !user.active {
        return Err(refused(format!("account {} is not active", user.name)));
    }
    if user.password_changed_at.is_some_and(|changed| claims.iat < changed.unix_seconds()) {
        return Err(refused(format!("access token for user {} was issued before the user's password was changed", user.name)));
    }
    Ok(user)
}

/// What a token was made from or for must still count.
async fn check_scope(state: &AppState, connection: &mut Connection, claims: &Claims, user: &UserRow) -> Result<()> {
    if let Some(id) = claims.api_key_id {
        let key: Option<ApiKeyRow> = connection.get(id).await?;
        let key = key.filter(|key| key.service_account_id == user.id).ok_or_else(|| refused(format!("error retrieving API key {id}")))?;
        require_active(&key)?;
        if !claims.key_gen.is_none_or(|generation| key.accepts_generation(generation, Timestamp::now())) {
            let message = format!("access token for API key {} was issued for an API key generation that is no longer valid", key.name);
            return Err(refused(message));
        }
        note_use(state, Used::ApiKey(key.id), key.last_login);
    }
    if let Some(id) = claims.device_id {
        let device: Option<DeviceRow> = connection.get(id).await?;
        let device = device.ok_or_else(|| refused(format!("error retrieving token device {id}")))?;
        if device.user_id != Some(user.id) {
            return Err(refused(format!("device {id} does not belong to user {}", user.name)));
        }
        if device.status != DeviceStatus::Active {
            return Err(refused(format!("device {id} is not active")));
        }
        note_use(state, Used::Device(device.id), device.last_login);
    }
    if let Some(id) = claims.pipeline_run_id {
        let run: Option<PipelineRunRow> = connection.get(id).await?;
        let run = run.ok_or_else(|| refused(format!("pipeline run {id} does not exist")))?;
        let counts = run.in_progress || run.end_time.is_some_and(|end| Timestamp::now() <= end.plus_seconds(RUN_LEEWAY));
        if !counts {
            return Err(refused(format!("pipeline run {id} has finished and API tokens scoped to it are no longer valid")));
        }
    }
    if let Some(id) = claims.schedule_id {
        let schedule: Option<ScheduleRow> = connection.get(id).await?;
        if !schedule.is_some_and(|schedule| schedule.active) {
            return Err(refused(format!("schedule {id} is not active or does not exist")));
        }
    }
    if let Some(id) = claims.deployment_id
        && connection.get::<DeploymentRow>(id).await?.is_none()
    {
        return Err(refused(format!("deployment {id} does not exist")));
    }
    Ok(())
}

/// The service account of an API key's text, the key, and the generation that the text belongs to.
pub async fn check_api_key(state: &AppState, text: &str) -> Result<(UserRow, ApiKeyRow, i64)> {
    let sent = ApiKey::decode(text).ok_or_else(|| refused("error decoding API key"))?;
    let key: Option<ApiKeyRow> = state.db.read().await?.get(sent.id).await?;
    let key = key.ok_or_else(|| refused(format!("error retrieving API key {}", sent.id)))?;
    let key = renew_imported_hashes(state, key, &sent.key).await?;
    // The secret first: without it, nothing is told about the key.
    if !key.accepts_secret(&sent.key, Timestamp::now()) {
        return Err(refused(format!("could not verify key value for API key {}", key.name)));
    }
    require_active(&key)?;
    let account: Option<UserRow> = state.db.read().await?.get(key.service_account_id).await?;
    let account = account.filter(|account| account.active);
    let account = account.ok_or_else(|| refused(format!("the service account of API key {} is not active", key.name)))?;
    let generation = key.generation_of(&sent.key);
    Ok((account, key, generation))
}

/// Replaces the hash of a secret that came from another server, the first time that the secret is sent.
async fn renew_imported_hashes(state: &AppState, mut key: ApiKeyRow, secret: &str) -> Result<ApiKeyRow> {
    if secrets::matches(secret, &key.key_hash) {
        return Ok(key);
    }
    for hash in [Some(&mut key.key_hash), key.previous_key_hash.as_mut()].into_iter().flatten() {
        if !imported::is_imported(hash) || !imported::matches(secret, hash).await? {
            continue;
        }
        let renewed = secrets::hash(secret);
        let mut connection = state.db.begin().await?;
        replace_hashes(&mut connection, key.id, hash, &renewed).await?;
        connection.commit().await?;
        *hash = renewed;
    }
    Ok(key)
}

fn require_active(key: &ApiKeyRow) -> Result<()> {
    if key.active { Ok(()) } else { Err(refused(format!("API key {} is not active", key.name))) }
}

fn refused(message: impl std::fmt::Display) -> AppError {
    AppError::InvalidCredentials(format!("Authentication error: {message}"))
}

/// What a request was signed in with.
enum Used {
    Account(Id),
    ApiKey(Id),
    Device(Id),
}

/// Notes that an account, a key or a device was used, if that was not noted lately. Reading must not wait for the database's one
/// writer, so it is done beside the request, and a failure only leaves an old time.
fn note_use(state: &AppState, used: Used, last: Option<Timestamp>) {
    let now = Timestamp::now();
    let every = if matches!(used, Used::Account(_)) { NOTE_SEEN_EVERY as f64 } else { NOTE_LOGIN_EVERY };
    if last.is_some_and(|last| now.seconds_since(last) < every) {
        return;
    }
    let db = state.db.clone();
    tokio::spawn(async move {
        let write = async {
            let mut connection = db.begin().await?;
            match used {
                Used::Account(id) => note_seen(&mut connection, id, now, now.plus_seconds(-NOTE_SEEN_EVERY)).await?,
                Used::ApiKey(id) => note_key_login(&mut connection, id, now).await?,
                Used::Device(id) => note_device_login(&mut connection, id, now).await?,
            }
            connection.commit().await
        };
        if let Err(error) = write.await {
            tracing::warn!(%error, "the last use of an account, a key or a device could not be noted");
        }
    });
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
