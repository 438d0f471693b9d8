//! Connections to a PostgreSQL server, and statements on them.

use std::time::Duration;

use sqlx::{
    Postgres,
    postgres::{PgPool, PgPoolOptions},
};

use super::{
    DbError, Value,
    record::{Columns, Record},
    session::session,
};

/// Opens a pool of connections.
pub async fn connect(url: &str) -> Result<PgPool, DbError> {
    PgPoolOptions::new().max_connections(16).acquire_timeout(Duration::from_secs(20)).connect(url).await
}

session!(Postgres, Columns::of_postgres);
