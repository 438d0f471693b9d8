//! `/runs`.

use std::collections::{HashMap, HashSet};

use axum::{Json, extract::State};

use super::{
    extract::{ApiJson, IdPath},
    routes::Routes,
    wire::{
        self, Entity, PageResponse, RawMap,
        dag::Dag,
        json, made_once,
        pipeline_runs::{Metadata, PipelineRunRequest, PipelineRunUpdate, Resources},
        run_statistics::{RunStatisticsRequest, RunStatisticsResponse},
        stored_json,
    },
};
use crate::{
    model::roles::Action,
    model::status::ExecutionStatus,
    server::{
        auth::Account,
        db::{
            Connection, artifact_versions,
            curated_visualizations::{self, Curated},
            documents::{self, Documents},
            list::ListRequest,
            logs, model_versions,
            pipeline_builds::PipelineBuildRow,
            pipeline_runs::{self, PipelineRunRow},
            pipeline_snapshots::PipelineSnapshotRow,
            run_links, run_metadata, run_outputs,
            run_wait_conditions::{self, RunWaitConditionRow},
            schedules::ScheduleRow,
            step_runs, tags,
            trigger_executions::{self, TriggerExecutionRow},
            triggers::TriggerRow,
        },
        error::Result,
        id::Id,
        launch::stop,
        service::{self, environments},
        state::AppState,
    },
};

/// The routes of runs.
pub fn router() -> Routes {
    Routes::new()
        .get(Action::Read, "/runs", list_runs)
        .filters(&pipeline_runs::LIST)
        .in_project()
        .post(Action::Record, "/runs", get_or_create_run)
        .post(Action::Read, "/runs/statistics", get_run_statistics)
        .get(Action::Read, "/runs/{id}", get_run)
        .reads("hydrate", "Whether the run comes with its metadata; it does unless asked not to.")
        .reads("include_python_packages", "Whether the environments list their Python packages.")
        .put(Action::Record, "/runs/{id}", update_run)
        .delete(Action::Edit, "/runs/{id}", delete_run)
        .get(Action::Read, "/runs/{id}/dag", get_run_dag)
        .reads("include_step_metadata", "A key of the metadata of steps to show; may be repeated.")
        .put(Action::Record, "/runs/{id}/disable_heartbeat", disable_run_heartbeat)
        .get(Action::Read, "/runs/{id}/pipeline-configuration", get_run_pipeline_configuration)
        .post(Action::Record, "/runs/{id}/refresh", refresh_run)
        .fails(&[501])
        .get(Action::Read, "/runs/{id}/status", get_run_status)
        .post(Action::Steer, "/runs/{id}/stop", stop_run)
        .reads("graceful", "Whether the running steps may end; by default the run ends at once.")
        .fails(&[501])
        .get(Action::Read, "/runs/{id}/steps", super::step_runs::list_steps_of_run)
        .filters(&super::super::db::step_runs::LIST)
}

async fn list_runs(State(state): State<AppState>, _: Account, request: ListRequest) -> Result<Json<PageResponse<Entity>>> {
    let mut connection = state.db.read().await?;
    let project = service::projects::scope(&mut connection, &state.server, &request).await?;
    let page = pipeline_runs::list(&mut connection, project, &request).await?;
    let detail = Detail { hydrate: request.hydrate, python_packages: false, full_metadata: full_metadata(&request)? };
    let items = entities(&mut connection, &page.items, detail).await?;
    Ok(Json(page.with_items(items).into()))
}

async fn get_run_statistics(
    State(state): State<AppState>,
    _: Account,
    ApiJson(request): ApiJson<RunStatisticsRequest>,
) -> Result<Json<RunStatisticsResponse>> {
    let mut connection = state.db.read().await?;
    Ok(Json(service::run_statistics::compute(&mut connection, &state.server, request).await?))
}

