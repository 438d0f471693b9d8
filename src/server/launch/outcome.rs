//! How a launched run ends: what its status becomes when its runner is gone.

use super::process::RunnerState;
use crate::{
    model::status::ExecutionStatus,
    server::{
        db::{
            Connection,
            pipeline_runs::{self, PipelineRunRow},
            step_runs,
            stored::Changes,
        },
        error::Result,
        id::Id,
        service::{onboarding, trigger_dispatches},
        time::Timestamp,
    },
};

/// What a run becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its status stays what the runner's own reports made it.
    Unchanged,
    Failed(String),
    Stopped,
}

/// What a run whose runner ended becomes.
///
/// Local orchestrators run the steps inside the runner, so nothing goes on without it. Remote ones only submit: after a
/// good end the run goes on elsewhere.
pub fn of_end(end: RunnerState, stop_requested: bool, runs_in_process: bool, last_words: &str) -> Outcome {
    let said = |why: String| if last_words.is_empty() { format!("{why}.") } else { format!("{why}:\n{last_words}") };
    let code = match end {
        RunnerState::Ended(code) => code,
        RunnerState::NotStarted | RunnerState::Running | RunnerState::Unreachable => return Outcome::Unchanged,
    };
    match code {
        _ if stop_requested => Outcome::Stopped,
        Some(0) if !runs_in_process => Outcome::Unchanged,
        Some(0) => Outcome::Failed(said("The runner ended without finishing the run".to_owned())),
        None => Outcome::Failed(said("The runner was killed (by the system, or because its machine stopped)".to_owned())),
        Some(code @ 129..=192) => Outcome::Failed(said(format!("The runner was ended by signal {}{}", code - 128, memory_hint(code)))),
        Some(code) => Outcome::Failed(said(format!("The runner failed (exit code {code})"))),
    }
}

/// Whether a run needs no runner: it is paused until somebody answers, or was answered and is to be queued again.
pub fn is_at_rest(status: ExecutionStatus, resume_requested: bool) -> bool {
    status == ExecutionStatus::Paused || (status == ExecutionStatus::Resuming && resume_requested)
}

fn memory_hint(code: i32) -> &'static str {
    if code == 137 { ", as happens when memory runs out" } else { "" }
}

/// Gives a run and its unfinished steps their last status; a run that is finished keeps its own. Says whether it changed.
pub async fn apply(connection: &mut Connection, run: Id, outcome: &Outcome) -> Result<bool> {
    let (status, reason) = match outcome {
        Outcome::Unchanged => return Ok(false),
        Outcome::Failed(reason) => (ExecutionStatus::Failed, reason.as_str()),
        Outcome::Stopped => (ExecutionStatus::Stopped, "Stopped by a user."),
    };
    let Some(row) = connection.get_locked::<PipelineRunRow>(run).await? else { return Ok(false) };
    if row.status.is_finished() && !row.in_progress {
        return Ok(false);
    }
    let now = Timestamp::now();
    step_runs::end_unfinished(connection, run, status, now).await?;
    if row.status.is_finished() {
        // A failed run that was going on with other steps: it failed for its own reason, and now nothing goes on.
        connection.update::<PipelineRunRow>(run, Changes::new().set("in_progress", false).set("end_time", now)).await?;
        return Ok(true);
    }
    let changes = Changes::new().set("status_reason", reason).set("in_progress", false).set("end_time", row.end_time.unwrap_or(now));
    pipeline_runs::change(connection, &row, status, changes).await?;
    trigger_dispatches::run_ended(connection, &row, status).await?;
    onboarding::note(connection).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_local_runner_is_the_end_of_its_run() {
        let failed = |outcome: Outcome| match outcome {
            Outcome::Failed(reason) => reason,
            other => panic!("{other:?}"),
        };
        let end = |code| RunnerState::Ended(Some(code));
        assert_eq!(failed(of_end(end(1), false, true, "ValueError: x")), "The runner failed (exit code 1):\nValueError: x");
        assert_eq!(failed(of_end(end(0), false, true, "")), "The runner ended without finishing the run.");
        assert!(failed(of_end(end(137), false, true, "")).contains("signal 9, as happens when memory runs out"));
        assert!(failed(of_end(RunnerState::Ended(None), false, false, "")).contains("killed"));
        assert_eq!(of_end(end(0), false, false, ""), Outcome::Unchanged, "submitted elsewhere");
        assert_eq!(of_end(end(143), true, true, "x"), Outcome::Stopped);
    }
}
