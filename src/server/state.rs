//! What every handler shares.

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use tokio::sync::Notify;

use super::{
    activity::Activity,
    auth::{keys::Keys, login_limiter::LoginLimiter},
    config::Config,
    db::Db,
    events::EventBus,
    id::Id,
    launch::Launching,
    middleware::idempotency::InFlight,
};

/// The server's shared parts; cloning shares them.
#[derive(Clone, FromRef)]
pub struct AppState {
    pub activity: Activity,
    pub config: Arc<Config>,
    pub db: Db,
    pub events: EventBus,
    pub in_flight: InFlight,
    pub keys: Arc<Keys>,
    pub leptos_options: LeptosOptions,
    pub server: Arc<ServerIdentity>,
    pub launch_signal: LaunchSignal,
    /// Folders that code may be captured from: those of the configuration, and the demo's once it is unpacked.
    pub extra_source_roots: ExtraSourceRoots,
    pub login_limiter: LoginLimiter,
    pub launching: Arc<Launching>,
}

/// What is fixed about this server from its first start on.
#[derive(Debug)]
pub struct ServerIdentity {
    /// The deployment's id, stable over restarts: `GET /info`, token issuer, cookie name.
    pub id: Id,
    /// The project used where a request names none.
    pub default_project_id: Id,
}

/// Wakes the supervisor when there is something to launch or to stop.
#[derive(Clone, Debug, Default)]
pub struct LaunchSignal(Arc<Notify>);

impl LaunchSignal {
    /// Wakes the supervisor now, or at its next wait.
    pub fn wake(&self) {
        self.0.notify_one();
    }

    /// Waits for the next wake-up.
    pub async fn wait(&self) {
        self.0.notified().await;
    }
}

/// Source roots that come up while the server runs.
#[derive(Clone, Debug, Default)]
pub struct ExtraSourceRoots(Arc<RwLock<Vec<PathBuf>>>);

impl ExtraSourceRoots {
    /// Adds a folder to capture code from.
    pub fn add(&self, root: PathBuf) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).push(root);
    }

    fn all(&self) -> Vec<PathBuf> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl AppState {
    /// Every folder that code may be captured from.
    pub fn source_roots(&self) -> Vec<PathBuf> {
        self.config.source_roots.iter().cloned().chain(self.extra_source_roots.all()).collect()
    }

    /// A folder or file below the data directory.
    pub fn data_path(&self, name: &str) -> PathBuf {
        self.config.data_dir.join(name)
    }

    /// Name of the session cookie, as the ZenML server names it.
    pub fn cookie_name(&self) -> String {
        format!("zenml-server-{}", self.server.id)
    }
}