/// Answers an array: the run, and whether it is new to the caller.
async fn get_or_create_run(
    State(state): State<AppState>,
    account: Account,
    ApiJson(request): ApiJson<PipelineRunRequest>,
) -> Result<Json<(Entity, bool)>> {
    let mut connection = state.db.begin().await?;
    let (run, created) = service::pipeline_runs::get_or_create(&mut connection, account.user.id, request).await?;
    let entity = super::only(entities(&mut connection, &[run], Detail::HYDRATED).await?)?;
    connection.commit().await?;
    state.events.send("run", entity.id);
    Ok(Json((entity, created)))
}

async fn get_run(State(state): State<AppState>, _: Account, IdPath(id): IdPath, request: ListRequest) -> Result<Json<Entity>> {
    let detail = Detail {
        hydrate: request.switch("hydrate")?.unwrap_or(true),
        python_packages: request.switch("include_python_packages")?.unwrap_or(false),
        full_metadata: full_metadata(&request)?,
    };
    let mut connection = state.db.read().await?;
    let run = service::pipeline_runs::get(&mut connection, id).await?;
    Ok(Json(super::only(entities(&mut connection, &[run], detail).await?)?))
}

async fn update_run(
    State(state): State<AppState>,
    account: Account,
    IdPath(id): IdPath,
    ApiJson(update): ApiJson<PipelineRunUpdate>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let run = service::pipeline_runs::update(&mut connection, account.user.id, id, update).await?;
    let entity = super::only(entities(&mut connection, &[run], Detail::HYDRATED).await?)?;
    connection.commit().await?;
    state.launch_signal.wake();
    state.events.send("run", id);
    Ok(Json(entity))
}

async fn delete_run(State(state): State<AppState>, _: Account, IdPath(id): IdPath) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    service::pipeline_runs::delete(&mut connection, id).await?;
    connection.commit().await?;
    state.events.send("run", id);
    Ok(Json(()))
}

async fn get_run_dag(State(state): State<AppState>, _: Account, IdPath(id): IdPath, request: ListRequest) -> Result<Json<Dag>> {
    let keys = request.parameters.iter().filter(|(name, _)| name == "include_step_metadata").map(|(_, key)| key.clone());
    let keys: Vec<String> = keys.collect();
    let mut connection = state.db.read().await?;
    let run = service::pipeline_runs::get(&mut connection, id).await?;
    Ok(Json(service::dag::of_run(&mut connection, &run, &keys).await?))
}

async fn get_run_status(State(state): State<AppState>, _: Account, IdPath(id): IdPath) -> Result<Json<ExecutionStatus>> {
    Ok(Json(service::pipeline_runs::get(&mut state.db.read().await?, id).await?.status))
}

async fn get_run_pipeline_configuration(State(state): State<AppState>, _: Account, IdPath(id): IdPath) -> Result<Json<RawMap>> {
    let mut connection = state.db.read().await?;
    let run = service::pipeline_runs::get(&mut connection, id).await?;
    let snapshot = service::pipeline_snapshots::get(&mut connection, run.snapshot_id).await?;
    let document = documents::get(&mut connection, &snapshot.pipeline_configuration_document).await?;
    Ok(Json(service::pipeline_runs::configuration_of_run(&document, &run)?))
}

async fn disable_run_heartbeat(State(state): State<AppState>, _: Account, IdPath(id): IdPath) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    service::pipeline_runs::disable_heartbeat(&mut connection, id).await?;
    connection.commit().await?;
    Ok(Json(()))
}

/// Local orchestrators have nothing to ask: their runs report themselves.
async fn refresh_run(State(state): State<AppState>, _: Account, IdPath(id): IdPath) -> Result<Json<()>> {
    service::pipeline_runs::refresh(&mut state.db.read().await?, id).await?;
    Ok(Json(()))
}

/// `?graceful=true` lets the running steps end; by default the run ends at once.
async fn stop_run(State(state): State<AppState>, account: Account, IdPath(id): IdPath, request: ListRequest) -> Result<Json<()>> {
    let run = service::pipeline_runs::get(&mut state.db.read().await?, id).await?;
    account.require_steering(&state, &run).await?;
    stop::request_stop(&state, id, request.switch("graceful")?.unwrap_or(false)).await?;
    Ok(Json(()))
}

