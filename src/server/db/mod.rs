//! Storage: one set of SQL texts for SQLite and PostgreSQL.
//!
//! Queries live in the files of this folder, one per resource; they take a [`Connection`], return rows or [`DbError`],
//! and know nothing of HTTP.

pub mod api_keys;
pub mod artifact_versions;
pub mod artifacts;
pub mod code_archives;
pub mod code_references;
pub mod code_repositories;
pub mod curated_visualizations;
pub mod deployments;
pub mod devices;
pub mod documents;
pub mod flavors;
pub mod hook_invocations;
pub mod idempotent_requests;
pub mod imports;
pub mod launches;
pub mod list;
pub mod logs;
pub mod model_version_artifacts;
pub mod model_version_pipeline_runs;
pub mod model_versions;
pub mod models;
pub mod pipeline_builds;
pub mod pipeline_runs;
pub mod pipeline_snapshots;
pub mod pipelines;
pub mod presets;
pub mod projects;
pub mod run_metadata;
pub mod run_outputs;
pub mod run_statistics;
pub mod run_templates;
pub mod run_wait_conditions;
pub mod schedules;
pub mod secrets;
pub mod server_settings;
pub mod service_connectors;
pub mod services;
pub mod stack_components;
pub mod stacks;
pub mod statistics;
pub mod step_runs;
pub mod stored;
pub mod tags;
pub mod trigger_dispatches;
pub mod trigger_executions;
pub mod trigger_snapshots;
pub mod triggers;
pub mod users;
pub mod webhook_events;
pub mod webhooks;

use std::{str::FromStr, time::Duration};

use sqlx::{
    AssertSqlSafe, FromRow, Postgres, Sqlite, Transaction,
    migrate::Migrator,
    pool::PoolConnection,
    postgres::{PgPool, PgPoolOptions, PgRow},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous},
};

use crate::{
    model::status::ExecutionStatus,
    server::{id::Id, time::Timestamp},
};

/// What a query can fail with; handlers turn it into an answer through `AppError`.
pub type DbError = sqlx::Error;

/// The migrations, embedded in the program.
pub static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// The database the server runs on.
#[derive(Clone, Debug)]
pub enum Db {
    /// Embedded: one connection writes, the others read (write-ahead log), so a writer never meets a lock.
    Sqlite { read: SqlitePool, write: SqlitePool },
    /// A PostgreSQL server.
    Postgres(PgPool),
}

/// Which SQL a database speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

/// A row type that both databases can produce; `#[derive(sqlx::FromRow)]` is enough.
pub trait Record: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T> Record for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// A value bound to a placeholder. Nulls keep their type, which PostgreSQL insists on.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(Option<String>),
    Integer(Option<i64>),
    Real(Option<f64>),
    Boolean(Option<bool>),
}

macro_rules! value_from {
    ($($type:ty => $variant:ident($convert:expr)),* $(,)?) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                let convert: fn($type) -> _ = $convert;
                Self::$variant(Some(convert(value)))
            }
        }
        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self {
                let convert: fn($type) -> _ = $convert;
                Self::$variant(value.map(convert))
            }
        }
    )*};
}
value_from! {
    String => Text(|v| v),
    &str => Text(|v| v.to_owned()),
    &String => Text(|v| v.clone()),
    Id => Text(|v| v.hex()),
    &Id => Text(|v| v.hex()),
    Timestamp => Text(|v| v.stored()),
    &Timestamp => Text(|v| v.stored()),
    ExecutionStatus => Text(|v| v.as_str().to_owned()),
    &ExecutionStatus => Text(|v| v.as_str().to_owned()),
    i64 => Integer(|v| v),
    &i64 => Integer(|v| *v),
    f64 => Real(|v| v),
    &f64 => Real(|v| *v),
    bool => Boolean(|v| v),
    &bool => Boolean(|v| *v),
}

impl<T: Clone> From<&Option<T>> for Value
where
    Self: From<Option<T>>,
{
    fn from(value: &Option<T>) -> Self {
        value.clone().into()
    }
}

/// Lets a type that is stored as text be read from a row: it needs `FromStr`.
#[macro_export]
macro_rules! stored_as_text {
    ($type:ty) => {
        impl<DB: sqlx::Database> sqlx::Type<DB> for $type
        where
            String: sqlx::Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                <String as sqlx::Type<DB>>::type_info()
            }

            fn compatible(info: &DB::TypeInfo) -> bool {
                <String as sqlx::Type<DB>>::compatible(info)
            }
        }

        impl<'r, DB: sqlx::Database> sqlx::Decode<'r, DB> for $type
        where
            &'r str: sqlx::Decode<'r, DB>,
        {
            fn decode(value: DB::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                Ok(<&str as sqlx::Decode<DB>>::decode(value)?.parse()?)
            }
        }
    };
}
stored_as_text!(ExecutionStatus);

