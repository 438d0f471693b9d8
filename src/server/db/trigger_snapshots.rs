//! Which snapshots triggers launch, and how the last firing of each went.

use std::collections::HashMap;

use super::{Connection, DbError, LONGEST_LIST, id_values, placeholders};
use crate::{
    args, record,
    server::{id::Id, time::Timestamp},
};

record! {
    /// One attached snapshot of a trigger.
    #[derive(Clone, Debug)]
    pub struct TriggerSnapshotRow {
        pub trigger_id: Id,
        /// The snapshot that is launched: derived from the named one that was attached.
        pub snapshot_id: Id,
        /// The named one; none when it was deleted since.
        pub source_snapshot_id: Option<Id>,
        /// JSON: how the last firing went.
        pub dispatch_state: Option<String>,
    }
}

impl TriggerSnapshotRow {
    /// Whether a person means this one by a snapshot's id.
    pub fn is_of(&self, snapshot: Id) -> bool {
        self.snapshot_id == snapshot || self.source_snapshot_id == Some(snapshot)
    }
}

const SELECT: &str = "select l.trigger_id, l.snapshot_id, s.source_snapshot_id, l.dispatch_state \
                      from trigger_snapshots l join pipeline_snapshots s on s.id = l.snapshot_id";

/// The attached snapshots of triggers, in the order in which they were attached.
pub async fn of(
    connection: &mut Connection,
    triggers: impl IntoIterator<Item = Id>,
) -> Result<HashMap<Id, Vec<TriggerSnapshotRow>>, DbError> {
    let mut found: HashMap<Id, Vec<TriggerSnapshotRow>> = HashMap::new();
    for chunk in id_values(triggers).chunks(LONGEST_LIST) {
        let sql = format!("{SELECT} where l.trigger_id in ({}) order by l.created, l.snapshot_id", placeholders(1, chunk.len()));
        for row in connection.fetch_all::<TriggerSnapshotRow>(&sql, chunk.to_vec()).await? {
            found.entry(row.trigger_id).or_default().push(row);
        }
    }
    Ok(found)
}

/// One attached snapshot, locked until the transaction ends: of the firings for it, one at a time decides whether to launch.
pub async fn get_locked(connection: &mut Connection, trigger: Id, snapshot: Id) -> Result<Option<TriggerSnapshotRow>, DbError> {
    let lock = connection.for_update();
    let lock = if lock.is_empty() { String::new() } else { format!("{lock} of l") };
    let sql = format!("{SELECT} where l.trigger_id = $1 and l.snapshot_id = $2{lock}");
    connection.fetch_optional(&sql, args![trigger, snapshot]).await
}

/// Attaches a snapshot.
pub async fn insert(connection: &mut Connection, trigger: Id, snapshot: Id) -> Result<(), DbError> {
    let sql = "insert into trigger_snapshots (trigger_id, snapshot_id, created) values ($1, $2, $3)";
    connection.execute(sql, args![trigger, snapshot, Timestamp::now()]).await?;
    Ok(())
}

/// Detaches a snapshot.
pub async fn delete(connection: &mut Connection, trigger: Id, snapshot: Id) -> Result<(), DbError> {
    let sql = "delete from trigger_snapshots where trigger_id = $1 and snapshot_id = $2";
    connection.execute(sql, args![trigger, snapshot]).await?;
    Ok(())
}

/// Detaches all snapshots of a trigger that is being archived.
pub async fn delete_of_trigger(connection: &mut Connection, trigger: Id) -> Result<(), DbError> {
    connection.execute("delete from trigger_snapshots where trigger_id = $1", args![trigger]).await?;
    Ok(())
}

/// Detaches what was derived from a named snapshot, before that loses its name or is deleted.
pub async fn delete_of_source(connection: &mut Connection, source: Id) -> Result<(), DbError> {
    let sql = "delete from trigger_snapshots where snapshot_id in (select id from pipeline_snapshots where source_snapshot_id = $1)";
    connection.execute(sql, args![source]).await?;
    Ok(())
}

/// Records how a firing went; none forgets it.
pub async fn set_state(connection: &mut Connection, trigger: Id, snapshot: Id, state: Option<&str>) -> Result<(), DbError> {
    let sql = "update trigger_snapshots set dispatch_state = $1 where trigger_id = $2 and snapshot_id = $3";
    connection.execute(sql, args![state, trigger, snapshot]).await?;
    Ok(())
}
