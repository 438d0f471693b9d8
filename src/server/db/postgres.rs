//! Statements on a PostgreSQL server.

use std::time::Duration;

use sqlx::{
    AssertSqlSafe, Postgres, Transaction,
    pool::PoolConnection,
    postgres::{PgArguments, PgConnection, PgPool, PgPoolOptions},
    query::Query,
};

use super::{
    DbError, Value,
    record::{Columns, Record},
};

/// Opens a pool of connections.
pub async fn connect(url: &str) -> Result<PgPool, DbError> {
    PgPoolOptions::new().max_connections(16).acquire_timeout(Duration::from_secs(20)).connect(url).await
}

/// A connection, inside a transaction or not.
pub enum Session {
    Plain(PoolConnection<Postgres>),
    Transaction(Transaction<'static, Postgres>),
}

impl Session {
    /// All rows of a query.
    pub async fn fetch_all<T: Record>(&mut self, sql: &str, args: Vec<Value>) -> Result<Vec<T>, DbError> {
        let rows = query(sql, args).fetch_all(self.connection()).await?;
        rows.iter().map(|row| T::read(&mut Columns::of_postgres(row))).collect()
    }

    /// The first row of a query, if there is one.
    pub async fn fetch_optional<T: Record>(&mut self, sql: &str, args: Vec<Value>) -> Result<Option<T>, DbError> {
        let row = query(sql, args).fetch_optional(self.connection()).await?;
        row.map(|row| T::read(&mut Columns::of_postgres(&row))).transpose()
    }

    /// Runs a statement and says how many rows it touched.
    pub async fn execute(&mut self, sql: &str, args: Vec<Value>) -> Result<u64, DbError> {
        Ok(query(sql, args).execute(self.connection()).await?.rows_affected())
    }

    /// Makes the transaction's changes lasting; a plain connection has nothing to commit.
    pub async fn commit(self) -> Result<(), DbError> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Transaction(transaction) => transaction.commit().await,
        }
    }

    fn connection(&mut self) -> &mut PgConnection {
        match self {
            Self::Plain(connection) => connection,
            Self::Transaction(transaction) => transaction,
        }
    }
}

fn query(sql: &str, args: Vec<Value>) -> Query<'static, Postgres, PgArguments> {
    args.into_iter().fold(sqlx::query(AssertSqlSafe(sql.to_owned())), |query, value| match value {
        Value::Text(value) => query.bind(value),
        Value::Integer(value) => query.bind(value),
        Value::Real(value) => query.bind(value),
        Value::Boolean(value) => query.bind(value),
    })
}
