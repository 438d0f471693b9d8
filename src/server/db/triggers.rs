//! Triggers: what makes this server launch attached snapshots by itself.

use super::{
    Connection, DbError,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, Scope, page},
    placeholders,
    stored::Stored as _,
};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// A trigger.
    pub struct TriggerRow in "triggers" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Option<Id>,
        project_id: Id,
        webhook_id: Option<Id>,
        name: String,
        active: bool,
        is_archived: bool,
        /// `schedule`, `platform_event` or `webhook`.
        kind: String = "type",
        flavor: String,
        /// `skip` or `submit`.
        concurrency: String,
        /// JSON: what only triggers of this type have.
        configuration: String,
        /// Of a schedule: when it is due next; none when it never is again.
        next_occurrence: Option<Timestamp>,
        /// Of a platform event: `pipeline`, `pipeline_run` or `pipeline_snapshot`, and its id.
        source_type: Option<String>,
        source_id: Option<Id>,
    }
}

/// What the list can be filtered and sorted by; besides this by `is_archived`, `type`, `flavor`, `pipeline_id` and
/// `snapshot_id`, which hold whatever the logical operator is.
pub const LIST: ListSpec = ListSpec {
    from: "triggers t",
    id: "t.id",
    fields: &[
        Field::new("id", Kind::Uuid("t.id")),
        Field::new("created", Kind::Time("t.created")),
        Field::new("updated", Kind::Time("t.updated")),
        Field::new("name", Kind::Text("t.name")),
        Field::new("active", Kind::Switch("t.active")),
        Field::new("concurrency", Kind::Text("t.concurrency")),
        Field::new("next_occurrence", Kind::Time("t.next_occurrence")),
        Field::new("webhook_id", Kind::Uuid("t.webhook_id")),
        Field::new("user", Kind::NameOrId { key: "t.user_id", table: "users", names: &["name", "full_name"] }),
    ],
    sorts: &[("type", "t.type"), ("flavor", "t.flavor")],
};

/// One page of a project's triggers: those that are not archived, unless asked for.
pub async fn list(connection: &mut Connection, project: Id, request: &ListRequest) -> Result<Page<TriggerRow>, ListError> {
    let is_archived = request.switch("is_archived")?.unwrap_or(false);
    let mut scopes = vec![Scope::new("t.project_id = $? and t.is_archived = $?", args![project, is_archived])];
    for (parameter, column) in [("type", "t.type"), ("flavor", "t.flavor")] {
        scopes.extend(among(request, parameter, column, |value| Ok(value.to_owned().into()))?);
    }
    let id = |value: &str| value.parse::<Id>().map(Into::into).map_err(|_| ListError::Malformed(format!("`{value}` is no id.")));
    let attached = "exists (select 1 from trigger_snapshots l join pipeline_snapshots s on s.id = l.snapshot_id where l.trigger_id = t.id";
    if let Some(among) = among(request, "pipeline_id", "s.pipeline_id", id)? {
        scopes.push(Scope::new(format!("{attached} and {})", among.sql), among.args));
    }
    if let (Some(own), Some(source)) =
        (among(request, "snapshot_id", "s.id", id)?, among(request, "snapshot_id", "s.source_snapshot_id", id)?)
    {
        let values = own.args.into_iter().chain(source.args).collect();
        scopes.push(Scope::new(format!("{attached} and ({} or {}))", own.sql, source.sql), values));
    }
    page(connection, &LIST, &TriggerRow::columns("t"), request, &scopes).await
}

/// The condition that a column has one of the values of a parameter; none where the parameter is missing.
fn among(
    request: &ListRequest,
    parameter: &str,
    column: &str,
    read: impl Fn(&str) -> Result<super::Value, ListError>,
) -> Result<Option<Scope>, ListError> {
    let values = request.parameters.iter().filter(|(name, _)| name == parameter).map(|(_, value)| read(value));
    let values = values.collect::<Result<Vec<_>, _>>()?;
    if values.is_empty() {
        return Ok(None);
    }
    let places = vec!["$?"; values.len()].join(", ");
    Ok(Some(Scope::new(format!("{column} in ({places})"), values)))
}

/// Schedules that are due, the longest waiting first.
pub async fn due(connection: &mut Connection, now: Timestamp, limit: i64) -> Result<Vec<TriggerRow>, DbError> {
    let condition = "type = 'schedule' and next_occurrence <= $1 and active = true and is_archived = false \
                     order by next_occurrence, id limit $2";
    connection.find_all(condition, args![now, limit]).await
}

/// Takes a due time of a schedule and sets the next one; says whether it was still to be had. Of all server processes on a
/// database exactly one gets it.
pub async fn claim(connection: &mut Connection, trigger: Id, planned: Timestamp, next: Option<Timestamp>) -> Result<bool, DbError> {
    let sql = "update triggers set next_occurrence = $1 where id = $2 and next_occurrence = $3 and active = true and is_archived = false";
    Ok(connection.execute(sql, args![next, trigger, planned]).await? > 0)
}

/// The active triggers of a project that wait for events of any of these sources.
pub async fn waiting_for(connection: &mut Connection, project: Id, sources: Vec<Id>) -> Result<Vec<TriggerRow>, DbError> {
    let condition = format!(
        "project_id = $1 and type = 'platform_event' and active = true and is_archived = false and source_id in ({}) order by created, id",
        placeholders(2, sources.len())
    );
    let mut values = args![project];
    values.extend(sources.into_iter().map(super::Value::from));
    connection.find_all(&condition, values).await
}

/// The active triggers of a webhook.
pub async fn of_webhook(connection: &mut Connection, webhook: Id) -> Result<Vec<TriggerRow>, DbError> {
    connection.find_all("webhook_id = $1 and active = true and is_archived = false order by created, id", args![webhook]).await
}
