//! Run Details: the form that runs a snapshot.

use serde::{Deserialize, Serialize};

use super::{pipeline_snapshots::SnapshotRow, readiness::Readiness};
use crate::run_configuration::{form::Entry, problem::Problem, snapshot::Snapshot, value_path::ValuePath};

/// What the page begins with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LaunchForm {
    pub row: SnapshotRow,
    pub readiness: Readiness,
    /// What a run configuration is checked against, in the browser as on the server.
    #[serde(with = "super::payload::json")]
    pub snapshot: Snapshot,
    pub draft: Draft,
    /// Names this form, so that sending it twice runs the snapshot once.
    pub key: String,
}

/// What was typed so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// The run configuration in YAML: all that differs from the snapshot.
    pub text: String,
    /// Fields whose text could not be taken over into the YAML.
    pub entries: Vec<(ValuePath, Entry)>,
    /// Why not.
    pub problems: Vec<Problem>,
    /// What was done at last, or why the run was not started.
    pub note: Option<Note>,
    /// Whether the launch was refused.
    pub refused: bool,
}

/// Something to be said above the form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    pub is_error: bool,
    pub text: String,
}
