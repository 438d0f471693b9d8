//! Statistics of runs on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Most groups that an answer may have.
const MAX_GROUPS: usize = 10_000;

/// `POST /runs/statistics`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct RunStatisticsRequest {
    /// The filters of `GET /runs`, by name; a list is a repeated parameter.
    pub filter: Map<String, Value>,
    #[serde(default)]
    pub groupings: Vec<Grouping>,
    #[serde(default)]
    pub metrics: Vec<Metric>,
    #[serde(default = "default_max_groups")]
    #[schemars(range(min = 1, max = 10_000))]
    pub max_groups: usize,
}

fn default_max_groups() -> usize {
    1000
}

/// What runs are grouped by.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Grouping {
    /// Key of the group's value in the answer.
    #[schemars(length(min = 1))]
    pub name: String,
    #[serde(flatten)]
    pub by: GroupBy,
}

/// A dimension of runs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum GroupBy {
    Status,
    Pipeline,
    Snapshot,
    SourceSnapshot,
    Stack,
    Trigger,
    User,
    Tag,
    Time { granularity: Granularity },
    Metadata { metadata_key: String },
}

/// Width of the buckets of time; weeks begin on Monday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Granularity {
    Hour,
    Day,
    Week,
    Month,
}

/// A number over the runs of a group.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Metric {
    /// Key of the number in the answer.
    #[schemars(length(min = 1))]
    pub name: String,
    pub aggregation: Aggregation,
    #[serde(flatten)]
    pub of: MetricSource,
}

/// How the numbers of runs become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Aggregation {
    Avg,
    Sum,
    Min,
    Max,
}

/// A number that a run has; `duration` is in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(tag = "source", rename_all = "snake_case")]
pub enum MetricSource {
    Duration,
    StepCount,
    CachedStepCount,
    OutputArtifactCount,
    Metadata { metadata_key: String },
}

impl RunStatisticsRequest {
    /// What is wrong with the request beyond its shape.
    pub fn problem(&self) -> Option<&'static str> {
        let repeats = |names: Vec<&str>| names.iter().enumerate().any(|(n, name)| names[..n].contains(name));
        let groupings: Vec<&str> = self.groupings.iter().map(|grouping| grouping.name.as_str()).collect();
        let metrics: Vec<&str> = self.metrics.iter().map(|metric| metric.name.as_str()).collect();
        let of_time = self.groupings.iter().filter(|grouping| matches!(grouping.by, GroupBy::Time { .. })).count();
        if groupings.iter().chain(&metrics).any(|name| name.is_empty()) {
            Some("A name cannot be empty.")
        } else if repeats(groupings) {
            Some("Duplicate grouping names are not allowed.")
        } else if repeats(metrics) {
            Some("Duplicate metric names are not allowed.")
        } else if of_time > 1 {
            Some("At most one time grouping is allowed.")
        } else if !(1..=MAX_GROUPS).contains(&self.max_groups) {
            Some("`max_groups` must be from 1 to 10000.")
        } else {
            None
        }
    }
}

/// The answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RunStatisticsResponse {
    /// Ordered by time where time is a grouping, else the largest first.
    pub groups: Vec<RunStatisticsGroup>,
    /// There are more groups than were asked for.
    pub truncated: bool,
}

/// One group of runs.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RunStatisticsGroup {
    pub group_keys: Map<String, Value>,
    /// Null where no run of the group has the number.
    pub metrics: Map<String, Value>,
    pub run_count: i64,
}
