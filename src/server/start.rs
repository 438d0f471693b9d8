//! Starting: open the database, migrate, make what an empty server needs, give the shared state.

use std::sync::Arc;

use anyhow::Context as _;
use leptos::config::LeptosOptions;

use super::{
    activity::Activity,
    auth::{keys::Keys, login_limiter::LoginLimiter, passwords, secrets},
    config::Config,
    db::{
        Connection, Db,
        server_settings::{self, ServerSettingsRow},
        statistics,
    },
    events::EventBus,
    id::Id,
    launch::Launching,
    middleware::idempotency::InFlight,
    service,
    state::{AppState, ExtraSourceRoots, LaunchSignal, ServerIdentity},
    time::Timestamp,
};
use crate::args;

/// Opens everything a server with this configuration needs.
pub async fn open(config: Config) -> anyhow::Result<AppState> {
    let keys = Keys::load(&config.data_dir, config.secrets_key_file.as_deref())?;
    let db = Db::connect(&config.database_url()).await.context("cannot open the database")?;
    db.migrate().await.context("cannot migrate the database")?;
    let server = prepare(&db, &config).await.context("cannot prepare the database")?;
    service::secrets::check_key(&mut db.read().await?, &keys.secrets).await?;
    statistics::refresh(&db).await.context("cannot gather the statistics of the database")?;
    let launching = Launching::new(&config.data_dir).context("cannot find the data directory")?;
    let leptos_options = LeptosOptions::builder().output_name("darkroom").site_addr(config.addr).build();
    Ok(AppState {
        activity: Activity::default(),
        config: Arc::new(config),
        db,
        events: EventBus::default(),
        in_flight: InFlight::default(),
        keys: Arc::new(keys),
        leptos_options,
        server: Arc::new(server),
        launch_signal: LaunchSignal::default(),
        extra_source_roots: ExtraSourceRoots::default(),
        login_limiter: LoginLimiter::default(),
        launching: Arc::new(launching),
    })
}

/// Makes the settings row and the default project on an empty database, and reads the server's identity.
async fn prepare(db: &Db, config: &Config) -> anyhow::Result<ServerIdentity> {
    let mut connection = db.begin().await?;
    let id = server_id(&mut connection, config).await?;
    let default_project_id = default_project(&mut connection).await?;
    service::flavors::sync(&mut connection).await?;
    service::stacks::ensure_default(&mut connection).await?;
    connection.commit().await?;
    Ok(ServerIdentity { id, default_project_id })
}

async fn server_id(connection: &mut Connection, config: &Config) -> anyhow::Result<Id> {
    if let Some(row) = server_settings::find(connection).await? {
        return Ok(row.id);
    }
    let (id, now) = (Id::new(), Timestamp::now());
    let row = ServerSettingsRow {
        id,
        server_name: config.server_name.clone(),
        logo_url: None,
        active: false,
        setup_token_hash: None,
        display_announcements: Some(true),
        display_updates: Some(true),
        enable_analytics: false,
        onboarding_state: "[]".to_owned(),
        last_user_activity: now,
        created: now,
        updated: now,
    };
    connection.insert(&row).await?;
    Ok(id)
}

async fn default_project(connection: &mut Connection) -> anyhow::Result<Id> {
    if let Some((id,)) = connection.fetch_optional::<(Id,)>("select id from projects where name = 'default'", args![]).await? {
        return Ok(id);
    }
    let (id, now) = (Id::new(), Timestamp::now());
    let sql = "insert into projects (id, created, updated, name, display_name, description) values ($1, $2, $3, $4, $5, $6)";
    connection.execute(sql, args![id, now, now, "default", "default", ""]).await?;
    Ok(id)
}

/// What a start found or did about the first admin.
#[derive(Debug, PartialEq, Eq)]
pub enum FirstStart {
    /// The server was active already.
    Active,
    /// The admin was made with the password that was given.
    AdminMade,
    /// The admin was made with this password, which nobody else knows.
    AdminMadeWithPassword(String),
    /// The first admin is made on the page with this address.
    SetUpLink(String),
}

/// Name of the first admin, unless it is made with the set-up link.
const ADMIN: &str = "admin";

/// Makes the first admin of a server that has none, with `--demo` or a given password; otherwise makes a set-up link.
pub async fn first_start(state: &AppState) -> anyhow::Result<FirstStart> {
    if server_settings::get(&mut state.db.read().await?).await?.active {
        return Ok(FirstStart::Active);
    }
    let given = state.config.admin_password.clone();
    if given.is_none() && !state.config.demo {
        let mut connection = state.db.begin().await?;
        let token = service::server_settings::renew_setup_token(&mut connection).await?;
        connection.commit().await?;
        let link = |token| format!("{}/activate-server?token={token}", state.config.public_url());
        return Ok(token.map_or(FirstStart::Active, |token| FirstStart::SetUpLink(link(token))));
    }
    let generated = if given.is_none() { Some(secrets::generate(12)?) } else { None };
    let password = given.as_deref().or(generated.as_deref()).unwrap_or_default();
    let password_hash = passwords::hash(password).await.context("the admin's password")?;
    let mut connection = state.db.begin().await?;
    service::server_settings::activate_with(&mut connection, ADMIN, password_hash).await?;
    connection.commit().await?;
    Ok(generated.map_or(FirstStart::AdminMade, FirstStart::AdminMadeWithPassword))
}
