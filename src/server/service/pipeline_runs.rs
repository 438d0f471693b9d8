//! Pipeline runs: get-or-create, updates, and the status that follows from the steps.

use serde_json::{Map, Value};

use crate::{
    model::status::ExecutionStatus,
    run_configuration::{run_name, step_configuration::complete_substitutions},
    server::{
        api::wire::{
            RawMap, json,
            logs::LogsReference,
            model_versions::ModelConfiguration,
            pipeline_runs::{PipelineRunRequest, PipelineRunUpdate},
        },
        db::{
            Connection, curated_visualizations, documents, pipeline_runs,
            pipeline_runs::PipelineRunRow,
            pipeline_snapshots::{self, PipelineSnapshotRow},
            pipelines, run_outputs, step_runs,
            stored::Changes,
            tags as tag_rows,
        },
        error::{AppError, OnConflict as _, Result},
        id::Id,
        launch::stop,
        service::{
            environments, logs, model_versions, names, onboarding,
            run_status::{self, RunState, StepState},
            tags, trigger_dispatches,
        },
        time::Timestamp,
    },
};

/// The run with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<PipelineRunRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("run", id))
}

/// The run with this id, locked until the transaction ends: whoever changes its status or its steps takes this lock first.
pub async fn get_locked(connection: &mut Connection, id: Id) -> Result<PipelineRunRow> {
    connection.get_locked(id).await?.ok_or_else(|| AppError::missing("run", id))
}

/// `POST /runs`: finds the run that is meant, turns a waiting placeholder into it, or makes it. Says whether it is new to
/// the caller.
pub async fn get_or_create(connection: &mut Connection, user: Id, request: PipelineRunRequest) -> Result<(PipelineRunRow, bool)> {
    if !matches!(request.status, ExecutionStatus::Initializing | ExecutionStatus::Running) {
        return Err(AppError::Malformed(format!(
            "1 validation error:\n  `status` must be initializing or running, not {}.",
            request.status
        )));
    }
    if request.parent_run_id.is_some() != request.child_key.is_some() {
        return Err(AppError::Malformed("1 validation error:\n  `parent_run_id` and `child_key` must be set together.".to_owned()));
    }
    let snapshot = lock_snapshot(connection, request.project, request.snapshot).await?;
    if let Some(orchestrator_run_id) = &request.orchestrator_run_id {
        let found = pipeline_runs::find_by_orchestrator_run_id(connection, snapshot.id, orchestrator_run_id).await?;
        if let Some(run) = found.filter(|run| !is_placeholder(run.status)) {
            return Ok((run, false));
        }
    }
    if !is_placeholder(request.status) {
        let found = pipeline_runs::find_placeholder(connection, snapshot.id, request.orchestrator_run_id.as_deref()).await?;
        if let Some(placeholder) = found {
            return Ok((replace_placeholder(connection, user, placeholder, request).await?, true));
        }
    }
    Ok((create(connection, user, &snapshot, request).await?, true))
}

async fn lock_snapshot(connection: &mut Connection, project: Id, id: Id) -> Result<PipelineSnapshotRow> {
    let snapshot = connection.get_locked::<PipelineSnapshotRow>(id).await?;
    snapshot.filter(|snapshot| snapshot.project_id == project).ok_or_else(|| {
        AppError::NotFound(format!(
            "The pipeline snapshot with ID {id} referenced by the pipeline run being created was not found in the project {project}."
        ))
    })
}

fn is_placeholder(status: ExecutionStatus) -> bool {
    matches!(status, ExecutionStatus::Initializing | ExecutionStatus::Provisioning)
}

/// The orchestrator reports the run that waited for it: id, name and start stay those of the placeholder.
async fn replace_placeholder(
    connection: &mut Connection,
    user: Id,
    placeholder: PipelineRunRow,
    request: PipelineRunRequest,
) -> Result<PipelineRunRow> {
    let Some(orchestrator_run_id) = request.orchestrator_run_id else {
        return Err(AppError::Invalid("Unable to replace a placeholder run without an orchestrator run ID.".to_owned()));
    };
    let environment = environments::put(connection, request.orchestrator_environment).await?;
    let changes = Changes::new()
        .set("orchestrator_run_id", orchestrator_run_id)
        .set("orchestrator_environment_document", environment.document)
        .set("orchestrator_packages_document", environment.packages_document)
        .set("in_progress", !request.status.is_finished());
    pipeline_runs::change(connection, &placeholder, request.status, changes).await?;
    for tag in request.tags.unwrap_or_default() {
        tags::attach_reference(connection, Some(user), "pipeline_run", placeholder.id, &tag).await?;
    }
    get(connection, placeholder.id).await
}

