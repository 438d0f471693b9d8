//! Schedules: what orchestrators (Airflow, Kubeflow, …) were asked to fire.
//!
//! This server stores them and never fires them itself, which would run everything twice; see `service::triggers` for what
//! it fires.

use crate::server::{
    api::wire::schedules::{ScheduleRequest, ScheduleUpdate},
    db::{
        Connection,
        pipelines::PipelineRow,
        run_metadata,
        schedules::{self, ScheduleRow},
        stack_components::StackComponentRow,
        stored::Changes,
    },
    error::{AppError, OnConflict as _, Result},
    id::Id,
    service::{names, projects},
    time::Timestamp,
};

/// The schedule with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<ScheduleRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("schedule", id))
}

/// Makes a schedule; its name is unique in the project.
pub async fn create(connection: &mut Connection, user: Id, request: ScheduleRequest) -> Result<ScheduleRow> {
    let project = projects::require(connection, request.project).await?;
    names::length(&request.name, names::MAX_LENGTH, "name")?;
    check(&request)?;
    let missing = |what: &str, id: Id| {
        AppError::NotFound(format!(
            "The {what} with ID {id} referenced by the schedule being created was not found in the '{}' project.",
            project.name
        ))
    };
    if let Some(id) = request.orchestrator_id
        && connection.get::<StackComponentRow>(id).await?.is_none()
    {
        return Err(missing("orchestrator", id));
    }
    if let Some(id) = request.pipeline_id
        && connection.get::<PipelineRow>(id).await?.is_none_or(|pipeline| pipeline.project_id != project.id)
    {
        return Err(missing("pipeline", id));
    }
    let now = Timestamp::now();
    let schedule = ScheduleRow {
        id: Id::new(),
        created: now,
        updated: now,
        user_id: Some(user),
        project_id: project.id,
        pipeline_id: request.pipeline_id,
        orchestrator_id: request.orchestrator_id,
        name: request.name,
        active: request.active,
        cron_expression: request.cron_expression,
        start_time: request.start_time,
        end_time: request.end_time,
        interval_second: request.interval_second.map(|interval| interval.seconds()),
        catchup: request.catchup,
        run_once_start_time: request.run_once_start_time,
        is_archived: false,
    };
    connection.insert(&schedule).await.on_conflict(|| taken(&schedule.name))?;
    Ok(schedule)
}

/// A cron expression, an interval with its start, or one start: any of them makes a schedule.
fn check(request: &ScheduleRequest) -> Result<()> {
    let has_cron = request.cron_expression.as_deref().is_some_and(|expression| !expression.is_empty());
    let has_interval = request.start_time.is_some() && request.interval_second.is_some_and(|interval| interval.seconds() != 0.0);
    if has_cron || has_interval || request.run_once_start_time.is_some() {
        return Ok(());
    }
    Err(AppError::Malformed(
        "1 validation error:\n  A schedule needs `cron_expression`, `start_time` with `interval_second`, or `run_once_start_time`."
            .to_owned(),
    ))
}

fn taken(name: &str) -> AppError {
    AppError::Exists(format!("A schedule with the name '{name}' already exists in this project."))
}

/// Changes a schedule; what the update does not name stays. An archived one stays as it is.
pub async fn update(connection: &mut Connection, id: Id, update: ScheduleUpdate) -> Result<ScheduleRow> {
    if get(connection, id).await?.is_archived {
        return Err(AppError::Forbidden("Archived schedules can not be updated.".to_owned()));
    }
    names::length(update.name.as_deref().unwrap_or_default(), names::MAX_LENGTH, "name")?;
    let changes = Changes::new()
        .set_some("name", update.name.as_deref())
        .set_some("cron_expression", update.cron_expression.filter(|expression| !expression.is_empty()))
        .set_some("active", update.active);
    let name = update.name.unwrap_or_default();
    connection.update::<ScheduleRow>(id, changes).await.on_conflict(|| taken(&name))?;
    get(connection, id).await
}

/// Archives a schedule (`soft`): switched off, its name free for another; or deletes it, also from its snapshots and runs.
pub async fn delete(connection: &mut Connection, id: Id, soft: bool) -> Result<()> {
    let schedule = get(connection, id).await?;
    if soft {
        let name = format!("{}_{}", schedule.name, Id::new());
        let changes = Changes::new().set("is_archived", true).set("active", false).set("name", name);
        connection.update::<ScheduleRow>(id, changes).await?;
        return Ok(());
    }
    schedules::unlink(connection, id).await?;
    run_metadata::delete_of(connection, "schedule", id).await?;
    connection.delete::<ScheduleRow>(id).await?;
    Ok(())
}