/// How much of a run is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Detail {
    pub hydrate: bool,
    pub python_packages: bool,
    /// The metadata of the steps too.
    pub full_metadata: bool,
}

fn full_metadata(request: &ListRequest) -> Result<bool> {
    Ok(request.switch("include_full_metadata")?.unwrap_or(false))
}

impl Detail {
    /// Everything but the lists of Python packages and the metadata of the steps.
    pub const HYDRATED: Self = Self { hydrate: true, python_packages: false, full_metadata: false };
}

/// Runs with what is linked to them, read together.
pub async fn entities(connection: &mut Connection, rows: &[PipelineRunRow], detail: Detail) -> Result<Vec<Entity>> {
    let linked = Linked::read(connection, rows, detail).await?;
    rows.iter()
        .map(|row| {
            let entity = wire::pipeline_runs::shallow(row)?.resources(&linked.resources(row)?)?;
            if detail.hydrate { entity.metadata(&linked.metadata(row, detail)?) } else { Ok(entity) }
        })
        .collect()
}

/// The rows that runs refer to.
struct Linked {
    users: HashMap<Id, Entity>,
    snapshots: HashMap<Id, PipelineSnapshotRow>,
    deployable: HashSet<Id>,
    stacks: HashMap<Id, Entity>,
    pipelines: HashMap<Id, Entity>,
    builds: HashMap<Id, PipelineBuildRow>,
    schedules: HashMap<Id, ScheduleRow>,
    code_references: HashMap<Id, Entity>,
    model_versions: HashMap<Id, Entity>,
    executions: HashMap<Id, TriggerExecutionRow>,
    triggers: HashMap<Id, TriggerRow>,
    tags: HashMap<Id, Vec<tags::TagRow>>,
    logs: HashMap<Id, Vec<logs::LogsRow>>,
    runs: HashMap<Id, PipelineRunRow>,
    outputs: HashMap<Id, Vec<(String, Entity)>>,
    visualizations: HashMap<Id, Vec<Curated>>,
    wait_conditions: HashMap<Id, RunWaitConditionRow>,
    documents: Documents,
    metadata: HashMap<Id, run_metadata::Metadata>,
}

impl Linked {
    async fn read(connection: &mut Connection, rows: &[PipelineRunRow], detail: Detail) -> Result<Self> {
        let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
        let links = run_links::of(connection, &ids).await?;
        let those_with = |any: bool| if any { ids.clone() } else { Vec::new() };
        let snapshots: Vec<Id> = rows.iter().flat_map(|row| [Some(row.snapshot_id), row.source_snapshot_id]).flatten().collect();
        let snapshots = connection.get_many::<PipelineSnapshotRow>(snapshots).await?;
        let related: Vec<Id> = rows.iter().flat_map(|row| [row.original_run_id, row.parent_run_id]).flatten().collect();
        let code_references: Vec<Id> = snapshots.values().filter_map(|row| row.code_reference_id).collect();
        let users = connection.get_many(rows.iter().filter_map(|row| row.user_id)).await?;
        let stacks = connection.get_many(rows.iter().filter_map(|row| row.stack_id)).await?;
        let pipelines = connection.get_many(rows.iter().filter_map(|row| row.pipeline_id)).await?;
        let executions = trigger_executions::of_runs(connection, those_with(links.trigger_executions)).await?;
        let models = model_versions::with_models(connection, rows.iter().filter_map(|row| row.model_version_id)).await?;
        let models = models.iter().map(|(id, (version, model))| Ok((*id, wire::model_versions::shallow(version, model)?)));
        Ok(Self {
            users: made_once(users, wire::users::shallow)?,
            deployable: service::pipeline_snapshots::deployable(connection, snapshots.values().collect()).await?,
            stacks: made_once(stacks, wire::stacks::shallow)?,
            pipelines: made_once(pipelines, wire::pipelines::shallow)?,
            builds: connection.get_many(rows.iter().filter_map(|row| row.build_id)).await?,
            schedules: connection.get_many(rows.iter().filter_map(|row| row.schedule_id)).await?,
            code_references: super::code_references(connection, code_references).await?,
            triggers: connection.get_many(executions.values().map(|row| row.trigger_id).collect::<Vec<Id>>()).await?,
            executions,
            model_versions: models.collect::<Result<_>>()?,
            tags: tags::of(connection, "pipeline_run", ids.clone()).await?,
            logs: logs::of_runs(connection, those_with(links.logs)).await?,
            runs: connection.get_many(related).await?,
            outputs: outputs(connection, those_with(links.outputs)).await?,
            visualizations: curated_visualizations::of(connection, "pipeline_run", those_with(links.visualizations)).await?,
            wait_conditions: run_wait_conditions::pending(connection, those_with(links.wait_conditions)).await?,
            documents: documents(connection, rows, &snapshots, detail).await?,
            metadata: metadata(connection, &ids, detail).await?,
            snapshots,
        })
    }

