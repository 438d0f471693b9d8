//! Accounts: people and service accounts.

use super::{
    Connection, DbError,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, Scope, page},
    stored::Stored as _,
};
use crate::{
    args,
    model::roles::Role,
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
        role: Role,
        password_hash: Option<String>,
        password_changed_at: Option<Timestamp>,
        activation_token_hash: Option<String>,
        external_user_id: Option<Id>,
        /// JSON object.
        user_metadata: String,
        default_project_id: Option<Id>,
        /// When it last sent a request; to the hour, and not when a run of it did.
        last_seen: Option<Timestamp>,
    }
}

impl UserRow {
    /// A new active account of a person, without a password or an e-mail address. It is an editor, which is what clients of
    /// ZenML take every account for.
    pub fn new(name: &str) -> Self {
        let now = Timestamp::now();
        Self {
            id: Id::new(),
            created: now,
            updated: now,
            name: name.to_owned(),
            is_service_account: false,
            full_name: String::new(),
            description: String::new(),
            email: None,
            email_opted_in: None,
            avatar_url: None,
            active: true,
            role: Role::Editor,
            password_hash: None,
            password_changed_at: None,
            activation_token_hash: None,
            external_user_id: None,
            user_metadata: "{}".to_owned(),
            default_project_id: None,
            last_seen: None,
        }
    }

    /// Whether it has all rights: what the protocol knows of roles.
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }
}

/// Tables whose rows belong to an account; one that owns rows cannot be deleted.
pub const OWNED_TABLES: &[&str] = &[
    "artifact_versions",
    "artifacts",
    "code_repositories",
    "deployments",
    "flavors",
    "hook_invocations",
    "logs",
    "model_versions",
    "models",
    "pipeline_builds",
    "pipeline_runs",
    "pipeline_snapshots",
    "pipelines",
    "presets",
    "run_metadata",
    "run_templates",
    "run_wait_conditions",
    "schedules",
    "secrets",
    "service_connectors",
    "services",
    "stack_components",
    "stacks",
    "step_runs",
    "tags",
    "triggers",
    "webhooks",
];

/// What the list of people can be filtered and sorted by.
pub const PEOPLE: ListSpec = ListSpec {
    from: "users u",
    id: "u.id",
    fields: &[
        Field::new("id", Kind::Uuid("u.id")),
        Field::new("created", Kind::Time("u.created")),
        Field::new("updated", Kind::Time("u.updated")),
        Field::new("name", Kind::Text("u.name")),
        Field::new("full_name", Kind::Text("u.full_name")),
        Field::new("email", Kind::Text("u.email")),
        Field::new("active", Kind::Boolean("u.active")),
        Field::new("email_opted_in", Kind::Boolean("u.email_opted_in")),
        Field::new("external_user_id", Kind::Uuid("u.external_user_id")),
    ],
    sorts: &[],
};

/// What the list of service accounts can be filtered and sorted by.
pub const SERVICE_ACCOUNTS: ListSpec = ListSpec {
    from: "users u",
    id: "u.id",
    fields: &[
        Field::new("id", Kind::Uuid("u.id")),
        Field::new("created", Kind::Time("u.created")),
        Field::new("updated", Kind::Time("u.updated")),
        Field::new("name", Kind::Text("u.name")),
        Field::new("description", Kind::Text("u.description")),
        Field::new("active", Kind::Boolean("u.active")),
        Field::new("external_user_id", Kind::Uuid("u.external_user_id")),
    ],
    sorts: &[],
};

/// Notes when an account was last at work, unless that was noted after `since`. `updated` stays: nobody changed the account.
pub async fn note_seen(connection: &mut Connection, id: Id, at: Timestamp, since: Timestamp) -> Result<(), DbError> {
    let sql = "update users set last_seen = $1 where id = $2 and (last_seen is null or last_seen < $3)";
    connection.execute(sql, args![at, id, since]).await?;
    Ok(())
}

/// The account with this name, of the given kind.
pub async fn find_by_name(connection: &mut Connection, name: &str, is_service_account: bool) -> Result<Option<UserRow>, DbError> {
    connection.find("name = $1 and is_service_account = $2", args![name, is_service_account]).await
}

/// Stores another hash of the same password, unless the password was changed meanwhile.
pub async fn replace_password_hash(connection: &mut Connection, id: Id, old: &str, new: &str) -> Result<(), DbError> {
    connection.execute("update users set password_hash = $1 where id = $2 and password_hash = $3", args![new, id, old]).await?;
    Ok(())
}

/// One page of people; only the one with the given id, if there is one.
pub async fn list_people(connection: &mut Connection, request: &ListRequest, only: Option<Id>) -> Result<Page<UserRow>, ListError> {
    let mut scopes = vec![Scope::new("u.is_service_account = $?", args![false])];
    scopes.extend(only.map(|id| Scope::new("u.id = $?", args![id])));
    page(connection, &PEOPLE, &UserRow::columns("u"), request, &scopes).await
}

/// One page of service accounts.
pub async fn list_service_accounts(connection: &mut Connection, request: &ListRequest) -> Result<Page<UserRow>, ListError> {
    let scope = Scope::new("u.is_service_account = $?", args![true]);
    page(connection, &SERVICE_ACCOUNTS, &UserRow::columns("u"), request, &[scope]).await
}

/// All accounts, people first, by name.
pub async fn all(connection: &mut Connection, most: usize) -> Result<Vec<UserRow>, DbError> {
    connection.find_all(&format!("id is not null order by is_service_account, name, id limit {most}"), args![]).await
}

/// The people who are admins and can sign in, locked against other writers until the transaction ends.
pub async fn lock_active_admins(connection: &mut Connection) -> Result<Vec<Id>, DbError> {
    let lock = connection.for_update();
    let sql = format!("select id from users where role = $1 and active = $2 and is_service_account = $3 order by id{lock}");
    Ok(connection.fetch_all::<(Id,)>(&sql, args![Role::Admin, true, false]).await?.into_iter().map(|(id,)| id).collect())
}

/// The names of admins that can sign in, at most five.
pub async fn admin_names(connection: &mut Connection) -> Result<Vec<String>, DbError> {
    let sql = "select name from users where role = $1 and active = $2 and is_service_account = $3 order by name limit 5";
    Ok(connection.fetch_all::<(String,)>(sql, args![Role::Admin, true, false]).await?.into_iter().map(|(name,)| name).collect())
}

/// Whether there is any account.
pub async fn any(connection: &mut Connection) -> Result<bool, DbError> {
    Ok(connection.fetch_optional::<(Id,)>("select id from users limit 1", args![]).await?.is_some())
}

/// The first table in which an account owns a row.
pub async fn owns_rows_in(connection: &mut Connection, id: Id) -> Result<Option<&'static str>, DbError> {
    for table in OWNED_TABLES {
        let sql = format!("select id from {table} where user_id = $1 limit 1");
        if connection.fetch_optional::<(Id,)>(&sql, args![id]).await?.is_some() {
            return Ok(Some(table));
        }
    }
    Ok(None)
}

/// The accounts that can sign in and launch something, by name: at most so many; people alone, or programs too.
pub async fn launchers(connection: &mut Connection, with_programs: bool, most: usize) -> Result<Vec<UserRow>, DbError> {
    let condition = "role <> $1 and active = $2 and (is_service_account = $3 or is_service_account = $4)";
    let values = args![Role::Viewer, true, false, with_programs];
    connection.find_all(&format!("{condition} order by name, id limit {most}"), values).await
}
