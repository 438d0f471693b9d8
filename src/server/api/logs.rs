//! `/logs`, and the logs of runs and steps.

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use serde::Serialize;

use super::{
    extract::{ApiJson, Hydrate, IdPath},
    wire::{
        self, Entity,
        logs::{LogsRequest, LogsUpdate},
    },
};
use crate::server::{
    auth::Account,
    db::{Connection, list::ListRequest, logs::LogsRow, users::UserRow},
    error::{AppError, Result},
    service::{
        self,
        log_entries::{LogEntry, MAX_ENTRIES},
        logs::Owner,
    },
    state::AppState,
};

/// The routes of log streams.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/logs", post(create_logs))
        .route("/logs/{id}", get(get_logs).put(update_logs))
        .route("/logs/{id}/entries", get(get_entries))
        .route("/runs/{id}/logs", get(get_run_logs))
        .route("/steps/{id}/logs", get(get_step_logs))
}

async fn create_logs(State(state): State<AppState>, account: Account, ApiJson(request): ApiJson<LogsRequest>) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let project = request.project.unwrap_or(state.server.default_project_id);
    service::projects::require(&mut connection, project).await?;
    let logs = service::logs::create(&mut connection, account.user.id, project, request).await?;
    let entity = entity(&mut connection, &logs, true).await?;
    connection.commit().await?;
    tell(&state, &logs);
    Ok(Json(entity))
}

async fn get_logs(State(state): State<AppState>, _: Account, IdPath(id): IdPath, Hydrate(hydrate): Hydrate) -> Result<Json<Entity>> {
    let mut connection = state.db.read().await?;
    let logs = service::logs::get(&mut connection, id).await?;
    service::logs::require_owner(&logs)?;
    Ok(Json(entity(&mut connection, &logs, hydrate).await?))
}

async fn update_logs(
    State(state): State<AppState>,
    _: Account,
    IdPath(id): IdPath,
    ApiJson(update): ApiJson<LogsUpdate>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let logs = service::logs::update(&mut connection, id, update).await?;
    let entity = entity(&mut connection, &logs, true).await?;
    connection.commit().await?;
    tell(&state, &logs);
    Ok(Json(entity))
}

/// Tells the page of the run that it has one more stream. Steps are not told: they change, and tell so, right after.
fn tell(state: &AppState, logs: &LogsRow) {
    if let Some(run) = logs.pipeline_run_id {
        state.events.send("logs", run);
    }
}

/// One batch of entries; this server gives them all at once, so there are no cursors.
#[derive(Serialize)]
struct EntriesResponse {
    items: Vec<LogEntry>,
    before: Option<String>,
    after: Option<String>,
}

async fn get_entries(State(state): State<AppState>, _: Account, IdPath(id): IdPath, request: ListRequest) -> Result<Json<EntriesResponse>> {
    let logs = service::logs::get(&mut state.db.read().await?, id).await?;
    service::logs::require_owner(&logs)?;
    let limit = limit(&request)?;
    let from_start = request.get("start").is_none_or(|start| start == "oldest");
    if !from_start || ["before", "after", "search", "level", "since", "until"].iter().any(|name| request.get(name).is_some()) {
        return Err(AppError::Invalid(
            "Logs are read from their start, in one batch. Drop start, before, after, search, level, since, and until, \
             and narrow the result down where it is displayed."
                .to_owned(),
        ));
    }
    let items = service::log_entries::entries(&state, &logs, limit).await?;
    Ok(Json(EntriesResponse { items, before: None, after: None }))
}

fn limit(request: &ListRequest) -> Result<usize> {
    match request.get("limit") {
        None => Ok(MAX_ENTRIES),
        Some(text) => match text.parse() {
            Ok(limit) if limit > 0 => Ok(limit),
            _ => Err(AppError::InvalidFilter(format!("`limit` must be a whole number above 0, not `{text}`."))),
        },
    }
}

async fn get_run_logs(State(state): State<AppState>, _: Account, IdPath(id): IdPath, request: ListRequest) -> Result<Json<Vec<LogEntry>>> {
    entries_of(&state, Owner::Run(id), &request).await
}

async fn get_step_logs(State(state): State<AppState>, _: Account, IdPath(id): IdPath, request: ListRequest) -> Result<Json<Vec<LogEntry>>> {
    entries_of(&state, Owner::Step(id), &request).await
}

/// The entries of one stream of a run or a step, which `source` or `logs_id` picks.
async fn entries_of(state: &AppState, owner: Owner, request: &ListRequest) -> Result<Json<Vec<LogEntry>>> {
    let id = request.get("logs_id").map(|id| id.parse().map_err(|_| AppError::InvalidFilter(format!("`logs_id` is no id: `{id}`."))));
    let logs = service::logs::find(&mut state.db.read().await?, owner, request.get("source"), id.transpose()?).await?;
    Ok(Json(service::log_entries::entries(state, &logs, MAX_ENTRIES).await?))
}

async fn entity(connection: &mut Connection, logs: &LogsRow, hydrate: bool) -> Result<Entity> {
    let users = connection.get_many::<UserRow>(logs.user_id).await?;
    wire::logs::entity(logs, wire::users::owner(&users, logs.user_id)?, hydrate)
}
