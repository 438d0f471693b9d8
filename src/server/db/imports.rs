//! What an import asks about the database before it, and clears away.

use super::{Connection, DbError};
use crate::args;

/// Things that only people and their clients make, each with a condition where the server makes some itself.
const MADE: &[(&str, &str, &str)] = &[
    ("accounts", "users", "true"),
    ("projects", "projects", "name <> 'default'"),
    ("flavors", "flavors", "is_custom = true"),
    ("stack components", "stack_components", "name <> 'default' or user_id is not null"),
    ("stacks", "stacks", "name <> 'default'"),
    ("pipelines", "pipelines", "true"),
    ("code repositories", "code_repositories", "true"),
    ("models", "models", "true"),
    ("artifacts", "artifacts", "true"),
    ("tags", "tags", "true"),
];

/// The first kind of things in the database that somebody made.
pub async fn made_by_people(connection: &mut Connection) -> Result<Option<&'static str>, DbError> {
    for (what, table, condition) in MADE {
        if connection.count(&format!("select count(*) from {table} where {condition}"), args![]).await? > 0 {
            return Ok(Some(what));
        }
    }
    Ok(None)
}

/// Removes what the server makes at its first start.
pub async fn remove_defaults(connection: &mut Connection) -> Result<(), DbError> {
    for table in ["stacks", "stack_components", "projects", "server_settings"] {
        connection.execute(&format!("delete from {table}"), args![]).await?;
    }
    Ok(())
}
