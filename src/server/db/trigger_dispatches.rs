//! Firings that still have to become runs: written in the transaction of what caused them, taken by one server process.

use super::{Connection, DbError};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// One firing for one attached snapshot.
    pub struct TriggerDispatchRow in "trigger_dispatches" {
        id: Id,
        created: Timestamp,
        trigger_id: Id,
        snapshot_id: Id,
        /// JSON: the event behind it, for the run.
        info: Option<String>,
    }
}

/// The firings that wait longest.
pub async fn waiting(connection: &mut Connection, limit: i64) -> Result<Vec<TriggerDispatchRow>, DbError> {
    connection.find_all("1 = 1 order by created, id limit $1", args![limit]).await
}
