//! API keys of service accounts.

use super::{
    Connection, DbError,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, Scope, page},
    stored::Stored as _,
};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// An API key; of its secret only the hash is known.
    pub struct ApiKeyRow in "api_keys" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        service_account_id: Id,
        name: String,
        description: String,
        key_hash: String,
        /// Hash of the secret before the last rotation.
        previous_key_hash: Option<String>,
        /// 1 at first, one more with each rotation; tokens name the generation they were made from.
        key_generation: i64,
        /// How long after a rotation the previous secret counts still.
        retain_period_minutes: i64,
        active: bool,
        last_login: Option<Timestamp>,
        last_rotated: Option<Timestamp>,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "api_keys k",
    id: "k.id",
    fields: &[
        Field::new("id", Kind::Uuid("k.id")),
        Field::new("created", Kind::Time("k.created")),
        Field::new("updated", Kind::Time("k.updated")),
        // The path names the account.
        Field::new("service_account", Kind::Id(None)),
        Field::new("name", Kind::Text("k.name")),
        Field::new("description", Kind::Text("k.description")),
        Field::new("active", Kind::Boolean("k.active")),
        Field::new("last_login", Kind::Time("k.last_login")),
        Field::new("last_rotated", Kind::Time("k.last_rotated")),
    ],
    sorts: &[],
};

/// A service account's key with this name.
pub async fn find_by_name(connection: &mut Connection, service_account: Id, name: &str) -> Result<Option<ApiKeyRow>, DbError> {
    connection.find("service_account_id = $1 and name = $2", args![service_account, name]).await
}

/// One page of a service account's keys.
pub async fn list(connection: &mut Connection, service_account: Id, request: &ListRequest) -> Result<Page<ApiKeyRow>, ListError> {
    let scope = Scope::new("k.service_account_id = $?", args![service_account]);
    page(connection, &LIST, &ApiKeyRow::columns("k"), request, &[scope]).await
}

/// Stores other hashes of a key's secrets where these are; the secrets are the same.
pub async fn replace_hashes(connection: &mut Connection, id: Id, old: &str, new: &str) -> Result<(), DbError> {
    for column in ["key_hash", "previous_key_hash"] {
        connection.execute(&format!("update api_keys set {column} = $1 where id = $2 and {column} = $3"), args![new, id, old]).await?;
    }
    Ok(())
}

/// Notes when a key was last used. `updated` stays: nobody changed the key.
pub async fn note_login(connection: &mut Connection, id: Id, at: Timestamp) -> Result<(), DbError> {
    connection.execute("update api_keys set last_login = $1 where id = $2", args![at, id]).await?;
    Ok(())
}
