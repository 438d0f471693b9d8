//! Signing in a program through the browser: the OAuth 2.0 device flow (RFC 8628) with ZenML's rules.
//!
//! The client asks for two codes, shows the user code (in a link) and asks for its token with the device code until a
//! signed-in person has confirmed the user code. A wrong code counts although the request fails, so these functions take
//! the database and commit themselves.

use crate::server::{
    auth::secrets,
    db::{
        Connection, Db,
        devices::{self, DeviceRow, DeviceStatus},
        stored::Changes,
        users::UserRow,
    },
    error::{AppError, Result},
    id::Id,
    service::onboarding,
    time::Timestamp,
};

/// How long a person has to confirm a device, in seconds.
pub const EXPIRES_IN: i64 = 300;
/// How often the client may ask for its token, in seconds.
pub const INTERVAL: i64 = 5;
/// Wrong codes after which a device is locked.
const MAX_FAILURES: i64 = 3;

/// What a client tells about itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct DeviceDetails {
    pub hostname: Option<String>,
    pub os: Option<String>,
    pub python_version: Option<String>,
    pub zenml_version: Option<String>,
    pub ip_address: Option<String>,
}

impl DeviceDetails {
    /// Reads the client's `User-Agent`: `Host/vm ZenML/0.98.0 Python/3.11.7 OS/Linux`.
    pub fn from_user_agent(text: &str) -> Self {
        let value = |wanted: &str| {
            let word = text.split(' ').filter_map(|word| word.split_once('/')).find(|(key, _)| *key == wanted);
            word.map(|(_, value)| value.chars().take(255).collect())
        };
        Self { hostname: value("Host"), os: value("OS"), python_version: value("Python"), zenml_version: value("ZenML"), ip_address: None }
    }
}

/// The two codes of a sign-in, told once.
pub struct Codes {
    /// For the client.
    pub device_code: String,
    /// For the person.
    pub user_code: String,
}

/// Begins a sign-in. A client that was known begins anew: its device waits for confirmation again, by anyone, and its
/// earlier tokens do not count.
pub async fn authorize(db: &Db, client_id: Id, details: DeviceDetails) -> Result<(DeviceRow, Codes)> {
    let codes = Codes { device_code: secrets::generate(32)?, user_code: secrets::generate(16)? };
    let now = Timestamp::now();
    let device = DeviceRow {
        id: Id::new(),
        created: now,
        updated: now,
        client_id,
        user_id: None,
        user_code_hash: secrets::hash(&codes.user_code),
        device_code_hash: secrets::hash(&codes.device_code),
        status: DeviceStatus::Pending,
        failed_auth_attempts: 0,
        expires: Some(now.plus_seconds(EXPIRES_IN)),
        last_login: None,
        trusted_device: false,
        os: details.os,
        ip_address: details.ip_address,
        hostname: details.hostname,
        python_version: details.python_version,
        zenml_version: details.zenml_version,
        // Places of addresses would have to be asked of somebody else; the fields stay empty.
        city: Some(String::new()),
        region: Some(String::new()),
        country: Some(String::new()),
    };
    let mut connection = db.begin().await?;
    devices::delete_expired(&mut connection).await?;
    let device = match devices::find_by_client(&mut connection, client_id).await? {
        None => device,
        // Stored anew, with the id by which it is known.
        Some(known) => {
            connection.delete::<DeviceRow>(known.id).await?;
            DeviceRow { id: known.id, created: known.created, ..device }
        }
    };
    connection.insert(&device).await?;
    connection.commit().await?;
    Ok((device, codes))
}

/// A device as its owner, or the person who has its user code, may see it.
pub async fn find(connection: &mut Connection, id: Id, user: Id, user_code: Option<&str>) -> Result<DeviceRow> {
    let device: Option<DeviceRow> = connection.get(id).await?;
    let visible = |device: &DeviceRow| match device.user_id {
        Some(owner) => owner == user,
        None => user_code.is_some_and(|code| secrets::matches(code, &device.user_code_hash)),
    };
    device.filter(visible).ok_or_else(|| AppError::missing("device", id))
}

/// Confirms a device: it will act for this account.
pub async fn verify(db: &Db, id: Id, user: &UserRow, user_code: &str, trusted: bool) -> Result<DeviceRow> {
    let invalid = |message: &str| AppError::Invalid(format!("Invalid request: {message}"));
    let mut connection = db.begin().await?;
    let device: DeviceRow = connection.get_locked(id).await?.ok_or_else(|| AppError::missing("device", id))?;
    if device.status != DeviceStatus::Pending {
        return Err(invalid("device not pending verification. Start the sign-in again on the device."));
    }
    if is_over(&device) {
        return Err(invalid("device verification expired. Start the sign-in again on the device."));
    }
    if !secrets::matches(user_code, &device.user_code_hash) {
        let locked = count_failure(connection, &device).await?;
        return Err(invalid(if locked { "device locked due to too many wrong codes." } else { "invalid user code." }));
    }
    let changes = Changes::new()
        .set("status", DeviceStatus::Verified)
        .set("user_id", user.id)
        .set("failed_auth_attempts", 0_i64)
        .set("trusted_device", trusted);
    connection.update::<DeviceRow>(id, changes).await?;
    let device = require(&mut connection, id).await?;
    onboarding::note(&mut connection).await?;
    connection.commit().await?;
    Ok(device)
}

