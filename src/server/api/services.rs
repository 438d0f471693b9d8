//! `/services`: model servers and the like that clients started.

use super::{
    resource::{Context, Create, Delete, Resource, Update},
    routes::Routes,
    wire::{
        self, Entity,
        services::{Resources, ServiceRequest, ServiceUpdate},
    },
};
use crate::{
    model::roles::Action,
    server::{
        db::{
            Connection,
            list::{ListRequest, ListSpec, Page},
            model_versions,
            pipeline_runs::PipelineRunRow,
            services::{self, ServiceRow},
            users::UserRow,
        },
        error::Result,
        id::Id,
        service,
    },
};

/// The routes of services.
pub fn router() -> Routes {
    Routes::new().all::<Services>(Action::Record)
}

/// Services as a resource.
pub struct Services;

impl Resource for Services {
    const PATH: &'static str = "/services";
    const NAME: &'static str = "service";
    const LIST: &'static ListSpec = &services::LIST;
    const IN_PROJECT: bool = true;
    type Key = Id;
    type Row = ServiceRow;

    async fn list(context: &mut Context, request: &ListRequest) -> Result<Page<ServiceRow>> {
        let project = context.project(request).await?;
        Ok(services::list(&mut context.connection, project, request).await?)
    }

    async fn get(context: &mut Context, id: Id) -> Result<ServiceRow> {
        service::services::get(&mut context.connection, id).await
    }

    async fn entities(context: &mut Context, rows: &[ServiceRow], hydrate: bool) -> Result<Vec<Entity>> {
        entities(&mut context.connection, rows, hydrate).await
    }
}

/// Services with what they are linked to, read together.
pub(super) async fn entities(connection: &mut Connection, rows: &[ServiceRow], hydrate: bool) -> Result<Vec<Entity>> {
    let users = connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
    let runs = connection.get_many::<PipelineRunRow>(rows.iter().filter_map(|row| row.pipeline_run_id)).await?;
    let versions: Vec<Id> = rows.iter().filter_map(|row| row.model_version_id).collect();
    let versions = model_versions::with_models(connection, versions).await?;
    rows.iter()
        .map(|row| {
            let version = row.model_version_id.and_then(|id| versions.get(&id));
            let resources = Resources {
                user: wire::users::owner(&users, row.user_id)?,
                pipeline_run: row.pipeline_run_id.and_then(|id| runs.get(&id)).map(wire::pipeline_runs::shallow).transpose()?,
                model_version: version.map(|(version, model)| wire::model_versions::shallow(version, model)).transpose()?,
            };
            wire::services::entity(row, &resources, hydrate)
        })
        .collect()
}

impl Create for Services {
    type Request = ServiceRequest;

    async fn create(context: &mut Context, request: ServiceRequest) -> Result<ServiceRow> {
        service::services::create(&mut context.connection, context.account.user.id, request).await
    }
}

impl Update for Services {
    type Update = ServiceUpdate;

    async fn update(context: &mut Context, id: Id, update: ServiceUpdate) -> Result<ServiceRow> {
        service::services::update(&mut context.connection, id, update).await
    }
}

impl Delete for Services {
    async fn delete(context: &mut Context, id: Id) -> Result<()> {
        service::services::delete(&mut context.connection, id).await
    }
}