/// The values of a query, in the order of its placeholders: `args![id, name]`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::server::db::Value::from($value)),*] };
}

impl Db {
    /// Opens `sqlite:PATH` or `postgres://…`; a missing SQLite file is created.
    pub async fn connect(url: &str) -> Result<Self, DbError> {
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let pool = PgPoolOptions::new().max_connections(16).acquire_timeout(Duration::from_secs(20)).connect(url).await?;
            return Ok(Self::Postgres(pool));
        }
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(20))
            .pragma("temp_store", "memory")
            .pragma("cache_size", "-8000");
        let write =
            SqlitePoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(30)).connect_with(options.clone()).await?;
        let read = SqlitePoolOptions::new()
            .max_connections(8)
            .acquire_timeout(Duration::from_secs(20))
            .max_lifetime(statistics::EVERY)
            // Opened when first used, which is after the migrations.
            .connect_lazy_with(options);
        Ok(Self::Sqlite { read, write })
    }

    /// Applies the migrations that are missing.
    pub async fn migrate(&self) -> Result<(), sqlx::migrate::MigrateError> {
        match self {
            Self::Sqlite { write, .. } => {
                MIGRATOR.run(write).await?;
                sqlx::raw_sql(include_str!("../../../migrations/sqlite.sql")).execute(write).await?;
            }
            Self::Postgres(pool) => {
                MIGRATOR.run(pool).await?;
                sqlx::raw_sql(include_str!("../../../migrations/postgres.sql")).execute(pool).await?;
            }
        }
        Ok(())
    }

    /// A connection for reading; each statement sees the newest committed state.
    pub async fn read(&self) -> Result<Connection, DbError> {
        Ok(Connection(match self {
            Self::Sqlite { read, .. } => Inner::Sqlite(read.acquire().await?),
            Self::Postgres(pool) => Inner::Postgres(pool.acquire().await?),
        }))
    }

    /// A transaction for writing; dropped without [`Connection::commit`] it leaves nothing behind.
    pub async fn begin(&self) -> Result<Connection, DbError> {
        Ok(Connection(match self {
            // Immediate: the write lock is taken at once, so a read inside cannot be overtaken by another writer.
            Self::Sqlite { write, .. } => Inner::SqliteTransaction(write.begin_with("begin immediate").await?),
            Self::Postgres(pool) => Inner::PostgresTransaction(pool.begin().await?),
        }))
    }

    /// Asks the database for an answer.
    pub async fn check(&self) -> Result<(), DbError> {
        self.read().await?.count("select cast(1 as bigint)", Vec::new()).await.map(drop)
    }

    /// How many connections are open, and how many of them are in use.
    pub fn usage(&self) -> (usize, usize) {
        let (size, idle) = match self {
            Self::Sqlite { read, write } => (read.size() + write.size(), read.num_idle() + write.num_idle()),
            Self::Postgres(pool) => (pool.size(), pool.num_idle()),
        };
        (size as usize, (size as usize).saturating_sub(idle))
    }

    /// `sqlite` or `postgresql`, for logs and pages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "sqlite",
            Self::Postgres(_) => "postgresql",
        }
    }

    /// Closes all connections, waiting for running statements.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// One database connection, inside a transaction when it came from [`Db::begin`].
pub struct Connection(Inner);

