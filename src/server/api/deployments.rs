//! `/deployments`: snapshots that are served over HTTP.

use super::{
    resource::{Context, Create, Delete, Resource, Update},
    routes::Routes,
    wire::{
        self, Entity,
        deployments::{DeploymentRequest, DeploymentUpdate, Resources},
    },
};
use crate::{
    model::roles::Action,
    server::{
        db::{
            curated_visualizations,
            deployments::{self, DeploymentRow},
            flavors,
            list::{ListRequest, ListSpec, Page},
            pipeline_snapshots::PipelineSnapshotRow,
            pipelines::PipelineRow,
            stack_components::StackComponentRow,
            stacks::StackRow,
            tags,
            users::UserRow,
        },
        error::Result,
        id::Id,
        service,
    },
};

/// The routes of deployments.
pub fn router() -> Routes {
    Routes::new().all::<Deployments>(Action::Record)
}

/// Deployments as a resource.
pub struct Deployments;

impl Resource for Deployments {
    const PATH: &'static str = "/deployments";
    const NAME: &'static str = "deployment";
    const LIST: &'static ListSpec = &deployments::LIST;
    const IN_PROJECT: bool = true;
    type Key = Id;
    type Row = DeploymentRow;

    async fn list(context: &mut Context, request: &ListRequest) -> Result<Page<DeploymentRow>> {
        let project = context.project(request).await?;
        Ok(deployments::list(&mut context.connection, project, request).await?)
    }

    async fn get(context: &mut Context, id: Id) -> Result<DeploymentRow> {
        service::deployments::get(&mut context.connection, id).await
    }

    async fn entities(context: &mut Context, rows: &[DeploymentRow], hydrate: bool) -> Result<Vec<Entity>> {
        let connection = &mut context.connection;
        let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
        let users = connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
        let snapshots = connection.get_many::<PipelineSnapshotRow>(rows.iter().filter_map(|row| row.snapshot_id)).await?;
        let deployable = service::pipeline_snapshots::deployable(connection, snapshots.values().collect()).await?;
        let pipelines = connection.get_many::<PipelineRow>(snapshots.values().map(|row| row.pipeline_id)).await?;
        let stacks = connection.get_many::<StackRow>(snapshots.values().filter_map(|row| row.stack_id)).await?;
        let deployers = connection.get_many::<StackComponentRow>(rows.iter().filter_map(|row| row.deployer_id)).await?;
        let deployer_rows: Vec<StackComponentRow> = deployers.values().cloned().collect();
        let flavors = flavors::of_components(connection, &deployer_rows).await?;
        let tags = tags::of(connection, "deployment", ids.clone()).await?;
        let visualizations = curated_visualizations::of(connection, "deployment", ids).await?;
        rows.iter()
            .map(|row| {
                let snapshot = row.snapshot_id.and_then(|id| snapshots.get(&id));
                let pipeline = snapshot.and_then(|snapshot| pipelines.get(&snapshot.pipeline_id));
                let stack = snapshot.and_then(|snapshot| stacks.get(&snapshot.stack_id?));
                let deployer = row.deployer_id.and_then(|id| deployers.get(&id));
                let shallow = |row: &PipelineSnapshotRow| wire::pipeline_snapshots::shallow(row, deployable.contains(&row.id));
                let resources = Resources {
                    user: wire::users::owner(&users, row.user_id)?,
                    snapshot: snapshot.map(shallow).transpose()?,
                    deployer: deployer.map(|deployer| wire::stack_components::shallow(deployer, &flavors)).transpose()?,
                    pipeline: pipeline.map(wire::pipelines::shallow).transpose()?,
                    tags: wire::tags::of(&tags, row.id)?,
                    visualizations: wire::curated_visualizations::of(&visualizations, row.id)?,
                    stack: stack.map(wire::stacks::shallow).transpose()?,
                };
                wire::deployments::entity(row, &resources, hydrate)
            })
            .collect()
    }
}

impl Create for Deployments {
    type Request = DeploymentRequest;

    async fn create(context: &mut Context, request: DeploymentRequest) -> Result<DeploymentRow> {
        service::deployments::create(&mut context.connection, context.account.user.id, request).await
    }
}

impl Update for Deployments {
    type Update = DeploymentUpdate;

    async fn update(context: &mut Context, id: Id, update: DeploymentUpdate) -> Result<DeploymentRow> {
        service::deployments::update(&mut context.connection, context.account.user.id, id, update).await
    }
}

impl Delete for Deployments {
    async fn delete(context: &mut Context, id: Id) -> Result<()> {
        service::deployments::delete(&mut context.connection, id).await
    }
}
