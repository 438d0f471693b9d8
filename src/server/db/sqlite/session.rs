//! One connection in use, and how a statement runs on it.

use std::{
    error::Error as StdError,
    fmt,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use rusqlite::{CachedStatement, Connection};
use sqlx::error::{BoxDynError, DatabaseError, ErrorKind};
use tokio::runtime::{Handle, RuntimeFlavor};

use super::{
    super::{
        DbError, Value,
        record::{Columns, Record},
    },
    BUSY, PATIENCE,
    pool::Place,
};

/// Each connection keeps so many statements prepared.
const KEPT_STATEMENTS: usize = 100;
/// After so many steps of SQLite's virtual machine, a tenth of a millisecond or so, a read looks at the clock.
const STEPS: i32 = 10_000;
const PRAGMAS: &str = "pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on; pragma temp_store = memory;
                       pragma cache_size = -8000;";

/// An open connection.
#[derive(Debug)]
pub struct Open {
    connection: Connection,
    patience: Patience,
}

impl Open {
    /// Opens the file.
    pub fn new(file: &Path) -> Result<Self, DbError> {
        let open = || {
            let connection = Connection::open(file)?;
            connection.busy_timeout(BUSY)?;
            connection.execute_batch(PRAGMAS)?;
            connection.set_prepared_statement_cache_capacity(KEPT_STATEMENTS);
            let patience = Patience::default();
            let watch = patience.clone();
            connection.progress_handler(STEPS, Some(move || watch.ends()))?;
            Ok(Self { connection, patience })
        };
        open().map_err(error)
    }

    /// The first rows of a query, at most `most`.
    fn query<T: Record>(&self, sql: &str, args: &[Value], most: usize, patient: bool) -> Result<Vec<T>, DbError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(error)?;
        bind(&mut statement, args).map_err(error)?;
        // What writes must not be broken off: that would undo the whole transaction.
        if !patient && statement.readonly() {
            self.patience.begin();
        }
        let mut rows = statement.raw_query();
        let mut found = Vec::new();
        while found.len() < most
            && let Some(row) = rows.next().map_err(error)?
        {
            found.push(T::read(&mut Columns::of_sqlite(row))?);
        }
        Ok(found)
    }
}

/// A connection in use, given back to its pool when it is dropped.
#[derive(Debug)]
pub struct Session {
    /// There until it is dropped.
    open: Option<Open>,
    place: Place,
}

impl Session {
    pub(super) fn new(open: Open, place: Place) -> Self {
        Self { open: Some(open), place }
    }

    /// All rows of a query.
    pub fn fetch_all<T: Record>(&mut self, sql: &str, args: &[Value]) -> Result<Vec<T>, DbError> {
        self.fetch(sql, args, usize::MAX)
    }

    /// The first row of a query, if there is one.
    pub fn fetch_optional<T: Record>(&mut self, sql: &str, args: &[Value]) -> Result<Option<T>, DbError> {
        Ok(self.fetch(sql, args, 1)?.pop())
    }

    /// Runs a statement and says how many rows it touched.
    pub fn execute(&mut self, sql: &str, args: &[Value]) -> Result<u64, DbError> {
        let connection = self.connection()?;
        let run = || {
            let mut statement = connection.prepare_cached(sql)?;
            bind(&mut statement, args)?;
            let mut rows = statement.raw_query();
            while rows.next()?.is_some() {}
            Ok(connection.changes())
        };
        run().map_err(error)
    }

