//! Launches: the queue of runs this server starts, and the lease of the server process that watches each.
//!
//! Every change of a row that another server process may touch too is one conditional statement, so that exactly one wins.

use std::{fmt, str::FromStr};

use super::{Connection, DbError};
use crate::{
    args, record,
    server::{id::Id, launch::process::Identity, time::Timestamp},
};

/// Where a launch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaunchState {
    /// Waits for a slot.
    Queued,
    /// Claimed: its environment and code are being put in place.
    Starting,
    /// Its runner was started.
    Running,
    /// Nothing more to do for the launcher; a remote run may go on.
    Finished,
}

impl LaunchState {
    /// The word stored in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Finished => "finished",
        }
    }
}

impl fmt::Display for LaunchState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for LaunchState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Queued, Self::Starting, Self::Running, Self::Finished]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not a launch state"))
    }
}

crate::stored_as_text!(LaunchState);

record! {
    /// One launch, by the id of its run.
    #[derive(Clone, Debug)]
    pub struct LaunchRow {
        pub run_id: Id,
        pub created: Timestamp,
        pub updated: Timestamp,
        pub state: LaunchState,
        /// `process`.
        pub launcher: String,
        /// How often it was claimed.
        pub attempt: i64,
        pub lease_owner: Option<String>,
        pub lease_expires: Option<Timestamp>,
        /// Identity of the runner: process id and when it started, see `launch::process`.
        pub process_id: Option<i64>,
        pub process_started: Option<String>,
        pub exit_code: Option<i64>,
        pub stop_requested: bool,
        /// The run was paused and is to go on once its runner has ended.
        pub resume_requested: bool,
        /// A launch made inside a step does not take its parent's slot.
        pub takes_slot: bool,
        /// The run's own folder, absolute.
        pub work_directory: String,
        /// JSON: the run configuration as submitted.
        pub run_configuration: String,
        /// JSON: the paths of the values that differ from the snapshot's.
        pub changed_paths: String,
        /// JSON: where the launch came from and which layers its configuration is made of.
        pub origin: String,
        /// Unique: what makes a repeated launch the same launch.
        pub request_key: Option<String>,
        pub error: Option<String>,
    }
}

impl LaunchRow {
    /// The runner's process, once it is recorded.
    pub fn process(&self) -> Option<Identity> {
        Some(Identity { process_id: self.process_id?.try_into().ok()?, started: self.process_started.clone()? })
    }
}

const COLUMNS: &str = "run_id, created, updated, state, launcher, attempt, lease_owner, lease_expires, process_id, process_started, \
                       exit_code, stop_requested, resume_requested, takes_slot, work_directory, run_configuration, changed_paths, origin, \
                       request_key, error";

/// Stores a new launch.
pub async fn insert(connection: &mut Connection, launch: &LaunchRow) -> Result<(), DbError> {
    let sql = format!("insert into launches ({COLUMNS}) values ({})", super::placeholders(1, 20));
    let values = args![
        launch.run_id,
        launch.created,
        launch.updated,
        launch.state.as_str(),
        &launch.launcher,
        launch.attempt,
        launch.lease_owner.as_deref(),
        launch.lease_expires,
        launch.process_id,
        launch.process_started.as_deref(),
        launch.exit_code,
        launch.stop_requested,
        launch.resume_requested,
        launch.takes_slot,
        &launch.work_directory,
        &launch.run_configuration,
        &launch.changed_paths,
        &launch.origin,
        launch.request_key.as_deref(),
        launch.error.as_deref(),
    ];
    connection.execute(&sql, values).await?;
    Ok(())
}

/// The launch of a run.
pub async fn get(connection: &mut Connection, run: Id) -> Result<Option<LaunchRow>, DbError> {
    connection.fetch_optional(&format!("select {COLUMNS} from launches where run_id = $1"), args![run]).await
}

/// The run that was launched with this key.
pub async fn find_by_request_key(connection: &mut Connection, request_key: &str) -> Result<Option<Id>, DbError> {
    let found: Option<(Id,)> = connection.fetch_optional("select run_id from launches where request_key = $1", args![request_key]).await?;
    Ok(found.map(|(run,)| run))
}

/// How many launches wait.
pub async fn count_queued(connection: &mut Connection) -> Result<i64, DbError> {
    connection.count("select count(*) from launches where state = 'queued'", args![]).await
}

