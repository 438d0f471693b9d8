//! `/steps`, and the steps of a run.

use std::collections::HashMap;

use axum::{Json, extract::State};
use serde_json::{Map, Value};

use super::{
    extract::{ApiJson, Hydrate, IdPath, OptionalJson},
    routes::Routes,
    wire::{
        self, Entity, PageResponse, RawMap, json,
        step_runs::{HeartbeatResponse, InputEntity, Metadata, Resources, StepRunRequest, StepRunUpdate},
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
            documents::{self, Documents},
            list::ListRequest,
            logs, model_versions,
            pipeline_runs::PipelineRunRow,
            run_metadata,
            step_runs::{self, StepRunRow},
            users::UserRow,
        },
        error::Result,
        id::Id,
        service,
        state::AppState,
        time::Timestamp,
    },
};

/// The routes of steps.
pub fn router() -> Routes {
    Routes::new()
        .get(Action::Read, "/steps", list_steps)
        .filters(&step_runs::LIST)
        .in_project()
        .post(Action::Record, "/steps", create_step)
        .get(Action::Read, "/steps/{id}", get_step)
        .put(Action::Record, "/steps/{id}", update_step)
        .put(Action::Record, "/steps/{id}/heartbeat", update_step_heartbeat)
        .get(Action::Read, "/steps/{id}/status", get_step_status)
        .get(Action::Read, "/steps/{id}/step-configuration", get_step_configuration)
}

async fn list_steps(State(state): State<AppState>, _: Account, request: ListRequest) -> Result<Json<PageResponse<Entity>>> {
    let mut connection = state.db.read().await?;
    let project = service::projects::scope(&mut connection, &state.server, &request).await?;
    list(&mut connection, project, request).await
}

/// `GET /runs/{id}/steps`.
pub async fn list_steps_of_run(
    State(state): State<AppState>,
    _: Account,
    IdPath(run): IdPath,
    request: ListRequest,
) -> Result<Json<PageResponse<Entity>>> {
    let mut connection = state.db.read().await?;
    let project = service::pipeline_runs::get(&mut connection, run).await?.project_id;
    // This list has no metadata, whatever is asked for.
    let request = ListRequest { hydrate: false, ..request.with("pipeline_run_id", run.to_string()) };
    list(&mut connection, project, request).await
}

async fn list(connection: &mut Connection, project: Id, request: ListRequest) -> Result<Json<PageResponse<Entity>>> {
    let page = step_runs::list(connection, project, &request, Timestamp::now()).await?;
    let items = entities(connection, &page.items, request.hydrate).await?;
    Ok(Json(page.with_items(items).into()))
}

async fn create_step(State(state): State<AppState>, account: Account, ApiJson(request): ApiJson<StepRunRequest>) -> Result<Json<Entity>> {
    let run = request.pipeline_run_id;
    let mut connection = state.db.begin().await?;
    let row = service::step_runs::create(&mut connection, account.user.id, request).await?;
    let entity = super::only(entities(&mut connection, &[row], true).await?)?;
    connection.commit().await?;
    state.events.send("run", run);
    Ok(Json(entity))
}

async fn get_step(State(state): State<AppState>, _: Account, IdPath(id): IdPath, Hydrate(hydrate): Hydrate) -> Result<Json<Entity>> {
    let mut connection = state.db.read().await?;
    let row = service::step_runs::get(&mut connection, id).await?;
    Ok(Json(super::only(entities(&mut connection, &[row], hydrate).await?)?))
}

async fn update_step(
    State(state): State<AppState>,
    account: Account,
    IdPath(id): IdPath,
    ApiJson(update): ApiJson<StepRunUpdate>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let row = service::step_runs::update(&mut connection, account.user.id, id, update).await?;
    let run = row.pipeline_run_id;
    let entity = super::only(entities(&mut connection, &[row], true).await?)?;
    connection.commit().await?;
    state.events.send("run", run);
    Ok(Json(entity))
}

