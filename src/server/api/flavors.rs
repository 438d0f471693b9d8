//! `/flavors`.

use axum::{Json, extract::State};

use super::{
    resource::{Context, Create, Delete, Resource, Update},
    routes::Routes,
    wire::{
        self, Entity,
        flavors::{FlavorRequest, FlavorUpdate},
    },
};
use crate::{
    model::roles::Action,
    server::{
        auth::Account,
        db::{
            flavors::{self, FlavorRow},
            list::{ListRequest, ListSpec, Page},
            users::UserRow,
        },
        error::Result,
        id::Id,
        service,
        state::AppState,
    },
};

/// The routes of flavors.
pub fn router() -> Routes {
    Routes::new().all::<Flavors>(Action::Edit).patch(Action::Edit, "/flavors/sync", sync_flavors)
}

/// Flavors as a resource.
pub struct Flavors;

impl Resource for Flavors {
    const PATH: &'static str = "/flavors";
    const NAME: &'static str = "flavor";
    const LIST: &'static ListSpec = &flavors::LIST;
    type Key = Id;
    type Row = FlavorRow;

    async fn list(context: &mut Context, request: &ListRequest) -> Result<Page<FlavorRow>> {
        Ok(flavors::list(&mut context.connection, request).await?)
    }

    async fn get(context: &mut Context, id: Id) -> Result<FlavorRow> {
        service::flavors::get(&mut context.connection, id).await
    }

    async fn entities(context: &mut Context, rows: &[FlavorRow], hydrate: bool) -> Result<Vec<Entity>> {
        let users = context.connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
        rows.iter().map(|row| wire::flavors::entity(row, wire::users::owner(&users, row.user_id)?, hydrate)).collect()
    }
}

impl Create for Flavors {
    type Request = FlavorRequest;

    async fn create(context: &mut Context, request: FlavorRequest) -> Result<FlavorRow> {
        service::flavors::create(&mut context.connection, context.account.user.id, request).await
    }
}

impl Update for Flavors {
    type Update = FlavorUpdate;

    async fn update(context: &mut Context, id: Id, update: FlavorUpdate) -> Result<FlavorRow> {
        service::flavors::update(&mut context.connection, id, update).await
    }
}

impl Delete for Flavors {
    async fn delete(context: &mut Context, id: Id) -> Result<()> {
        service::flavors::delete(&mut context.connection, id).await
    }
}

/// Brings the built-in flavors to those of this program, also after one was deleted or changed.
async fn sync_flavors(State(state): State<AppState>, _: Account) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    service::flavors::sync(&mut connection).await?;
    connection.commit().await?;
    Ok(Json(()))
}
