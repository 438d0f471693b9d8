//! `/pipelines`.

use super::{
    resource::{Context, Create, Delete, Resource, Update},
    routes::Routes,
    wire::{
        self, Entity,
        pipelines::{PipelineRequest, PipelineUpdate, Resources},
    },
};
use crate::{
    model::roles::Action,
    server::{
        db::{
            curated_visualizations,
            list::{ListRequest, ListSpec, Page},
            pipeline_runs::PipelineRunRow,
            pipelines::{self, PipelineRow},
            tags,
            users::UserRow,
        },
        error::Result,
        id::Id,
        service,
    },
};

/// The routes of pipelines.
pub fn router() -> Routes {
    Routes::new()
        .list::<Pipelines>(Action::Read)
        .create::<Pipelines>(Action::Record)
        .one::<Pipelines>(Action::Read)
        .update::<Pipelines>(Action::Edit)
        .remove::<Pipelines>(Action::Edit)
}

/// Pipelines as a resource.
pub struct Pipelines;

impl Resource for Pipelines {
    const PATH: &'static str = "/pipelines";
    const NAME: &'static str = "pipeline";
    const LIST: &'static ListSpec = &pipelines::LIST;
    const IN_PROJECT: bool = true;
    type Key = Id;
    type Row = PipelineRow;

    async fn list(context: &mut Context, request: &ListRequest) -> Result<Page<PipelineRow>> {
        let project = context.project(request).await?;
        Ok(pipelines::list(&mut context.connection, project, request).await?)
    }

    async fn get(context: &mut Context, id: Id) -> Result<PipelineRow> {
        service::pipelines::get(&mut context.connection, id).await
    }

    /// Pipelines with what is linked to them, read together.
    async fn entities(context: &mut Context, rows: &[PipelineRow], hydrate: bool) -> Result<Vec<Entity>> {
        let connection = &mut context.connection;
        let runs = connection.get_many::<PipelineRunRow>(rows.iter().filter_map(|row| row.latest_run_id)).await?;
        let owners = rows.iter().filter_map(|row| row.user_id).chain(runs.values().filter_map(|run| run.user_id));
        let users = connection.get_many::<UserRow>(owners).await?;
        let tags = tags::of(connection, "pipeline", rows.iter().map(|row| row.id)).await?;
        let visualizations = curated_visualizations::of(connection, "pipeline", rows.iter().map(|row| row.id)).await?;
        rows.iter()
            .map(|row| {
                let run = row.latest_run_id.and_then(|id| runs.get(&id));
                let resources = Resources {
                    user: wire::users::owner(&users, row.user_id)?,
                    latest_run_user: wire::users::owner(&users, run.and_then(|run| run.user_id))?,
                    latest_run_id: run.map(|run| run.id),
                    latest_run_status: run.map(|run| run.status),
                    tags: wire::tags::of(&tags, row.id)?,
                    visualizations: wire::curated_visualizations::of(&visualizations, row.id)?,
                };
                wire::pipelines::entity(row, &resources, hydrate)
            })
            .collect()
    }
}

impl Create for Pipelines {
    type Request = PipelineRequest;

    async fn create(context: &mut Context, request: PipelineRequest) -> Result<PipelineRow> {
        service::pipelines::create(&mut context.connection, context.account.user.id, request).await
    }
}

impl Update for Pipelines {
    type Update = PipelineUpdate;

    async fn update(context: &mut Context, id: Id, update: PipelineUpdate) -> Result<PipelineRow> {
        service::pipelines::update(&mut context.connection, context.account.user.id, id, update).await
    }
}

impl Delete for Pipelines {
    async fn delete(context: &mut Context, id: Id) -> Result<()> {
        service::pipelines::delete(&mut context.connection, id).await
    }
}
