//! A repeated POST is answered, not executed again.
//!
//! The client gives every POST an `Idempotency-Key` and repeats it with the same key after a timeout or a broken
//! connection. The first answer of a key is kept for five minutes for the same account and URL; a repetition that comes
//! while the first is still at work waits for it. Only successful answers are kept: after an error a repetition is
//! executed. The body is not compared, as in the reference server.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context as _;
use axum::{
    body::{Body, HttpBody as _, to_bytes},
    extract::{FromRequestParts as _, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use tracing::Instrument as _;
use uuid::Uuid;

use crate::server::{
    auth::Account,
    db::idempotent_requests::{self, RequestKey},
    encryption,
    error::{AppError, Result},
    state::AppState,
};

const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// Marks an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Larger answers are not kept.
const LARGEST: u64 = 1024 * 1024;

/// An answer that holds a secret: it is kept encrypted.
pub struct SecretAnswer<T>(pub T);

#[derive(Clone)]
struct HoldsSecret;

impl<T: IntoResponse> IntoResponse for SecretAnswer<T> {
    fn into_response(self) -> Response {
        let mut response = self.0.into_response();
        response.extensions_mut().insert(HoldsSecret);
        response
    }
}

/// Executes a POST with a key at most once in five minutes.
pub async fn answer_once(State(state): State<AppState>, request: Request, next: Next) -> Result<Response> {
    if request.method() != Method::POST {
        return Ok(next.run(request).await);
    }
    let Some(request_key) = key(request.headers())? else { return Ok(next.run(request).await) };
    let (mut parts, body) = request.into_parts();
    // Without an account there is nobody to keep an answer for: signing in, for instance. The handler decides.
    let account = Account::from_request_parts(&mut parts, &state).await.ok();
    let url = parts.uri.to_string();
    let request = Request::from_parts(parts, body);
    let Some(account) = account else { return Ok(next.run(request).await) };
    let key = RequestKey { user_id: account.user.id, request_key, url };

    let turn = state.in_flight.wait_for_turn(&key).await;
    if let Some(body) = idempotent_requests::find(&mut state.db.read().await?, &key).await? {
        let opened = if encryption::is_sealed(&body) { state.keys.secrets.open_text(key.user_id, &body)? } else { body };
        return Ok(replay(opened));
    }
    // In a task of its own, so that it also ends, and its answer is kept, when the client has hung up.
    let work = async move {
        let answer = next.run(request).await;
        let answer = keep(&state, &key, answer).await;
        drop(turn);
        answer
    };
    match tokio::spawn(work.in_current_span()).await {
        Ok(answer) => answer,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(error) => Err(AppError::Internal(anyhow::Error::new(error).context("a request was cancelled"))),
        },
    }
}

/// The key of a request, as 32 hexadecimal digits.
pub fn key(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(value) = headers.get(&HEADER) else { return Ok(None) };
    match value.to_str().ok().and_then(|text| Uuid::parse_str(text).ok()) {
        Some(key) => Ok(Some(key.simple().to_string())),
        None => Err(AppError::Invalid("The header Idempotency-Key must be a UUID.".to_owned())),
    }
}

fn replay(body: String) -> Response {
    let content_type = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    (StatusCode::OK, [content_type, (REPLAYED, HeaderValue::from_static("true"))], body).into_response()
}

/// Stores an answer if it is a success, JSON and small; encrypted if it holds a secret. The answer is given even if it cannot be stored.
async fn keep(state: &AppState, key: &RequestKey, answer: Response) -> Result<Response> {
    let is_json = answer.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    let is_small = answer.body().size_hint().upper().is_some_and(|length| length <= LARGEST);
    let is_secret = answer.extensions().get::<HoldsSecret>().is_some();
    if answer.status() != StatusCode::OK || !is_json || !is_small {
        return Ok(answer);
    }
    let (parts, body) = answer.into_parts();
    let bytes = to_bytes(body, LARGEST as usize).await.context("reading our own answer")?;
    let text = std::str::from_utf8(&bytes).context("our own answer is not UTF-8")?;
    let kept = if is_secret { state.keys.secrets.seal_text(key.user_id, text)? } else { text.to_owned() };
    if let Err(error) = idempotent_requests::store(&state.db, key, &kept).await {
        tracing::warn!(%error, "the answer of a request could not be kept for repetitions of it");
    }
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

/// The keyed requests at work in this process; clones share them.
#[derive(Clone, Default)]
pub struct InFlight(Arc<Mutex<HashMap<RequestKey, Arc<AsyncMutex<()>>>>>);

impl InFlight {
    /// Waits until no other request with this key is at work.
    pub async fn wait_for_turn(&self, key: &RequestKey) -> Turn {
        let mutex = self.lock().entry(key.clone()).or_default().clone();
        // Made before waiting, so that giving up while waiting cleans up too.
        let mut turn = Turn { in_flight: self.clone(), key: key.clone(), guard: None };
        turn.guard = Some(mutex.lock_owned().await);
        turn
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<RequestKey, Arc<AsyncMutex<()>>>> {
        // The map is valid after every single operation on it, so a panic elsewhere did not break it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to execute a keyed request; dropping it lets the next one in.
pub struct Turn {
    in_flight: InFlight,
    key: RequestKey,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut keys = self.in_flight.lock();
        self.guard = None;
        // Nobody else holds or waits for it.
        if keys.get(&self.key).is_some_and(|mutex| Arc::strong_count(mutex) == 1) {
            keys.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{InFlight, RequestKey};
    use crate::server::id::Id;

    #[tokio::test]
    async fn the_same_key_waits_and_leaves_nothing_behind() {
        let in_flight = InFlight::default();
        let key = RequestKey { user_id: Id::new(), request_key: "k".to_owned(), url: "/api/v1/tags".to_owned() };
        let other = RequestKey { url: "/api/v1/projects".to_owned(), ..key.clone() };

        let first = in_flight.wait_for_turn(&key).await;
        let _elsewhere = in_flight.wait_for_turn(&other).await;
        let impatient = tokio::time::timeout(Duration::from_millis(20), in_flight.wait_for_turn(&key)).await;
        assert!(impatient.is_err(), "a second request with the key must wait");

        drop(first);
        drop(in_flight.wait_for_turn(&key).await);
        assert_eq!(in_flight.lock().len(), 1, "only the request that is still at work");
    }
}
