//! `/code_repositories`.

use super::{
    resource::{Context, Create, Delete, Resource, Update},
    routes::Routes,
    wire::{
        self, Entity,
        code_repositories::{CodeRepositoryRequest, CodeRepositoryUpdate},
    },
};
use crate::{
    model::roles::Action,
    server::{
        db::{
            code_repositories::{self, CodeRepositoryRow},
            list::{ListRequest, ListSpec, Page},
            users::UserRow,
        },
        error::Result,
        id::Id,
        service,
    },
};

/// The routes of code repositories.
pub fn router() -> Routes {
    Routes::new().all::<CodeRepositories>(Action::Edit)
}

/// Code repositories as a resource.
pub struct CodeRepositories;

impl Resource for CodeRepositories {
    const PATH: &'static str = "/code_repositories";
    const NAME: &'static str = "code repository";
    const LIST: &'static ListSpec = &code_repositories::LIST;
    const IN_PROJECT: bool = true;
    type Key = Id;
    type Row = CodeRepositoryRow;

    async fn list(context: &mut Context, request: &ListRequest) -> Result<Page<CodeRepositoryRow>> {
        let project = context.project(request).await?;
        Ok(code_repositories::list(&mut context.connection, project, request).await?)
    }

    async fn get(context: &mut Context, id: Id) -> Result<CodeRepositoryRow> {
        service::code_repositories::get(&mut context.connection, id).await
    }

    /// Code repositories with their owners.
    async fn entities(context: &mut Context, rows: &[CodeRepositoryRow], hydrate: bool) -> Result<Vec<Entity>> {
        let connection = &mut context.connection;
        let users = connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
        rows.iter().map(|row| wire::code_repositories::entity(row, wire::users::owner(&users, row.user_id)?, hydrate)).collect()
    }
}

impl Create for CodeRepositories {
    type Request = CodeRepositoryRequest;

    async fn create(context: &mut Context, request: CodeRepositoryRequest) -> Result<CodeRepositoryRow> {
        service::code_repositories::create(&mut context.connection, context.account.user.id, request).await
    }
}

impl Update for CodeRepositories {
    type Update = CodeRepositoryUpdate;

    async fn update(context: &mut Context, id: Id, update: CodeRepositoryUpdate) -> Result<CodeRepositoryRow> {
        service::code_repositories::update(&mut context.connection, id, update).await
    }
}

impl Delete for CodeRepositories {
    async fn delete(context: &mut Context, id: Id) -> Result<()> {
        service::code_repositories::delete(&mut context.connection, id).await
    }
}
