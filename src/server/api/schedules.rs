//! `/schedules`.

use axum::{Json, extract::State};

use super::{
    extract::IdPath,
    resource::{Context, Create, Resource, Update},
    routes::Routes,
    wire::{
        self, Entity, json,
        schedules::{ScheduleRequest, ScheduleUpdate},
    },
};
use crate::{
    model::roles::Action,
    server::{
        auth::Account,
        db::{
            list::{ListRequest, ListSpec, Page},
            run_metadata,
            schedules::{self, ScheduleRow},
            users::UserRow,
        },
        error::{AppError, Result},
        id::Id,
        service,
        state::AppState,
    },
};

/// The routes of schedules.
pub fn router() -> Routes {
    Routes::new()
        .list::<Schedules>(Action::Read)
        .create::<Schedules>(Action::Edit)
        .one::<Schedules>(Action::Read)
        .update::<Schedules>(Action::Edit)
        .delete(Action::Edit, "/schedules/{id}", delete_schedule)
}

/// Schedules as a resource.
pub struct Schedules;

impl Resource for Schedules {
    const PATH: &'static str = "/schedules";
    const NAME: &'static str = "schedule";
    const LIST: &'static ListSpec = &schedules::LIST;
    const IN_PROJECT: bool = true;
    type Key = Id;
    type Row = ScheduleRow;

    async fn list(context: &mut Context, request: &ListRequest) -> Result<Page<ScheduleRow>> {
        let project = context.project(request).await?;
        Ok(schedules::list(&mut context.connection, project, request).await?)
    }

    async fn get(context: &mut Context, id: Id) -> Result<ScheduleRow> {
        service::schedules::get(&mut context.connection, id).await
    }

    async fn entities(context: &mut Context, rows: &[ScheduleRow], hydrate: bool) -> Result<Vec<Entity>> {
        let connection = &mut context.connection;
        let users = connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
        let ids: Vec<Id> = rows.iter().map(|row| row.id).filter(|_| hydrate).collect();
        let metadata = run_metadata::of(connection, "schedule", ids).await?;
        rows.iter()
            .map(|row| {
                let run_metadata = if hydrate { Some(json(&metadata.get(&row.id).cloned().unwrap_or_default())?) } else { None };
                wire::schedules::entity(row, wire::users::owner(&users, row.user_id)?, run_metadata)
            })
            .collect()
    }
}

impl Create for Schedules {
    type Request = ScheduleRequest;

    async fn create(context: &mut Context, request: ScheduleRequest) -> Result<ScheduleRow> {
        service::schedules::create(&mut context.connection, context.account.user.id, request).await
    }
}

impl Update for Schedules {
    type Update = ScheduleUpdate;

    async fn update(context: &mut Context, id: Id, update: ScheduleUpdate) -> Result<ScheduleRow> {
        service::schedules::update(&mut context.connection, id, update).await
    }
}

/// `?soft=` says whether the schedule is archived or deleted, and must be there.
async fn delete_schedule(State(state): State<AppState>, _: Account, IdPath(id): IdPath, request: ListRequest) -> Result<Json<()>> {
    let missing = || AppError::Malformed("1 validation error:\n  The query parameter `soft` is missing.".to_owned());
    let soft = request.switch("soft")?.ok_or_else(missing)?;
    let mut connection = state.db.begin().await?;
    service::schedules::delete(&mut connection, id, soft).await?;
    connection.commit().await?;
    Ok(Json(()))
}
