//! Execution statuses of runs and steps, with the sets that ZenML's rules speak of.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Where a run or a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ExecutionStatus {
    Initializing,
    Provisioning,
    Queued,
    Running,
    Failed,
    Completed,
    Cached,
    Skipped,
    Retrying,
    Retried,
    Cancelling,
    Cancelled,
    Paused,
    Resuming,
    Stopped,
    Stopping,
}

impl ExecutionStatus {
    /// Every status.
    pub const ALL: [Self; 16] = [
        Self::Initializing,
        Self::Provisioning,
        Self::Queued,
        Self::Running,
        Self::Failed,
        Self::Completed,
        Self::Cached,
        Self::Skipped,
        Self::Retrying,
        Self::Retried,
        Self::Cancelling,
        Self::Cancelled,
        Self::Paused,
        Self::Resuming,
        Self::Stopped,
        Self::Stopping,
    ];

    /// The word used on the wire, in the database and in style sheets.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Initializing => "initializing",
            Self::Provisioning => "provisioning",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Failed => "failed",
            Self::Completed => "completed",
            Self::Cached => "cached",
            Self::Skipped => "skipped",
            Self::Retrying => "retrying",
            Self::Retried => "retried",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
            Self::Paused => "paused",
            Self::Resuming => "resuming",
            Self::Stopped => "stopped",
            Self::Stopping => "stopping",
        }
    }

    /// Nothing more happens to it (ZenML's `is_finished`).
    pub fn is_finished(self) -> bool {
        matches!(self, Self::Failed | Self::Completed | Self::Cached | Self::Skipped | Self::Retried | Self::Stopped | Self::Cancelled)
    }

    /// It ended well (ZenML's `is_successful`).
    pub fn is_successful(self) -> bool {
        matches!(self, Self::Completed | Self::Cached | Self::Skipped)
    }
}

impl fmt::Display for ExecutionStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for ExecutionStatus {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or_else(|| format!("`{text}` is not an execution status"))
    }
}
