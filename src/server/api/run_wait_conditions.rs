//! `/run_wait_conditions`.

use axum::{Json, extract::State};

use super::{
    extract::{ApiJson, IdPath},
    resource::{self, Context, Resource},
    routes::Routes,
    wire::{
        self, Entity, json,
        run_wait_conditions::{Resources, RunWaitConditionLeaseUpdate, RunWaitConditionRequest, RunWaitConditionResolveRequest},
        stored_json,
    },
};
use crate::{
    model::roles::Action,
    server::{
        auth::Account,
        db::{
            list::{ListRequest, ListSpec, Page},
            pipeline_runs::PipelineRunRow,
            run_metadata,
            run_wait_conditions::{self, RunWaitConditionRow},
            users::UserRow,
        },
        error::{AppError, Result},
        id::Id,
        service,
        state::AppState,
    },
};

/// The routes of wait conditions.
pub fn router() -> Routes {
    Routes::new()
        .list::<RunWaitConditions>(Action::Read)
        .post(Action::Record, RunWaitConditions::PATH, create_run_wait_condition)
        .one::<RunWaitConditions>(Action::Read)
        .put(Action::Record, "/run_wait_conditions/{id}", update_run_wait_condition_lease)
        .put(Action::Steer, "/run_wait_conditions/{id}/resolve", resolve_run_wait_condition)
}

/// Wait conditions as a resource.
pub struct RunWaitConditions;

impl Resource for RunWaitConditions {
    const PATH: &'static str = "/run_wait_conditions";
    const NAME: &'static str = "run wait condition";
    const LIST: &'static ListSpec = &run_wait_conditions::LIST;
    const IN_PROJECT: bool = true;
    type Key = Id;
    type Row = RunWaitConditionRow;

    async fn list(context: &mut Context, request: &ListRequest) -> Result<Page<RunWaitConditionRow>> {
        let project = context.project(request).await?;
        Ok(run_wait_conditions::list(&mut context.connection, project, request).await?)
    }

    async fn get(context: &mut Context, id: Id) -> Result<RunWaitConditionRow> {
        service::run_wait_conditions::get(&mut context.connection, id).await
    }

    async fn entities(context: &mut Context, rows: &[RunWaitConditionRow], hydrate: bool) -> Result<Vec<Entity>> {
        let connection = &mut context.connection;
        let users = connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
        let runs = connection.get_many::<PipelineRunRow>(rows.iter().map(|row| row.run_id)).await?;
        let metadata = match hydrate {
            true => run_metadata::of(connection, "wait_condition", rows.iter().map(|row| row.id)).await?,
            false => Default::default(),
        };
        rows.iter()
            .map(|row| {
                let run = runs.get(&row.run_id).ok_or_else(|| AppError::missing("pipeline run", row.run_id))?;
                let resources = Resources { user: wire::users::owner(&users, row.user_id)?, run: wire::pipeline_runs::shallow(run)? };
                let run_metadata = hydrate.then(|| metadata.get(&row.id).map_or_else(|| stored_json("{}"), json)).transpose()?;
                wire::run_wait_conditions::entity(row, &resources, run_metadata)
            })
            .collect()
    }
}

async fn create_run_wait_condition(
    State(state): State<AppState>,
    account: Account,
    ApiJson(request): ApiJson<RunWaitConditionRequest>,
) -> Result<Json<Entity>> {
    let mut context = Context { connection: state.db.begin().await?, state, account };
    let row = service::run_wait_conditions::create(&mut context.connection, context.account.user.id, request).await?;
    finish(context, &row).await
}

async fn resolve_run_wait_condition(
    State(state): State<AppState>,
    account: Account,
    IdPath(id): IdPath,
    ApiJson(request): ApiJson<RunWaitConditionResolveRequest>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.read().await?;
    let condition = service::run_wait_conditions::get(&mut connection, id).await?;
    let run = service::pipeline_runs::get(&mut connection, condition.run_id).await?;
    drop(connection);
    account.require_steering(&state, &run).await?;
    let mut context = Context { connection: state.db.begin().await?, state, account };
    let user = context.account.user.id;
    let row = service::run_wait_conditions::resolve(&mut context.connection, &context.state, user, id, request).await?;
    finish(context, &row).await
}

/// Answers the status alone, which is all that the process that waits wants to know.
async fn update_run_wait_condition_lease(
    State(state): State<AppState>,
    _: Account,
    IdPath(id): IdPath,
    ApiJson(update): ApiJson<RunWaitConditionLeaseUpdate>,
) -> Result<Json<String>> {
    let mut connection = state.db.begin().await?;
    let row = service::run_wait_conditions::update_lease(&mut connection, &state, id, update).await?;
    connection.commit().await?;
    state.launch_signal.wake();
    state.events.send("run", row.run_id);
    Ok(Json(row.status))
}

/// The changed condition as the answer; its run may go on, and the pages of the run show it.
async fn finish(mut context: Context, row: &RunWaitConditionRow) -> Result<Json<Entity>> {
    let entity = resource::entity::<RunWaitConditions>(&mut context, row, true).await?;
    context.connection.commit().await?;
    context.state.launch_signal.wake();
    context.state.events.send("run", row.run_id);
    Ok(Json(entity))
}
