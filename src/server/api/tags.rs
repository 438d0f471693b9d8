//! `/tags`.

use super::{
    resource::{Context, Create, Delete, Resource, Update},
    routes::Routes,
    wire::{
        self, Entity,
        tags::{TagRequest, TagUpdate},
    },
};
use crate::{
    model::roles::Action,
    server::{
        db::{
            list::{ListRequest, ListSpec, Page},
            tags::{self, TagRow},
            users::UserRow,
        },
        error::Result,
        id::Id,
        service,
    },
};

/// The routes of tags.
pub fn router() -> Routes {
    Routes::new()
        .list::<Tags>(Action::Read)
        .create::<Tags>(Action::Record)
        .one::<Tags>(Action::Read)
        .update::<Tags>(Action::Edit)
        .remove::<Tags>(Action::Edit)
}

/// Tags as a resource.
pub struct Tags;

impl Resource for Tags {
    const PATH: &'static str = "/tags";
    const NAME: &'static str = "tag";
    const LIST: &'static ListSpec = &tags::LIST;
    type Key = Id;
    type Row = TagRow;

    async fn list(context: &mut Context, request: &ListRequest) -> Result<Page<TagRow>> {
        Ok(tags::list(&mut context.connection, request).await?)
    }

    async fn get(context: &mut Context, id: Id) -> Result<TagRow> {
        service::tags::get(&mut context.connection, id).await
    }

    /// With their counts when hydrated.
    async fn entities(context: &mut Context, rows: &[TagRow], hydrate: bool) -> Result<Vec<Entity>> {
        let connection = &mut context.connection;
        let users = connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
        let counts = if hydrate { Some(tags::counts(connection, rows.iter().map(|row| row.id)).await?) } else { None };
        rows.iter()
            .map(|row| {
                let count = counts.as_ref().map(|counts| counts.get(&row.id).copied().unwrap_or(0));
                wire::tags::entity(row, wire::users::owner(&users, row.user_id)?, count)
            })
            .collect()
    }
}

impl Create for Tags {
    type Request = TagRequest;

    async fn create(context: &mut Context, request: TagRequest) -> Result<TagRow> {
        service::tags::create(&mut context.connection, context.account.user.id, request).await
    }
}

impl Update for Tags {
    type Update = TagUpdate;

    async fn update(context: &mut Context, id: Id, update: TagUpdate) -> Result<TagRow> {
        service::tags::update(&mut context.connection, id, update).await
    }
}

impl Delete for Tags {
    async fn delete(context: &mut Context, id: Id) -> Result<()> {
        service::tags::delete(&mut context.connection, id).await
    }
}
