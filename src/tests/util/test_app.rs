//! The application under test.

use std::path::Path;

use axum::Router;
use clap::Parser as _;
use darkroom::{
    model::roles::Role,
    server::{
        auth::tokens::Claims,
        config::Config,
        db::users::UserRow,
        id::Id,
        router,
        start::{self, FirstStart},
        state::AppState,
    },
};
use tempfile::TempDir;

use super::{client::Client, database::TestDatabase};

/// The password of the accounts that tests make.
pub const PASSWORD: &str = "a test's password";

/// The router and its state, with an active server that has one admin, `admin`.
pub struct TestApp {
    pub state: AppState,
    router: Router,
    // Dropped in this order: the database after its connections, the folder last.
    _database: Option<TestDatabase>,
    _folder: TempDir,
}

#[derive(clap::Parser)]
struct Arguments {
    #[command(flatten)]
    config: Config,
}

/// The default configuration, with this data directory.
pub fn config(data_dir: &Path) -> Config {
    let mut config = Arguments::parse_from(["test"]).config;
    config.data_dir = data_dir.to_owned();
    config
}

impl TestApp {
    /// An active server with the default configuration.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// An active server with a changed configuration.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let app = Self::inactive(|config| {
            config.admin_password = Some(PASSWORD.to_owned());
            change(config);
        })
        .await;
        assert_eq!(app.first_start().await, FirstStart::AdminMade);
        app
    }

    /// A server that was never started before, so that nobody can sign in.
    pub async fn inactive(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = TestDatabase::make().await;
        let mut config = config(&folder.path().join("data"));
        config.database_url = database.as_ref().map(TestDatabase::url);
        change(&mut config);
        let state = start::open(config).await.expect("the server opens");
        Self { router: router::build(state.clone()), state, _database: database, _folder: folder }
    }

    /// What `darkroom serve` does about the first admin.
    pub async fn first_start(&self) -> FirstStart {
        start::first_start(&self.state).await.expect("the server starts")
    }

    /// Starts the server again, on the same database.
    pub async fn restart(&mut self) {
        self.state = start::open((*self.state.config).clone()).await.expect("the server opens");
        self.router = router::build(self.state.clone());
    }

    /// Sends no credentials.
    pub fn anonymous(&self) -> Client {
        Client::new(self.router.clone())
    }

    /// Sends a token, or an API key, as the bearer.
    pub fn bearer(&self, token: &str) -> Client {
        self.anonymous().with_header("authorization", &format!("Bearer {token}"))
    }

    /// Acts as the first admin.
    pub async fn admin(&self) -> Client {
        self.client_of(&self.account("admin").await)
    }

    /// Makes an account of an editor, which is what a user of ZenML is, and acts as it. It has no password, which would take long to hash.
    pub async fn user(&self, name: &str) -> Client {
        self.client_of(&self.insert(UserRow::new(name)).await)
    }

    /// Makes an account with a role, and acts as it.
    pub async fn with_role(&self, name: &str, role: Role) -> Client {
        self.client_of(&self.insert(UserRow { role, ..UserRow::new(name) }).await)
    }

    /// Makes a service account, and acts as it.
    pub async fn service_account(&self, name: &str) -> Client {
        self.client_of(&self.insert(UserRow { is_service_account: true, ..UserRow::new(name) }).await)
    }

    /// The person with this name.
    pub async fn account(&self, name: &str) -> UserRow {
        let mut connection = self.state.db.read().await.expect("a connection");
        darkroom::server::service::users::find_person(&mut connection, name).await.expect("the account exists")
    }

    /// A signed token; `change` sets its claims.
    pub fn token(&self, account: Id, change: impl FnOnce(&mut Claims)) -> String {
        let mut claims = Claims::new(&self.state.server, account);
        change(&mut claims);
        claims.sign(&self.state.keys).expect("a token")
    }

    fn client_of(&self, user: &UserRow) -> Client {
        self.bearer(&self.token(user.id, |_| {}))
    }

    async fn insert(&self, user: UserRow) -> UserRow {
        let mut connection = self.state.db.begin().await.expect("a transaction");
        connection.insert(&user).await.expect("the account is new");
        connection.commit().await.expect("committed");
        user
    }
}
