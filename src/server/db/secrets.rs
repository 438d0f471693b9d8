//! Secrets: who has them, and their sealed values, which lie in a table of their own.

use std::collections::HashMap;

use super::{
    Connection, DbError, LONGEST_LIST, id_values,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, Scope, page},
    placeholders,
    stored::Stored as _,
};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// A secret, without its values.
    pub struct SecretRow in "secrets" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Id,
        name: String,
        /// Only its owner sees it.
        private: bool,
        /// Nobody sees it: the server keeps it for something else.
        internal: bool,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "secrets s",
    id: "s.id",
    fields: &[
        Field::new("id", Kind::Uuid("s.id")),
        Field::new("created", Kind::Time("s.created")),
        Field::new("updated", Kind::Time("s.updated")),
        Field::new("name", Kind::Text("s.name")),
        Field::new("private", Kind::Flag { yes: Some("s.private"), no: Some("not s.private") }),
        // Which secrets an account sees is not up to the request.
        Field::new("scope_user", Kind::Id(None)),
        Field::new("user", Kind::NameOrId { key: "s.user_id", table: "users", names: &["name", "full_name"] }),
    ],
    sorts: &[("private", "s.private")],
};

/// One page of the secrets that an account sees.
pub async fn list(connection: &mut Connection, user: Id, request: &ListRequest) -> Result<Page<SecretRow>, ListError> {
    let visible = Scope::new("s.internal = $? and (s.private = $? or s.user_id = $?)", args![false, false, user]);
    page(connection, &LIST, &SecretRow::columns("s"), request, &[visible]).await
}

/// The secrets with this name, whoever sees them.
pub async fn with_name(connection: &mut Connection, name: &str) -> Result<Vec<SecretRow>, DbError> {
    connection.find_all("name = $1 and internal = $2", args![name, false]).await
}

/// The sealed values of a secret.
pub async fn sealed(connection: &mut Connection, secret: Id) -> Result<Option<String>, DbError> {
    let sql = "select sealed from secret_values where secret_id = $1";
    Ok(connection.fetch_optional::<(String,)>(sql, args![secret]).await?.map(|(sealed,)| sealed))
}

/// Sealed values of any secret.
pub async fn any_sealed(connection: &mut Connection) -> Result<Option<(Id, String)>, DbError> {
    connection.fetch_optional("select secret_id, sealed from secret_values limit 1", args![]).await
}

/// Stores the sealed values of a secret, in the place of those it had.
pub async fn set_sealed(connection: &mut Connection, secret: Id, sealed: &str) -> Result<(), DbError> {
    let sql =
        "insert into secret_values (secret_id, sealed) values ($1, $2) on conflict (secret_id) do update set sealed = excluded.sealed";
    connection.execute(sql, args![secret, sealed]).await?;
    Ok(())
}

/// What secrets can be linked to: their values become environment variables of its runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkedTo {
    Stack,
    Component,
}

impl LinkedTo {
    const fn table(self) -> (&'static str, &'static str) {
        match self {
            Self::Stack => ("stack_secrets", "stack_id"),
            Self::Component => ("stack_component_secrets", "component_id"),
        }
    }
}

/// Links a secret to a stack or a component; nothing happens where it is linked already.
pub async fn link(connection: &mut Connection, to: LinkedTo, owner: Id, secret: Id) -> Result<(), DbError> {
    let (table, column) = to.table();
    let sql = format!("insert into {table} ({column}, secret_id) values ($1, $2) on conflict do nothing");
    connection.execute(&sql, args![owner, secret]).await?;
    Ok(())
}

/// Takes a secret from a stack or a component.
pub async fn unlink(connection: &mut Connection, to: LinkedTo, owner: Id, secret: Id) -> Result<(), DbError> {
    let (table, column) = to.table();
    connection.execute(&format!("delete from {table} where {column} = $1 and secret_id = $2"), args![owner, secret]).await?;
    Ok(())
}

/// The ids of the secrets of stacks or components, by name, read together.
pub async fn linked(
    connection: &mut Connection,
    to: LinkedTo,
    owners: impl IntoIterator<Item = Id>,
) -> Result<HashMap<Id, Vec<Id>>, DbError> {
    let (table, column) = to.table();
    let mut found: HashMap<Id, Vec<Id>> = HashMap::new();
    for chunk in id_values(owners).chunks(LONGEST_LIST) {
        let sql = format!(
            "select l.{column}, l.secret_id from {table} l join secrets s on s.id = l.secret_id where l.{column} in ({}) order by s.name, s.id",
            placeholders(1, chunk.len())
        );
        for (owner, secret) in connection.fetch_all::<(Id, Id)>(&sql, chunk.to_vec()).await? {
            found.entry(owner).or_default().push(secret);
        }
    }
    Ok(found)
}