/// The body may say how long the client waits for a sign of life; the rule here is the step's own threshold.
async fn update_step_heartbeat(
    State(state): State<AppState>,
    account: Account,
    IdPath(id): IdPath,
    _: OptionalJson<Map<String, Value>>,
) -> Result<Json<HeartbeatResponse>> {
    let mut connection = state.db.begin().await?;
    let response = service::step_runs::heartbeat(&mut connection, &account, id).await?;
    connection.commit().await?;
    Ok(Json(response))
}

async fn get_step_status(State(state): State<AppState>, _: Account, IdPath(id): IdPath) -> Result<Json<ExecutionStatus>> {
    Ok(Json(service::step_runs::get(&mut state.db.read().await?, id).await?.status))
}

async fn get_step_configuration(State(state): State<AppState>, _: Account, IdPath(id): IdPath) -> Result<Json<Value>> {
    let mut connection = state.db.read().await?;
    let row = service::step_runs::get(&mut connection, id).await?;
    let run = service::pipeline_runs::get(&mut connection, row.pipeline_run_id).await?;
    let documents = documents::get_many(&mut connection, [row.configuration_document.clone()]).await?;
    Ok(Json(Value::Object(configuration(&row, Some(&run), &documents)?.config)))
}

/// A step's stored configuration, with the substitutions of its run.
struct Configuration {
    config: Map<String, Value>,
    spec: Value,
}

fn configuration(row: &StepRunRow, run: Option<&PipelineRunRow>, documents: &Documents) -> Result<Configuration> {
    let text = documents.get(&row.configuration_document).map_or("{}", |content| content);
    let mut parts: Map<String, Value> = serde_json::from_str(text)?;
    let mut config = match parts.remove("config") {
        Some(Value::Object(config)) => config,
        _ => Map::new(),
    };
    if let Some(run) = run {
        service::pipeline_runs::complete(&mut config, run);
    }
    Ok(Configuration { config, spec: parts.remove("spec").unwrap_or_default() })
}

/// Step runs with what is linked to them, read together.
async fn entities(connection: &mut Connection, rows: &[StepRunRow], hydrate: bool) -> Result<Vec<Entity>> {
    let linked = Linked::read(connection, rows, hydrate).await?;
    rows.iter()
        .map(|row| {
            let configuration = configuration(row, linked.runs.get(&row.pipeline_run_id), &linked.documents)?;
            let entity = wire::step_runs::shallow(row, &configuration.config)?.resources(&linked.resources(row)?)?;
            if hydrate { entity.metadata(&linked.metadata(row, &configuration)?) } else { Ok(entity) }
        })
        .collect()
}

/// The rows that step runs refer to.
struct Linked {
    runs: HashMap<Id, PipelineRunRow>,
    documents: Documents,
    users: HashMap<Id, UserRow>,
    logs: HashMap<Id, Vec<logs::LogsRow>>,
    model_versions: HashMap<Id, Entity>,
    inputs: HashMap<Id, Vec<step_runs::StepRunInput>>,
    outputs: HashMap<Id, Vec<step_runs::StepRunOutput>>,
    artifact_versions: HashMap<Id, Entity>,
    parents: HashMap<Id, Vec<Id>>,
    metadata: HashMap<Id, run_metadata::Metadata>,
}

impl Linked {
    async fn read(connection: &mut Connection, rows: &[StepRunRow], hydrate: bool) -> Result<Self> {
        let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
        let sources = rows.iter().filter(|_| hydrate).filter_map(|row| row.source_code_document.clone());
        let hashes: Vec<String> = rows.iter().map(|row| row.configuration_document.clone()).chain(sources).collect();
        let inputs = step_runs::inputs(connection, ids.clone()).await?;
        let outputs = step_runs::outputs(connection, ids.clone()).await?;
        let read = inputs.values().flatten().map(|input| input.artifact_version_id);
        let made = outputs.values().flatten().map(|output| output.artifact_version_id);
        let versions: Vec<Id> = read.chain(made).collect();
        let versions = artifact_versions::with_artifacts(connection, versions).await?;
        let versions = versions.iter().map(|(id, (version, artifact))| Ok((*id, wire::artifact_versions::shallow(version, artifact)?)));
        let models = model_versions::with_models(connection, rows.iter().filter_map(|row| row.model_version_id)).await?;
        let models = models.iter().map(|(id, (version, model))| Ok((*id, wire::model_versions::shallow(version, model)?)));
        Ok(Self {
            artifact_versions: versions.collect::<Result<_>>()?,
            model_versions: models.collect::<Result<_>>()?,
            runs: connection.get_many(rows.iter().map(|row| row.pipeline_run_id)).await?,
            documents: documents::get_many(connection, hashes).await?,
            users: connection.get_many(rows.iter().filter_map(|row| row.user_id)).await?,
            logs: logs::of_steps(connection, ids.clone()).await?,
            parents: if hydrate { step_runs::parents(connection, ids.clone()).await? } else { HashMap::new() },
            metadata: if hydrate { run_metadata::of(connection, "step_run", ids.clone()).await? } else { HashMap::new() },
            inputs,
            outputs,
        })
    }

