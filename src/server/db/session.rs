//! What a session is, the same for both databases: a connection of a pool, inside a transaction or not.

/// Declares the `Session` of one database of `sqlx`, with the constructor of [`Columns`](super::record::Columns) for its rows.
macro_rules! session {
    ($database:ty, $columns:path) => {
        /// A connection, inside a transaction or not.
        pub enum Session {
            Plain(sqlx::pool::PoolConnection<$database>),
            Transaction(sqlx::Transaction<'static, $database>),
        }

        impl Session {
            /// All rows of a query.
            pub async fn fetch_all<T: Record>(&mut self, sql: &str, args: Vec<Value>) -> Result<Vec<T>, DbError> {
                let rows = query(sql, args).fetch_all(self.connection()).await?;
                rows.iter().map(|row| T::read(&mut $columns(row))).collect()
            }

            /// The first row of a query, if there is one.
            pub async fn fetch_optional<T: Record>(&mut self, sql: &str, args: Vec<Value>) -> Result<Option<T>, DbError> {
                let row = query(sql, args).fetch_optional(self.connection()).await?;
                row.map(|row| T::read(&mut $columns(&row))).transpose()
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

            fn connection(&mut self) -> &mut <$database as sqlx::Database>::Connection {
                match self {
                    Self::Plain(connection) => connection,
                    Self::Transaction(transaction) => transaction,
                }
            }
        }

        fn query(sql: &str, args: Vec<Value>) -> sqlx::query::Query<'static, $database, <$database as sqlx::Database>::Arguments> {
            args.into_iter().fold(sqlx::query(sqlx::AssertSqlSafe(sql.to_owned())), |query, value| match value {
                Value::Text(value) => query.bind(value),
                Value::Integer(value) => query.bind(value),
                Value::Real(value) => query.bind(value),
                Value::Boolean(value) => query.bind(value),
            })
        }
    };
}
pub(super) use session;
