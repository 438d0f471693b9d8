//! Statements on the embedded SQLite database, and its connections.
//!
//! SQLite works in the thread that calls it. Most statements take microseconds, less than it costs to hand them to another
//! thread, so they run where they are awaited. What may take long is kept from holding up other requests: a read that takes
//! longer than [`PATIENCE`] is broken off and made again in a thread that nothing else waits for. Writing is done by one
//! connection, so that at most one of the server's threads waits for the disk, and a writer never meets a lock.

mod pool;
mod session;

use std::{path::Path, sync::Arc, time::Duration};

use sqlx::{
    Connection as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};

use super::{DbError, MIGRATOR};
use pool::Pool;
pub use session::{Session, error};

/// How long a read may hold up the requests that its thread has to answer.
const PATIENCE: Duration = Duration::from_millis(3);
/// How long a write waits for another program that writes to the same file.
const BUSY: Duration = Duration::from_secs(20);
/// How many reads may be under way at once.
const READERS: u32 = 8;

/// An SQLite file; clones share its connections.
#[derive(Clone, Debug)]
pub struct Sqlite {
    options: SqliteConnectOptions,
    read: Arc<Pool>,
    write: Arc<Pool>,
}

impl Sqlite {
    /// The database of `sqlite:PATH`. Its file is opened, and made if it is missing, by [`Sqlite::migrate`].
    pub fn new(url: &str) -> Result<Self, DbError> {
        let options: SqliteConnectOptions = url.parse()?;
        let file: Arc<Path> = options.get_filename().into();
        Ok(Self {
            options: options.create_if_missing(true).journal_mode(SqliteJournalMode::Wal).busy_timeout(BUSY),
            read: Arc::new(Pool::new(file.clone(), READERS)),
            write: Arc::new(Pool::new(file, 1)),
        })
    }

    /// Makes the file if it is missing, and applies the migrations that are missing.
    pub async fn migrate(&self) -> Result<(), sqlx::migrate::MigrateError> {
        let mut connection = SqliteConnection::connect_with(&self.options).await?;
        MIGRATOR.run(&mut connection).await?;
        sqlx::raw_sql(include_str!("../../../migrations/sqlite.sql")).execute(&mut connection).await?;
        Ok(connection.close().await?)
    }

    /// A connection for reading; each statement sees the newest committed state.
    pub async fn read(&self) -> Result<Session, DbError> {
        self.read.session().await
    }

    /// The connection for writing, in a transaction.
    pub async fn begin(&self) -> Result<Session, DbError> {
        let mut session = self.write.session().await?;
        session.begin()?;
        Ok(session)
    }

    /// Gathers the planner's statistics from a sample of so many rows of each index. Connections that read are replaced,
    /// because each reads the statistics only once.
    pub async fn analyze(&self, sample: u32) -> Result<(), DbError> {
        self.write.session().await?.batch(&format!("pragma analysis_limit = {sample}; analyze"))?;
        self.read.renew();
        Ok(())
    }

    /// How many connections are open, and how many of them are in use.
    pub fn usage(&self) -> (usize, usize) {
        let ((read, reading), (write, writing)) = (self.read.usage(), self.write.usage());
        (read + write, reading + writing)
    }

    /// Closes all connections, waiting for those in use.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{super::Value, Sqlite};

    /// A new database with one table.
    async fn database(folder: &tempfile::TempDir) -> Sqlite {
        let database = Sqlite::new(&format!("sqlite:{}", folder.path().join("test.db").display())).expect("a database");
        let mut session = database.begin().await.expect("a transaction");
        session.execute("create table numbers (number bigint primary key)", &[]).expect("a table");
        session.commit().expect("committed");
        database
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_slow_read_ends_and_holds_nobody_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = database(&folder).await;
        let slow = tokio::spawn(async move {
            let sql = "with recursive n (i) as (select 1 union all select i + 1 from n where i < $1) select count(*) from n";
            let found = database.read().await.expect("a session").fetch_all::<(i64,)>(sql, &[Value::from(2_000_000_i64)]);
            found.expect("the number of rows")
        });
        for _ in 0..5 {
            tokio::task::yield_now().await;
            tokio::spawn(tokio::time::sleep(Duration::from_millis(1))).await.expect("a task of the same thread");
        }
        assert!(!slow.is_finished(), "the read must be slow for this test to mean something");
        assert_eq!(slow.await.expect("no panic"), vec![(2_000_000,)]);
    }

    #[tokio::test]
    async fn what_is_not_committed_is_undone() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = database(&folder).await;
        let insert = "insert into numbers (number) values ($1)";
        let mut session = database.begin().await.expect("a transaction");
        session.execute(insert, &[Value::from(1_i64)]).expect("a row");
        drop(session);
        let mut session = database.begin().await.expect("the connection is free again");
        assert_eq!(session.execute(insert, &[Value::from(2_i64)]).expect("a row"), 1);
        session.commit().expect("committed");

        let mut session = database.read().await.expect("a session");
        assert_eq!(session.fetch_all::<(i64,)>("select number from numbers", &[]).expect("rows"), vec![(2,)]);
    }

    #[tokio::test]
    async fn placeholders_take_values_by_number() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut session = database(&folder).await.read().await.expect("a session");
        let found = session.fetch_optional::<(String, i64, String)>("select $2, $1, $2", &[Value::from(1_i64), Value::from("a")]);
        assert_eq!(found.expect("a row"), Some(("a".to_owned(), 1, "a".to_owned())));
        assert!(session.fetch_optional::<(i64,)>("select $2", &[Value::from(1_i64)]).is_err(), "a value is missing");
    }

    #[tokio::test]
    async fn a_closed_database_waits_for_sessions_and_opens_no_more() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = database(&folder).await;
        let session = database.read().await.expect("a session");
        let closing = tokio::spawn({
            let database = database.clone();
            async move { database.close().await }
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!closing.is_finished(), "a session is still in use");
        drop(session);
        closing.await.expect("closed");
        assert_eq!(database.usage().0, 0);
        assert!(database.read().await.is_err());
    }
}
