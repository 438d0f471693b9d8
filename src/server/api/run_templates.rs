//! `/run_templates`: the forerunners of named snapshots. A template is a name for the snapshot that it runs; `launches` has
//! the route that runs it.

use super::{
    resource::{Context, Create, Delete, Resource, Update},
    routes::Routes,
    wire::{
        self, Entity,
        run_templates::{Metadata, Resources, RunTemplateRequest, RunTemplateUpdate},
        stored_json,
    },
};
use crate::{
    model::roles::Action,
    run_configuration::{schema, template},
    server::{
        db::{
            Connection, documents,
            list::{ListRequest, ListSpec, Page},
            pipeline_builds::PipelineBuildRow,
            pipeline_snapshots::PipelineSnapshotRow,
            pipelines::PipelineRow,
            run_templates::{self, RunTemplateRow},
            tags,
            users::UserRow,
        },
        error::Result,
        id::Id,
        launch::readiness,
        service,
    },
};

/// The routes of run templates.
pub fn router() -> Routes {
    Routes::new().all::<RunTemplates>(Action::Edit)
}

/// Run templates as a resource.
pub struct RunTemplates;

impl Resource for RunTemplates {
    const PATH: &'static str = "/run_templates";
    const NAME: &'static str = "run template";
    const LIST: &'static ListSpec = &run_templates::LIST;
    const IN_PROJECT: bool = true;
    type Key = Id;
    type Row = RunTemplateRow;

    async fn list(context: &mut Context, request: &ListRequest) -> Result<Page<RunTemplateRow>> {
        let project = context.project(request).await?;
        Ok(run_templates::list(&mut context.connection, project, request).await?)
    }

    async fn get(context: &mut Context, id: Id) -> Result<RunTemplateRow> {
        service::run_templates::get(&mut context.connection, id).await
    }

    async fn entities(context: &mut Context, rows: &[RunTemplateRow], hydrate: bool) -> Result<Vec<Entity>> {
        let connection = &mut context.connection;
        let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
        let users = connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
        let snapshots = connection.get_many::<PipelineSnapshotRow>(rows.iter().filter_map(|row| row.source_snapshot_id)).await?;
        let deployable = service::pipeline_snapshots::deployable(connection, snapshots.values().collect()).await?;
        let pipelines = connection.get_many::<PipelineRow>(snapshots.values().map(|row| row.pipeline_id)).await?;
        let builds = connection.get_many::<PipelineBuildRow>(snapshots.values().filter_map(|row| row.build_id)).await?;
        let code_references = snapshots.values().filter_map(|row| row.code_reference_id).collect();
        let code_references = super::code_references(connection, code_references).await?;
        let latest_runs = run_templates::latest_runs(connection, ids.clone()).await?;
        let tags = tags::of(connection, "run_template", ids).await?;
        let mut entities = Vec::with_capacity(rows.len());
        for row in rows {
            let snapshot = row.source_snapshot_id.and_then(|id| snapshots.get(&id));
            let shallow = |row: &PipelineSnapshotRow| wire::pipeline_snapshots::shallow(row, deployable.contains(&row.id));
            let pipeline = snapshot.and_then(|snapshot| pipelines.get(&snapshot.pipeline_id));
            let build = snapshot.and_then(|snapshot| builds.get(&snapshot.build_id?));
            let run = latest_runs.get(&row.id);
            let resources = Resources {
                user: wire::users::owner(&users, row.user_id)?,
                source_snapshot: snapshot.map(shallow).transpose()?,
                pipeline: pipeline.map(wire::pipelines::shallow).transpose()?,
                build: build.map(wire::pipeline_builds::shallow).transpose()?,
                code_reference: snapshot.and_then(|snapshot| code_references.get(&snapshot.code_reference_id?)).cloned(),
                tags: wire::tags::of(&tags, row.id)?,
                latest_run_id: run.map(|run| run.id),
                latest_run_status: run.map(|run| run.status),
            };
            let metadata = if hydrate { Some(metadata(&mut context.connection, row, snapshot).await?) } else { None };
            let runnable = snapshot.is_some_and(|snapshot| snapshot.runnable);
            entities.push(wire::run_templates::entity(row, runnable, &resources, metadata.as_ref())?);
        }
        Ok(entities)
    }
}

/// A template's metadata; template and schema of the run configuration are those of its snapshot.
async fn metadata<'a>(
    connection: &mut Connection,
    row: &'a RunTemplateRow,
    snapshot: Option<&PipelineSnapshotRow>,
) -> Result<Metadata<'a>> {
    let mut metadata =
        Metadata { description: row.description.as_deref(), pipeline_spec: None, config_template: None, config_schema: None };
    let Some(snapshot) = snapshot else { return Ok(metadata) };
    if let Some(hash) = &snapshot.pipeline_spec_document {
        metadata.pipeline_spec = Some(stored_json(&documents::get(connection, hash).await?)?);
    }
    if snapshot.stack_id.is_some() {
        let snapshot = service::pipeline_snapshots::for_run_configuration(connection, snapshot).await?;
        metadata.config_template = Some(template::config_template(&snapshot));
        metadata.config_schema = Some(schema::config_schema(&snapshot));
    }
    Ok(metadata)
}

impl Create for RunTemplates {
    type Request = RunTemplateRequest;

    /// The snapshot may have got its name by this, so whether it can be run is found out anew.
    async fn create(context: &mut Context, request: RunTemplateRequest) -> Result<RunTemplateRow> {
        let template = service::run_templates::create(&mut context.connection, context.account.user.id, request).await?;
        let snapshot = service::run_templates::source_snapshot(&mut context.connection, &template).await?;
        readiness::refresh(&mut context.connection, &context.state, &snapshot).await?;
        Ok(template)
    }
}

impl Update for RunTemplates {
    type Update = RunTemplateUpdate;

    async fn update(context: &mut Context, id: Id, update: RunTemplateUpdate) -> Result<RunTemplateRow> {
        service::run_templates::update(&mut context.connection, context.account.user.id, id, update).await
    }
}

impl Delete for RunTemplates {
    async fn delete(context: &mut Context, id: Id) -> Result<()> {
        service::run_templates::delete(&mut context.connection, id).await
    }
}
