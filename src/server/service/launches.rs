//! Launching a snapshot, or the snapshot of a run again: check the run configuration, derive the snapshot that runs, make
//! its run, put it in the queue.
//!
//! All of it happens in the caller's transaction, so that a launch is there whole or not at all.

use serde_json::{Map, Value, json};

use crate::{
    model::{readiness::Readiness, status::ExecutionStatus},
    run_configuration::{
        derive::{derive, secret_references, with_secret_ids},
        merge::merge,
        replay::Replay,
        request::{self, Request},
        run_name,
        snapshot::Snapshot,
    },
    server::{
        api::wire::{
            logs::{LogsReference, LogsRequest},
            pipeline_runs::{PipelineRunRequest, TriggerInfo},
            tags::TagReference,
        },
        db::{
            Connection, launches,
            pipeline_runs::PipelineRunRow,
            pipeline_snapshots::{self, PipelineSnapshotRow},
            run_templates::RunTemplateRow,
            step_runs::StepRunRow,
            users::UserRow,
        },
        error::{AppError, Result},
        id::Id,
        launch::{
            needed_secrets,
            queue::{self, NewLaunch},
            readiness,
        },
        service::{
            derived_snapshots, form_views::Gate, input_overrides, logs, pipeline_runs, pipeline_snapshots as snapshots, pipelines,
            proposals, run_templates, secrets, snapshot_access,
        },
        state::AppState,
        time::Timestamp,
    },
};

/// Who launches, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Launch<'a> {
    pub user: Id,
    /// The process of a run, with its token: what its code launches is bound by no form view.
    pub is_run: bool,
    /// `rest`, `dashboard` or `trigger`, with more in `layers` where the dashboard knows where values came from.
    pub source: &'a str,
    /// JSON: the layers the configuration was made of.
    pub layers: Option<&'a Value>,
    /// A launch with the key of an earlier one is that launch; see [`launch_once`].
    pub request_key: Option<&'a str>,
    /// A tag of the run, besides those of its configuration.
    pub tag: Option<&'a str>,
    /// The proposal that is launched; of several launches that of the first counts.
    pub proposal: Option<Id>,
}

impl Launch<'_> {
    /// The key as it is stored: one account's key says nothing about another's.
    fn stored_key(&self) -> Option<String> {
        self.request_key.map(|key| format!("{}/{key}", self.user))
    }
}

/// What is launched by [`launch_once`] and [`launch_all_once`].
#[derive(Clone, Debug)]
pub enum What {
    /// A snapshot.
    Snapshot(Id),
    /// The newest named runnable snapshot of the pipeline with this name or id, in a project.
    LatestOf { project: Id, pipeline: String },
    /// The snapshot of a run, again.
    Run(Id),
    /// The snapshot of a run template; the body is the run configuration itself.
    Template(Id),
}

/// Launches in a transaction of its own, with the body of the request, and wakes the supervisor.
///
/// Where the launch has a
/// key that was used before, nothing is launched: the answer is the run of that time, for as long as it exists.
pub async fn launch_once(state: &AppState, by: Launch<'_>, what: &What, body: &Value) -> Result<PipelineRunRow> {
    let mut runs = launch_all_once(state, &[(by, what, body)]).await?;
    runs.pop().ok_or_else(|| AppError::Internal(anyhow::anyhow!("one launch in, no run out")))
}