/// Makes a run of a snapshot, with its index, logs, model version and tags.
pub async fn create(
    connection: &mut Connection,
    user: Id,
    snapshot: &PipelineSnapshotRow,
    request: PipelineRunRequest,
) -> Result<PipelineRunRow> {
    names::length(&request.name, names::MAX_LENGTH, "name")?;
    names::length(request.status_reason.as_deref().unwrap_or_default(), names::MAX_LENGTH, "status_reason")?;
    let (configuration, parent) = (configuration(connection, snapshot).await?, parent(connection, &request).await?);
    if let Some(original) = request.original_run_id {
        get(connection, original).await?;
    }
    let environment = environments::put(connection, request.orchestrator_environment).await?;
    let (id, now) = (Id::new(), Timestamp::now());
    let mut row = PipelineRunRow {
        id,
        created: now,
        updated: now,
        user_id: Some(user),
        project_id: snapshot.project_id,
        snapshot_id: snapshot.id,
        pipeline_id: Some(snapshot.pipeline_id),
        stack_id: snapshot.stack_id,
        build_id: snapshot.build_id,
        schedule_id: snapshot.schedule_id,
        source_snapshot_id: snapshot.source_snapshot_id,
        template_id: snapshot.template_id,
        model_version_id: None,
        original_run_id: request.original_run_id,
        parent_run_id: parent.as_ref().map(|run| run.id),
        root_run_id: parent.as_ref().map(|run| run.root_run_id.unwrap_or(run.id)),
        child_key: request.child_key,
        triggered_by_step_run_id: request.trigger_info.and_then(|info| info.step_run_id),
        triggered_by_deployment_id: request.trigger_info.and_then(|info| info.deployment_id),
        name: request.name,
        run_index: pipelines::count_run(connection, snapshot.pipeline_id, id, now).await?,
        orchestrator_run_id: request.orchestrator_run_id,
        status: request.status,
        status_reason: request.status_reason,
        in_progress: !request.status.is_finished(),
        start_time: request.start_time,
        end_time: request.end_time,
        enable_heartbeat: configuration.get("enable_heartbeat").and_then(Value::as_bool).unwrap_or(true),
        orchestrator_environment_document: environment.document,
        orchestrator_packages_document: environment.packages_document,
        exception_info: request.exception_info.map(|json| json.get().to_owned()),
    };
    connection.insert(&row).await.on_conflict(|| name_taken(&row.name))?;
    pipeline_runs::count_status(connection, &row, None, Some(row.status)).await?;
    if let Some(source) = snapshot.source_snapshot_id {
        pipeline_snapshots::record_run(connection, source, id, now).await?;
    }
    if let Some(reference) = request.logs {
        logs::attach(connection, user, row.project_id, logs::Owner::Run(id), reference, "client").await?;
    }
    row.model_version_id = model_version(connection, user, &row, &configuration).await?;
    for tag in request.tags.unwrap_or_default() {
        tags::attach_reference(connection, Some(user), "pipeline_run", id, &tag).await?;
    }
    Ok(row)
}

async fn parent(connection: &mut Connection, request: &PipelineRunRequest) -> Result<Option<PipelineRunRow>> {
    match request.parent_run_id {
        Some(parent) => Ok(Some(get(connection, parent).await?)),
        None => Ok(None),
    }
}

fn name_taken(name: &str) -> AppError {
    AppError::Exists(format!(
        "A run with the name '{name}' already exists in this project. Choose another name, or put `{{date}}` and `{{time}}` in it to get \
         a new one for each run."
    ))
}

async fn model_version(
    connection: &mut Connection,
    user: Id,
    run: &PipelineRunRow,
    configuration: &Map<String, Value>,
) -> Result<Option<Id>> {
    let Some(version) = configured_model_version(connection, user, run, configuration, configuration.get("model")).await? else {
        return Ok(None);
    };
    connection.update::<PipelineRunRow>(run.id, Changes::new().set("model_version_id", version)).await?;
    Ok(Some(version))
}

/// The model version that a `model` configuration means for a run; names may have the placeholders of the run's name.
pub async fn configured_model_version(
    connection: &mut Connection,
    user: Id,
    run: &PipelineRunRow,
    configuration: &Map<String, Value>,
    model: Option<&Value>,
) -> Result<Option<Id>> {
    let Some(model) = model.filter(|model| model.is_object()) else { return Ok(None) };
    let model: ModelConfiguration = serde_json::from_value(model.clone())
        .map_err(|error| AppError::Invalid(format!("The `model` of the configuration cannot be read: {error}")))?;
    let substitutions = configuration.get("substitutions").and_then(Value::as_object).cloned().unwrap_or_default();
    let (date, time) = date_and_time(run.start_time.unwrap_or(run.created));
    let substitute = |name: &str| run_name::format(name, &substitutions, &date, &time).map_err(AppError::Invalid);
    Ok(Some(model_versions::get_or_create_for_run(connection, Some(user), run.project_id, model, run.id, substitute).await?.id))
}

