//! Snapshots as lists and their own page show them.

use serde::{Deserialize, Serialize};

use super::{
    list::{Listing, Reference},
    pipeline_runs::{LatestRun, RunRow},
    readiness::Readiness,
    time::Moment,
};

/// A snapshot in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SnapshotRow {
    pub id: String,
    /// None: it was made by a run and not named.
    pub name: Option<String>,
    pub description: Option<String>,
    pub pipeline: Reference,
    pub stack: Option<Reference>,
    pub runnable: bool,
    pub latest_run: Option<LatestRun>,
    pub created: Moment,
    pub user: Option<String>,
    pub tags: Vec<String>,
}

impl SnapshotRow {
    /// The name, or words for the lack of one.
    pub fn title(&self) -> String {
        self.name.clone().unwrap_or_else(|| "Unnamed snapshot".to_owned())
    }
}

/// The list of snapshots with what its filters offer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SnapshotList {
    pub snapshots: Listing<SnapshotRow>,
    pub pipelines: Vec<Reference>,
}

/// A snapshot's page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SnapshotDetail {
    pub snapshot: SnapshotRow,
    pub readiness: Readiness,
    pub parameters: Vec<ParameterRow>,
    pub runs: Vec<RunRow>,
    /// How many runs were launched from it.
    pub run_count: u64,
    pub examples: Vec<CodeExample>,
    /// Whether its code can be saved as a file.
    pub has_code: bool,
    pub client_version: Option<String>,
    pub step_count: u64,
}

/// A parameter that a run can change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParameterRow {
    /// None: a parameter of the pipeline.
    pub step: Option<String>,
    pub name: String,
    /// In words: "an integer", "a list of texts".
    pub kind: String,
    /// The snapshot's value on one line; none if it has to be given.
    pub value: Option<String>,
    pub description: Option<String>,
}

/// A way to run the snapshot, ready to be copied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CodeExample {
    /// "Python", "CLI", "curl".
    pub label: String,
    pub code: String,
}
