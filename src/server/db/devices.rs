//! Devices: clients that were signed in through the browser (OAuth 2.0 device flow).

use super::{
    Connection, DbError,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, Scope, page},
    stored::Stored as _,
};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored, stored_as_text,
};

stored! {
    /// A device; of its codes only the hashes are known.
    pub struct DeviceRow in "devices" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        /// What the client calls itself: its user id, the same for every sign-in from one machine.
        client_id: Id,
        /// The account that has confirmed the device.
        user_id: Option<Id>,
        user_code_hash: String,
        device_code_hash: String,
        status: DeviceStatus,
        failed_auth_attempts: i64,
        /// End of the sign-in that is going on.
        expires: Option<Timestamp>,
        last_login: Option<Timestamp>,
        trusted_device: bool,
        os: Option<String>,
        ip_address: Option<String>,
        hostname: Option<String>,
        python_version: Option<String>,
        zenml_version: Option<String>,
        city: Option<String>,
        region: Option<String>,
        country: Option<String>,
    }
}

/// How far a device's sign-in has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceStatus {
    /// Waits for a person to confirm it.
    Pending,
    /// Confirmed; the client has not fetched its token yet.
    Verified,
    /// Signed in.
    Active,
    /// Refused: by its owner, or after too many wrong codes.
    Locked,
}

impl DeviceStatus {
    /// The status as the protocol and the database spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Verified => "verified",
            Self::Active => "active",
            Self::Locked => "locked",
        }
    }
}

impl std::str::FromStr for DeviceStatus {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::Pending, Self::Verified, Self::Active, Self::Locked];
        all.into_iter().find(|status| status.as_str() == text).ok_or_else(|| format!("`{text}` is no status of a device"))
    }
}

impl From<DeviceStatus> for super::Value {
    fn from(status: DeviceStatus) -> Self {
        status.as_str().into()
    }
}

impl From<&DeviceStatus> for super::Value {
    fn from(status: &DeviceStatus) -> Self {
        status.as_str().into()
    }
}

stored_as_text!(DeviceStatus);

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "devices d",
    id: "d.id",
    fields: &[
        Field::new("id", Kind::Uuid("d.id")),
        Field::new("created", Kind::Time("d.created")),
        Field::new("updated", Kind::Time("d.updated")),
        Field::new("client_id", Kind::Uuid("d.client_id")),
        Field::new("expires", Kind::Time("d.expires")),
        Field::new("failed_auth_attempts", Kind::Integer("d.failed_auth_attempts")),
        Field::new("last_login", Kind::Time("d.last_login")),
        Field::new("status", Kind::Text("d.status")),
        Field::new("trusted_device", Kind::Boolean("d.trusted_device")),
        // The list is of the account that asks, whatever the request says.
        Field::new("scope_user", Kind::Id(None)),
        Field::new("user", Kind::NameOrId { key: "d.user_id", table: "users", names: &["name", "full_name"] }),
    ],
    sorts: &[],
};

/// The device of this client.
pub async fn find_by_client(connection: &mut Connection, client: Id) -> Result<Option<DeviceRow>, DbError> {
    connection.find("client_id = $1", args![client]).await
}

/// One page of an account's devices.
pub async fn list(connection: &mut Connection, user: Id, request: &ListRequest) -> Result<Page<DeviceRow>, ListError> {
    page(connection, &LIST, &DeviceRow::columns("d"), request, &[Scope::new("d.user_id = $?", args![user])]).await
}

/// Notes when a device was last used. `updated` stays: nobody changed the device.
pub async fn note_login(connection: &mut Connection, id: Id, at: Timestamp) -> Result<(), DbError> {
    connection.execute("update devices set last_login = $1 where id = $2", args![at, id]).await?;
    Ok(())
}

/// Removes an account's devices.
pub async fn delete_of(connection: &mut Connection, user: Id) -> Result<(), DbError> {
    connection.execute("delete from devices where user_id = $1", args![user]).await?;
    Ok(())
}

/// Removes devices that nobody has confirmed in time.
pub async fn delete_expired(connection: &mut Connection) -> Result<(), DbError> {
    connection.execute("delete from devices where user_id is null and expires < $1", args![Timestamp::now()]).await?;
    Ok(())
}