    fn resources(&self, row: &StepRunRow) -> Result<Resources> {
        let logs = self.logs.get(&row.id).into_iter().flatten();
        Ok(Resources {
            log_collection: logs.map(wire::logs::shallow).collect::<Result<_>>()?,
            model_version: row.model_version_id.and_then(|id| self.model_versions.get(&id)).cloned(),
            inputs: self.inputs(row.id)?,
            outputs: self.outputs(row.id)?,
            resource_request: None,
            user: wire::users::owner(&self.users, row.user_id)?,
        })
    }

    fn inputs(&self, step: Id) -> Result<RawMap> {
        let mut groups: Vec<(String, Vec<InputEntity<'_>>)> = Vec::new();
        for input in self.inputs.get(&step).into_iter().flatten() {
            let Some(artifact_version) = self.artifact_versions.get(&input.artifact_version_id) else { continue };
            let entity = InputEntity {
                artifact_version,
                input_type: &input.input_type,
                index: Some(input.position),
                chunk_index: input.chunk_index,
                chunk_size: input.chunk_size,
            };
            match groups.iter_mut().find(|(name, _)| *name == input.name) {
                Some((_, group)) => group.push(entity),
                None => groups.push((input.name.clone(), vec![entity])),
            }
        }
        Ok(RawMap(groups.into_iter().map(|(name, group)| Ok((name, json(&group)?))).collect::<Result<_>>()?))
    }

    fn outputs(&self, step: Id) -> Result<RawMap> {
        let mut groups: Vec<(String, Vec<&Entity>)> = Vec::new();
        for output in self.outputs.get(&step).into_iter().flatten() {
            let Some(entity) = self.artifact_versions.get(&output.artifact_version_id) else { continue };
            match groups.iter_mut().find(|(name, _)| *name == output.name) {
                Some((_, group)) => group.push(entity),
                None => groups.push((output.name.clone(), vec![entity])),
            }
        }
        Ok(RawMap(groups.into_iter().map(|(name, group)| Ok((name, json(&group)?))).collect::<Result<_>>()?))
    }

    fn metadata<'a>(&self, row: &'a StepRunRow, configuration: &'a Configuration) -> Result<Metadata<'a>> {
        let source_code = row.source_code_document.as_ref().and_then(|hash| self.documents.get(hash));
        Ok(Metadata {
            config: &configuration.config,
            spec: json(&configuration.spec)?,
            cache_key: row.cache_key.as_deref(),
            cache_expires_at: row.cache_expires_at,
            code_hash: row.code_hash.as_deref(),
            docstring: row.docstring.as_deref(),
            source_code: source_code.map(|text| stored_json(text)).transpose()?,
            exception_info: row.exception_info.as_deref().map(stored_json).transpose()?,
            snapshot_id: row.snapshot_id,
            pipeline_run_id: row.pipeline_run_id,
            original_step_run_id: row.original_step_run_id,
            parent_step_ids: self.parents.get(&row.id).cloned().unwrap_or_default(),
            run_metadata: match self.metadata.get(&row.id) {
                Some(metadata) => json(metadata)?,
                None => stored_json("{}")?,
            },
        })
    }
}