/// The runs that wait longest, of those that do or do not take a slot.
pub async fn waiting(connection: &mut Connection, takes_slot: bool, limit: i64) -> Result<Vec<Id>, DbError> {
    let sql = "select run_id from launches where state = 'queued' and takes_slot = $1 order by created, run_id limit $2";
    let rows: Vec<(Id,)> = connection.fetch_all(sql, args![takes_slot, limit]).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Claims a waiting launch; says whether it was still to be had.
pub async fn claim(connection: &mut Connection, run: Id, owner: &str, expires: Timestamp) -> Result<bool, DbError> {
    let sql = "update launches set state = 'starting', attempt = attempt + 1, lease_owner = $1, lease_expires = $2, updated = $3 \
               where run_id = $4 and state = 'queued'";
    Ok(connection.execute(sql, args![owner, expires, Timestamp::now(), run]).await? > 0)
}

/// The launches an owner holds.
pub async fn held_by(connection: &mut Connection, owner: &str) -> Result<Vec<LaunchRow>, DbError> {
    let sql = format!("select {COLUMNS} from launches where state in ('starting', 'running') and lease_owner = $1");
    connection.fetch_all(&sql, args![owner]).await
}

/// The launches that others hold.
pub async fn held_by_others(connection: &mut Connection, owner: &str) -> Result<Vec<LaunchRow>, DbError> {
    let sql = format!(
        "select {COLUMNS} from launches where state in ('starting', 'running') and (lease_owner is null or lease_owner <> $1) \
         order by created, run_id"
    );
    connection.fetch_all(&sql, args![owner]).await
}

/// Extends all leases of an owner.
pub async fn renew(connection: &mut Connection, owner: &str, expires: Timestamp) -> Result<(), DbError> {
    let sql = "update launches set lease_expires = $1 where state in ('starting', 'running') and lease_owner = $2";
    connection.execute(sql, args![expires, owner]).await?;
    Ok(())
}

/// Takes a launch over from the owner it was read with; says whether that owner had not renewed its lease since.
pub async fn take_over(connection: &mut Connection, launch: &LaunchRow, owner: &str, expires: Timestamp) -> Result<bool, DbError> {
    let sql = "update launches set lease_owner = $1, lease_expires = $2, updated = $3 \
               where run_id = $4 and state in ('starting', 'running') \
               and coalesce(lease_owner, '') = $5 and coalesce(lease_expires, '') = $6";
    let held = (launch.lease_owner.as_deref().unwrap_or_default(), launch.lease_expires.map(|time| time.stored()).unwrap_or_default());
    Ok(connection.execute(sql, args![owner, expires, Timestamp::now(), launch.run_id, held.0, held.1]).await? > 0)
}

/// Renews the lease of one launch; says whether the owner still holds it.
pub async fn confirm(connection: &mut Connection, run: Id, owner: &str, expires: Timestamp) -> Result<bool, DbError> {
    let sql = "update launches set lease_expires = $1 where run_id = $2 and lease_owner = $3 and state = 'starting'";
    Ok(connection.execute(sql, args![expires, run, owner]).await? > 0)
}

/// Records a runner that was started; says whether the owner still holds the launch.
pub async fn record_process(connection: &mut Connection, run: Id, owner: &str, process: (i64, &str)) -> Result<bool, DbError> {
    let sql = "update launches set state = 'running', process_id = $1, process_started = $2, updated = $3 \
               where run_id = $4 and lease_owner = $5 and state in ('starting', 'running')";
    Ok(connection.execute(sql, args![process.0, process.1, Timestamp::now(), run, owner]).await? > 0)
}

/// Ends a launch its owner holds; says whether the owner still held it.
pub async fn finish(
    connection: &mut Connection,
    run: Id,
    owner: &str,
    exit_code: Option<i64>,
    error: Option<&str>,
) -> Result<bool, DbError> {
    let sql = "update launches set state = 'finished', exit_code = $1, error = $2, lease_owner = null, lease_expires = null, updated = $3 \
               where run_id = $4 and lease_owner = $5 and state in ('starting', 'running')";
    Ok(connection.execute(sql, args![exit_code, error, Timestamp::now(), run, owner]).await? > 0)
}

/// Takes a launch out of the queue; says whether it was still waiting.
pub async fn cancel_waiting(connection: &mut Connection, run: Id) -> Result<bool, DbError> {
    let sql = "update launches set state = 'finished', stop_requested = true, updated = $1 where run_id = $2 and state = 'queued'";
    Ok(connection.execute(sql, args![Timestamp::now(), run]).await? > 0)
}

/// Asks the owner of a launch to stop it; says whether it was still in the owner's hands.
pub async fn request_stop(connection: &mut Connection, run: Id) -> Result<bool, DbError> {
    let sql = "update launches set stop_requested = true, updated = $1 where run_id = $2 and state in ('starting', 'running')";
    Ok(connection.execute(sql, args![Timestamp::now(), run]).await? > 0)
}

/// Asks for another runner of a paused run; says whether the run was launched here and is not waiting in the queue.
pub async fn request_resume(connection: &mut Connection, run: Id) -> Result<bool, DbError> {
    let sql = "update launches set resume_requested = true, updated = $1 where run_id = $2 and state <> 'queued'";
    Ok(connection.execute(sql, args![Timestamp::now(), run]).await? > 0)
}

/// The ended launches that are to start again.
pub async fn to_resume(connection: &mut Connection) -> Result<Vec<LaunchRow>, DbError> {
    connection.fetch_all(&format!("select {COLUMNS} from launches where state = 'finished' and resume_requested = true"), args![]).await
}

/// Queues an ended launch again, as if it had never been started; says whether it was still ended.
pub async fn requeue(connection: &mut Connection, run: Id) -> Result<bool, DbError> {
    let sql = "update launches set state = 'queued', resume_requested = false, stop_requested = false, process_id = null, \
               process_started = null, exit_code = null, error = null, updated = $1 \
               where run_id = $2 and state = 'finished' and resume_requested = true";
    Ok(connection.execute(sql, args![Timestamp::now(), run]).await? > 0)
}

/// Takes back the wish for another runner; says whether there was one.
pub async fn cancel_resume(connection: &mut Connection, run: Id) -> Result<bool, DbError> {
    let sql = "update launches set resume_requested = false, updated = $1 where run_id = $2 and resume_requested = true";
    Ok(connection.execute(sql, args![Timestamp::now(), run]).await? > 0)
}