    fn snapshot(&self, id: Option<Id>) -> Result<Option<Entity>> {
        let Some(row) = id.and_then(|id| self.snapshots.get(&id)) else { return Ok(None) };
        wire::pipeline_snapshots::shallow(row, self.deployable.contains(&row.id)).map(Some)
    }

    fn resources(&self, row: &PipelineRunRow) -> Result<Resources<'_>> {
        let execution = self.executions.get(&row.id);
        let run = |id: Option<Id>| id.and_then(|id| self.runs.get(&id)).map(wire::pipeline_runs::shallow).transpose();
        let code_reference = self.snapshots.get(&row.snapshot_id).and_then(|snapshot| snapshot.code_reference_id);
        let outputs = self.outputs.get(&row.id).into_iter().flatten();
        Ok(Resources {
            user: row.user_id.and_then(|id| self.users.get(&id)),
            snapshot: self.snapshot(Some(row.snapshot_id))?,
            source_snapshot: self.snapshot(row.source_snapshot_id)?,
            stack: row.stack_id.and_then(|id| self.stacks.get(&id)),
            pipeline: row.pipeline_id.and_then(|id| self.pipelines.get(&id)),
            build: row.build_id.and_then(|id| self.builds.get(&id)).map(wire::pipeline_builds::shallow).transpose()?,
            schedule: row.schedule_id.and_then(|id| self.schedules.get(&id)).map(wire::schedules::shallow).transpose()?,
            code_reference: code_reference.and_then(|id| self.code_references.get(&id)),
            model_version: row.model_version_id.and_then(|id| self.model_versions.get(&id)),
            tags: wire::tags::of(&self.tags, row.id)?,
            log_collection: self.logs.get(&row.id).into_iter().flatten().map(wire::logs::shallow).collect::<Result<_>>()?,
            visualizations: wire::curated_visualizations::of(&self.visualizations, row.id)?,
            trigger: execution.and_then(|row| self.triggers.get(&row.trigger_id)).map(wire::triggers::shallow).transpose()?,
            original_run: run(row.original_run_id)?,
            parent_run: run(row.parent_run_id)?,
            active_wait_condition: self.wait_conditions.get(&row.id).map(wire::run_wait_conditions::shallow).transpose()?,
            outputs: RawMap(outputs.map(|(name, entity)| Ok((name.clone(), json(entity)?))).collect::<Result<_>>()?),
        })
    }

    fn metadata<'a>(&'a self, row: &'a PipelineRunRow, detail: Detail) -> Result<Metadata<'a>> {
        let (snapshot, execution) = (self.snapshots.get(&row.snapshot_id), self.executions.get(&row.id));
        let document = |hash: Option<&String>| hash.and_then(|hash| self.documents.get(hash)).map_or("{}", |content| content);
        let config = document(snapshot.map(|row| &row.pipeline_configuration_document));
        let environment = |document: &str, packages: Option<&str>| {
            environments::read(&self.documents, document, packages.filter(|_| detail.python_packages))
        };
        let build = row.build_id.and_then(|id| self.builds.get(&id));
        Ok(Metadata {
            run_metadata: match self.metadata.get(&row.id) {
                Some(metadata) => json(metadata)?,
                None => stored_json("{}")?,
            },
            config: service::pipeline_runs::configuration_of_run(config, row)?,
            start_time: row.start_time,
            end_time: row.end_time,
            client_environment: match snapshot {
                Some(row) => environment(&row.client_environment_document, row.python_packages_document.as_deref())?,
                None => stored_json("{}")?,
            },
            orchestrator_environment: environment(&row.orchestrator_environment_document, row.orchestrator_packages_document.as_deref())?,
            orchestrator_run_id: row.orchestrator_run_id.as_deref(),
            code_path: snapshot.and_then(|row| row.code_path.as_deref()),
            template_id: row.template_id,
            is_templatable: build.is_some_and(|build| !build.is_local && build.stack_id.is_some()),
            trigger_info: wire::pipeline_runs::trigger_info(row),
            enable_heartbeat: row.enable_heartbeat,
            exception_info: row.exception_info.as_deref().map(stored_json).transpose()?,
            trigger_execution_info: execution.and_then(|row| row.info.as_deref()).map(stored_json).transpose()?,
        })
    }
}

