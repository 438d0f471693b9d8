//! API keys of service accounts: making, rotating, and whether a secret or a token made from one still counts.

use crate::server::{
    api::wire::api_keys::{ApiKeyRequest, ApiKeyUpdate},
    auth::{api_keys::ApiKey, secrets},
    db::{
        Connection,
        api_keys::{self, ApiKeyRow},
        stored::Changes,
    },
    error::{AppError, OnConflict as _, Result},
    id::Id,
    service::{names, service_accounts::MAX_DESCRIPTION},
    time::Timestamp,
};

/// Longest retention of a rotated secret: ten years.
const MAX_RETAIN_MINUTES: i64 = 10 * 366 * 24 * 60;

impl ApiKeyRow {
    /// Whether the secret before the last rotation counts still.
    fn previous_counts(&self, now: Timestamp) -> bool {
        self.last_rotated.is_some_and(|rotated| now < rotated.plus_seconds(self.retain_period_minutes * 60))
    }

    /// Whether a secret is this key's, or its previous one while that counts.
    pub fn accepts_secret(&self, secret: &str, now: Timestamp) -> bool {
        let previous = self.previous_key_hash.as_deref().filter(|_| self.previous_counts(now));
        // Both are compared always, for the same time.
        secrets::matches(secret, &self.key_hash) | secrets::matches(secret, previous.unwrap_or_default())
    }

    /// Whether a token that was made from this generation of the key counts.
    pub fn accepts_generation(&self, generation: i64, now: Timestamp) -> bool {
        generation == self.key_generation || (generation == self.key_generation - 1 && self.previous_counts(now))
    }

    /// The generation a secret belongs to, of those that count.
    pub fn generation_of(&self, secret: &str) -> i64 {
        if secrets::matches(secret, &self.key_hash) { self.key_generation } else { self.key_generation - 1 }
    }
}

/// A service account's key with this name or id.
pub async fn find(connection: &mut Connection, service_account: Id, name_or_id: &str) -> Result<ApiKeyRow> {
    let by_id = match name_or_id.parse::<Id>() {
        Ok(id) => connection.get::<ApiKeyRow>(id).await?.filter(|key| key.service_account_id == service_account),
        Err(_) => None,
    };
    let found = match by_id {
        Some(key) => Some(key),
        None => api_keys::find_by_name(connection, service_account, name_or_id).await?,
    };
    found.ok_or_else(|| {
        AppError::NotFound(format!("No API key with the name or ID '{name_or_id}' exists for the service account '{service_account}'."))
    })
}

/// Makes a key; its text comes back with it, this once.
pub async fn create(connection: &mut Connection, service_account: Id, request: ApiKeyRequest) -> Result<(ApiKeyRow, String)> {
    names::validate(&request.name, "API key")?;
    let description = request.description.unwrap_or_default();
    names::length(&description, MAX_DESCRIPTION, "description")?;
    let (secret, now) = (ApiKey::generate(Id::new())?, Timestamp::now());
    let key = ApiKeyRow {
        id: secret.id,
        created: now,
        updated: now,
        service_account_id: service_account,
        name: request.name,
        description,
        key_hash: secrets::hash(&secret.key),
        previous_key_hash: None,
        key_generation: 1,
        retain_period_minutes: 0,
        active: true,
        last_login: None,
        last_rotated: None,
    };
    connection.insert(&key).await.on_conflict(taken_name)?;
    Ok((key, secret.encode()?))
}

/// Changes a key.
pub async fn update(connection: &mut Connection, key: &ApiKeyRow, update: ApiKeyUpdate) -> Result<ApiKeyRow> {
    if let Some(name) = &update.name {
        names::validate(name, "API key")?;
    }
    names::length(update.description.as_deref().unwrap_or_default(), MAX_DESCRIPTION, "description")?;
    let changes =
        Changes::new().set_some("name", update.name).set_some("description", update.description).set_some("active", update.active);
    save(connection, key, changes).await
}

/// Gives a key a new secret. The previous one, and tokens made from it, count for the given time; the one before never.
pub async fn rotate(connection: &mut Connection, key: &ApiKeyRow, retain_period_minutes: i64) -> Result<(ApiKeyRow, String)> {
    if !(0..=MAX_RETAIN_MINUTES).contains(&retain_period_minutes) {
        return Err(AppError::Invalid(format!("`retain_period_minutes` must be from 0 to {MAX_RETAIN_MINUTES}.")));
    }
    let secret = ApiKey::generate(key.id)?;
    let previous = (retain_period_minutes > 0).then(|| key.key_hash.clone());
    let changes = Changes::new()
        .set("key_hash", secrets::hash(&secret.key))
        .set("previous_key_hash", previous)
        .set("key_generation", key.key_generation + 1)
        .set("retain_period_minutes", retain_period_minutes)
        .set("last_rotated", Timestamp::now());
    Ok((save(connection, key, changes).await?, secret.encode()?))
}

async fn save(connection: &mut Connection, key: &ApiKeyRow, changes: Changes) -> Result<ApiKeyRow> {
    connection.update::<ApiKeyRow>(key.id, changes).await.on_conflict(taken_name)?;
    find(connection, key.service_account_id, &key.id.to_string()).await
}

fn taken_name() -> AppError {
    AppError::Exists("Found an existing API key with this name for the service account. Choose another name.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(rotated_seconds_ago: Option<i64>, retain_period_minutes: i64) -> (ApiKeyRow, Timestamp) {
        let now = Timestamp::now();
        let row = ApiKeyRow {
            id: Id::new(),
            created: now,
            updated: now,
            service_account_id: Id::new(),
            name: "ci".to_owned(),
            description: String::new(),
            key_hash: secrets::hash("new"),
            previous_key_hash: Some(secrets::hash("old")),
            key_generation: 3,
            retain_period_minutes,
            active: true,
            last_login: None,
            last_rotated: rotated_seconds_ago.map(|seconds| now.plus_seconds(-seconds)),
        };
        (row, now)
    }

    #[test]
    fn the_previous_secret_and_its_tokens_count_while_retained() {
        let (key, now) = key(Some(59), 1);
        assert!(key.accepts_secret("new", now) && key.accepts_secret("old", now));
        assert!(key.accepts_generation(3, now) && key.accepts_generation(2, now));
        assert!(!key.accepts_generation(1, now) && !key.accepts_generation(4, now));
        assert_eq!((key.generation_of("new"), key.generation_of("old")), (3, 2));
    }

    #[test]
    fn without_retention_a_rotation_ends_the_previous_secret_at_once() {
        for (rotated, retained) in [(Some(0), 0), (Some(60), 1), (None, 0)] {
            let (key, now) = key(rotated, retained);
            assert!(key.accepts_secret("new", now) && key.accepts_generation(3, now));
            assert!(!key.accepts_secret("old", now) && !key.accepts_generation(2, now), "{rotated:?} {retained}");
        }
    }

    #[test]
    fn nothing_else_is_a_secret() {
        let (key, now) = key(Some(1), 60);
        assert!(!key.accepts_secret("", now) && !key.accepts_secret("other", now));
    }
}
