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
pub mod drafts;
pub mod flavors;
pub mod form_views;
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
pub mod pipeline_snapshot_usage;
pub mod pipeline_snapshots;
pub mod pipelines;
pub mod postgres;
pub mod presets;
pub mod projects;
pub mod proposals;
pub mod record;
pub mod row_counts;
pub mod run_links;
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
mod session;
pub mod snapshot_access;
pub mod sqlite;
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
pub mod value;
pub mod webhook_events;
pub mod webhooks;

use sqlx::{migrate::Migrator, postgres::PgPool};

pub use record::Record;
use sqlite::Sqlite;
pub use value::{LONGEST_LIST, Value, id_values, placeholders};

/// What a query can fail with; handlers turn it into an answer through `AppError`.
pub type DbError = sqlx::Error;

/// The migrations, embedded in the program.
pub static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// The database the server runs on.
#[derive(Clone, Debug)]
pub enum Db {
    /// Embedded.
    Sqlite(Sqlite),
    /// A PostgreSQL server.
    Postgres(PgPool),
}

/// Which SQL a database speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

impl Db {
    /// Opens `sqlite:PATH` or `postgres://…`; a missing SQLite file is created by [`Db::migrate`].
    pub async fn connect(url: &str) -> Result<Self, DbError> {
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            return Ok(Self::Postgres(postgres::connect(url).await?));
        }
        Ok(Self::Sqlite(Sqlite::new(url)?))
    }

    /// Applies the migrations that are missing.
    pub async fn migrate(&self) -> Result<(), sqlx::migrate::MigrateError> {
        match self {
            Self::Sqlite(database) => database.migrate().await?,
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
            Self::Sqlite(database) => Session::Sqlite(database.read().await?),
            Self::Postgres(pool) => Session::Postgres(postgres::Session::Plain(pool.acquire().await?)),
        }))
    }

    /// A transaction for writing; dropped without [`Connection::commit`] it leaves nothing behind.
    pub async fn begin(&self) -> Result<Connection, DbError> {
        Ok(Connection(match self {
            Self::Sqlite(database) => Session::Sqlite(database.begin().await?),
            Self::Postgres(pool) => Session::Postgres(postgres::Session::Transaction(pool.begin().await?)),
        }))
    }

    /// Asks the database for an answer.
    pub async fn check(&self) -> Result<(), DbError> {
        self.read().await?.count("select cast(1 as bigint)", Vec::new()).await.map(drop)
    }

    /// How many connections are open, and how many of them are in use.
    pub fn usage(&self) -> (usize, usize) {
        match self {
            Self::Sqlite(database) => database.usage(),
            Self::Postgres(pool) => {
                let size = pool.size() as usize;
                (size, size.saturating_sub(pool.num_idle()))
            }
        }
    }

    /// `sqlite` or `postgresql`, for logs and pages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgresql",
        }
    }

    /// Closes all connections, waiting for running statements.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(database) => database.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// One database connection, inside a transaction when it came from [`Db::begin`].
pub struct Connection(Session);

enum Session {
    Sqlite(sqlite::Session),
    Postgres(postgres::Session),
}

impl Connection {
    /// All rows of a query.
    pub async fn fetch_all<T: Record>(&mut self, sql: &str, args: Vec<Value>) -> Result<Vec<T>, DbError> {
        check(sql, &args)?;
        match &mut self.0 {
            Session::Sqlite(session) => session.fetch_all(sql, args).await,
            Session::Postgres(session) => session.fetch_all(sql, args).await,
        }
    }

    /// The first row of a query, if there is one.
    pub async fn fetch_optional<T: Record>(&mut self, sql: &str, args: Vec<Value>) -> Result<Option<T>, DbError> {
        check(sql, &args)?;
        match &mut self.0 {
            Session::Sqlite(session) => session.fetch_optional(sql, args).await,
            Session::Postgres(session) => session.fetch_optional(sql, args).await,
        }
    }

    /// The first row of a query; [`DbError::RowNotFound`] if there is none.
    pub async fn fetch_one<T: Record>(&mut self, sql: &str, args: Vec<Value>) -> Result<T, DbError> {
        self.fetch_optional(sql, args).await?.ok_or(DbError::RowNotFound)
    }

    /// Runs a statement and says how many rows it touched.
    pub async fn execute(&mut self, sql: &str, args: Vec<Value>) -> Result<u64, DbError> {
        check(sql, &args)?;
        match &mut self.0 {
            Session::Sqlite(session) => session.execute(sql, args).await,
            Session::Postgres(session) => session.execute(sql, args).await,
        }
    }

    /// The single number a query gives, such as a count.
    pub async fn count(&mut self, sql: &str, args: Vec<Value>) -> Result<i64, DbError> {
        Ok(self.fetch_one::<(i64,)>(sql, args).await?.0)
    }

    /// Makes the transaction's changes lasting; a plain connection has nothing to commit.
    pub async fn commit(self) -> Result<(), DbError> {
        match self.0 {
            Session::Sqlite(session) => session.commit().await,
            Session::Postgres(session) => session.commit().await,
        }
    }

    /// Which SQL the database speaks, for the few expressions that both do not share.
    pub fn dialect(&self) -> Dialect {
        match &self.0 {
            Session::Sqlite(_) => Dialect::Sqlite,
            Session::Postgres(_) => Dialect::Postgres,
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

/// Whether the database cannot be reached, or is held by another program: the same may work a moment later.
pub fn is_unavailable(error: &DbError) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    match (error, code.as_deref()) {
        (DbError::PoolTimedOut | DbError::PoolClosed | DbError::WorkerCrashed | DbError::Io(_), _) => true,
        // PostgreSQL: connection failures, too many connections, a server that shuts down.
        (_, Some(code)) if code.len() == 5 => code.starts_with("08") || code.starts_with("57P0") || code == "53300",
        // SQLite: busy or locked, in the lowest byte.
        (_, Some(code)) => code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6)),
        _ => false,
    }
}

/// Whether an error is a broken unique constraint.
pub fn is_unique_violation(error: &DbError) -> bool {
    error.as_database_error().is_some_and(|e| e.is_unique_violation())
}
