//! What Home shows.

use serde::{Deserialize, Serialize};

use super::{pipeline_runs::RunRow, pipeline_snapshots::SnapshotRow};

/// The first page after signing in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Home {
    /// Runs that others propose to launch, and the account's own proposals; HTML, empty where there are none.
    pub proposals: String,
    /// Snapshots that can be run here, those used last first.
    pub snapshots: Vec<SnapshotRow>,
    /// Runs that are not finished.
    pub active: Vec<RunRow>,
    /// The newest finished runs.
    pub recent: Vec<RunRow>,
    /// URL under which clients reach this server.
    pub url: String,
    /// ZenML version that clients need.
    pub client_version: String,
}
