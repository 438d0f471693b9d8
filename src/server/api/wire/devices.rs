//! Devices, and the two answers of the OAuth 2.0 device flow (RFC 8628), on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entity, users};
use crate::server::{
    db::{
        devices::{DeviceRow, DeviceStatus},
        users::UserRow,
    },
    error::Result,
    id::Id,
    time::Timestamp,
};

/// `PUT /devices/{id}`.
#[derive(Deserialize, JsonSchema)]
pub struct DeviceUpdate {
    pub locked: Option<bool>,
}

/// `PUT /devices/{id}/verify`.
#[derive(Deserialize, JsonSchema)]
pub struct DeviceVerification {
    pub user_code: String,
    #[serde(default)]
    pub trusted_device: bool,
}

/// Answer of `POST /device_authorization` (RFC 8628 section 3.2).
#[derive(Serialize, JsonSchema)]
pub struct DeviceAuthorization {
    pub device_code: String,
    pub user_code: String,
    pub verification_uri: String,
    pub verification_uri_complete: String,
    /// Seconds.
    pub expires_in: i64,
    /// Seconds between two questions of the client.
    pub interval: i64,
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    user_id: Option<Id>,
    client_id: Id,
    expires: Option<Timestamp>,
    trusted_device: bool,
    status: DeviceStatus,
    os: Option<&'a str>,
    ip_address: Option<&'a str>,
    hostname: Option<&'a str>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    python_version: Option<&'a str>,
    zenml_version: Option<&'a str>,
    city: Option<&'a str>,
    region: Option<&'a str>,
    country: Option<&'a str>,
    failed_auth_attempts: i64,
    last_login: Option<Timestamp>,
}

#[derive(Serialize)]
struct Resources {
    user: Option<Entity>,
}

/// A device with its owner, and with its metadata when hydrated.
pub fn entity(device: &DeviceRow, owner: Option<&UserRow>, hydrate: bool) -> Result<Entity> {
    let body = Body {
        created: device.created,
        updated: device.updated,
        user_id: device.user_id,
        client_id: device.client_id,
        expires: device.expires,
        trusted_device: device.trusted_device,
        status: device.status,
        os: device.os.as_deref(),
        ip_address: device.ip_address.as_deref(),
        hostname: device.hostname.as_deref(),
    };
    let entity = Entity::new(device.id, &body)?.resources(&Resources { user: owner.map(users::shallow).transpose()? })?;
    if !hydrate {
        return Ok(entity);
    }
    entity.metadata(&Metadata {
        python_version: device.python_version.as_deref(),
        zenml_version: device.zenml_version.as_deref(),
        city: device.city.as_deref(),
        region: device.region.as_deref(),
        country: device.country.as_deref(),
        failed_auth_attempts: device.failed_auth_attempts,
        last_login: device.last_login,
    })
}
