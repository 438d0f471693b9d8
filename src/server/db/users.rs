//! Accounts: people and service accounts.

use super::{Connection, DbError};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
};

/// An account. Hashes stay in this type: wire and page types do not have them.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct UserRow {
    pub id: Id,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub name: String,
    pub is_service_account: bool,
    pub full_name: String,
    pub description: String,
    pub email: Option<String>,
    pub email_opted_in: Option<bool>,
    pub avatar_url: Option<String>,
    pub active: bool,
    pub is_admin: bool,
    pub password_hash: Option<String>,
    pub password_changed_at: Option<Timestamp>,
    pub activation_token_hash: Option<String>,
    pub external_user_id: Option<Id>,
    pub user_metadata: String,
    pub default_project_id: Option<Id>,
}

const COLUMNS: &str = "id, created, updated, name, is_service_account, full_name, description, email, email_opted_in, avatar_url, \
     active, is_admin, password_hash, password_changed_at, activation_token_hash, external_user_id, user_metadata, default_project_id";

/// The account with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<Option<UserRow>, DbError> {
    connection.fetch_optional(&format!("select {COLUMNS} from users where id = $1"), args![id]).await
}

/// The account with this name, of the given kind.
pub async fn find_by_name(connection: &mut Connection, name: &str, is_service_account: bool) -> Result<Option<UserRow>, DbError> {
    let sql = format!("select {COLUMNS} from users where name = $1 and is_service_account = $2");
    connection.fetch_optional(&sql, args![name, is_service_account]).await
}

/// Stores a new account.
pub async fn insert(connection: &mut Connection, user: &UserRow) -> Result<(), DbError> {
    let sql =
        format!("insert into users ({COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)");
    let values = args![
        user.id,
        user.created,
        user.updated,
        &user.name,
        user.is_service_account,
        &user.full_name,
        &user.description,
        user.email.as_deref(),
        user.email_opted_in,
        user.avatar_url.as_deref(),
        user.active,
        user.is_admin,
        user.password_hash.as_deref(),
        user.password_changed_at,
        user.activation_token_hash.as_deref(),
        user.external_user_id,
        &user.user_metadata,
        user.default_project_id,
    ];
    connection.execute(&sql, values).await?;
    Ok(())
}
