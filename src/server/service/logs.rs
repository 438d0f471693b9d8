//! Log streams: registering them and tying them to a run or a step.

use std::fmt;

use crate::server::{
    api::wire::logs::{LogsReference, LogsRequest, LogsUpdate},
    db::{
        Connection,
        logs::{self, LogsRow},
        pipeline_runs::PipelineRunRow,
        stack_components::StackComponentRow,
        stored::Changes,
    },
    error::{AppError, OnConflict as _, Result},
    id::Id,
    service::{names, pipeline_runs, step_runs},
    time::Timestamp,
};

/// The source of the stream that this server's own launcher writes.
pub const RUNNER_SOURCE: &str = "runner";

/// What a stream belongs to.
#[derive(Clone, Copy, Debug)]
pub enum Owner {
    Run(Id),
    Step(Id),
}

impl fmt::Display for Owner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(id) => write!(formatter, "run {id}"),
            Self::Step(id) => write!(formatter, "step {id}"),
        }
    }
}

/// The log stream with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<LogsRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("logs", id))
}

/// Refuses a stream that belongs to nothing yet: nobody can say who may read it.
pub fn require_owner(logs: &LogsRow) -> Result<()> {
    if logs.pipeline_run_id.is_some() || logs.step_run_id.is_some() || logs.hook_invocation_id.is_some() {
        return Ok(());
    }
    Err(AppError::Forbidden("Logs must be associated with a pipeline run, step run or hook invocation before fetching.".to_owned()))
}

/// Whether what a stream belongs to is still at work, so that more may be written.
pub async fn may_grow(connection: &mut Connection, logs: &LogsRow) -> Result<bool> {
    if let Some(step) = logs.step_run_id {
        return Ok(!step_runs::get(connection, step).await?.status.is_finished());
    }
    match logs.pipeline_run_id {
        Some(run) => Ok(!pipeline_runs::get(connection, run).await?.status.is_finished()),
        None => Ok(false),
    }
}

/// The stream of a run or a step that a request asks for, by its source (the newest of that source) or its id.
pub async fn find(connection: &mut Connection, owner: Owner, source: Option<&str>, id: Option<Id>) -> Result<LogsRow> {
    match owner {
        Owner::Run(run) => drop(pipeline_runs::get(connection, run).await?),
        Owner::Step(step) => drop(step_runs::get(connection, step).await?),
    }
    match (source, id) {
        (None, None) => Err(AppError::Invalid("Either source or logs_id must be provided.".to_owned())),
        (Some(_), Some(_)) => Err(AppError::Invalid("Only one of source or logs_id must be provided.".to_owned())),
        (Some(source), None) => {
            let found = match owner {
                Owner::Run(run) => logs::find_of_run(connection, run, source).await?,
                Owner::Step(step) => logs::find_of_step(connection, step, source).await?,
            };
            found.ok_or_else(|| match (owner, source) {
                (Owner::Run(_), RUNNER_SOURCE) => AppError::Invalid("Runner logs are unavailable for this run.".to_owned()),
                _ => AppError::NotFound(format!("No logs found for source '{source}' in {owner}")),
            })
        }
        (None, Some(id)) => {
            let belongs = |logs: &LogsRow| match owner {
                Owner::Run(run) => logs.pipeline_run_id == Some(run),
                Owner::Step(step) => logs.step_run_id == Some(step),
            };
            let found = connection.get::<LogsRow>(id).await?.filter(belongs);
            found.ok_or_else(|| AppError::NotFound(format!("No logs found for ID '{id}' in {owner}")))
        }
    }
}

/// Registers a stream; the run or step it may name must exist.
pub async fn create(connection: &mut Connection, user: Id, project: Id, request: LogsRequest) -> Result<LogsRow> {
    if let Some(run) = request.pipeline_run_id {
        pipeline_runs::get(connection, run).await?;
    }
    if let Some(step) = request.step_run_id {
        step_runs::get(connection, step).await?;
    }
    insert(connection, user, project, request).await
}

