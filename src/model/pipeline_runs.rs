//! Runs as lists and their own page show them.

use serde::{Deserialize, Serialize};

use super::{
    list::Reference,
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

/// Which list of runs a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RunPlace {
    /// The list of the project.
    Project,
    /// The list of one pipeline, on that one's page.
    Pipeline,
}

/// The list of runs with what its filters offer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunList {
    /// The groups of statuses, as HTML.
    pub tabs: String,
    /// The rows and the pages, as HTML.
    pub html: String,
    pub pipelines: Vec<Reference>,
    pub snapshots: Vec<Reference>,
}

/// The head of a run's page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunDetail {
    pub run: RunRow,
    pub stack: Option<Reference>,
    /// The snapshot that holds what the run did: its own, named or not.
    pub own_snapshot: String,
    /// Its name, if it has one.
    pub own_snapshot_name: Option<String>,
    /// Why it is in its status, where somebody said so.
    pub status_reason: Option<String>,
    /// The run whose step started this one.
    pub parent: Option<Reference>,
    /// What started it by itself, where something did.
    pub starter: Option<Starter>,
    /// Who proposed it, where somebody else launched it.
    pub proposer: Option<String>,
    pub tags: Vec<String>,
    /// That the account launched it just now, with what may come next; HTML.
    pub started: Option<String>,
    /// The menu of ways to run it again, in HTML.
    pub again: String,
    /// Whether this server can stop it now.
    pub can_stop: bool,
    /// What went wrong, first things first.
    pub failures: Vec<Failure>,
    /// How many steps are done, of how many.
    pub progress: (usize, usize),
    /// What it asks and waits for.
    pub question: Option<Question>,
    /// What its launch changed against the snapshot it was launched from; none if it was not launched here.
    pub changed: Option<Vec<ChangeRow>>,
}

/// What starts runs without a person: a trigger of this server, or a schedule of an orchestrator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Starter {
    /// `trigger` or `schedule`.
    pub kind: String,
    pub name: String,
}

impl RunDetail {
    /// Whether something can still change by itself.
    pub fn is_live(&self) -> bool {
        !self.run.status.is_finished()
    }
}

/// What a run waits for: an answer of this kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Id of the wait condition.
    pub id: String,
    pub name: String,
    pub text: Option<String>,
    pub answer: AnswerKind,
}

/// How an answer is typed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum AnswerKind {
    /// Going on is all there is to say.
    Nothing,
    YesOrNo,
    /// Taken as it is typed.
    Text,
    /// JSON that fits this schema.
    Json {
        schema: String,
    },
}

/// An error that ended a run or one of its steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// None: the run as a whole.
    pub step: Option<String>,
    /// The exception and what it says.
    pub message: String,
    pub traceback: Option<String>,
}

/// A step of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRow {
    pub name: String,
    /// None: not started.
    pub status: Option<ExecutionStatus>,
    pub started: Option<Moment>,
    pub duration: Duration,
    /// Attempts made.
    pub attempts: usize,
    pub outputs: Vec<String>,
}

/// One value of a launch that differs from the snapshot's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangeRow {
    pub path: String,
    pub value: String,
}

/// One step of a run in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepDetail {
    pub step: StepRow,
    pub parameters: Vec<(String, String)>,
    pub inputs: Vec<ArtifactLink>,
    pub outputs: Vec<ArtifactLink>,
    pub metadata: Vec<(String, String)>,
    pub failure: Option<Failure>,
    pub docstring: Option<String>,
}

/// An artifact that a step read or made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArtifactLink {
    /// Name of the input or output.
    pub name: String,
    pub artifact: String,
    pub version: String,
    /// Python type: `builtins.dict`.
    pub data_type: String,
    pub uri: String,
}

/// Lines of one piece of a log.
pub const LOG_PIECE: usize = 1000;

/// A place in a log, which the server gives and takes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LogPlace {
    /// Lines before it.
    pub line: usize,
    /// Bytes before it.
    pub byte: u64,
}

/// A piece of a log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogPage {
    /// None if there is no such log.
    pub shown: Option<LogStream>,
    pub lines: Vec<LogLine>,
    /// Number of lines before the first one shown.
    pub from: usize,
    /// The place after the last one shown.
    pub next: LogPlace,
    /// Lines there are by now.
    pub total: usize,
    /// Whether more lines may come.
    pub is_live: bool,
    /// Why the log cannot be shown.
    pub note: Option<String>,
}

/// The logs of a run, in the order in which they began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogStreams {
    pub streams: Vec<LogStream>,
    /// Key of the one that tells most; empty if there is none.
    pub telling: String,
}

/// What wrote a log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogStream {
    /// Value of `log` in the URL.
    pub key: String,
    pub label: String,
    pub status: Option<ExecutionStatus>,
}

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogLine {
    /// `08:53:23`, in UTC.
    pub time: Option<String>,
    /// Python's level: 40 is an error, 30 a warning.
    pub level: i64,
    /// HTML with the colours the program asked for.
    pub html: String,
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