enum Inner {
    Sqlite(PoolConnection<Sqlite>),
    SqliteTransaction(Transaction<'static, Sqlite>),
    Postgres(PoolConnection<Postgres>),
    PostgresTransaction(Transaction<'static, Postgres>),
}

/// Runs `$body` with the query bound and the connection of whichever database is in use.
macro_rules! run {
    ($self:ident, $make:expr, $args:ident, $method:ident) => {
        match &mut $self.0 {
            Inner::Sqlite(connection) => bound!($make, $args).$method(&mut **connection).await,
            Inner::SqliteTransaction(connection) => bound!($make, $args).$method(&mut **connection).await,
            Inner::Postgres(connection) => bound!($make, $args).$method(&mut **connection).await,
            Inner::PostgresTransaction(connection) => bound!($make, $args).$method(&mut **connection).await,
        }
    };
}
macro_rules! bound {
    ($make:expr, $args:ident) => {{
        let mut query = $make;
        for value in $args {
            query = match value {
                Value::Text(value) => query.bind(value),
                Value::Integer(value) => query.bind(value),
                Value::Real(value) => query.bind(value),
                Value::Boolean(value) => query.bind(value),
            };
        }
        query
    }};
}

impl Connection {
    /// All rows of a query.
    pub async fn fetch_all<T: Record>(&mut self, sql: &str, args: Vec<Value>) -> Result<Vec<T>, DbError> {
        check(sql, &args)?;
        run!(self, sqlx::query_as(AssertSqlSafe(sql.to_owned())), args, fetch_all)
    }

    /// The first row of a query, if there is one.
    pub async fn fetch_optional<T: Record>(&mut self, sql: &str, args: Vec<Value>) -> Result<Option<T>, DbError> {
        check(sql, &args)?;
        run!(self, sqlx::query_as(AssertSqlSafe(sql.to_owned())), args, fetch_optional)
    }

    /// The first row of a query; [`DbError::RowNotFound`] if there is none.
    pub async fn fetch_one<T: Record>(&mut self, sql: &str, args: Vec<Value>) -> Result<T, DbError> {
        check(sql, &args)?;
        run!(self, sqlx::query_as(AssertSqlSafe(sql.to_owned())), args, fetch_one)
    }

    /// Runs a statement and says how many rows it touched.
    pub async fn execute(&mut self, sql: &str, args: Vec<Value>) -> Result<u64, DbError> {
        check(sql, &args)?;
        match &mut self.0 {
            Inner::Sqlite(c) => bound!(sqlx::query(AssertSqlSafe(sql.to_owned())), args).execute(&mut **c).await.map(|r| r.rows_affected()),
            Inner::SqliteTransaction(c) => {
                bound!(sqlx::query(AssertSqlSafe(sql.to_owned())), args).execute(&mut **c).await.map(|r| r.rows_affected())
            }
            Inner::Postgres(c) => {
                bound!(sqlx::query(AssertSqlSafe(sql.to_owned())), args).execute(&mut **c).await.map(|r| r.rows_affected())
            }
            Inner::PostgresTransaction(c) => {
                bound!(sqlx::query(AssertSqlSafe(sql.to_owned())), args).execute(&mut **c).await.map(|r| r.rows_affected())
            }
        }
    }

    /// The single number a query gives, such as a count.
    pub async fn count(&mut self, sql: &str, args: Vec<Value>) -> Result<i64, DbError> {
        Ok(self.fetch_one::<(i64,)>(sql, args).await?.0)
    }

    /// Makes the transaction's changes lasting; a plain connection has nothing to commit.
    pub async fn commit(self) -> Result<(), DbError> {
        match self.0 {
            Inner::SqliteTransaction(transaction) => transaction.commit().await,
            Inner::PostgresTransaction(transaction) => transaction.commit().await,
            Inner::Sqlite(_) | Inner::Postgres(_) => Ok(()),
        }
    }

    /// Which SQL the database speaks, for the few expressions that both do not share.
    pub fn dialect(&self) -> Dialect {
        match &self.0 {
            Inner::Postgres(_) | Inner::PostgresTransaction(_) => Dialect::Postgres,
            Inner::Sqlite(_) | Inner::SqliteTransaction(_) => Dialect::Sqlite,
        }
    }

    /// ` for update` where rows must be locked against other writers: needed by PostgreSQL only, because a SQLite
    /// transaction of ours already holds the one write lock.
    pub fn for_update(&self) -> &'static str {
        match self.dialect() {
            Dialect::Postgres => " for update",
            Dialect::Sqlite => "",
        }
    }
}

/// Shows a statement, without its values, to whoever listens at the level of traces, and refuses values that PostgreSQL
/// cannot store: SQLite would take them, and what one database holds must fit the other.
fn check(sql: &str, args: &[Value]) -> Result<(), DbError> {
    tracing::trace!(target: STATEMENTS, statement = sql);
    let has_nul = |value: &Value| matches!(value, Value::Text(Some(text)) if text.as_bytes().contains(&0));
    if args.iter().any(has_nul) { Err(DbError::Encode(Box::new(NulCharacter))) } else { Ok(()) }
}

#[derive(Debug, thiserror::Error)]
#[error("a text has a NUL character")]
struct NulCharacter;

/// Whether an error is a text with a NUL character.
pub fn is_nul_character(error: &DbError) -> bool {
    matches!(error, DbError::Encode(cause) if cause.is::<NulCharacter>())
}

/// Target of the traces that show each statement.
pub const STATEMENTS: &str = "darkroom::statements";

/// Whether an error is a broken unique constraint.
pub fn is_unique_violation(error: &DbError) -> bool {
    error.as_database_error().is_some_and(|e| e.is_unique_violation())
}

/// `$from, $from+1, …` for `count` placeholders, for `in (…)` lists.
pub fn placeholders(from: usize, count: usize) -> String {
    (from..from + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

/// The distinct ids of an iterator, as bound values for an `in (…)` list.
pub fn id_values(ids: impl IntoIterator<Item = Id>) -> Vec<Value> {
    let mut ids: Vec<Id> = ids.into_iter().collect();
    ids.sort();
    ids.dedup();
    ids.into_iter().map(Value::from).collect()
}