/// Ties streams to a run or a step that was just stored: those that exist are associated, others are made.
///
/// `default_source` stands in where a request names no source (clients before ZenML 0.84).
pub async fn attach(
    connection: &mut Connection,
    user: Id,
    project: Id,
    owner: Owner,
    reference: LogsReference,
    default_source: &str,
) -> Result<LogsRow> {
    let (pipeline_run_id, step_run_id) = match owner {
        Owner::Run(run) => (Some(run), None),
        Owner::Step(step) => (None, Some(step)),
    };
    match reference {
        LogsReference::Id(id) => {
            let logs = get(connection, id).await?;
            associate(connection, logs, pipeline_run_id, step_run_id).await
        }
        LogsReference::Request(mut request) => {
            if request.source.is_empty() {
                default_source.clone_into(&mut request.source);
            }
            insert(connection, user, project, LogsRequest { pipeline_run_id, step_run_id, ..*request }).await
        }
    }
}

async fn insert(connection: &mut Connection, user: Id, project: Id, request: LogsRequest) -> Result<LogsRow> {
    check(&request)?;
    for component in [request.artifact_store_id, request.log_store_id].into_iter().flatten() {
        connection.get::<StackComponentRow>(component).await?.ok_or_else(|| AppError::missing("stack component", component))?;
    }
    let now = Timestamp::now();
    let logs = LogsRow {
        id: request.id,
        created: now,
        updated: now,
        user_id: Some(user),
        project_id: project,
        pipeline_run_id: request.pipeline_run_id,
        step_run_id: request.step_run_id,
        hook_invocation_id: request.hook_invocation_id,
        artifact_store_id: request.artifact_store_id,
        log_store_id: request.log_store_id,
        source: request.source,
        uri: request.uri,
    };
    connection
        .insert(&logs)
        .await
        .on_conflict(|| AppError::Exists(format!("Unable to create logs with ID {}: Logs with this ID already exist.", logs.id)))?;
    Ok(logs)
}

/// Gives a run a stream for what a runner of this server prints, unless it has one.
pub async fn add_runner_stream(connection: &mut Connection, run: &PipelineRunRow) -> Result<()> {
    if logs::find_of_run(connection, run.id, RUNNER_SOURCE).await?.is_some() {
        return Ok(());
    }
    let now = Timestamp::now();
    let stream = LogsRow {
        id: Id::new(),
        created: now,
        updated: now,
        user_id: run.user_id,
        project_id: run.project_id,
        pipeline_run_id: Some(run.id),
        step_run_id: None,
        hook_invocation_id: None,
        artifact_store_id: None,
        log_store_id: None,
        source: RUNNER_SOURCE.to_owned(),
        uri: None,
    };
    Ok(connection.insert(&stream).await?)
}

fn check(request: &LogsRequest) -> Result<()> {
    let refuse = |message: &str| Err(AppError::Malformed(format!("1 validation error:\n  {message}")));
    if request.artifact_store_id.is_none() && request.log_store_id.is_none() && request.source != RUNNER_SOURCE {
        return refuse("Either an `artifact_store_id` or a `log_store_id` must be set.");
    }
    if request.pipeline_run_id.is_some() && request.step_run_id.is_some() {
        return refuse("`pipeline_run_id` and `step_run_id` cannot both be set.");
    }
    names::length(&request.source, names::MAX_TEXT_LENGTH, "source")?;
    names::length(request.uri.as_deref().unwrap_or_default(), names::MAX_TEXT_LENGTH, "uri")
}

/// Ties a stream to a run or a step, once; saying the same again changes nothing.
pub async fn update(connection: &mut Connection, id: Id, update: LogsUpdate) -> Result<LogsRow> {
    let logs = get(connection, id).await?;
    if update.pipeline_run_id.is_some() && update.step_run_id.is_some() {
        return Err(AppError::Malformed("1 validation error:\n  `pipeline_run_id` and `step_run_id` cannot both be set.".to_owned()));
    }
    if let Some(run) = update.pipeline_run_id {
        pipeline_runs::get(connection, run).await?;
    }
    if let Some(step) = update.step_run_id {
        step_runs::get(connection, step).await?;
    }
    associate(connection, logs, update.pipeline_run_id, update.step_run_id).await
}

async fn associate(connection: &mut Connection, logs: LogsRow, run: Option<Id>, step: Option<Id>) -> Result<LogsRow> {
    let associated = logs.pipeline_run_id.is_some() || logs.step_run_id.is_some();
    if associated && (logs.pipeline_run_id != run || logs.step_run_id != step) {
        return Err(AppError::Forbidden("The logs entry is already associated with a different entity.".to_owned()));
    }
    let changes = Changes::new().set_some("pipeline_run_id", run).set_some("step_run_id", step);
    connection.update::<LogsRow>(logs.id, changes).await?;
    Ok(LogsRow { pipeline_run_id: run, step_run_id: step, ..logs })
}
