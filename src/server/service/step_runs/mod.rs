//! Step runs: attempts, inputs and outputs, and what their status means for the run.

mod links;

use serde_json::{Map, Value};

use links::{add_outputs, link, require_artifact_version};

use crate::{
    model::status::ExecutionStatus::{self, *},
    run_configuration::replay,
    server::{
        api::wire::{
            logs::LogsReference,
            pipeline_snapshots::StepRequest,
            step_runs::{HeartbeatResponse, StepRunRequest, StepRunUpdate},
        },
        auth::Account,
        db::{
            Connection, documents,
            pipeline_runs::PipelineRunRow,
            pipeline_snapshots::{self, PipelineSnapshotRow},
            step_runs::{self, StepRunInput, StepRunRow},
            stored::Changes,
        },
        error::{AppError, OnConflict as _, Result},
        id::Id,
        service::{logs, names, pipeline_runs, pipeline_snapshots as snapshots},
        time::Timestamp,
    },
};

/// The step run with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<StepRunRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("step run", id))
}

/// A step's stored configuration: `{"spec": …, "config": …, "step_config_overrides": …}`.
struct StepDocument {
    hash: String,
    parts: Map<String, Value>,
    /// The inputs that a replay replaces.
    overridden: Vec<String>,
}

impl StepDocument {
    fn part(&self, key: &str) -> &Value {
        self.parts.get(key).unwrap_or(&Value::Null)
    }

    fn max_retries(&self) -> i64 {
        self.part("config")["retry"]["max_retries"].as_i64().unwrap_or(0)
    }
}

/// `POST /steps`: starts a step, or an attempt more at it.
pub async fn create(connection: &mut Connection, user: Id, request: StepRunRequest) -> Result<StepRunRow> {
    refuse_server_status(request.status)?;
    names::length(&request.name, names::MAX_LENGTH, "name")?;
    for (text, field) in [(&request.docstring, "docstring"), (&request.source_code, "source_code")] {
        names::length(text.as_deref().unwrap_or_default(), names::MAX_TEXT_LENGTH, field)?;
    }
    let run = pipeline_runs::get_locked(connection, request.pipeline_run_id).await?;
    if run.project_id != request.project {
        return Err(AppError::missing("run", request.pipeline_run_id));
    }
    if let Some(original) = request.original_step_run_id {
        get(connection, original).await?;
    }
    let snapshot = snapshots::get(connection, run.snapshot_id).await?;
    let configuration = match needs_configuration(&run, &snapshot, &request) {
        true => pipeline_runs::configuration(connection, &snapshot).await?,
        false => Map::new(),
    };
    check_run_takes_steps(&run, &configuration)?;
    let document = document(connection, &snapshot, &configuration, &request.name, request.dynamic_config.as_ref()).await?;
    let version = next_version(connection, &run, &request.name, document.max_retries()).await?;
    let row = insert(connection, user, &run, &document, version, &request).await?;
    link(connection, user, &run, &snapshot, &row, &document, request).await?;
    if row.status != Running {
        let run = pipeline_runs::get_locked(connection, run.id).await?;
        pipeline_runs::set_status(connection, &run, None, None).await?;
    }
    let model_version_id = model_version(connection, user, &run, &document).await?;
    if model_version_id.is_some() {
        connection.update::<StepRunRow>(row.id, Changes::new().set("model_version_id", model_version_id)).await?;
    }
    get(connection, row.id).await
}

/// Whether the pipeline's configuration matters to a step that is started: to steps that bring their own, to a run that has
/// failed and may go on, and to replays (also those of a snapshot that was made of a replay), which replace inputs.
fn needs_configuration(run: &PipelineRunRow, snapshot: &PipelineSnapshotRow, request: &StepRunRequest) -> bool {
    let may_replay = run.original_run_id.is_some() || snapshot.source_snapshot_id.is_some();
    request.dynamic_config.is_some() || run.status == Failed || may_replay
}

/// A run that is being stopped takes no more steps, nor does a failed one unless it goes on after failures.
fn check_run_takes_steps(run: &PipelineRunRow, configuration: &Map<String, Value>) -> Result<()> {
    if matches!(run.status, Stopping | Stopped) {
        return Err(AppError::Forbidden(format!("Cannot create a step for the pipeline run '{}': it is {}.", run.name, run.status)));
    }
    if run.status == Failed {
        let mode = configuration.get("execution_mode").and_then(Value::as_str).unwrap_or("continue_on_failure");
        if mode != "continue_on_failure" {
            return Err(AppError::Forbidden(format!(
                "Cannot create a step for the pipeline run '{}': it failed, and its execution mode is {mode}.",
                run.name
            )));
        }
    }
    Ok(())
}

