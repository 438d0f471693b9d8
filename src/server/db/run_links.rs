//! Which links some runs have at all.
//!
//! Five tables hang on runs, and for most pages of a list most of them have nothing to say. One statement that asks all five is
//! quicker than five statements without a row: what a statement costs on SQLite is the way to its thread and back.

use super::{Connection, DbError, LONGEST_LIST, id_values, placeholders};
use crate::server::id::Id;

/// The links that at least one of the runs has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunLinks {
    pub logs: bool,
    pub outputs: bool,
    pub trigger_executions: bool,
    pub visualizations: bool,
    pub wait_conditions: bool,
}

/// Asks for the links of these runs.
pub async fn of(connection: &mut Connection, runs: &[Id]) -> Result<RunLinks, DbError> {
    let mut found = RunLinks::default();
    for chunk in id_values(runs.iter().copied()).chunks(LONGEST_LIST) {
        let list = placeholders(1, chunk.len());
        let sql = format!(
            "select 'logs' where exists (select 1 from logs where pipeline_run_id in ({list})) \
             union all select 'outputs' where exists (select 1 from pipeline_run_outputs where pipeline_run_id in ({list})) \
             union all select 'trigger_executions' where exists (select 1 from trigger_executions where pipeline_run_id in ({list})) \
             union all select 'visualizations' where exists \
             (select 1 from curated_visualizations where resource_type = 'pipeline_run' and resource_id in ({list})) \
             union all select 'wait_conditions' where exists \
             (select 1 from run_wait_conditions where status = 'pending' and run_id in ({list}))"
        );
        for (link,) in connection.fetch_all::<(String,)>(&sql, chunk.to_vec()).await? {
            match link.as_str() {
                "logs" => found.logs = true,
                "outputs" => found.outputs = true,
                "trigger_executions" => found.trigger_executions = true,
                "visualizations" => found.visualizations = true,
                "wait_conditions" => found.wait_conditions = true,
                _ => {}
            }
        }
    }
    Ok(found)
}
