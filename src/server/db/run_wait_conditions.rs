//! Questions that dynamic runs wait for an answer to.

use std::collections::HashMap;

use super::{
    Connection, DbError, LONGEST_LIST, id_values,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, Scope, page},
    placeholders,
    stored::Stored as _,
};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

/// The status of a condition that nobody has answered.
pub const PENDING: &str = "pending";
/// The status of a condition that somebody has answered.
pub const RESOLVED: &str = "resolved";

stored! {
    /// A wait condition; a run has one pending at most.
    pub struct RunWaitConditionRow in "run_wait_conditions" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Option<Id>,
        project_id: Id,
        run_id: Id,
        name: String,
        /// `external_input`.
        kind: String = "type",
        /// [`PENDING`] or [`RESOLVED`].
        status: String,
        question: Option<String>,
        /// JSON Schema of the answer.
        data_schema: Option<String>,
        /// `continue` or `abort`.
        resolution: Option<String>,
        /// JSON.
        result: Option<String>,
        resolved_at: Option<Timestamp>,
        resolved_by_user_id: Option<Id>,
        last_polled_at: Option<Timestamp>,
        /// The process that waits, and until when it is sure to look again.
        poller_instance_id: Option<String>,
        poller_lease_expires_at: Option<Timestamp>,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "run_wait_conditions w",
    id: "w.id",
    fields: &[
        Field::new("id", Kind::Uuid("w.id")),
        Field::new("created", Kind::Time("w.created")),
        Field::new("updated", Kind::Time("w.updated")),
        Field::new("pipeline_run", Kind::NameOrId { key: "w.run_id", table: "pipeline_runs", names: &["name"] }),
        Field::new("type", Kind::Text("w.type")),
        Field::new("status", Kind::Text("w.status")),
        Field::new("name", Kind::Text("w.name")),
        Field::new("resolved_by", Kind::NameOrId { key: "w.resolved_by_user_id", table: "users", names: &["name", "full_name"] }),
        Field::new("resolved_at", Kind::Time("w.resolved_at")),
        Field::new("resolution", Kind::Text("w.resolution")),
        Field::new("user", Kind::NameOrId { key: "w.user_id", table: "users", names: &["name", "full_name"] }),
        Field::new("run_metadata", Kind::Metadata { resource_type: "wait_condition", id: "w.id" }),
    ],
    sorts: &[],
};

/// One page of a project's wait conditions.
pub async fn list(connection: &mut Connection, project: Id, request: &ListRequest) -> Result<Page<RunWaitConditionRow>, ListError> {
    let scope = Scope::new("w.project_id = $?", args![project]);
    page(connection, &LIST, &RunWaitConditionRow::columns("w"), request, &[scope]).await
}

/// The wait condition of a run with this name.
pub async fn find_by_name(connection: &mut Connection, run: Id, name: &str) -> Result<Option<RunWaitConditionRow>, DbError> {
    connection.find("run_id = $1 and name = $2", args![run, name]).await
}

/// The wait conditions of a run, oldest first.
pub async fn of_run(connection: &mut Connection, run: Id) -> Result<Vec<RunWaitConditionRow>, DbError> {
    connection.find_all("run_id = $1 order by created, id", args![run]).await
}

/// What runs wait for; a run that waits for nothing is missing from the answer.
pub async fn pending(connection: &mut Connection, runs: impl IntoIterator<Item = Id>) -> Result<HashMap<Id, RunWaitConditionRow>, DbError> {
    let mut found = HashMap::new();
    for chunk in id_values(runs).chunks(LONGEST_LIST) {
        let condition = format!("status = 'pending' and run_id in ({})", placeholders(1, chunk.len()));
        for row in connection.find_all::<RunWaitConditionRow>(&condition, chunk.to_vec()).await? {
            found.insert(row.run_id, row);
        }
    }
    Ok(found)
}