async fn document(
    connection: &mut Connection,
    snapshot: &PipelineSnapshotRow,
    configuration: &Map<String, Value>,
    name: &str,
    dynamic: Option<&StepRequest>,
) -> Result<StepDocument> {
    let mut content = match dynamic {
        Some(_) if !snapshot.is_dynamic => {
            return Err(AppError::Forbidden("Only steps of dynamic pipelines bring their own configuration.".to_owned()));
        }
        Some(step) => snapshots::step_document(step, configuration, true)?,
        None => {
            let found = pipeline_snapshots::step(connection, snapshot.step_set.as_deref(), name).await?;
            let missing = || AppError::NotFound(format!("The snapshot {} has no step named '{name}'.", snapshot.id));
            found.ok_or_else(missing)?.content.to_string()
        }
    };
    let mut parts: Map<String, Value> = serde_json::from_str(&content)?;
    let step = parts.get("config").and_then(|config| config.get("name")?.as_str());
    let overridden: Vec<String> = replay::overridden_inputs(configuration, name, step).map(str::to_owned).collect();
    // An artifact that replaces a parameter shadows it.
    if let Some(parameters) = parts.get_mut("config").and_then(|config| config.get_mut("parameters")?.as_object_mut())
        && overridden.iter().any(|input| parameters.contains_key(input))
    {
        parameters.retain(|parameter, _| !overridden.contains(parameter));
        content = serde_json::to_string(&parts)?;
    }
    Ok(StepDocument { hash: documents::put(connection, &content).await?, parts, overridden })
}

/// The version of the next attempt; the earlier ones are marked as tried again.
async fn next_version(connection: &mut Connection, run: &PipelineRunRow, name: &str, max_retries: i64) -> Result<i64> {
    let attempts = step_runs::attempts(connection, run.id, name).await?;
    let count = attempts.len() as i64;
    if attempts.iter().any(|attempt| attempt.status.is_successful()) || count > max_retries {
        return Err(AppError::Exists(format!(
            "Unable to create step `{name}`: the pipeline run '{}' has a step with this name, and it cannot be tried again.",
            run.name
        )));
    }
    if count > 0 {
        step_runs::mark_retried(connection, run.id, name, Timestamp::now()).await?;
    }
    Ok(count + 1)
}

async fn insert(
    connection: &mut Connection,
    user: Id,
    run: &PipelineRunRow,
    document: &StepDocument,
    version: i64,
    request: &StepRunRequest,
) -> Result<StepRunRow> {
    let is_retriable = version - 1 < document.max_retries();
    let beats = document.part("spec")["enable_heartbeat"].as_bool().unwrap_or(false) && run.enable_heartbeat;
    let source_code_document = match &request.source_code {
        Some(text) => Some(documents::put(connection, &Value::from(text.as_str()).to_string()).await?),
        None => None,
    };
    let now = Timestamp::now();
    let row = StepRunRow {
        id: Id::new(),
        created: now,
        updated: now,
        user_id: Some(user),
        project_id: run.project_id,
        pipeline_run_id: run.id,
        snapshot_id: Some(run.snapshot_id),
        original_step_run_id: request.original_step_run_id,
        model_version_id: None,
        name: request.name.clone(),
        version,
        is_retriable,
        status: stored_status(request.status, is_retriable, run.status),
        start_time: Some(request.start_time),
        end_time: request.end_time,
        latest_heartbeat: None,
        heartbeat_threshold: document.part("config")["heartbeat_healthy_threshold"].as_i64().filter(|_| beats),
        cache_key: request.cache_key.clone(),
        cache_expires_at: request.cache_expires_at,
        code_hash: request.code_hash.clone(),
        docstring: request.docstring.clone(),
        source_code_document,
        configuration_document: document.hash.clone(),
        exception_info: request.exception_info.as_ref().map(|json| json.get().to_owned()),
    };
    connection.insert(&row).await.on_conflict(|| {
        AppError::Exists(format!("Unable to create step `{}`: the pipeline run has a step with this name.", request.name))
    })?;
    Ok(row)
}

/// Refuses the statuses that only the server gives.
fn refuse_server_status(status: ExecutionStatus) -> Result<()> {
    if matches!(status, Retrying | Retried | Cancelling | Queued) {
        return Err(AppError::Forbidden(format!("A step run gets the status `{status}` from the server alone.")));
    }
    Ok(())
}

