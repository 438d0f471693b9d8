//! `/pipeline_builds`.

use super::{
    resource::{Context, Create, Delete, Resource},
    routes::Routes,
    wire::{
        self, Entity,
        pipeline_builds::{Links, PipelineBuildRequest},
    },
};
use crate::{
    model::roles::Action,
    server::{
        db::{
            list::{ListRequest, ListSpec, Page},
            pipeline_builds::{self, PipelineBuildRow},
            pipelines::PipelineRow,
            stacks::StackRow,
            users::UserRow,
        },
        error::Result,
        id::Id,
        service,
    },
};

/// The routes of pipeline builds.
pub fn router() -> Routes {
    Routes::new()
        .list::<PipelineBuilds>(Action::Read)
        .create::<PipelineBuilds>(Action::Record)
        .one::<PipelineBuilds>(Action::Read)
        .remove::<PipelineBuilds>(Action::Edit)
}

/// Pipeline builds as a resource.
pub struct PipelineBuilds;

impl Resource for PipelineBuilds {
    const PATH: &'static str = "/pipeline_builds";
    const NAME: &'static str = "pipeline build";
    const LIST: &'static ListSpec = &pipeline_builds::LIST;
    const IN_PROJECT: bool = true;
    type Key = Id;
    type Row = PipelineBuildRow;

    async fn list(context: &mut Context, request: &ListRequest) -> Result<Page<PipelineBuildRow>> {
        let project = context.project(request).await?;
        Ok(pipeline_builds::list(&mut context.connection, project, request).await?)
    }

    async fn get(context: &mut Context, id: Id) -> Result<PipelineBuildRow> {
        service::pipeline_builds::get(&mut context.connection, id).await
    }

    /// Builds with their owners, and with the pipelines and stacks they name when hydrated.
    async fn entities(context: &mut Context, rows: &[PipelineBuildRow], hydrate: bool) -> Result<Vec<Entity>> {
        let connection = &mut context.connection;
        let users = connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
        let named = if hydrate {
            let pipelines = connection.get_many::<PipelineRow>(rows.iter().filter_map(|row| row.pipeline_id)).await?;
            let stacks = connection.get_many::<StackRow>(rows.iter().filter_map(|row| row.stack_id)).await?;
            Some((pipelines, stacks))
        } else {
            None
        };
        rows.iter()
            .map(|row| {
                let links = named.as_ref().map(|(pipelines, stacks)| {
                    let pipeline = row.pipeline_id.and_then(|id| pipelines.get(&id)).map(wire::pipelines::shallow).transpose()?;
                    let stack = row.stack_id.and_then(|id| stacks.get(&id)).map(wire::stacks::shallow).transpose()?;
                    Ok::<_, crate::server::error::AppError>(Links { pipeline, stack })
                });
                wire::pipeline_builds::entity(row, wire::users::owner(&users, row.user_id)?, links.transpose()?)
            })
            .collect()
    }
}

impl Create for PipelineBuilds {
    type Request = PipelineBuildRequest;

    async fn create(context: &mut Context, request: PipelineBuildRequest) -> Result<PipelineBuildRow> {
        service::pipeline_builds::create(&mut context.connection, context.account.user.id, request).await
    }
}

impl Delete for PipelineBuilds {
    async fn delete(context: &mut Context, id: Id) -> Result<()> {
        service::pipeline_builds::delete(&mut context.connection, id).await
    }
}