/// A snapshot's pipeline configuration.
pub async fn configuration(connection: &mut Connection, snapshot: &PipelineSnapshotRow) -> Result<Map<String, Value>> {
    Ok(serde_json::from_str(&documents::get(connection, &snapshot.pipeline_configuration_document).await?)?)
}

/// The date and the time that a run's substitutions have, as ZenML formats them; from the run's start.
pub fn date_and_time(start: Timestamp) -> (String, String) {
    (start.format("%Y_%m_%d"), start.format("%H_%M_%S_%6f"))
}

/// A pipeline's configuration as one of its runs has it: with the run's date and time. All else passes unparsed.
pub fn configuration_of_run(document: &str, run: &PipelineRunRow) -> Result<RawMap> {
    let mut configuration: RawMap = serde_json::from_str(document)?;
    let substitutions = configuration.get("substitutions").and_then(|json| serde_json::from_str::<Value>(json.get()).ok());
    let mut part: Map<String, Value> = substitutions.map(|value| ("substitutions".to_owned(), value)).into_iter().collect();
    complete(&mut part, run);
    if let Some(substitutions) = part.get("substitutions") {
        configuration.set("substitutions", json(substitutions)?);
    }
    Ok(configuration)
}

/// Completes a configuration's `substitutions` with the run's date and time. A run that has no start yet has those of its
/// making, so that they stay what they are; ZenML takes the time of the request.
pub fn complete(configuration: &mut Map<String, Value>, run: &PipelineRunRow) {
    let (date, time) = date_and_time(run.start_time.unwrap_or(run.created));
    let substitutions = configuration.entry("substitutions").or_insert_with(|| Value::Object(Map::new()));
    if !substitutions.is_object() {
        *substitutions = Value::Object(Map::new());
    }
    if let Some(substitutions) = substitutions.as_object_mut() {
        complete_substitutions(substitutions, &date, &time);
    }
}

/// `PUT /runs/{id}`.
pub async fn update(connection: &mut Connection, user: Id, id: Id, update: PipelineRunUpdate) -> Result<PipelineRunRow> {
    names::length(update.status_reason.as_deref().unwrap_or_default(), names::MAX_LENGTH, "status_reason")?;
    let mut run = get_locked(connection, id).await?;
    if update.status.is_some() {
        run = set_status(connection, &run, update.status, update.status_reason.as_deref()).await?;
        if run.status == ExecutionStatus::Stopping {
            // This is how ZenML's own client stops a run.
            stop::end_runner(connection, id).await?;
        }
    }
    let mut changes = Changes::new();
    if let Some(orchestrator_run_id) = update.orchestrator_run_id {
        check_orchestrator_run_id(&run, &orchestrator_run_id)?;
        changes = changes.set("orchestrator_run_id", orchestrator_run_id);
    }
    if let Some(exception) = update.exception_info {
        changes = changes.set("exception_info", exception.get());
    }
    if !changes.is_empty() {
        connection.update::<PipelineRunRow>(id, changes).await?;
    }
    if let Some(outputs) = update.outputs {
        run_outputs::replace(connection, id, &outputs).await?;
    }
    for request in update.add_logs.unwrap_or_default() {
        logs::attach(connection, user, run.project_id, logs::Owner::Run(id), LogsReference::Request(Box::new(request)), "orchestrator")
            .await?;
    }
    tags::change(connection, user, "pipeline_run", id, update.add_tags.as_deref(), update.remove_tags.as_deref()).await?;
    get(connection, id).await
}

fn check_orchestrator_run_id(run: &PipelineRunRow, requested: &str) -> Result<()> {
    if !is_placeholder(run.status) {
        return Err(AppError::Forbidden(format!("The orchestrator run ID of a run that is {} cannot be set.", run.status)));
    }
    if run.orchestrator_run_id.as_deref().is_some_and(|stored| stored != requested) {
        return Err(AppError::Forbidden("The run has another orchestrator run ID already.".to_owned()));
    }
    Ok(())
}

