//! Form views of snapshots.

use super::{Connection, DbError};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// A form view.
    pub struct FormViewRow in "form_views" {
        /// The id of its snapshot.
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        /// Who changed it last.
        changed_by: Option<Id>,
        /// JSON: `run_configuration::form_view::FormView`.
        document: String,
    }
}

/// Gives the snapshots made by launches of one that is about to be deleted a copy of its view: their runs can be run again.
pub async fn leave_to_derived(connection: &mut Connection, snapshot: Id) -> Result<(), DbError> {
    let sql = "insert into form_views (id, created, updated, changed_by, document) \
               select p.id, v.created, v.updated, v.changed_by, v.document from pipeline_snapshots p join form_views v on v.id = $1 \
               where p.source_snapshot_id = $1 and not exists (select 1 from form_views o where o.id = p.id)";
    connection.execute(sql, args![snapshot]).await?;
    Ok(())
}
