//! Launching: `POST /pipeline_snapshots/{id}/runs`, and our own `POST /pipelines/{name or id}/runs` for the newest
//! runnable snapshot of a pipeline.

use axum::{
    Json, Router,
    extract::{Path, State},
    routing::post,
};
use serde_json::Value;

use super::{
    extract::{IdPath, OptionalJson},
    pipeline_runs::{Detail, entities},
    wire::Entity,
};
use crate::server::{
    auth::Account,
    db::{Connection, list::ListRequest, pipeline_runs::PipelineRunRow},
    error::Result,
    service::{self, launches::Launch},
    state::AppState,
};

/// The routes of launches. ZenML's documentation writes the first path with a dash, its client with an underscore.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/pipeline_snapshots/{id}/runs", post(launch_pipeline_snapshot))
        .route("/pipeline-snapshots/{id}/runs", post(launch_pipeline_snapshot))
        .route("/pipelines/{name_or_id}/runs", post(launch_pipeline))
}

fn by(account: &Account) -> Launch<'static> {
    Launch { user: account.user.id, source: "rest", layers: None }
}

async fn launch_pipeline_snapshot(
    State(state): State<AppState>,
    account: Account,
    IdPath(id): IdPath,
    OptionalJson(body): OptionalJson<Value>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let snapshot = service::pipeline_snapshots::get(&mut connection, id).await?;
    let run = service::launches::launch(&mut connection, &state, by(&account), &snapshot, &body.unwrap_or_default()).await?;
    answer(state, connection, run).await
}

async fn launch_pipeline(
    State(state): State<AppState>,
    account: Account,
    Path(name_or_id): Path<String>,
    request: ListRequest,
    OptionalJson(body): OptionalJson<Value>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let project = service::projects::scope(&mut connection, &state.server, &request).await?;
    let body = body.unwrap_or_default();
    let run = service::launches::launch_latest(&mut connection, &state, by(&account), project, &name_or_id, &body).await?;
    answer(state, connection, run).await
}

async fn answer(state: AppState, mut connection: Connection, run: PipelineRunRow) -> Result<Json<Entity>> {
    let entity = super::only(entities(&mut connection, &[run], Detail::HYDRATED).await?)?;
    connection.commit().await?;
    state.launch_signal.wake();
    state.events.send("run", entity.id);
    Ok(Json(entity))
}
