//! Starting: open the database, migrate, make what an empty server needs, give the shared state.

use std::sync::Arc;

use anyhow::Context as _;
use leptos::config::LeptosOptions;

use super::{
    auth::keys::Keys,
    config::Config,
    db::{Connection, Db},
    events::EventBus,
    id::Id,
    service,
    state::{AppState, ExtraSourceRoots, LaunchSignal, ServerIdentity},
    time::Timestamp,
};
use crate::args;

/// Opens everything a server with this configuration needs.
pub async fn open(config: Config) -> anyhow::Result<AppState> {
    let keys = Keys::load(&config.data_dir)?;
    let db = Db::connect(&config.database_url()).await.context("cannot open the database")?;
    db.migrate().await.context("cannot migrate the database")?;
    let server = prepare(&db, &config).await.context("cannot prepare the database")?;
    let leptos_options = LeptosOptions::builder().output_name("darkroom").site_addr(config.addr).build();
    Ok(AppState {
        config: Arc::new(config),
        db,
        events: EventBus::default(),
        keys: Arc::new(keys),
        leptos_options,
        server: Arc::new(server),
        launch_signal: LaunchSignal::default(),
        extra_source_roots: ExtraSourceRoots::default(),
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
    if let Some((id,)) = connection.fetch_optional::<(Id,)>("select id from server_settings", args![]).await? {
        return Ok(id);
    }
    let (id, now) = (Id::new(), Timestamp::now());
    let sql = "insert into server_settings (id, server_name, active, enable_analytics, last_user_activity, created, updated) \
               values ($1, $2, $3, $4, $5, $6, $7)";
    connection.execute(sql, args![id, &config.server_name, false, false, now, now, now]).await?;
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
