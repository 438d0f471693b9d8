//! `/pipeline_snapshots`.

use std::collections::{HashMap, HashSet};

use axum::{Json, extract::State};

use super::{
    extract::{ApiJson, IdPath},
    routes::Routes,
    wire::{
        self, Entity, PageResponse, RawMap, made_once,
        pipeline_snapshots::{Metadata, PipelineSnapshotRequest, PipelineSnapshotUpdate, PruneRequest, PruneResponse, Resources},
        stored_json,
    },
};
use crate::run_configuration::{schema, template};
use crate::{
    model::roles::Action,
    server::{
        auth::Account,
        db::{
            Connection,
            curated_visualizations::{self, Curated},
            deployments::{self, DeploymentRow},
            documents,
            list::ListRequest,
            pipeline_builds::PipelineBuildRow,
            pipeline_runs::PipelineRunRow,
            pipeline_snapshots::{self, PipelineSnapshotRow},
            schedules::ScheduleRow,
            tags,
        },
        error::Result,
        id::Id,
        launch::readiness,
        service::{self, environments},
        state::AppState,
    },
};

/// The routes of snapshots.
pub fn router() -> Routes {
    Routes::new()
        .get(Action::Read, "/pipeline_snapshots", list_pipeline_snapshots)
        .filters(&pipeline_snapshots::LIST)
        .in_project()
        .post(Action::Record, "/pipeline_snapshots", create_pipeline_snapshot)
        .post(Action::Administer, "/pipeline_snapshots/prune", prune_pipeline_snapshots)
        .get(Action::Read, "/pipeline_snapshots/{id}", get_pipeline_snapshot)
        .reads("hydrate", "Whether the snapshot comes with its metadata; it does unless asked not to.")
        .reads("step_configuration_filter", "The name of a step whose configuration is wanted; may be repeated.")
        .reads("include_config_schema", "Whether the template and the schema of run configurations are wanted.")
        .put(Action::Edit, "/pipeline_snapshots/{id}", update_pipeline_snapshot)
        .delete(Action::Edit, "/pipeline_snapshots/{id}", delete_pipeline_snapshot)
}

/// How much of a snapshot is asked for.
#[derive(Clone, Debug, Default)]
struct Detail {
    hydrate: bool,
    /// Only these steps; all where it is empty.
    steps: Vec<String>,
    config_schema: bool,
}

impl Detail {
    const HYDRATED: Self = Self { hydrate: true, steps: Vec::new(), config_schema: false };
}

/// One page of a project's snapshots.
pub async fn list_pipeline_snapshots(
    State(state): State<AppState>,
    _: Account,
    request: ListRequest,
) -> Result<Json<PageResponse<Entity>>> {
    let mut connection = state.db.read().await?;
    let project = service::projects::scope(&mut connection, &state.server, &request).await?;
    let page = pipeline_snapshots::list(&mut connection, project, &request).await?;
    let detail = Detail { hydrate: request.hydrate, ..Detail::default() };
    let items = entities(&mut connection, &page.items, &detail).await?;
    Ok(Json(page.with_items(items).into()))
}

/// Makes a snapshot, with the code it needs where that is here.
pub async fn create_pipeline_snapshot(
    State(state): State<AppState>,
    account: Account,
    ApiJson(request): ApiJson<PipelineSnapshotRequest>,
) -> Result<Json<Entity>> {
    let code = service::snapshot_code::capture(&state, &request).await?;
    let mut connection = state.db.begin().await?;
    let mut row = service::pipeline_snapshots::create(&mut connection, account.user.id, request, code).await?;
    row.runnable = readiness::refresh(&mut connection, &state, &row).await?.runnable();
    let entity = super::only(entities(&mut connection, &[row], &Detail::HYDRATED).await?)?;
    connection.commit().await?;
    state.events.send("snapshot", entity.id);
    Ok(Json(entity))
}

