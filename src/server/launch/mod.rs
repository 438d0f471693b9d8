//! Launching: the queue of runs, the supervisor that starts and watches them, and the launcher of processes.
//!
//! The way of a launch: [`queue::enqueue`] writes it with its run; the [`supervisor`] claims it under a lease; [`watch`]
//! puts Python and code in place ([`runner`]), starts the [`process`], and gives the run its last status ([`outcome`]).

pub mod archive;
pub mod capture;
pub mod connectors;
pub mod environment;
pub mod logs;
pub mod needed_secrets;
pub mod outcome;
pub mod process;
pub mod python;
pub mod queue;
pub mod readiness;
pub mod requirements;
pub mod resume;
pub mod runner;
pub mod selection;
pub mod sources;
pub mod stop;
pub mod supervisor;
pub mod target;
#[cfg(test)]
mod tests;
pub mod triggers;
pub mod upkeep;
pub mod watch;

use std::{
    fs, io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use environment::Environments;
use process::RunFolder;
use python::Interpreters;
use tokio::sync::Semaphore;

use super::id::Id;

/// The version of zenml for snapshots that do not say theirs.
pub use super::api::wire::server::ZENML_VERSION;

/// Why a server that other machines can reach starts no processes, and the way out.
const PROCESS_LAUNCHER_REFUSED: (&str, &str) = (
    "This server listens beyond its own machine and would run pipelines as its own user.",
    "Start it with --allow-process-launcher to permit that, or let it listen on 127.0.0.1 only.",
);

/// Makes a folder, and those above it, that only the server's user can read.
fn make_private_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Removes everything of a run that was deleted, its log included.
pub async fn remove_run_folder(folder: &RunFolder) {
    match tokio::fs::remove_dir_all(folder.path()).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(folder = %folder.path().display(), %error, "cannot remove the folder of a deleted run");
        }
        _ => {}
    }
}

/// What launching shares on this server.
#[derive(Debug)]
pub struct Launching {
    /// The data directory, absolute: runners work elsewhere.
    pub data_dir: PathBuf,
    /// The folder of code archives.
    pub archives: PathBuf,
    pub interpreters: Arc<Interpreters>,
    pub environments: Environments,
    /// One permit for each process that may ask ZenML's service connectors.
    connector_processes: Arc<Semaphore>,
}

impl Launching {
    /// A run's own folder.
    pub fn run_folder(&self, run: Id) -> RunFolder {
        RunFolder::new(&self.data_dir, run)
    }

    /// With its folders below the data directory.
    pub fn new(data_dir: &Path) -> io::Result<Self> {
        let data_dir = std::path::absolute(data_dir)?;
        let interpreters = Arc::new(Interpreters::default());
        Ok(Self {
            archives: data_dir.join("code"),
            environments: Environments::new(data_dir.join("environments"), interpreters.clone()),
            interpreters,
            connector_processes: Arc::new(Semaphore::new(connectors::AT_ONCE)),
            data_dir,
        })
    }
}