/// Like [`launch_once`] for several launches: all of them start, or none does. The runs are in the order of the launches.
pub async fn launch_all_once(state: &AppState, launches: &[(Launch<'_>, &What, &Value)]) -> Result<Vec<PipelineRunRow>> {
    match launch_in_transaction(state, launches).await {
        // Another server process was faster with the same keys.
        Err(AppError::Exists(message)) => {
            let mut connection = state.db.read().await?;
            let mut runs = Vec::new();
            for (by, _, _) in launches {
                let Some(run) = launched_before(&mut connection, *by).await? else { return Err(AppError::Exists(message)) };
                runs.push(run);
            }
            Ok(runs)
        }
        launched => launched,
    }
}

async fn launch_in_transaction(state: &AppState, launches: &[(Launch<'_>, &What, &Value)]) -> Result<Vec<PipelineRunRow>> {
    let mut connection = state.db.begin().await?;
    let (mut runs, mut launched) = (Vec::new(), Vec::new());
    for (by, what, body) in launches {
        let run = match launched_before(&mut connection, *by).await? {
            Some(run) => run,
            None => {
                let run = launch_what(&mut connection, state, *by, what, body).await?;
                launched.push((run.id, run.source_snapshot_id));
                run
            }
        };
        runs.push(run);
    }
    if let (Some((run, _)), Some((by, _, _))) = (launched.first(), launches.first())
        && let Some(proposal) = by.proposal
    {
        proposals::launched(&mut connection, by.user, proposal, *run).await?;
    }
    connection.commit().await?;
    if !launched.is_empty() {
        state.launch_signal.wake();
    }
    for (run, snapshot) in launched {
        state.events.send("run", run);
        if let Some(snapshot) = snapshot {
            state.events.send("snapshot", snapshot);
        }
    }
    Ok(runs)
}

async fn launch_what(connection: &mut Connection, state: &AppState, by: Launch<'_>, what: &What, body: &Value) -> Result<PipelineRunRow> {
    match what {
        What::Snapshot(id) => {
            let snapshot = snapshots::get(connection, *id).await?;
            launch(connection, state, by, &snapshot, body).await
        }
        What::LatestOf { project, pipeline } => launch_latest(connection, state, by, *project, pipeline, body).await,
        What::Run(id) => {
            let original = pipeline_runs::get(connection, *id).await?;
            replay(connection, state, by, &original, body).await
        }
        What::Template(id) => {
            let template = run_templates::get(connection, *id).await?;
            launch_template(connection, state, by, &template, body).await
        }
    }
}

/// The run of an earlier launch with the same key, for as long as it exists.
pub async fn launched_before(connection: &mut Connection, by: Launch<'_>) -> Result<Option<PipelineRunRow>> {
    let Some(key) = by.stored_key() else { return Ok(None) };
    match launches::find_by_request_key(connection, &key).await? {
        Some(run) => Ok(Some(pipeline_runs::get(connection, run).await?)),
        None => Ok(None),
    }
}

/// Launches a snapshot with the body of `POST /pipeline_snapshots/{id}/runs`. Wake the supervisor after the commit.
///
/// # Errors
/// 400 with every problem of the body; 403 when the snapshot is closed to the account; 403 and 422 for what its form view
/// does not allow this account; 400 when it cannot be run, with the reason; 404 for an unknown step run;
/// 409 when the run's name is taken, or when another launch with the same key was faster; 429 when the queue is full.
pub async fn launch(
    connection: &mut Connection,
    state: &AppState,
    launch: Launch<'_>,
    source: &PipelineSnapshotRow,
    body: &Value,
) -> Result<PipelineRunRow> {
    let request = request::read(body).map_err(AppError::InvalidConfiguration)?;
    let step_run = step_run(connection, &request).await?;
    start(connection, state, launch, Start { source, request, step_run, original_run: None, template: None }).await
}

/// Derives the snapshot that a trigger is to launch from a named one, with the run configuration of the launches to come,
/// which is checked as it is for a launch now. Errors are those of [`launch`].
pub async fn prepare(
    connection: &mut Connection,
    state: &AppState,
    user: Id,
    source: &PipelineSnapshotRow,
    configuration: &Value,
) -> Result<PipelineSnapshotRow> {
    let mut request = request::read(configuration).map_err(AppError::InvalidConfiguration)?;
    let (snapshot, gate) = admit(connection, state, (user, false), source, &mut request).await?;
    let configuration = with_secrets_of(connection, user, &request.configuration).await?;
    let derived = derive(&snapshot, &configuration, &request.replace_paths).map_err(AppError::InvalidConfiguration)?;
    if let Some(gate) = gate {
        gate.check(&derived.snapshot)?;
    }
    refuse_missing_secrets(connection, state, user, source, &derived.snapshot).await?;
    derived_snapshots::store(connection, user, (source, None), &derived.snapshot).await
}

/// Lets a request in: refuses it where the account may not run the snapshot or it cannot be run, and writes into it what the
/// snapshot's form view fixes. Gives the snapshot, and the view that what comes of it is to be checked with.
async fn admit(
    connection: &mut Connection,
    state: &AppState,
    (user, is_run): (Id, bool),
    source: &PipelineSnapshotRow,
    request: &mut Request,
) -> Result<(Snapshot, Option<Gate>)> {
    snapshot_access::require(connection, user, source).await?;
    refuse_unready(connection, state, source).await?;
    let snapshot = snapshots::for_run_configuration(connection, source).await?;
    let gate = if is_run { None } else { Gate::of(connection, user, source).await? };
    if let Some(gate) = &gate {
        gate.fill(&mut request.configuration, &mut request.replace_paths);
    }
    Ok((snapshot, gate))
}

/// The configuration with the ids of the secrets that it names, as the account means them.
async fn with_secrets_of(connection: &mut Connection, user: Id, configuration: &Map<String, Value>) -> Result<Map<String, Value>> {
    let secrets = secrets::resolve(connection, user, &secret_references(configuration)).await?;
    let id_of = |name: &str| secrets.get(name).map(Id::to_string);
    with_secret_ids(configuration, id_of).map_err(AppError::InvalidConfiguration)
}

/// Looks at what will run: the configuration may have named other secrets than the snapshot.
async fn refuse_missing_secrets(
    connection: &mut Connection,
    state: &AppState,
    user: Id,
    source: &PipelineSnapshotRow,
    derived: &Snapshot,
) -> Result<()> {
    let readiness = needed_secrets::check(connection, &state.keys.secrets, user, source.stack_id, derived).await?;
    match (Readiness { checks: vec![readiness] }).refusal() {
        Some(refusal) => Err(AppError::Invalid(refusal)),
        None => Ok(()),
    }
}

async fn refuse_unready(connection: &mut Connection, state: &AppState, source: &PipelineSnapshotRow) -> Result<()> {
    match readiness::check(connection, state, source).await?.refusal() {
        Some(refusal) => Err(AppError::Invalid(refusal)),
        None => Ok(()),
    }
}

/// Launches the snapshot of a run again, with the body of `POST /runs/{id}/replay`: a run configuration with the keys of
/// [`Replay`]. The new run refers to the first as its original, whose steps it may skip. Errors are those of [`launch`].
async fn replay(
    connection: &mut Connection,
    state: &AppState,
    launch: Launch<'_>,
    run: &PipelineRunRow,
    body: &Value,
) -> Result<PipelineRunRow> {
    let request = request::read(body).map_err(AppError::InvalidConfiguration)?;
    let source = snapshots::get(connection, run.snapshot_id).await?;
    let start_with = Start { source: &source, request, step_run: None, original_run: Some(run.id), template: None };
    start(connection, state, launch, start_with).await
}

/// Launches the snapshot of a run template with a run configuration, which may be null. Errors are those of [`launch`].
async fn launch_template(
    connection: &mut Connection,
    state: &AppState,
    launch: Launch<'_>,
    template: &RunTemplateRow,
    configuration: &Value,
) -> Result<PipelineRunRow> {
    let body = if configuration.is_null() { json!({}) } else { json!({ "run_configuration": configuration }) };
    let request = request::read(&body).map_err(AppError::InvalidConfiguration)?;
    let source = run_templates::source_snapshot(connection, template).await?;
    let start_with = Start { source: &source, request, step_run: None, original_run: None, template: Some(template.id) };
    start(connection, state, launch, start_with).await
}

/// What is to be launched.
struct Start<'a> {
    source: &'a PipelineSnapshotRow,
    request: Request,
    step_run: Option<StepRunRow>,
    original_run: Option<Id>,
    template: Option<Id>,
}

async fn start(connection: &mut Connection, state: &AppState, launch: Launch<'_>, start: Start<'_>) -> Result<PipelineRunRow> {
    let Start { source, mut request, step_run, original_run, template } = start;
    let (snapshot, gate) = admit(connection, state, (launch.user, launch.is_run), source, &mut request).await?;
    let mut configuration = request.configuration.clone();
    let mut replay = Replay::default();
    if original_run.is_some() {
        replay = Replay::take(&mut configuration, &snapshot).map_err(AppError::InvalidConfiguration)?;
    }
    let configuration = with_secrets_of(connection, launch.user, &configuration).await?;
    let mut derived = derive(&snapshot, &configuration, &request.replace_paths).map_err(AppError::InvalidConfiguration)?;
    if let Some(gate) = gate {
        // Before values for inputs become artifacts.
        let mut launched = derived.snapshot.clone();
        merge(&mut launched.pipeline_configuration, &replay.update);
        gate.check(&launched)?;
    }
    input_overrides::resolve(connection, state, launch.user, source, &mut replay).await?;
    merge(&mut derived.snapshot.pipeline_configuration, &replay.update);
    refuse_missing_secrets(connection, state, launch.user, source, &derived.snapshot).await?;
    let row = derived_snapshots::store(connection, launch.user, (source, template), &derived.snapshot).await?;
    let run = create_placeholder(connection, launch, &row, &derived.snapshot, step_run.as_ref(), original_run).await?;
    let paths: Vec<String> = derived.changed_paths().into_iter().chain(replay.paths()).map(|path| path.to_string()).collect();
    // A step that still runs may wait for this run, so this run must not wait for the slot that the step's run holds.
    let takes_slot = step_run.is_none_or(|step| step.status.is_finished());
    enqueue(connection, state, launch, &run, takes_slot, &request, &paths).await?;
    Ok(run)
}

/// Launches the newest named runnable snapshot of a pipeline that is open to the account.
async fn launch_latest(
    connection: &mut Connection,
    state: &AppState,
    launching: Launch<'_>,
    project: Id,
    pipeline: &str,
    body: &Value,
) -> Result<PipelineRunRow> {
    let pipeline = pipelines::find(connection, project, pipeline).await?;
    let account = connection.get::<UserRow>(launching.user).await?;
    let snapshot = pipeline_snapshots::latest_runnable(connection, pipeline.id, account.as_ref()).await?.ok_or_else(|| {
        AppError::Invalid(format!(
            "The pipeline '{}' has no named snapshot that can be run by you. Make one from a run, or with `zenml pipeline snapshot create`.",
            pipeline.name
        ))
    })?;
    launch(connection, state, launching, &snapshot, body).await
}

/// The step that asks for this run.
async fn step_run(connection: &mut Connection, request: &Request) -> Result<Option<StepRunRow>> {
    let Some(text) = &request.step_run else { return Ok(None) };
    let id: Id = text.parse().map_err(|_| AppError::Malformed(format!("1 validation error:\n  `step_run` is no id: {text}")))?;
    let step: Option<StepRunRow> = connection.get(id).await?;
    step.map(Some).ok_or_else(|| AppError::missing("step run", id))
}

/// The run that waits for its runner: initializing, with a log stream for what the runner prints.
async fn create_placeholder(
    connection: &mut Connection,
    launch: Launch<'_>,
    row: &PipelineSnapshotRow,
    snapshot: &Snapshot,
    step_run: Option<&StepRunRow>,
    original_run_id: Option<Id>,
) -> Result<PipelineRunRow> {
    let now = Timestamp::now();
    let (date, time) = pipeline_runs::date_and_time(now);
    let empty = Map::new();
    let substitutions = snapshot.pipeline_configuration.get("substitutions").and_then(Value::as_object).unwrap_or(&empty);
    let name = run_name::format(&snapshot.run_name_template, substitutions, &date, &time).map_err(AppError::Invalid)?;
    let tags = snapshot.pipeline_configuration.get("tags").filter(|tags| tags.is_array()).cloned();
    let mut tags: Option<Vec<TagReference>> = tags.map(serde_json::from_value).transpose()?;
    if let Some(tag) = launch.tag {
        tags.get_or_insert_default().push(TagReference::Name(tag.to_owned()));
    }
    let request = PipelineRunRequest {
        project: row.project_id,
        name,
        snapshot: row.id,
        orchestrator_run_id: None,
        start_time: Some(now),
        end_time: None,
        status: ExecutionStatus::Initializing,
        status_reason: None,
        orchestrator_environment: Map::new(),
        trigger_info: step_run.map(|step| TriggerInfo { step_run_id: Some(step.id), deployment_id: None }),
        tags,
        logs: Some(LogsReference::Request(Box::new(LogsRequest {
            project: None,
            id: Id::new(),
            uri: None,
            source: logs::RUNNER_SOURCE.to_owned(),
            artifact_store_id: None,
            log_store_id: None,
            pipeline_run_id: None,
            step_run_id: None,
            hook_invocation_id: None,
        }))),
        exception_info: None,
        original_run_id,
        parent_run_id: None,
        child_key: None,
    };
    pipeline_runs::create(connection, launch.user, row, request).await
}

async fn enqueue(
    connection: &mut Connection,
    state: &AppState,
    launch: Launch<'_>,
    run: &PipelineRunRow,
    takes_slot: bool,
    request: &Request,
    paths: &[String],
) -> Result<()> {
    let request_key = launch.stored_key();
    let origin = json!({ "source": launch.source, "layers": launch.layers, "proposal": launch.proposal });
    let new = NewLaunch {
        run: run.id,
        takes_slot,
        run_configuration: &serde_json::to_string(&request.configuration)?,
        changed_paths: &serde_json::to_string(paths)?,
        origin: &origin.to_string(),
        request_key: request_key.as_deref(),
    };
    queue::enqueue(connection, state, new).await
}