async fn outputs(connection: &mut Connection, runs: Vec<Id>) -> Result<HashMap<Id, Vec<(String, Entity)>>> {
    let outputs = run_outputs::of(connection, runs).await?;
    let ids: Vec<Id> = outputs.values().flatten().map(|(_, id)| *id).collect();
    let versions = artifact_versions::with_artifacts(connection, ids).await?;
    let mut entities = HashMap::new();
    for (run, named) in outputs {
        let found = named.into_iter().filter_map(|(name, id)| versions.get(&id).map(|pair| (name, pair)));
        let found = found.map(|(name, (version, artifact))| Ok((name, wire::artifact_versions::shallow(version, artifact)?)));
        entities.insert(run, found.collect::<Result<Vec<_>>>()?);
    }
    Ok(entities)
}

/// The metadata of runs, with that of their steps as `step::key` where it is asked for.
async fn metadata(connection: &mut Connection, runs: &[Id], detail: Detail) -> Result<HashMap<Id, run_metadata::Metadata>> {
    if !detail.hydrate {
        return Ok(HashMap::new());
    }
    let mut metadata = run_metadata::of(connection, "pipeline_run", runs.to_vec()).await?;
    if detail.full_metadata {
        let steps = step_runs::names(connection, runs.to_vec()).await?;
        let of_steps = run_metadata::of(connection, "step_run", steps.iter().map(|step| step.id)).await?;
        for step in steps {
            if let Some(found) = of_steps.get(&step.id) {
                metadata.entry(step.pipeline_run_id).or_default().add(&format!("{}::", step.name), found);
            }
        }
    }
    Ok(metadata)
}

/// The documents that the metadata of runs is made of; none where it is not asked for.
async fn documents(
    connection: &mut Connection,
    rows: &[PipelineRunRow],
    snapshots: &HashMap<Id, PipelineSnapshotRow>,
    detail: Detail,
) -> Result<Documents> {
    if !detail.hydrate {
        return Ok(Documents::new());
    }
    let mut hashes: Vec<String> = Vec::new();
    for row in rows {
        hashes.push(row.orchestrator_environment_document.clone());
        hashes.extend(row.orchestrator_packages_document.clone().filter(|_| detail.python_packages));
        if let Some(snapshot) = snapshots.get(&row.snapshot_id) {
            hashes.push(snapshot.pipeline_configuration_document.clone());
            hashes.push(snapshot.client_environment_document.clone());
            hashes.extend(snapshot.python_packages_document.clone().filter(|_| detail.python_packages));
        }
    }
    Ok(documents::get_many(connection, hashes).await?)
}
