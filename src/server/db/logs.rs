//! Log streams of runs and steps: where each stream's text is, not the text itself.

use std::collections::HashMap;

use super::{Connection, DbError, LONGEST_LIST, id_values, placeholders};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// A log stream. The client chooses its id, and ties it to a run or a step when that exists.
    pub struct LogsRow in "logs" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Option<Id>,
        project_id: Id,
        pipeline_run_id: Option<Id>,
        step_run_id: Option<Id>,
        hook_invocation_id: Option<Id>,
        artifact_store_id: Option<Id>,
        log_store_id: Option<Id>,
        /// `client`, `orchestrator`, `prepare_step`, `step`, `runner`, …
        source: String,
        uri: Option<String>,
    }
}

/// The streams of many runs, oldest first; those of their steps are not among them.
pub async fn of_runs(connection: &mut Connection, runs: impl IntoIterator<Item = Id>) -> Result<HashMap<Id, Vec<LogsRow>>, DbError> {
    grouped(connection, "pipeline_run_id", runs, |row| row.pipeline_run_id).await
}

/// The streams of many steps, oldest first.
pub async fn of_steps(connection: &mut Connection, steps: impl IntoIterator<Item = Id>) -> Result<HashMap<Id, Vec<LogsRow>>, DbError> {
    grouped(connection, "step_run_id", steps, |row| row.step_run_id).await
}

/// The streams of many hook invocations, oldest first.
pub async fn of_hook_invocations(
    connection: &mut Connection,
    hooks: impl IntoIterator<Item = Id>,
) -> Result<HashMap<Id, Vec<LogsRow>>, DbError> {
    grouped(connection, "hook_invocation_id", hooks, |row| row.hook_invocation_id).await
}

async fn grouped(
    connection: &mut Connection,
    column: &str,
    ids: impl IntoIterator<Item = Id>,
    owner: fn(&LogsRow) -> Option<Id>,
) -> Result<HashMap<Id, Vec<LogsRow>>, DbError> {
    let mut found: HashMap<Id, Vec<LogsRow>> = HashMap::new();
    for chunk in id_values(ids).chunks(LONGEST_LIST) {
        let condition = format!("{column} in ({}) order by created, id", placeholders(1, chunk.len()));
        for row in connection.find_all::<LogsRow>(&condition, chunk.to_vec()).await? {
            if let Some(owner) = owner(&row) {
                found.entry(owner).or_default().push(row);
            }
        }
    }
    Ok(found)
}

/// The newest stream of a run with this source.
pub async fn find_of_run(connection: &mut Connection, run: Id, source: &str) -> Result<Option<LogsRow>, DbError> {
    connection.find("pipeline_run_id = $1 and source = $2 order by created desc, id desc limit 1", args![run, source]).await
}

/// The newest stream of a step with this source.
pub async fn find_of_step(connection: &mut Connection, step: Id, source: &str) -> Result<Option<LogsRow>, DbError> {
    connection.find("step_run_id = $1 and source = $2 order by created desc, id desc limit 1", args![step, source]).await
}
