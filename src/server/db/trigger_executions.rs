//! Which trigger made which run.

use std::collections::HashMap;

use super::{Connection, DbError, LONGEST_LIST, id_values, placeholders};
use crate::{
    args, record,
    server::{id::Id, time::Timestamp},
};

record! {
    /// One run of a trigger.
    #[derive(Clone, Debug)]
    pub struct TriggerExecutionRow {
        pub trigger_id: Id,
        pub pipeline_run_id: Id,
        /// JSON: the event behind it.
        pub info: Option<String>,
    }
}

/// Records that a trigger made a run.
pub async fn insert(connection: &mut Connection, execution: &TriggerExecutionRow) -> Result<(), DbError> {
    let sql = "insert into trigger_executions (trigger_id, pipeline_run_id, created, info) values ($1, $2, $3, $4)";
    let values = args![execution.trigger_id, execution.pipeline_run_id, Timestamp::now(), execution.info.as_deref()];
    connection.execute(sql, values).await?;
    Ok(())
}

/// What made these runs; runs that no trigger made are missing from the answer.
pub async fn of_runs(connection: &mut Connection, runs: impl IntoIterator<Item = Id>) -> Result<HashMap<Id, TriggerExecutionRow>, DbError> {
    let mut found = HashMap::new();
    for chunk in id_values(runs).chunks(LONGEST_LIST) {
        let sql = format!(
            "select trigger_id, pipeline_run_id, info from trigger_executions where pipeline_run_id in ({})",
            placeholders(1, chunk.len())
        );
        for row in connection.fetch_all::<TriggerExecutionRow>(&sql, chunk.to_vec()).await? {
            found.insert(row.pipeline_run_id, row);
        }
    }
    Ok(found)
}

/// The newest run of each of these triggers.
pub async fn latest_runs(connection: &mut Connection, triggers: impl IntoIterator<Item = Id>) -> Result<HashMap<Id, Id>, DbError> {
    let mut found = HashMap::new();
    for chunk in id_values(triggers).chunks(LONGEST_LIST) {
        let sql = format!(
            "select e.trigger_id, e.pipeline_run_id from trigger_executions e where e.trigger_id in ({}) and not exists \
             (select 1 from trigger_executions n where n.trigger_id = e.trigger_id \
             and (n.created > e.created or (n.created = e.created and n.pipeline_run_id > e.pipeline_run_id)))",
            placeholders(1, chunk.len())
        );
        found.extend(connection.fetch_all::<(Id, Id)>(&sql, chunk.to_vec()).await?);
    }
    Ok(found)
}

/// How many runs a trigger made of what was derived from a named snapshot, and how many of them are in progress.
pub async fn count(connection: &mut Connection, trigger: Id, source: Id) -> Result<(i64, i64), DbError> {
    let sql = "select count(*), cast(coalesce(sum(case when r.in_progress then 1 else 0 end), 0) as bigint) \
               from trigger_executions e join pipeline_runs r on r.id = e.pipeline_run_id \
               where e.trigger_id = $1 and r.source_snapshot_id = $2";
    connection.fetch_one(sql, args![trigger, source]).await
}
