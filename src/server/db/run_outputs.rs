//! The ordered, named outputs of pipeline runs.

use std::collections::HashMap;

use super::{Connection, DbError, LONGEST_LIST, id_values, placeholders};
use crate::{args, server::id::Id};

/// Makes these artifact versions, in this order, the outputs of a run.
pub async fn replace(connection: &mut Connection, run: Id, outputs: &[(String, Id)]) -> Result<(), DbError> {
    connection.execute("delete from pipeline_run_outputs where pipeline_run_id = $1", args![run]).await?;
    for (position, (name, artifact_version)) in outputs.iter().enumerate() {
        let sql = "insert into pipeline_run_outputs (pipeline_run_id, position, name, artifact_version_id) values ($1, $2, $3, $4)";
        connection.execute(sql, args![run, position as i64, name, artifact_version]).await?;
    }
    Ok(())
}

/// The outputs of runs: name and artifact version, in their order.
pub async fn of(connection: &mut Connection, runs: impl IntoIterator<Item = Id>) -> Result<HashMap<Id, Vec<(String, Id)>>, DbError> {
    let mut found: HashMap<Id, Vec<(String, Id)>> = HashMap::new();
    for chunk in id_values(runs).chunks(LONGEST_LIST) {
        let sql = format!(
            "select pipeline_run_id, name, artifact_version_id from pipeline_run_outputs where pipeline_run_id in ({}) order by position",
            placeholders(1, chunk.len())
        );
        for (run, name, artifact_version) in connection.fetch_all::<(Id, String, Id)>(&sql, chunk.to_vec()).await? {
            found.entry(run).or_default().push((name, artifact_version));
        }
    }
    Ok(found)
}
