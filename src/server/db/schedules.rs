//! Schedules: what orchestrators were asked to fire.

use super::{
    Connection, DbError,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, Scope, page},
    stored::Stored as _,
};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// A schedule.
    pub struct ScheduleRow in "schedules" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Option<Id>,
        project_id: Id,
        pipeline_id: Option<Id>,
        orchestrator_id: Option<Id>,
        name: String,
        active: bool,
        cron_expression: Option<String>,
        start_time: Option<Timestamp>,
        end_time: Option<Timestamp>,
        interval_second: Option<f64>,
        /// Whether the orchestrator makes up for what it missed.
        catchup: bool,
        run_once_start_time: Option<Timestamp>,
        is_archived: bool,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "schedules s",
    id: "s.id",
    fields: &[
        Field::new("id", Kind::Uuid("s.id")),
        Field::new("created", Kind::Time("s.created")),
        Field::new("updated", Kind::Time("s.updated")),
        Field::new("name", Kind::Text("s.name")),
        Field::new("active", Kind::Switch("s.active")),
        Field::new("is_archived", Kind::Switch("s.is_archived")),
        Field::new("catchup", Kind::Switch("s.catchup")),
        Field::new("cron_expression", Kind::Text("s.cron_expression")),
        Field::new("start_time", Kind::Time("s.start_time")),
        Field::new("end_time", Kind::Time("s.end_time")),
        Field::new("run_once_start_time", Kind::Time("s.run_once_start_time")),
        Field::new("interval_second", Kind::Float("s.interval_second")),
        Field::new("pipeline_id", Kind::Uuid("s.pipeline_id")),
        Field::new("orchestrator_id", Kind::Uuid("s.orchestrator_id")),
        Field::new("user", Kind::NameOrId { key: "s.user_id", table: "users", names: &["name", "full_name"] }),
    ],
    sorts: &[],
};

/// One page of a project's schedules.
pub async fn list(connection: &mut Connection, project: Id, request: &ListRequest) -> Result<Page<ScheduleRow>, ListError> {
    let scope = Scope::new("s.project_id = $?", args![project]);
    page(connection, &LIST, &ScheduleRow::columns("s"), request, &[scope]).await
}

/// Takes a schedule off the snapshots and runs that have it, before it is deleted.
pub async fn unlink(connection: &mut Connection, schedule: Id) -> Result<(), DbError> {
    connection.execute("update pipeline_snapshots set schedule_id = null where schedule_id = $1", args![schedule]).await?;
    connection.execute("update pipeline_runs set schedule_id = null where schedule_id = $1", args![schedule]).await?;
    Ok(())
}
