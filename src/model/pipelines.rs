//! Pipelines as lists and their own page show them.

use serde::{Deserialize, Serialize};

use super::{list::Reference, pipeline_runs::LatestRun, time::Moment};

/// A pipeline in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PipelineListRow {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    pub latest_run: Option<LatestRun>,
    /// Runs ever made.
    pub run_count: u64,
    /// Named snapshots.
    pub snapshot_count: u64,
    /// The newest named snapshot that can be run here.
    pub runnable: Option<Reference>,
    pub created: Moment,
}

/// The head of a pipeline's page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PipelineDetail {
    pub pipeline: PipelineListRow,
    pub user: Option<String>,
}
