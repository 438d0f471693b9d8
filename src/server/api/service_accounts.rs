//! `/service_accounts`.

use super::{
    resource::{Context, Create, Delete, NameOrId, Resource, Update},
    routes::Routes,
    wire::{
        Entity,
        service_accounts::{ServiceAccountRequest, ServiceAccountUpdate, entity},
    },
};
use crate::{
    model::roles::Action,
    server::{
        db::{
            list::{ListRequest, ListSpec, Page},
            users::{self, UserRow},
        },
        error::Result,
        service,
    },
};

/// The routes of service accounts; those of their keys are in `api_keys`.
pub fn router() -> Routes {
    Routes::new().all::<ServiceAccounts>(Action::Administer)
}

/// Service accounts as a resource.
pub struct ServiceAccounts;

impl Resource for ServiceAccounts {
    const PATH: &'static str = "/service_accounts";
    const NAME: &'static str = "service account";
    const LIST: &'static ListSpec = &users::SERVICE_ACCOUNTS;
    type Key = NameOrId;
    type Row = UserRow;

    async fn list(context: &mut Context, request: &ListRequest) -> Result<Page<UserRow>> {
        Ok(users::list_service_accounts(&mut context.connection, request).await?)
    }

    async fn get(context: &mut Context, NameOrId(name_or_id): NameOrId) -> Result<UserRow> {
        service::service_accounts::find(&mut context.connection, &name_or_id).await
    }

    async fn entities(_: &mut Context, rows: &[UserRow], hydrate: bool) -> Result<Vec<Entity>> {
        rows.iter().map(|account| entity(account, hydrate)).collect()
    }
}

impl Create for ServiceAccounts {
    type Request = ServiceAccountRequest;

    async fn create(context: &mut Context, request: ServiceAccountRequest) -> Result<UserRow> {
        service::service_accounts::create(&mut context.connection, request).await
    }
}

impl Update for ServiceAccounts {
    type Update = ServiceAccountUpdate;

    async fn update(context: &mut Context, NameOrId(name_or_id): NameOrId, update: ServiceAccountUpdate) -> Result<UserRow> {
        let account = service::service_accounts::find(&mut context.connection, &name_or_id).await?;
        service::service_accounts::update(&mut context.connection, &account, update).await
    }
}

impl Delete for ServiceAccounts {
    async fn delete(context: &mut Context, NameOrId(name_or_id): NameOrId) -> Result<()> {
        let account = service::service_accounts::find(&mut context.connection, &name_or_id).await?;
        service::service_accounts::delete(&mut context.connection, &account).await
    }
}
