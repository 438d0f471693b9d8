//! Resuming a paused run: its runner ended while it waited, and another one goes on where it stopped.

use super::queue::{self, NewLaunch};
use crate::server::{
    db::{Connection, launches, pipeline_runs::PipelineRunRow},
    error::Result,
    launch::readiness,
    service::{logs, pipeline_snapshots},
    state::AppState,
};

/// Puts a paused run into the queue again, or for the first time where its user's own process started it.
///
/// Says whether this server can run it. After the transaction is committed, wake the supervisor (`state.launch_signal`).
///
/// A runner that is still about to end is not disturbed: the supervisor queues the run when it has ended.
pub async fn request(connection: &mut Connection, state: &AppState, run: &PipelineRunRow) -> Result<bool> {
    let snapshot = pipeline_snapshots::get(connection, run.snapshot_id).await?;
    if !snapshot.is_dynamic || readiness::check(connection, state, &snapshot).await?.refusal().is_some() {
        return Ok(false);
    }
    if launches::request_resume(connection, run.id).await? {
        return Ok(true);
    }
    if launches::get(connection, run.id).await?.is_some() {
        // Waiting in the queue already.
        return Ok(true);
    }
    logs::add_runner_stream(connection, run).await?;
    let origin = serde_json::json!({ "source": "resume", "layers": null }).to_string();
    let launch =
        NewLaunch { run: run.id, takes_slot: true, run_configuration: "{}", changed_paths: "[]", origin: &origin, request_key: None };
    queue::enqueue(connection, state, launch).await?;
    Ok(true)
}
