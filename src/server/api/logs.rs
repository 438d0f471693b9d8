//! `/logs`, and the logs of runs and steps.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    extract::{ApiJson, Hydrate, IdPath},
    routes::Routes,
    wire::{
        self, Entity,
        logs::{LogsRequest, LogsUpdate},
    },
};
use crate::{
    model::roles::Action,
    server::{
        auth::Account,
        db::{Connection, list::ListRequest, logs::LogsRow, users::UserRow},
        error::{AppError, Result},
        service::{
            self,
            log_entries::{LogEntry, MAX_ENTRIES, is_level},
            log_files::{Part, Place},
            logs::Owner,
        },
        state::AppState,
        time::Timestamp,
    },
};

/// The routes of log streams.
pub fn router() -> Routes {
    Routes::new()
        .post(Action::Record, "/logs", create_logs)
        .get(Action::Read, "/logs/{id}", get_logs)
        .put(Action::Record, "/logs/{id}", update_logs)
        .get(Action::Read, "/logs/{id}/entries", get_entries)
        .reads("limit", "The most entries that are wanted.")
        .reads("start", "Where to begin: `oldest` or `newest`.")
        .reads("before", "A cursor of an answer before: the entries before it.")
        .reads("after", "A cursor of an answer before: the entries after it.")
        .fails(&[400, 501])
        .get(Action::Read, "/runs/{id}/logs", get_run_logs)
        .reads("source", "Which of the logs: `client`, `orchestrator`, …")
        .reads("logs_id", "Which of the logs, by id.")
        .fails(&[400, 501])
        .get(Action::Read, "/steps/{id}/logs", get_step_logs)
        .reads("source", "Which of the logs: `step`, …")
        .reads("logs_id", "Which of the logs, by id.")
        .fails(&[400, 501])
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

/// One batch of entries, oldest first, with cursors to what is before and after it; null where nothing is.
#[derive(Serialize, JsonSchema)]
struct EntriesResponse {
    items: Vec<LogEntry>,
    before: Option<String>,
    after: Option<String>,
}

/// The reference server reads logs of artifact stores in one batch from their start; here the cursors lead to the rest.
async fn get_entries(State(state): State<AppState>, _: Account, IdPath(id): IdPath, request: ListRequest) -> Result<Json<EntriesResponse>> {
    let limit = limit(&request)?;
    require_readable(&request)?;
    let mut connection = state.db.read().await?;
    let logs = service::logs::get(&mut connection, id).await?;
    service::logs::require_owner(&logs)?;
    let grows = service::logs::may_grow(&mut connection, &logs).await?;
    drop(connection);
    if ["search", "level", "since", "until"].iter().any(|name| request.get(name).is_some_and(|text| !text.is_empty())) {
        return Err(AppError::Invalid(
            "This server does not search logs. Drop search, level, since, and until, and narrow the result down where it is displayed."
                .to_owned(),
        ));
    }
    let read = service::log_entries::entries(&state, &logs, part(&request)?, limit, grows).await?;
    Ok(Json(EntriesResponse {
        before: (read.from.line > 0).then(|| read.from.to_string()),
        after: (read.to.line < read.total).then(|| read.to.to_string()),
        items: read.items,
    }))
}

/// Refuses parameters that are malformed, before anything is looked up.
fn require_readable(request: &ListRequest) -> Result<()> {
    let check = |name: &str, what: &str, fits: &dyn Fn(&str) -> bool| match request.get(name) {
        Some(text) if !fits(text) => Err(AppError::Malformed(format!("1 validation error:\n  `{name}` must be {what}, not `{text}`."))),
        _ => Ok(()),
    };
    check("start", "`oldest` or `newest`", &|text| matches!(text, "oldest" | "newest"))?;
    check("level", "the name or number of a log level", &is_level)?;
    check("since", "a time", &|text| Timestamp::parse(text).is_some())?;
    check("until", "a time", &|text| Timestamp::parse(text).is_some())
}

fn part(request: &ListRequest) -> Result<Part> {
    let cursor = |name: &str| match request.get(name) {
        None => Ok(None),
        Some(text) => match text.parse::<Place>() {
            Ok(place) => Ok(Some(place)),
            Err(()) => Err(AppError::Invalid(format!("`{name}` is not a cursor of this server: `{text}`."))),
        },
    };
    match (cursor("before")?, cursor("after")?, request.get("start")) {
        (Some(_), Some(_), _) => Err(AppError::Invalid("Only one of `before` and `after` can be set.".to_owned())),
        (Some(place), None, _) => Ok(Part::Before(place)),
        (None, Some(place), _) => Ok(Part::From(place)),
        (None, None, Some("newest")) => Ok(Part::Last),
        (None, None, _) => Ok(Part::FromLine(0)),
    }
}

fn limit(request: &ListRequest) -> Result<usize> {
    match request.get("limit") {
        None => Ok(MAX_ENTRIES),
        Some(text) => match text.parse() {
            Ok(limit) if limit > 0 => Ok(limit),
            _ => Err(AppError::Malformed(format!("1 validation error:\n  `limit` must be a whole number above 0, not `{text}`."))),
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
    let mut connection = state.db.read().await?;
    let logs = service::logs::find(&mut connection, owner, request.get("source"), id.transpose()?).await?;
    let grows = service::logs::may_grow(&mut connection, &logs).await?;
    drop(connection);
    Ok(Json(service::log_entries::entries(state, &logs, Part::FromLine(0), MAX_ENTRIES, grows).await?.items))
}

async fn entity(connection: &mut Connection, logs: &LogsRow, hydrate: bool) -> Result<Entity> {
    let users = connection.get_many::<UserRow>(logs.user_id).await?;
    wire::logs::entity(logs, wire::users::owner(&users, logs.user_id)?, hydrate)
}
