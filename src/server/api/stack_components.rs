//! `/components` and `/component-types`.

use std::collections::HashMap;

use axum::Json;

use super::{
    resource::{Context, Create, Delete, Resource, Update},
    routes::Routes,
    wire::{
        self, Entity,
        stack_components::{ComponentRequest, ComponentUpdate, Linked},
    },
};
use crate::{
    model::roles::Action,
    server::{
        auth::Account,
        db::{
            flavors,
            list::{ListRequest, ListSpec, Page},
            secrets::{self, LinkedTo},
            service_connectors::ServiceConnectorRow,
            stack_components::{self, StackComponentRow},
            users::UserRow,
        },
        error::Result,
        id::Id,
        service,
    },
};

/// The routes of stack components.
pub fn router() -> Routes {
    Routes::new().all::<StackComponents>(Action::Edit).get(Action::Read, "/component-types", list_component_types)
}

/// Stack components as a resource.
pub struct StackComponents;

impl Resource for StackComponents {
    const PATH: &'static str = "/components";
    const NAME: &'static str = "stack component";
    const LIST: &'static ListSpec = &stack_components::LIST;
    type Key = Id;
    type Row = StackComponentRow;

    async fn list(context: &mut Context, request: &ListRequest) -> Result<Page<StackComponentRow>> {
        Ok(stack_components::list(&mut context.connection, request).await?)
    }

    async fn get(context: &mut Context, id: Id) -> Result<StackComponentRow> {
        service::stack_components::get(&mut context.connection, id).await
    }

    async fn entities(context: &mut Context, rows: &[StackComponentRow], hydrate: bool) -> Result<Vec<Entity>> {
        let connection = &mut context.connection;
        let users = connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
        let flavors = flavors::of_components(connection, rows).await?;
        let (mut secrets, mut connectors) = (HashMap::new(), HashMap::new());
        if hydrate {
            let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
            secrets = secrets::linked(connection, LinkedTo::Component, ids).await?;
            let ids: Vec<Id> = rows.iter().filter_map(|row| row.connector_id).collect();
            connectors = connection.get_many::<ServiceConnectorRow>(ids).await?;
        }
        let entity = |row: &StackComponentRow| {
            let linked = hydrate.then(|| Linked {
                secrets: secrets.get(&row.id).map(Vec::as_slice).unwrap_or_default(),
                connector: row.connector_id.and_then(|id| connectors.get(&id)),
            });
            wire::stack_components::entity(row, &flavors, wire::users::owner(&users, row.user_id)?, linked)
        };
        rows.iter().map(entity).collect()
    }
}

impl Create for StackComponents {
    type Request = ComponentRequest;

    async fn create(context: &mut Context, request: ComponentRequest) -> Result<StackComponentRow> {
        service::stack_components::create(&mut context.connection, context.account.user.id, request).await
    }
}

impl Update for StackComponents {
    type Update = ComponentUpdate;

    async fn update(context: &mut Context, id: Id, update: ComponentUpdate) -> Result<StackComponentRow> {
        service::stack_components::update(&mut context.connection, context.account.user.id, id, update).await
    }
}

impl Delete for StackComponents {
    async fn delete(context: &mut Context, id: Id) -> Result<()> {
        service::stack_components::delete(&mut context.connection, id).await
    }
}

async fn list_component_types(_: Account) -> Json<&'static [&'static str]> {
    Json(&service::flavors::COMPONENT_TYPES)
}
