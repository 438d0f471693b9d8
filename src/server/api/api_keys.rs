//! `/service_accounts/{id}/api_keys`.

use aide::operation::OperationInput;
use axum::{
    Json,
    extract::{FromRequestParts, Path, State},
    http::request::Parts,
};

use super::{
    extract::{ApiJson, Hydrate, IdPath, OptionalJson},
    routes::Routes,
    wire::{
        Entity, PageResponse,
        api_keys::{ApiKeyRequest, ApiKeyRotateRequest, ApiKeyUpdate, entity, with_secret},
    },
};
use crate::{
    model::roles::Action,
    server::{
        auth::Account,
        db::{
            Connection,
            api_keys::{self, ApiKeyRow},
            list::ListRequest,
            users::UserRow,
        },
        error::{AppError, Result},
        id::Id,
        middleware::idempotency::SecretAnswer,
        service,
        state::AppState,
    },
};

/// The routes of API keys.
pub fn router() -> Routes {
    Routes::new()
        .get(Action::Read, "/service_accounts/{id}/api_keys", list_api_keys)
        .filters(&api_keys::LIST)
        .post(Action::Administer, "/service_accounts/{id}/api_keys", create_api_key)
        .get(Action::Read, "/service_accounts/{id}/api_keys/{name_or_id}", get_api_key)
        .put(Action::Administer, "/service_accounts/{id}/api_keys/{name_or_id}", update_api_key)
        .delete(Action::Administer, "/service_accounts/{id}/api_keys/{name_or_id}", delete_api_key)
        .put(Action::Administer, "/service_accounts/{id}/api_keys/{name_or_id}/rotate", rotate_api_key)
}

/// The two parts of a key's path: the account is named by id only, the key also by name.
struct KeyPath {
    service_account: Id,
    name_or_id: String,
}

impl FromRequestParts<AppState> for KeyPath {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((service_account, name_or_id)) = path.map_err(|rejection| AppError::Malformed(rejection.body_text()))?;
        let service_account = service_account
            .parse()
            .map_err(|_| AppError::Malformed(format!("1 validation error:\n  path: `{service_account}` is not a UUID")))?;
        Ok(Self { service_account, name_or_id })
    }
}

/// Described from the path's text.
impl OperationInput for KeyPath {}

impl KeyPath {
    async fn find(&self, connection: &mut Connection) -> Result<(UserRow, ApiKeyRow)> {
        let account = owner(connection, self.service_account).await?;
        let key = service::api_keys::find(connection, account.id, &self.name_or_id).await?;
        Ok((account, key))
    }
}

async fn owner(connection: &mut Connection, id: Id) -> Result<UserRow> {
    service::service_accounts::find(connection, &id.to_string()).await
}

async fn list_api_keys(
    State(state): State<AppState>,
    _: Account,
    IdPath(id): IdPath,
    request: ListRequest,
) -> Result<Json<PageResponse<Entity>>> {
    let mut connection = state.db.read().await?;
    let service_account = owner(&mut connection, id).await?;
    let page = api_keys::list(&mut connection, service_account.id, &request).await?;
    let items = page.items.iter().map(|key| entity(key, &service_account, request.hydrate)).collect::<Result<_>>()?;
    Ok(Json(page.with_items(items).into()))
}

async fn create_api_key(
    State(state): State<AppState>,
    _: Account,
    IdPath(id): IdPath,
    ApiJson(request): ApiJson<ApiKeyRequest>,
) -> Result<SecretAnswer<Json<Entity>>> {
    let mut connection = state.db.begin().await?;
    let service_account = owner(&mut connection, id).await?;
    let (key, secret) = service::api_keys::create(&mut connection, service_account.id, request).await?;
    connection.commit().await?;
    Ok(SecretAnswer(Json(with_secret(&key, &service_account, Some(&secret), true)?)))
}

async fn get_api_key(State(state): State<AppState>, _: Account, path: KeyPath, Hydrate(hydrate): Hydrate) -> Result<Json<Entity>> {
    let (service_account, key) = path.find(&mut state.db.read().await?).await?;
    Ok(Json(entity(&key, &service_account, hydrate)?))
}

async fn update_api_key(
    State(state): State<AppState>,
    _: Account,
    path: KeyPath,
    ApiJson(update): ApiJson<ApiKeyUpdate>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let (service_account, key) = path.find(&mut connection).await?;
    let key = service::api_keys::update(&mut connection, &key, update).await?;
    connection.commit().await?;
    Ok(Json(entity(&key, &service_account, true)?))
}

/// The answer has no metadata, as the reference server's.
async fn rotate_api_key(
    State(state): State<AppState>,
    _: Account,
    path: KeyPath,
    OptionalJson(request): OptionalJson<ApiKeyRotateRequest>,
) -> Result<Json<Entity>> {
    let retain = request.unwrap_or_default().retain_period_minutes;
    let mut connection = state.db.begin().await?;
    let (service_account, key) = path.find(&mut connection).await?;
    let (key, secret) = service::api_keys::rotate(&mut connection, &key, retain).await?;
    connection.commit().await?;
    Ok(Json(with_secret(&key, &service_account, Some(&secret), false)?))
}

async fn delete_api_key(State(state): State<AppState>, _: Account, path: KeyPath) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    let (_, key) = path.find(&mut connection).await?;
    connection.delete::<ApiKeyRow>(key.id).await?;
    connection.commit().await?;
    Ok(Json(()))
}
