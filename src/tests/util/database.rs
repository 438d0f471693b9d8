//! A database for one test.

use darkroom::server::id::Id;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// A PostgreSQL database, dropped with this value.
pub struct TestDatabase {
    server_url: String,
    name: String,
}

impl TestDatabase {
    /// Makes one on the server of `TEST_POSTGRES_URL`; none where that is not set.
    pub async fn make() -> Option<Self> {
        let server_url = std::env::var("TEST_POSTGRES_URL").ok()?;
        let database = Self { server_url, name: format!("darkroom_{}", Id::new().hex()) };
        run(&database.server_url, format!("create database {}", database.name)).await.expect("a test database can be made");
        Some(database)
    }

    /// Its URL: the server's, with the database's name as the path.
    pub fn url(&self) -> String {
        let (server, query) = self.server_url.split_once('?').map_or((self.server_url.as_str(), None), |(url, query)| (url, Some(query)));
        let (scheme, rest) = server.split_once("://").expect("TEST_POSTGRES_URL is a URL");
        let host = rest.split('/').next().unwrap_or_default();
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        format!("{scheme}://{host}/{}{query}", self.name)
    }
}

impl Drop for TestDatabase {
    /// In a thread of its own: a test's runtime cannot be waited for from inside it.
    fn drop(&mut self) {
        let (server_url, sql) = (self.server_url.clone(), format!("drop database if exists {} with (force)", self.name));
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(run(&server_url, sql))
        });
        if !matches!(dropped.join(), Ok(Ok(()))) {
            eprintln!("the test database {} is left over", self.name);
        }
    }
}

async fn run(url: &str, sql: String) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await?;
    connection.close().await
}
