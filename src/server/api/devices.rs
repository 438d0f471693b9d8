//! `/devices` and `/device_authorization`: clients signed in through the browser.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    extract::{ApiJson, ApiQuery, FormFields, Hydrate, IdPath},
    routes::Routes,
    wire::{
        Entity, PageResponse,
        devices::{DeviceAuthorization, DeviceUpdate, DeviceVerification, entity},
    },
};
use crate::{
    model::roles::Action,
    server::{
        auth::Account,
        db::{
            Connection,
            devices::{self, DeviceRow},
            list::ListRequest,
            users::UserRow,
        },
        error::{AppError, Result},
        id::Id,
        middleware::client_address::ClientAddress,
        service::{self, devices::DeviceDetails},
        state::AppState,
    },
};

/// The routes of devices.
pub fn router() -> Routes {
    Routes::new()
        .post(Action::Open, "/device_authorization", authorize_device)
        .get(Action::Read, "/devices", list_devices)
        .filters(&devices::LIST)
        .get(Action::Read, "/devices/{id}", get_device)
        .put(Action::KeepAccount, "/devices/{id}", update_device)
        .delete(Action::KeepAccount, "/devices/{id}", delete_device)
        .put(Action::KeepAccount, "/devices/{id}/verify", verify_device)
}

/// Begins a sign-in (RFC 8628 section 3.1). Needs no sign-in itself.
async fn authorize_device(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    fields: FormFields,
) -> Result<Json<DeviceAuthorization>> {
    let client_id: Id = fields
        .get("client_id")
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| AppError::Malformed("1 validation error:\n  `client_id` must be a UUID.".to_owned()))?;
    let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let ip_address = address.map(|address| address.to_string());
    let details = DeviceDetails { ip_address, ..DeviceDetails::from_user_agent(user_agent) };
    let (device, codes) = service::devices::authorize(&state.db, client_id, details).await?;
    let verification_uri = format!("{}/devices/verify", state.config.public_url());
    Ok(Json(DeviceAuthorization {
        verification_uri_complete: format!("{verification_uri}?device_id={}&user_code={}", device.id, codes.user_code),
        verification_uri,
        device_code: codes.device_code,
        user_code: codes.user_code,
        expires_in: service::devices::EXPIRES_IN,
        interval: service::devices::INTERVAL,
    }))
}

async fn list_devices(State(state): State<AppState>, account: Account, request: ListRequest) -> Result<Json<PageResponse<Entity>>> {
    let page = devices::list(&mut state.db.read().await?, account.user.id, &request).await?;
    let items = page.items.iter().map(|device| entity(device, Some(&account.user), request.hydrate)).collect::<Result<_>>()?;
    Ok(Json(page.with_items(items).into()))
}

#[derive(Deserialize, JsonSchema)]
struct DeviceQuery {
    user_code: Option<String>,
}

/// One's own device, or one that waits to be confirmed by whoever has its user code.
async fn get_device(
    State(state): State<AppState>,
    account: Account,
    IdPath(id): IdPath,
    ApiQuery(query): ApiQuery<DeviceQuery>,
    Hydrate(hydrate): Hydrate,
) -> Result<Json<Entity>> {
    let mut connection = state.db.read().await?;
    let device = service::devices::find(&mut connection, id, account.user.id, query.user_code.as_deref()).await?;
    with_owner(&mut connection, &device, hydrate).await
}

async fn update_device(
    State(state): State<AppState>,
    account: Account,
    IdPath(id): IdPath,
    ApiJson(update): ApiJson<DeviceUpdate>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let device = service::devices::set_locked(&mut connection, id, account.user.id, update.locked).await?;
    let answer = with_owner(&mut connection, &device, true).await?;
    connection.commit().await?;
    Ok(answer)
}

async fn verify_device(
    State(state): State<AppState>,
    account: Account,
    IdPath(id): IdPath,
    ApiJson(request): ApiJson<DeviceVerification>,
) -> Result<Json<Entity>> {
    let device = service::devices::verify(&state.db, id, &account.user, &request.user_code, request.trusted_device).await?;
    Ok(Json(entity(&device, Some(&account.user), true)?))
}

async fn delete_device(State(state): State<AppState>, account: Account, IdPath(id): IdPath) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    service::devices::delete(&mut connection, id, account.user.id).await?;
    connection.commit().await?;
    Ok(Json(()))
}

async fn with_owner(connection: &mut Connection, device: &DeviceRow, hydrate: bool) -> Result<Json<Entity>> {
    let owner = match device.user_id {
        Some(id) => connection.get::<UserRow>(id).await?,
        None => None,
    };
    Ok(Json(entity(device, owner.as_ref(), hydrate)?))
}