/// A failed attempt that may be tried again is "retrying", unless the run is being stopped.
fn stored_status(status: ExecutionStatus, is_retriable: bool, run: ExecutionStatus) -> ExecutionStatus {
    let ends_badly = matches!(status, Failed | Cancelled);
    if ends_badly && is_retriable && !matches!(run, Stopping | Stopped) { Retrying } else { status }
}

/// The version of the step's own model; the pipeline's model belongs to the run.
async fn model_version(connection: &mut Connection, user: Id, run: &PipelineRunRow, document: &StepDocument) -> Result<Option<Id>> {
    let model = &document.part("config")["model"];
    if !model.is_object() {
        return Ok(None);
    }
    let config = document.part("config").as_object().cloned().unwrap_or_default();
    pipeline_runs::configured_model_version(connection, user, run, &config, Some(model)).await
}

/// `PUT /steps/{id}`; the run's status follows.
pub async fn update(connection: &mut Connection, user: Id, id: Id, update: StepRunUpdate) -> Result<StepRunRow> {
    let run = get(connection, id).await?.pipeline_run_id;
    let run = pipeline_runs::get_locked(connection, run).await?;
    let step = get(connection, id).await?;
    let mut changes = Changes::new().set_some("end_time", update.end_time).set_some("cache_expires_at", update.cache_expires_at);
    if let Some(exception) = &update.exception_info {
        changes = changes.set("exception_info", exception.get());
    }
    if let Some(requested) = update.status {
        refuse_server_status(requested)?;
        changes = changes.set("status", transition(&step, &run, requested)?);
    }
    connection.update::<StepRunRow>(id, changes).await?;
    let snapshot = snapshots::get(connection, run.snapshot_id).await?;
    add_outputs(connection, user, &snapshot, id, &update.outputs).await?;
    for (name, version) in update.loaded_artifact_versions {
        require_artifact_version(connection, version).await?;
        let input = StepRunInput {
            step_run_id: id,
            name,
            position: 0,
            artifact_version_id: version,
            input_type: "manual".to_owned(),
            chunk_index: None,
            chunk_size: None,
        };
        step_runs::insert_input(connection, &input).await?;
    }
    for request in update.add_logs.unwrap_or_default() {
        logs::attach(connection, user, run.project_id, logs::Owner::Step(id), LogsReference::Request(Box::new(request)), "step").await?;
    }
    pipeline_runs::set_status(connection, &run, None, None).await?;
    get(connection, id).await
}

/// The status a step takes when another is asked for.
fn transition(step: &StepRunRow, run: &PipelineRunRow, requested: ExecutionStatus) -> Result<ExecutionStatus> {
    let allowed = match step.status {
        status if status == requested => true,
        status if status.is_finished() => false,
        Stopping => matches!(requested, Stopped | Failed),
        Cancelling => matches!(requested, Cancelled | Failed),
        _ => true,
    };
    if !allowed {
        return Err(AppError::Forbidden(format!("The step `{}` is {} and cannot become {requested}.", step.name, step.status)));
    }
    if step.status == Stopping && requested == Failed {
        return Ok(Stopped);
    }
    Ok(stored_status(requested, step.is_retriable, run.status))
}

/// `PUT /steps/{id}/heartbeat`: a step says that it lives, and hears what became of its run.
pub async fn heartbeat(connection: &mut Connection, account: &Account, id: Id) -> Result<HeartbeatResponse> {
    let step = get(connection, id).await?;
    let scope = account.claims.as_ref().and_then(|claims| claims.pipeline_run_id);
    if scope.is_some_and(|run| run != step.pipeline_run_id) {
        return Err(AppError::NotAuthorized("The token belongs to another pipeline run.".to_owned()));
    }
    if step.status.is_finished() {
        return Err(AppError::Forbidden(format!("The step `{}` is {}: it has no heartbeat any more.", step.name, step.status)));
    }
    let now = Timestamp::now();
    connection.update::<StepRunRow>(id, Changes::new().set("latest_heartbeat", now)).await?;
    let run = pipeline_runs::get(connection, step.pipeline_run_id).await?;
    Ok(HeartbeatResponse {
        id,
        status: step.status,
        latest_heartbeat: format!("{now}Z"),
        pipeline_run_status: run.status,
        heartbeat_enabled: step.heartbeat_threshold.is_some(),
    })
}
