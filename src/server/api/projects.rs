//! `/projects`.

use axum::{Json, extract::State};

use super::{
    extract::ApiPath,
    resource::{Context, Create, Delete, NameOrId, Resource, Update},
    routes::Routes,
    wire::{
        Entity,
        projects::{ProjectRequest, ProjectStatistics, ProjectUpdate, entity},
    },
};
use crate::{
    model::roles::Action,
    server::{
        auth::Account,
        db::{
            list::{ListRequest, ListSpec, Page},
            projects::{self, ProjectRow},
        },
        error::Result,
        service,
        state::AppState,
    },
};

/// The routes of projects.
pub fn router() -> Routes {
    Routes::new().all::<Projects>(Action::Edit).get(Action::Read, "/projects/{name_or_id}/statistics", get_project_statistics)
}

/// Projects as a resource.
pub struct Projects;

impl Resource for Projects {
    const PATH: &'static str = "/projects";
    const NAME: &'static str = "project";
    const LIST: &'static ListSpec = &projects::LIST;
    type Key = NameOrId;
    type Row = ProjectRow;

    async fn list(context: &mut Context, request: &ListRequest) -> Result<Page<ProjectRow>> {
        Ok(projects::list(&mut context.connection, request).await?)
    }

    async fn get(context: &mut Context, NameOrId(name_or_id): NameOrId) -> Result<ProjectRow> {
        service::projects::find(&mut context.connection, &name_or_id).await
    }

    async fn entities(_: &mut Context, rows: &[ProjectRow], hydrate: bool) -> Result<Vec<Entity>> {
        rows.iter().map(|project| entity(project, hydrate)).collect()
    }
}

impl Create for Projects {
    type Request = ProjectRequest;

    async fn create(context: &mut Context, request: ProjectRequest) -> Result<ProjectRow> {
        service::projects::create(&mut context.connection, request).await
    }
}

impl Update for Projects {
    type Update = ProjectUpdate;

    async fn update(context: &mut Context, NameOrId(name_or_id): NameOrId, update: ProjectUpdate) -> Result<ProjectRow> {
        let project = service::projects::find(&mut context.connection, &name_or_id).await?;
        service::projects::update(&mut context.connection, &context.state.server, &project, update).await?;
        service::projects::require(&mut context.connection, project.id).await
    }
}

impl Delete for Projects {
    async fn delete(context: &mut Context, NameOrId(name_or_id): NameOrId) -> Result<()> {
        let project = service::projects::find(&mut context.connection, &name_or_id).await?;
        service::projects::delete(&mut context.connection, &context.state.server, &project).await
    }
}

async fn get_project_statistics(
    State(state): State<AppState>,
    _: Account,
    ApiPath(NameOrId(name_or_id)): ApiPath<NameOrId>,
) -> Result<Json<ProjectStatistics>> {
    let mut connection = state.db.read().await?;
    let project = service::projects::find(&mut connection, &name_or_id).await?;
    let (pipelines, runs) = projects::statistics(&mut connection, project.id).await?;
    Ok(Json(ProjectStatistics { pipelines, runs }))
}