    /// Runs several statements, which may take long.
    pub fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        let connection = self.connection()?;
        aside(|| connection.execute_batch(sql)).map_err(error)
    }

    /// Begins a transaction and takes the write lock at once, so a read inside cannot be overtaken by another writer.
    pub fn begin(&mut self) -> Result<(), DbError> {
        self.batch("begin immediate")
    }

    /// Makes the transaction's changes lasting, if one was begun.
    pub fn commit(self) -> Result<(), DbError> {
        let connection = self.connection()?;
        if connection.is_autocommit() { Ok(()) } else { connection.execute_batch("commit").map_err(error) }
    }

    fn fetch<T: Record>(&mut self, sql: &str, args: &[Value], most: usize) -> Result<Vec<T>, DbError> {
        let open = self.open.as_ref().ok_or(DbError::PoolClosed)?;
        let found = open.query(sql, args, most, false);
        if open.patience.end() { aside(|| open.query(sql, args, most, true)) } else { found }
    }

    fn connection(&self) -> Result<&Connection, DbError> {
        Ok(&self.open.as_ref().ok_or(DbError::PoolClosed)?.connection)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let Some(open) = self.open.take() else { return };
        // A transaction that was not committed leaves nothing behind. One that cannot be undone ends with its connection.
        if open.connection.is_autocommit() || open.connection.execute_batch("rollback").is_ok() {
            self.place.pool.take_back(open, self.place.generation);
        }
    }
}

/// Gives each value to its placeholder: SQLite takes `$1` for a name, not for a position.
fn bind(statement: &mut CachedStatement<'_>, args: &[Value]) -> rusqlite::Result<()> {
    for index in 1..=statement.parameter_count() {
        let position: Option<usize> = statement.parameter_name(index).and_then(|name| name.get(1..)?.parse().ok());
        let value = position.and_then(|position| args.get(position.checked_sub(1)?));
        let value = value.ok_or(rusqlite::Error::InvalidParameterCount(args.len(), index))?;
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}

/// Does something that may take long, while another thread goes on with the tasks of this one.
fn aside<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

/// Until when the statement at work may go on.
#[derive(Clone, Debug, Default)]
struct Patience(Arc<Mutex<Limit>>);

#[derive(Debug, Default)]
enum Limit {
    #[default]
    None,
    Until(Instant),
    Over,
}

impl Patience {
    fn begin(&self) {
        *self.limit() = Limit::Until(Instant::now() + PATIENCE);
    }

    /// Whether the statement has to end now.
    fn ends(&self) -> bool {
        let mut limit = self.limit();
        if matches!(*limit, Limit::Until(end) if Instant::now() >= end) {
            *limit = Limit::Over;
        }
        matches!(*limit, Limit::Over)
    }

    /// Whether the statement was broken off; the next may take as long as it likes.
    fn end(&self) -> bool {
        matches!(std::mem::take(&mut *self.limit()), Limit::Over)
    }

    fn limit(&self) -> MutexGuard<'_, Limit> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An error of SQLite as both databases' errors are told.
pub fn error(error: rusqlite::Error) -> DbError {
    match error {
        rusqlite::Error::QueryReturnedNoRows => DbError::RowNotFound,
        rusqlite::Error::FromSqlConversionFailure(position, _, source) => DbError::ColumnDecode { index: position.to_string(), source },
        error => DbError::Database(Box::new(Failure { message: error.to_string(), error })),
    }
}

#[derive(Debug)]
struct Failure {
    message: String,
    error: rusqlite::Error,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl StdError for Failure {}

impl DatabaseError for Failure {
    fn message(&self) -> &str {
        &self.message
    }

    fn as_error(&self) -> &(dyn StdError + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn StdError + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> BoxDynError {
        self
    }

    fn kind(&self) -> ErrorKind {
        match self.error.sqlite_error().map(|error| error.extended_code) {
            Some(rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY) => ErrorKind::UniqueViolation,
            Some(rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => ErrorKind::ForeignKeyViolation,
            Some(rusqlite::ffi::SQLITE_CONSTRAINT_NOTNULL) => ErrorKind::NotNullViolation,
            Some(rusqlite::ffi::SQLITE_CONSTRAINT_CHECK) => ErrorKind::CheckViolation,
            _ => ErrorKind::Other,
        }
    }
}
