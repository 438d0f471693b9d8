//! Drafts of launches: what was typed in a form and is not launched yet. Every query is one account's.

use super::{Connection, DbError};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// A draft.
    pub struct DraftRow in "drafts" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Id,
        project_id: Id,
        pipeline_id: Id,
        /// None: that snapshot was deleted since.
        snapshot_id: Option<Id>,
        /// When it was typed, which is before it came here.
        typed: Timestamp,
        /// Counts the changes from 1.
        revision: i64,
        /// Key of the page that made the last change.
        writer: String,
        /// YAML as it was written.
        configuration: String,
        /// JSON: the layers it started from.
        layers: String,
        /// JSON: what stands in fields and cannot be taken over into the YAML.
        entries: String,
    }
}

/// An account's draft, if it was typed since.
pub async fn find(connection: &mut Connection, user: Id, id: Id, since: Timestamp) -> Result<Option<DraftRow>, DbError> {
    connection.find("id = $1 and user_id = $2 and typed >= $3", args![id, user, since]).await
}

/// An account's drafts of a snapshot that were typed since, the newest first: at most `limit`.
pub async fn of_snapshot(
    connection: &mut Connection,
    (user, snapshot): (Id, Id),
    since: Timestamp,
    limit: i64,
) -> Result<Vec<DraftRow>, DbError> {
    let condition = "user_id = $1 and snapshot_id = $2 and typed >= $3 order by typed desc, id limit $4";
    connection.find_all(condition, args![user, snapshot, since, limit]).await
}

/// Deletes an account's draft; says whether there was one.
pub async fn delete(connection: &mut Connection, user: Id, id: Id) -> Result<bool, DbError> {
    Ok(connection.execute("delete from drafts where id = $1 and user_id = $2", args![id, user]).await? > 0)
}

/// Deletes all but the newest drafts of an account: `of_snapshot` of one snapshot, `of_all` altogether.
pub async fn keep_newest(connection: &mut Connection, (user, snapshot): (Id, Id), of_snapshot: i64, of_all: i64) -> Result<(), DbError> {
    let sql = "delete from drafts where user_id = $1 and snapshot_id = $2 and id not in \
               (select id from drafts where user_id = $1 and snapshot_id = $2 order by typed desc, id limit $3)";
    connection.execute(sql, args![user, snapshot, of_snapshot]).await?;
    let sql = "delete from drafts where user_id = $1 and id not in \
               (select id from drafts where user_id = $1 order by typed desc, id limit $2)";
    connection.execute(sql, args![user, of_all]).await?;
    Ok(())
}

/// Deletes everybody's drafts that were typed before; says how many.
pub async fn delete_before(connection: &mut Connection, oldest: Timestamp) -> Result<u64, DbError> {
    connection.execute("delete from drafts where typed < $1", args![oldest]).await
}
