//! `/presets`: Darkroom's own, so that presets can be kept in git and brought here by a script.

use super::{
    resource::{Context, Create, Delete, Resource, Update},
    routes::Routes,
    wire::{
        self, Entity,
        presets::{PresetRequest, PresetUpdate},
    },
};
use crate::{
    model::roles::Action,
    server::{
        db::{
            list::{ListRequest, ListSpec, Page},
            presets::{self, PresetRow},
            users::UserRow,
        },
        error::Result,
        id::Id,
        service,
    },
};

/// The routes of presets.
pub fn router() -> Routes {
    Routes::new().all::<Presets>(Action::KeepDrafts)
}

/// Presets as a resource.
pub struct Presets;

impl Resource for Presets {
    const PATH: &'static str = "/presets";
    const NAME: &'static str = "preset";
    const LIST: &'static ListSpec = &presets::LIST;
    const IN_PROJECT: bool = true;
    type Key = Id;
    type Row = PresetRow;

    async fn list(context: &mut Context, request: &ListRequest) -> Result<Page<PresetRow>> {
        let project = context.project(request).await?;
        Ok(presets::list(&mut context.connection, project, context.account.user.id, request).await?)
    }

    async fn get(context: &mut Context, id: Id) -> Result<PresetRow> {
        service::presets::get(&mut context.connection, context.account.user.id, id).await
    }

    async fn entities(context: &mut Context, rows: &[PresetRow], hydrate: bool) -> Result<Vec<Entity>> {
        let users = context.connection.get_many::<UserRow>(rows.iter().map(|row| row.user_id)).await?;
        rows.iter().map(|row| wire::presets::entity(row, wire::users::owner(&users, Some(row.user_id))?, hydrate)).collect()
    }
}

impl Create for Presets {
    type Request = PresetRequest;

    async fn create(context: &mut Context, request: PresetRequest) -> Result<PresetRow> {
        service::presets::create(&mut context.connection, &context.account.user, request).await
    }
}

impl Update for Presets {
    type Update = PresetUpdate;

    async fn update(context: &mut Context, id: Id, update: PresetUpdate) -> Result<PresetRow> {
        service::presets::update(&mut context.connection, &context.account.user, id, update).await
    }
}

impl Delete for Presets {
    async fn delete(context: &mut Context, id: Id) -> Result<()> {
        service::presets::delete(&mut context.connection, &context.account.user, id).await
    }
}
