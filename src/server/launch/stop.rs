//! Stopping a run: taking its launch out of the queue, or ending its runner.

use super::{
    outcome::{self, Outcome},
    target::Target,
};
use crate::{
    model::status::ExecutionStatus,
    server::{
        db::{
            Connection,
            launches::{self, LaunchState},
            pipeline_runs::{self, PipelineRunRow},
            stored::Changes,
        },
        error::{AppError, Result},
        id::Id,
        state::AppState,
    },
};

/// Asks for the end of a run: a waiting one is stopped at once, a running one when its runner is gone.
///
/// Where this server has no hold of the run: [`AppError::NotImplemented`] with the reason, before anything
/// is written; except that `graceful` on a remote orchestrator tells the steps, which ask for it with their heartbeats.
pub async fn request_stop(state: &AppState, run: Id, graceful: bool) -> Result<()> {
    let mut connection = state.db.begin().await?;
    let row = connection.get_locked::<PipelineRunRow>(run).await?.ok_or_else(|| AppError::missing("pipeline run", run))?;
    if row.status.is_finished() || row.status == ExecutionStatus::Stopping {
        return Err(AppError::Forbidden(format!("The run is {} and cannot be stopped.", row.status)));
    }
    let launch = launches::get(&mut connection, run).await?;
    match launch.map(|launch| launch.state) {
        Some(LaunchState::Queued) if launches::cancel_waiting(&mut connection, run).await? => {
            outcome::apply(&mut connection, run, &Outcome::Stopped).await?;
        }
        Some(LaunchState::Queued | LaunchState::Starting | LaunchState::Running) => {
            launches::request_stop(&mut connection, run).await?;
            mark_stopping(&mut connection, &row).await?;
        }
        // Nothing runs: the run waits for an answer, or for its turn after one.
        Some(LaunchState::Finished) | None if matches!(row.status, ExecutionStatus::Paused | ExecutionStatus::Resuming) => {
            launches::cancel_resume(&mut connection, run).await?;
            outcome::apply(&mut connection, run, &Outcome::Stopped).await?;
        }
        Some(LaunchState::Finished) | None => {
            refuse_unreachable(&mut connection, &row, graceful).await?;
            mark_stopping(&mut connection, &row).await?;
        }
    }
    connection.commit().await?;
    state.launch_signal.wake();
    state.events.send("run", run);
    Ok(())
}

/// Ends the runner of a run that was told to stop, if this server started it; wake the supervisor after the commit.
pub async fn end_runner(connection: &mut Connection, run: Id) -> Result<()> {
    if launches::cancel_waiting(connection, run).await? {
        outcome::apply(connection, run, &Outcome::Stopped).await?;
        return Ok(());
    }
    launches::request_stop(connection, run).await?;
    Ok(())
}

async fn mark_stopping(connection: &mut Connection, run: &PipelineRunRow) -> Result<()> {
    let changes = Changes::new().set("status_reason", "Manual stop requested.");
    Ok(pipeline_runs::change(connection, run, ExecutionStatus::Stopping, changes).await?)
}

/// Refuses to stop a run that this server neither started nor can reach through its steps' heartbeats.
async fn refuse_unreachable(connection: &mut Connection, run: &PipelineRunRow, graceful: bool) -> Result<()> {
    let target = match run.stack_id {
        Some(stack) => Target::read(connection, stack).await?,
        None => None,
    };
    let Some(target) = target else {
        return Err(AppError::Invalid("The stack of this run was deleted, so nothing can be told to stop it.".to_owned()));
    };
    if target.runs_in_process() {
        return Err(AppError::NotImplemented(
            "This run was started by its user's own process, not by this server. End that process to stop it.".to_owned(),
        ));
    }
    if !graceful {
        return Err(AppError::NotImplemented(format!(
            "This run is in the hands of the orchestrator `{}`, which this server cannot reach: zenml pipeline runs stop {}",
            target.orchestrator().unwrap_or_default(),
            run.id
        )));
    }
    Ok(())
}
