//! `/artifacts`.

use super::{
    resource::{Context, Create, Delete, Resource, Update},
    routes::Routes,
    wire::{
        self, Entity,
        artifacts::{ArtifactRequest, ArtifactUpdate, Resources},
    },
};
use crate::{
    model::roles::Action,
    server::{
        db::{
            artifacts::{self, ArtifactRow},
            list::{ListRequest, ListSpec, Page},
            tags,
            users::UserRow,
        },
        error::Result,
        id::Id,
        service,
    },
};

/// The routes of artifacts.
pub fn router() -> Routes {
    Routes::new()
        .list::<Artifacts>(Action::Read)
        .create::<Artifacts>(Action::Record)
        .one::<Artifacts>(Action::Read)
        .update::<Artifacts>(Action::Record)
        .remove::<Artifacts>(Action::Edit)
}

/// Artifacts as a resource.
pub struct Artifacts;

impl Resource for Artifacts {
    const PATH: &'static str = "/artifacts";
    const NAME: &'static str = "artifact";
    const LIST: &'static ListSpec = &artifacts::LIST;
    const IN_PROJECT: bool = true;
    type Key = Id;
    type Row = ArtifactRow;

    async fn list(context: &mut Context, request: &ListRequest) -> Result<Page<ArtifactRow>> {
        let project = context.project(request).await?;
        Ok(artifacts::list(&mut context.connection, project, request).await?)
    }

    async fn get(context: &mut Context, id: Id) -> Result<ArtifactRow> {
        service::artifacts::get(&mut context.connection, id).await
    }

    /// Artifacts with what is linked to them, read together.
    async fn entities(context: &mut Context, rows: &[ArtifactRow], hydrate: bool) -> Result<Vec<Entity>> {
        let connection = &mut context.connection;
        let users = connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
        let tags = tags::of(connection, "artifact", rows.iter().map(|row| row.id)).await?;
        let mut latest = artifacts::latest_versions(connection, rows.iter().map(|row| row.id)).await?;
        rows.iter()
            .map(|row| {
                let (latest_version_id, latest_version_name) = latest.remove(&row.id).unzip();
                let resources = Resources {
                    user: wire::users::owner(&users, row.user_id)?,
                    tags: wire::tags::of(&tags, row.id)?,
                    latest_version_name,
                    latest_version_id,
                };
                wire::artifacts::entity(row, &resources, hydrate)
            })
            .collect()
    }
}

impl Create for Artifacts {
    type Request = ArtifactRequest;

    async fn create(context: &mut Context, request: ArtifactRequest) -> Result<ArtifactRow> {
        service::artifacts::create(&mut context.connection, context.account.user.id, request).await
    }
}

impl Update for Artifacts {
    type Update = ArtifactUpdate;

    async fn update(context: &mut Context, id: Id, update: ArtifactUpdate) -> Result<ArtifactRow> {
        service::artifacts::update(&mut context.connection, context.account.user.id, id, update).await
    }
}

impl Delete for Artifacts {
    async fn delete(context: &mut Context, id: Id) -> Result<()> {
        service::artifacts::delete(&mut context.connection, id).await
    }
}