/// Applies the rules of [`run_status`] to a locked run: to a status that is asked for, or (none) to changes of its steps.
pub async fn set_status(
    connection: &mut Connection,
    run: &PipelineRunRow,
    requested: Option<ExecutionStatus>,
    reason: Option<&str>,
) -> Result<PipelineRunRow> {
    let snapshot = crate::server::service::pipeline_snapshots::get(connection, run.snapshot_id).await?;
    let steps = step_runs::statuses(connection, run.id).await?;
    let state = RunState {
        status: run.status,
        is_dynamic: snapshot.is_dynamic,
        is_child: run.parent_run_id.is_some(),
        step_count: snapshot.step_count as usize,
    };
    let next = run_status::next(state, requested, &steps)?;
    let status = next.unwrap_or(run.status);
    let in_progress = if snapshot.is_dynamic { !status.is_finished() } else { in_progress(connection, run, &snapshot, status).await? };
    let reason = reason.filter(|reason| !reason.is_empty());
    if next.is_none() && in_progress == run.in_progress && reason.is_none() {
        return Ok(run.clone());
    }
    let mut changes = Changes::new().set("in_progress", in_progress);
    if !in_progress && run.end_time.is_none() {
        changes = changes.set("end_time", Timestamp::now());
    }
    if status == ExecutionStatus::Resuming {
        changes = changes.set("end_time", None::<Timestamp>);
    }
    let keeps_reason = next.is_none() || (run.status == ExecutionStatus::Stopping && status == ExecutionStatus::Stopped);
    if reason.is_some() || !keeps_reason {
        changes = changes.set("status_reason", reason);
    }
    pipeline_runs::change(connection, run, status, changes).await?;
    if next.is_some() {
        trigger_dispatches::run_ended(connection, run, status).await?;
        if !in_progress {
            onboarding::note(connection).await?;
        }
    }
    get(connection, run.id).await
}

async fn in_progress(
    connection: &mut Connection,
    run: &PipelineRunRow,
    snapshot: &PipelineSnapshotRow,
    status: ExecutionStatus,
) -> Result<bool> {
    // The steps matter only to a failed run that goes on, so that nothing more is read for all others.
    if status != ExecutionStatus::Failed {
        return Ok(run_status::in_progress(status, false, &[]));
    }
    let configuration = configuration(connection, snapshot).await?;
    let continues = configuration.get("execution_mode").and_then(Value::as_str).unwrap_or("continue_on_failure") == "continue_on_failure";
    let rows = step_runs::of_run(connection, run.id).await?;
    let now = Timestamp::now();
    let mut specs: Vec<(String, Value)> = Vec::new();
    for step in pipeline_snapshots::steps(connection, snapshot.step_set.as_deref(), &[]).await? {
        let document: Value = serde_json::from_str(&step.content)?;
        specs.push((step.name, document["spec"]["upstream_steps"].clone()));
    }
    let states: Vec<StepState<'_>> = specs
        .iter()
        .map(|(name, upstream)| {
            let row = rows.iter().rfind(|row| row.name == *name && row.status != ExecutionStatus::Retried);
            StepState {
                name,
                upstream: upstream.as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
                status: row.map(|row| row.status),
                is_unhealthy: row.is_some_and(|row| row.is_unhealthy(now)),
            }
        })
        .collect();
    Ok(run_status::in_progress(status, continues, &states))
}

/// Deletes a run with its steps, logs and links.
pub async fn delete(connection: &mut Connection, id: Id) -> Result<()> {
    let run = get_locked(connection, id).await?;
    tag_rows::detach_all(connection, "pipeline_run", id).await?;
    pipeline_runs::count_status(connection, &run, Some(run.status), None).await?;
    connection.delete::<PipelineRunRow>(id).await?;
    curated_visualizations::delete_orphans(connection).await?;
    if let Some(pipeline) = run.pipeline_id {
        pipelines::refresh_latest_run(connection, pipeline).await?;
    }
    if let Some(source) = run.source_snapshot_id {
        pipeline_snapshots::refresh_latest_run(connection, source).await?;
    }
    Ok(())
}

/// Ends the heartbeats of a run: its steps beat no more, and are never called unhealthy.
pub async fn disable_heartbeat(connection: &mut Connection, id: Id) -> Result<()> {
    get_locked(connection, id).await?;
    connection.update::<PipelineRunRow>(id, Changes::new().set("enable_heartbeat", false)).await?;
    Ok(step_runs::clear_heartbeat_thresholds(connection, id).await?)
}

/// Asks the orchestrator how a run stands: nothing that this server can do, and nothing that local orchestrators need.
pub async fn refresh(connection: &mut Connection, id: Id) -> Result<()> {
    let run = get(connection, id).await?;
    if run.stack_id.is_none() {
        return Err(AppError::Invalid(format!("The stack of the run '{}' has been deleted.", run.name)));
    }
    Err(AppError::NotImplemented(
        "This server does not ask orchestrators for the status of a run: steps report themselves. `zenml pipeline runs refresh` asks from \
         your machine."
            .to_owned(),
    ))
}
