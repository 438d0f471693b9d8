//! The queue: a launch is written in the transaction that makes its run, so neither exists without the other.

use crate::server::{
    db::{
        Connection,
        launches::{self, LaunchRow, LaunchState},
    },
    error::{AppError, OnConflict as _, Result},
    id::Id,
    state::AppState,
    time::Timestamp,
};

/// A launch that is asked for.
#[derive(Clone, Debug)]
pub struct NewLaunch<'a> {
    pub run: Id,
    /// False for a launch made inside a step, whose run may wait for this one: it must not wait for that run's slot.
    pub takes_slot: bool,
    /// JSON: the run configuration as submitted.
    pub run_configuration: &'a str,
    /// JSON: the paths of the values that differ from the snapshot's.
    pub changed_paths: &'a str,
    /// JSON: where the launch came from and the layers of its configuration.
    pub origin: &'a str,
    /// What makes a repeated launch the same launch.
    pub request_key: Option<&'a str>,
}

/// Adds a launch to the queue. After the transaction is committed, wake the supervisor (`state.launch_signal`).
///
/// [`AppError::Busy`] when as many launches wait as may; [`AppError::Exists`] when there is a launch with the same key.
pub async fn enqueue(connection: &mut Connection, state: &AppState, launch: NewLaunch<'_>) -> Result<()> {
    let limit = i64::from(state.config.max_queued_runs);
    if launches::count_queued(connection).await? >= limit {
        return Err(AppError::Busy(format!("{limit} launches are waiting already, which is as many as may. Try again later.")));
    }
    let now = Timestamp::now();
    let row = LaunchRow {
        run_id: launch.run,
        created: now,
        updated: now,
        state: LaunchState::Queued,
        launcher: "process".to_owned(),
        attempt: 0,
        lease_owner: None,
        lease_expires: None,
        process_id: None,
        process_started: None,
        exit_code: None,
        stop_requested: false,
        resume_requested: false,
        takes_slot: launch.takes_slot,
        work_directory: state.launching.run_folder(launch.run).path().to_string_lossy().into_owned(),
        run_configuration: launch.run_configuration.to_owned(),
        changed_paths: launch.changed_paths.to_owned(),
        origin: launch.origin.to_owned(),
        request_key: launch.request_key.map(str::to_owned),
        error: None,
    };
    launches::insert(connection, &row).await.on_conflict(|| AppError::Exists("This launch was made already.".to_owned()))
}
