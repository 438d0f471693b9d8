//! `/run-metadata`.

use axum::{Json, extract::State};

use super::{
    extract::ApiJson,
    routes::Routes,
    wire::run_metadata::{MetadataResourceType, RunMetadataRequest},
};
use crate::{
    model::roles::Action,
    server::{auth::Account, error::Result, service, state::AppState},
};

/// The route of run metadata, which is only written here; it is read with what it is logged on.
pub fn router() -> Routes {
    Routes::new().post(Action::Record, "/run-metadata", create_run_metadata)
}

async fn create_run_metadata(
    State(state): State<AppState>,
    account: Account,
    ApiJson(request): ApiJson<RunMetadataRequest>,
) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    service::run_metadata::create(&mut connection, account.user.id, &request).await?;
    connection.commit().await?;
    for resource in &request.resources {
        if let MetadataResourceType::PipelineRun = resource.kind {
            state.events.send("run", resource.id);
        }
    }
    Ok(Json(()))
}
