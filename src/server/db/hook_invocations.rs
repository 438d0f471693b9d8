//! Calls of a pipeline's or a step's hooks, and the artifact versions they made.

use std::collections::HashMap;

use super::{
    Connection, DbError, LONGEST_LIST, id_values,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, Scope, page},
    placeholders,
    stored::Stored as _,
};
use crate::{
    args,
    model::status::ExecutionStatus,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// One call of a hook. The client chooses its id.
    pub struct HookInvocationRow in "hook_invocations" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Option<Id>,
        project_id: Id,
        pipeline_run_id: Id,
        step_run_id: Option<Id>,
        /// ZenML's `HookType`.
        hook_type: String,
        name: Option<String>,
        status: ExecutionStatus,
        start_time: Timestamp,
        end_time: Option<Timestamp>,
        source: Option<String>,
        /// JSON.
        exception_info: Option<String>,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "hook_invocations h",
    id: "h.id",
    fields: &[
        Field::new("id", Kind::Uuid("h.id")),
        Field::new("created", Kind::Time("h.created")),
        Field::new("updated", Kind::Time("h.updated")),
        Field::new("pipeline_run_id", Kind::Uuid("h.pipeline_run_id")),
        Field::new("step_run_id", Kind::Uuid("h.step_run_id")),
        Field::new("hook_type", Kind::Text("h.hook_type")),
        Field::new("name", Kind::Text("h.name")),
        Field::new("status", Kind::Text("h.status")),
        Field::new("start_time", Kind::Time("h.start_time")),
        Field::new("end_time", Kind::Time("h.end_time")),
        Field::new("user", Kind::NameOrId { key: "h.user_id", table: "users", names: &["name", "full_name"] }),
    ],
    sorts: &[],
};

/// One page of a project's hook invocations.
pub async fn list(connection: &mut Connection, project: Id, request: &ListRequest) -> Result<Page<HookInvocationRow>, ListError> {
    let scope = Scope::new("h.project_id = $?", args![project]);
    page(connection, &LIST, &HookInvocationRow::columns("h"), request, &[scope]).await
}

/// Makes an artifact version an output of a hook invocation; saying it again changes nothing.
pub async fn add_output(connection: &mut Connection, hook: Id, position: i64, name: &str, artifact_version: Id) -> Result<(), DbError> {
    let sql = "insert into hook_invocation_outputs (hook_invocation_id, position, name, artifact_version_id) values ($1, $2, $3, $4) \
               on conflict do nothing";
    connection.execute(sql, args![hook, position, name, artifact_version]).await?;
    Ok(())
}

/// The outputs of hook invocations: name and artifact version, in their order.
pub async fn outputs(connection: &mut Connection, hooks: impl IntoIterator<Item = Id>) -> Result<HashMap<Id, Vec<(String, Id)>>, DbError> {
    let mut found: HashMap<Id, Vec<(String, Id)>> = HashMap::new();
    for chunk in id_values(hooks).chunks(LONGEST_LIST) {
        let sql = format!(
            "select hook_invocation_id, name, artifact_version_id from hook_invocation_outputs where hook_invocation_id in ({}) \
             order by position",
            placeholders(1, chunk.len())
        );
        for (hook, name, artifact_version) in connection.fetch_all::<(Id, String, Id)>(&sql, chunk.to_vec()).await? {
            found.entry(hook).or_default().push((name, artifact_version));
        }
    }
    Ok(found)
}

/// Unlinks the logs of a hook invocation that is being deleted: they belong to its run or step as well, and stay.
pub async fn unlink_logs(connection: &mut Connection, hook: Id) -> Result<(), DbError> {
    connection.execute("update logs set hook_invocation_id = null where hook_invocation_id = $1", args![hook]).await?;
    Ok(())
}
