//! The status of a run or step: a shape, a word and a colour.

use leptos::prelude::*;

use super::icon::Icon;
use crate::model::status::ExecutionStatus;

/// The symbol of a status.
pub fn icon(status: ExecutionStatus) -> &'static str {
    use ExecutionStatus::*;
    match status {
        Initializing | Provisioning | Queued => "waiting",
        Running => "running",
        Failed => "failed",
        Completed => "completed",
        Cached => "cached",
        Skipped => "skipped",
        Retrying | Retried => "retrying",
        Stopping | Cancelling => "stopping",
        Stopped | Cancelled => "stopped",
        Paused => "paused",
        Resuming => "resuming",
    }
}

/// The colour family of a status, as a word of the style sheets.
pub fn tone(status: ExecutionStatus) -> &'static str {
    use ExecutionStatus::*;
    match status {
        Completed => "good",
        Failed => "bad",
        Running | Resuming | Retrying => "active",
        Initializing | Provisioning | Queued | Stopping | Cancelling | Paused => "waiting",
        Cached => "reused",
        Skipped | Retried | Stopped | Cancelled => "idle",
    }
}

/// The word of a status as pages write it.
pub fn word(status: ExecutionStatus) -> &'static str {
    use ExecutionStatus::*;
    match status {
        Initializing => "Initializing",
        Provisioning => "Provisioning",
        Queued => "Queued",
        Running => "Running",
        Failed => "Failed",
        Completed => "Completed",
        Cached => "Cached",
        Skipped => "Skipped",
        Retrying => "Retrying",
        Retried => "Retried",
        Cancelling => "Cancelling",
        Cancelled => "Cancelled",
        Paused => "Paused",
        Resuming => "Resuming",
        Stopped => "Stopped",
        Stopping => "Stopping",
    }
}

/// A status in a line of text or a table.
#[component]
pub fn StatusBadge(
    status: ExecutionStatus,
    /// On a coloured ground, for headings.
    #[prop(optional)]
    chip: bool,
) -> impl IntoView {
    let class = format!("status status--{}{}", tone(status), if chip { " status--chip" } else { "" });
    view! {
        <span class=class>
            <Icon name=icon(status) />
            {word(status)}
        </span>
    }
}