/// One snapshot, as much of it as is asked for.
pub async fn get_pipeline_snapshot(
    State(state): State<AppState>,
    _: Account,
    IdPath(id): IdPath,
    request: ListRequest,
) -> Result<Json<Entity>> {
    let steps = request.parameters.iter().filter(|(name, _)| name == "step_configuration_filter").map(|(_, value)| value.clone());
    let detail = Detail {
        hydrate: request.switch("hydrate")?.unwrap_or(true),
        steps: steps.collect(),
        config_schema: request.switch("include_config_schema")?.unwrap_or(false),
    };
    let mut connection = state.db.read().await?;
    let row = service::pipeline_snapshots::get(&mut connection, id).await?;
    Ok(Json(super::only(entities(&mut connection, &[row], &detail).await?)?))
}

async fn update_pipeline_snapshot(
    State(state): State<AppState>,
    account: Account,
    IdPath(id): IdPath,
    ApiJson(update): ApiJson<PipelineSnapshotUpdate>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let mut row = service::pipeline_snapshots::update(&mut connection, account.user.id, id, update).await?;
    row.runnable = readiness::refresh(&mut connection, &state, &row).await?.runnable();
    let entity = super::only(entities(&mut connection, &[row], &Detail::HYDRATED).await?)?;
    connection.commit().await?;
    state.events.send("snapshot", id);
    Ok(Json(entity))
}

/// Deletes a snapshot with its runs.
pub async fn delete_pipeline_snapshot(State(state): State<AppState>, _: Account, IdPath(id): IdPath) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    service::pipeline_snapshots::delete(&mut connection, id).await?;
    connection.commit().await?;
    state.events.send("snapshot", id);
    Ok(Json(()))
}

/// Deletes at once: the answer names a task because clients expect one.
async fn prune_pipeline_snapshots(
    State(state): State<AppState>,
    _: Account,
    ApiJson(request): ApiJson<PruneRequest>,
) -> Result<Json<PruneResponse>> {
    let mut connection = state.db.begin().await?;
    let count = service::pipeline_snapshots::prune(&mut connection, request.project, request.older_than, request.apply).await?;
    connection.commit().await?;
    Ok(Json(match request.apply {
        true => PruneResponse { snapshot_count: None, task_id: Some(Id::new()) },
        false => PruneResponse { snapshot_count: Some(count), task_id: None },
    }))
}

/// Snapshots with what is linked to them, read together.
async fn entities(connection: &mut Connection, rows: &[PipelineSnapshotRow], detail: &Detail) -> Result<Vec<Entity>> {
    let linked = Linked::read(connection, rows).await?;
    let mut entities = Vec::with_capacity(rows.len());
    for row in rows {
        let shallow = wire::pipeline_snapshots::shallow(row, linked.deployable.contains(&row.id))?;
        let mut entity = shallow.resources(&linked.resources(row)?)?;
        if detail.hydrate {
            entity = entity.metadata(&metadata(connection, row, detail).await?)?;
        }
        entities.push(entity);
    }
    Ok(entities)
}

async fn metadata<'a>(connection: &mut Connection, row: &'a PipelineSnapshotRow, detail: &Detail) -> Result<Metadata<'a>> {
    let hashes = [&row.pipeline_configuration_document, &row.client_environment_document].into_iter().chain(&row.pipeline_spec_document);
    let documents = documents::get_many(connection, hashes.cloned()).await?;
    let document = |hash: &str| stored_json(documents.get(hash).map_or("null", |content| content));
    let steps = pipeline_snapshots::steps(connection, row.step_set.as_deref(), &detail.steps).await?;
    let steps = steps.into_iter().map(|step| Ok((step.name, stored_json(&step.content)?))).collect::<Result<_>>()?;
    // The reference server needs a build for these; here a stack is enough.
    let (config_template, config_schema) = if detail.config_schema && row.stack_id.is_some() {
        let snapshot = service::pipeline_snapshots::for_run_configuration(connection, row).await?;
        (Some(template::config_template(&snapshot)), Some(schema::config_schema(&snapshot)))
    } else {
        (None, None)
    };
    Ok(Metadata {
        description: row.description.as_deref(),
        source_code: row.source_code.as_deref(),
        run_name_template: &row.run_name_template,
        pipeline_configuration: document(&row.pipeline_configuration_document)?,
        step_configurations: RawMap(steps),
        client_environment: environments::read(&documents, &row.client_environment_document, None)?,
        client_version: row.client_version.as_deref(),
        server_version: row.server_version.as_deref(),
        pipeline_version_hash: row.pipeline_version_hash.as_deref(),
        pipeline_spec: row.pipeline_spec_document.as_deref().map(document).transpose()?,
        code_path: row.code_path.as_deref(),
        template_id: row.template_id,
        source_snapshot_id: row.source_snapshot_id,
        config_template,
        config_schema,
    })
}

