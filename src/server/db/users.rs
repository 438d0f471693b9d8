//! Accounts: people and service accounts.

use super::{Connection, DbError};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// An account. Hashes stay in this type: wire and page types do not have them.
    pub struct UserRow in "users" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        name: String,
        is_service_account: bool,
        full_name: String,
        description: String,
        email: Option<String>,
        email_opted_in: Option<bool>,
        avatar_url: Option<String>,
        active: bool,
        is_admin: bool,
        password_hash: Option<String>,
        password_changed_at: Option<Timestamp>,
        activation_token_hash: Option<String>,
        external_user_id: Option<Id>,
        user_metadata: String,
        default_project_id: Option<Id>,
    }
}

/// The account with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<Option<UserRow>, DbError> {
    connection.get(id).await
}

/// The account with this name, of the given kind.
pub async fn find_by_name(connection: &mut Connection, name: &str, is_service_account: bool) -> Result<Option<UserRow>, DbError> {
    connection.find("name = $1 and is_service_account = $2", args![name, is_service_account]).await
}

/// Stores a new account.
pub async fn insert(connection: &mut Connection, user: &UserRow) -> Result<(), DbError> {
    connection.insert(user).await
}
