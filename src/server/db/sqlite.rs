//! The embedded SQLite database: its connections, and statements on them.
//!
//! Each connection has a thread of its own (`sqlx`), so that no request waits for the work of another. One connection writes and
//! the others read (write-ahead log): a writer never meets a lock.

use std::{str::FromStr as _, time::Duration};

use sqlx::{
    AssertSqlSafe,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    DbError, MIGRATOR, Value,
    record::{Columns, Record},
    session::session,
    statistics,
};

/// How long a write waits for another program that writes to the same file.
const BUSY: Duration = Duration::from_secs(20);
/// How long a session is waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How many reads may be under way at once.
const READERS: u32 = 8;
/// Rows that a connection's thread reads ahead: as many as most pages have, so that it is not woken for each.
const ROWS_AHEAD: usize = 500;

/// An SQLite file; clones share its connections.
#[derive(Clone, Debug)]
pub struct Sqlite {
    read: SqlitePool,
    write: SqlitePool,
}

impl Sqlite {
    /// The database of `sqlite:PATH`. Its file is opened, and made if it is missing, by [`Sqlite::migrate`].
    pub fn new(url: &str) -> Result<Self, DbError> {
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .row_buffer_size(ROWS_AHEAD)
            .pragma("temp_store", "memory")
            .pragma("cache_size", "-8000");
        let pool = |size: u32| SqlitePoolOptions::new().max_connections(size).acquire_timeout(LONGEST_WAIT);
        Ok(Self {
            // Replaced from time to time, because each reads the planner's statistics only once.
            read: pool(READERS).max_lifetime(statistics::EVERY).connect_lazy_with(options.clone()),
            write: pool(1).connect_lazy_with(options),
        })
    }

    /// Makes the file if it is missing, and applies the migrations that are missing.
    pub async fn migrate(&self) -> Result<(), sqlx::migrate::MigrateError> {
        MIGRATOR.run(&self.write).await?;
        sqlx::raw_sql(include_str!("../../../migrations/sqlite.sql")).execute(&self.write).await?;
        Ok(())
    }

    /// A connection for reading; each statement sees the newest committed state.
    pub async fn read(&self) -> Result<Session, DbError> {
        Ok(Session::Plain(self.read.acquire().await?))
    }

    /// The connection for writing, in a transaction. Immediate: the write lock is taken at once, so a read inside cannot be
    /// overtaken by another writer.
    pub async fn begin(&self) -> Result<Session, DbError> {
        Ok(Session::Transaction(self.write.begin_with("begin immediate").await?))
    }

    /// Gathers the planner's statistics of the tables that have none or have become ten times as large or as small since, from a
    /// sample of so many rows of each index.
    pub async fn optimize(&self, sample: u32) -> Result<(), DbError> {
        // 2: analyze; 65536: also what this connection did not ask.
        let sql = format!("pragma analysis_limit = {sample}; pragma optimize = 65538");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&self.write).await?;
        Ok(())
    }

    /// How many connections are open, and how many of them are in use.
    pub fn usage(&self) -> (usize, usize) {
        let open = (self.read.size() + self.write.size()) as usize;
        (open, open.saturating_sub(self.read.num_idle() + self.write.num_idle()))
    }

    /// Closes all connections, waiting for those in use.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

session!(sqlx::Sqlite, Columns::of_sqlite);
