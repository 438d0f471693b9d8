//! `/stacks`.

use std::collections::HashMap;

use super::{
    resource::{Context, Create, Delete, Resource, Update},
    routes::Routes,
    wire::{
        self, Entity,
        stacks::{Linked, StackRequest, StackUpdate},
    },
};
use crate::{
    model::roles::Action,
    server::{
        db::{
            flavors,
            list::{ListRequest, ListSpec, Page},
            secrets::{self, LinkedTo},
            stack_components::{self, StackComponentRow},
            stacks::{self, StackRow},
            users::UserRow,
        },
        error::Result,
        id::Id,
        launch::readiness,
        service,
    },
};

/// The routes of stacks.
pub fn router() -> Routes {
    Routes::new().all::<Stacks>(Action::Edit)
}

/// Stacks as a resource.
pub struct Stacks;

impl Resource for Stacks {
    const PATH: &'static str = "/stacks";
    const NAME: &'static str = "stack";
    const LIST: &'static ListSpec = &stacks::LIST;
    type Key = Id;
    type Row = StackRow;

    async fn list(context: &mut Context, request: &ListRequest) -> Result<Page<StackRow>> {
        Ok(stacks::list(&mut context.connection, request).await?)
    }

    async fn get(context: &mut Context, id: Id) -> Result<StackRow> {
        service::stacks::get(&mut context.connection, id).await
    }

    async fn entities(context: &mut Context, rows: &[StackRow], hydrate: bool) -> Result<Vec<Entity>> {
        let connection = &mut context.connection;
        let users = connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
        let components =
            if hydrate { stack_components::of_stacks(connection, rows.iter().map(|row| row.id)).await? } else { Default::default() };
        let all: Vec<StackComponentRow> = components.values().flatten().cloned().collect();
        let flavors = flavors::of_components(connection, &all).await?;
        let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
        let secrets = if hydrate { secrets::linked(connection, LinkedTo::Stack, ids).await? } else { HashMap::new() };
        rows.iter()
            .map(|row| {
                let linked = hydrate.then(|| Linked {
                    components: components.get(&row.id).map(Vec::as_slice).unwrap_or_default(),
                    flavors: &flavors,
                    secrets: secrets.get(&row.id).map(Vec::as_slice).unwrap_or_default(),
                });
                wire::stacks::entity(row, wire::users::owner(&users, row.user_id)?, linked)
            })
            .collect()
    }
}

impl Create for Stacks {
    type Request = StackRequest;

    async fn create(context: &mut Context, request: StackRequest) -> Result<StackRow> {
        let Context { connection, state, account } = context;
        service::stacks::create(connection, &state.keys.secrets, account.user.id, request).await
    }
}

impl Update for Stacks {
    type Update = StackUpdate;

    async fn update(context: &mut Context, id: Id, update: StackUpdate) -> Result<StackRow> {
        let row = service::stacks::update(&mut context.connection, context.account.user.id, id, update).await?;
        readiness::refresh_named(&mut context.connection, &context.state, id).await?;
        Ok(row)
    }
}

impl Delete for Stacks {
    async fn delete(context: &mut Context, id: Id) -> Result<()> {
        service::stacks::delete(&mut context.connection, id).await
    }
}