/// Ends a sign-in: the client's device code is exchanged for the account that has confirmed the device, once.
pub async fn exchange(db: &Db, client_id: Id, device_code: &str) -> Result<(UserRow, DeviceRow)> {
    let mut connection = db.begin().await?;
    let Some(device) = devices::find_by_client(&mut connection, client_id).await? else {
        return Err(refusal("invalid_client", format!("no device with client ID {client_id} has asked to sign in")));
    };
    let device: DeviceRow = connection.get_locked(device.id).await?.ok_or_else(|| AppError::missing("device", device.id))?;
    let state = format!("device with client ID {client_id} is {}.", device.status.as_str());
    match device.status {
        DeviceStatus::Pending if is_over(&device) => return Err(refusal("expired_token", "the sign-in was not confirmed in time")),
        DeviceStatus::Pending => return Err(refusal("authorization_pending", state)),
        DeviceStatus::Locked => return Err(refusal("access_denied", state)),
        DeviceStatus::Active => return Err(refusal("expired_token", state)),
        DeviceStatus::Verified if is_over(&device) => return Err(refusal("expired_token", "the sign-in took too long")),
        DeviceStatus::Verified => {}
    }
    if !secrets::matches(device_code, &device.device_code_hash) {
        count_failure(connection, &device).await?;
        return Err(refusal("access_denied", format!("wrong device code for client ID {client_id}")));
    }
    let user = match device.user_id {
        Some(user) => connection.get::<UserRow>(user).await?.filter(|user| user.active),
        None => None,
    };
    let user = user.ok_or_else(|| refusal("access_denied", "the account that confirmed the device is not active"))?;
    let changes = Changes::new()
        .set("status", DeviceStatus::Active)
        .set("expires", None::<Timestamp>)
        .set("failed_auth_attempts", 0_i64)
        .set("last_login", Timestamp::now());
    connection.update::<DeviceRow>(device.id, changes).await?;
    let device = require(&mut connection, device.id).await?;
    connection.commit().await?;
    Ok((user, device))
}

/// Locks or unlocks a device for its owner.
pub async fn set_locked(connection: &mut Connection, id: Id, user: Id, locked: Option<bool>) -> Result<DeviceRow> {
    let device = find(connection, id, user, None).await?;
    let status = locked.map(|locked| if locked { DeviceStatus::Locked } else { DeviceStatus::Active });
    connection.update::<DeviceRow>(device.id, Changes::new().set_some("status", status)).await?;
    require(connection, device.id).await
}

/// Removes a device for its owner: its tokens no longer count.
pub async fn delete(connection: &mut Connection, id: Id, user: Id) -> Result<()> {
    let device = find(connection, id, user, None).await?;
    connection.delete::<DeviceRow>(device.id).await?;
    Ok(())
}

fn is_over(device: &DeviceRow) -> bool {
    device.expires.is_some_and(|end| end <= Timestamp::now())
}

/// Counts a wrong code, for good, and says whether the device is locked now.
async fn count_failure(mut connection: Connection, device: &DeviceRow) -> Result<bool> {
    let failures = device.failed_auth_attempts + 1;
    let locked = failures >= MAX_FAILURES;
    let changes = Changes::new().set("failed_auth_attempts", failures).set_some("status", locked.then_some(DeviceStatus::Locked));
    connection.update::<DeviceRow>(device.id, changes).await?;
    connection.commit().await?;
    Ok(locked)
}

async fn require(connection: &mut Connection, id: Id) -> Result<DeviceRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("device", id))
}

fn refusal(error: &'static str, description: impl Into<String>) -> AppError {
    AppError::OAuth { error, description: format!("Authentication error: {}", description.into()) }
}

#[cfg(test)]
mod tests {
    use super::DeviceDetails;

    #[test]
    fn the_clients_user_agent_is_read() {
        let details = DeviceDetails::from_user_agent("Host/vm ZenML/0.98.0 Python/3.11.7 OS/Linux");
        assert_eq!(details.hostname.as_deref(), Some("vm"));
        assert_eq!(details.os.as_deref(), Some("Linux"));
        assert_eq!(details.python_version.as_deref(), Some("3.11.7"));
        assert_eq!(details.zenml_version.as_deref(), Some("0.98.0"));
    }

    #[test]
    fn any_other_user_agent_tells_nothing() {
        assert_eq!(DeviceDetails::from_user_agent("curl/7.88.1"), DeviceDetails::default());
        assert_eq!(DeviceDetails::from_user_agent(""), DeviceDetails::default());
    }
}