/// The rows that snapshots refer to.
struct Linked {
    users: HashMap<Id, Entity>,
    pipelines: HashMap<Id, Entity>,
    stacks: HashMap<Id, Entity>,
    builds: HashMap<Id, PipelineBuildRow>,
    schedules: HashMap<Id, ScheduleRow>,
    code_references: HashMap<Id, Entity>,
    runs: HashMap<Id, PipelineRunRow>,
    tags: HashMap<Id, Vec<tags::TagRow>>,
    deployable: HashSet<Id>,
    deployments: HashMap<Id, DeploymentRow>,
    visualizations: HashMap<Id, Vec<Curated>>,
}

impl Linked {
    async fn read(connection: &mut Connection, rows: &[PipelineSnapshotRow]) -> Result<Self> {
        let runs = connection.get_many::<PipelineRunRow>(rows.iter().filter_map(|row| row.latest_run_id)).await?;
        let users: Vec<Id> = rows.iter().filter_map(|row| row.user_id).chain(runs.values().filter_map(|run| run.user_id)).collect();
        let pipelines = connection.get_many(rows.iter().map(|row| row.pipeline_id)).await?;
        let stacks = connection.get_many(rows.iter().filter_map(|row| row.stack_id)).await?;
        let code_references = rows.iter().filter_map(|row| row.code_reference_id).collect();
        Ok(Self {
            users: made_once(connection.get_many(users).await?, wire::users::shallow)?,
            pipelines: made_once(pipelines, wire::pipelines::shallow)?,
            stacks: made_once(stacks, wire::stacks::shallow)?,
            builds: connection.get_many(rows.iter().filter_map(|row| row.build_id)).await?,
            schedules: connection.get_many(rows.iter().filter_map(|row| row.schedule_id)).await?,
            code_references: super::code_references(connection, code_references).await?,
            tags: tags::of(connection, "pipeline_snapshot", rows.iter().map(|row| row.id)).await?,
            deployable: service::pipeline_snapshots::deployable(connection, rows.iter().collect()).await?,
            deployments: deployments::of_snapshots(connection, rows.iter().map(|row| row.id)).await?,
            visualizations: curated_visualizations::of(connection, "pipeline_snapshot", rows.iter().map(|row| row.id)).await?,
            runs,
        })
    }

    fn resources(&self, row: &PipelineSnapshotRow) -> Result<Resources<'_>> {
        let run = row.latest_run_id.and_then(|id| self.runs.get(&id));
        let build = row.build_id.and_then(|id| self.builds.get(&id));
        let code_reference = row.code_reference_id.and_then(|id| self.code_references.get(&id));
        Ok(Resources {
            user: row.user_id.and_then(|id| self.users.get(&id)),
            pipeline: self.pipelines.get(&row.pipeline_id),
            stack: row.stack_id.and_then(|id| self.stacks.get(&id)),
            build: build.map(wire::pipeline_builds::shallow).transpose()?,
            schedule: row.schedule_id.and_then(|id| self.schedules.get(&id)).map(wire::schedules::shallow).transpose()?,
            code_reference,
            deployment: self.deployments.get(&row.id).map(wire::deployments::shallow).transpose()?,
            tags: wire::tags::of(&self.tags, row.id)?,
            latest_run_id: run.map(|run| run.id),
            latest_run_status: run.map(|run| run.status),
            latest_run_user: run.and_then(|run| self.users.get(&run.user_id?)),
            visualizations: wire::curated_visualizations::of(&self.visualizations, row.id)?,
        })
    }
}
