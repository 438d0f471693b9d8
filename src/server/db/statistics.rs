//! Statistics of SQLite's query planner. PostgreSQL keeps its own.
//!
//! Without them, or with those of a much smaller database, SQLite picks indexes that read whole projects where a few rows
//! would do. SQLite never gathers them by itself.

use std::time::Duration;

use super::{Db, DbError};

/// Time between two looks. Connections for reading are replaced as often, because each one reads the statistics only once.
pub(super) const EVERY: Duration = Duration::from_secs(10 * 60);

/// Rows of each index that are looked at: enough to tell the indexes apart. SQLite also counts their pages, which takes seconds
/// for a million runs, so what still fits is left as it is.
const SAMPLE: u32 = 400;

/// Gathers the statistics that are missing or do not fit any more.
pub async fn refresh(db: &Db) -> Result<(), DbError> {
    match db {
        Db::Sqlite(database) => database.optimize(SAMPLE).await,
        Db::Postgres(_) => Ok(()),
    }
}

/// Keeps the statistics current until it is aborted.
pub async fn run(db: Db) {
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(error) = refresh(&db).await {
            tracing::warn!(%error, "the statistics of the database could not be refreshed");
        }
    }
}
