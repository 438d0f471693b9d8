//! Runs as lists and their own page show them.

use serde::{Deserialize, Serialize};

use super::{
    list::{Listing, Reference},
    status::ExecutionStatus,
    time::{Duration, Moment},
};

/// A run in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRow {
    pub id: String,
    pub name: String,
    /// Number among the runs of its pipeline.
    pub index: i64,
    pub status: ExecutionStatus,
    pub pipeline: Option<Reference>,
    /// The named snapshot it was launched from.
    pub snapshot: Option<Reference>,
    pub created: Moment,
    pub started: Option<Moment>,
    pub duration: Duration,
    /// Name of the account that started it.
    pub user: Option<String>,
}

/// The newest run of something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatestRun {
    pub id: String,
    pub index: i64,
    pub status: ExecutionStatus,
    pub created: Moment,
}

/// The list of runs with what its filters offer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunList {
    pub runs: Listing<RunRow>,
    /// Runs by status, where only status and pipeline are asked for.
    pub counts: Option<Vec<(ExecutionStatus, u64)>>,
    pub pipelines: Vec<Reference>,
    pub snapshots: Vec<Reference>,
}

/// The groups of statuses that the list of runs offers.
#[derive(Clone, Copy, Debug)]
pub struct StatusGroup {
    /// The value of `status` in the URL.
    pub value: &'static str,
    pub label: &'static str,
    /// Whether a status belongs to the group.
    pub holds: fn(ExecutionStatus) -> bool,
}

/// In the order in which they are offered.
pub const STATUS_GROUPS: [StatusGroup; 5] = [
    StatusGroup { value: "", label: "All", holds: |_| true },
    StatusGroup { value: "active", label: "Active", holds: |status| !status.is_finished() },
    StatusGroup { value: "completed", label: "Completed", holds: |status| status.is_successful() },
    StatusGroup { value: "failed", label: "Failed", holds: |status| status == ExecutionStatus::Failed },
    StatusGroup {
        value: "stopped",
        label: "Stopped",
        holds: |status| matches!(status, ExecutionStatus::Stopped | ExecutionStatus::Cancelled),
    },
];

/// The statuses that a `status` of the URL means: a group, or one status by its own word; none if it is neither.
pub fn statuses_of(value: &str) -> Option<Vec<ExecutionStatus>> {
    if let Some(group) = STATUS_GROUPS.iter().find(|group| group.value == value) {
        return Some(ExecutionStatus::ALL.into_iter().filter(|status| (group.holds)(*status)).collect());
    }
    value.parse().ok().map(|status| vec![status])
}

#[cfg(test)]
mod tests {
    use super::{ExecutionStatus, statuses_of};

    #[test]
    fn a_status_is_a_group_or_one_word() {
        assert_eq!(statuses_of("failed"), Some(vec![ExecutionStatus::Failed]));
        assert_eq!(statuses_of("queued"), Some(vec![ExecutionStatus::Queued]));
        assert!(
            statuses_of("active").is_some_and(|all| all.contains(&ExecutionStatus::Running) && !all.contains(&ExecutionStatus::Failed))
        );
        assert_eq!(statuses_of("nonsense"), None);
        assert_eq!(statuses_of("").map(|all| all.len()), Some(ExecutionStatus::ALL.len()));
    }
}
