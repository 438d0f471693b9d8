//! `/model_version_artifacts`.

use axum::{Json, extract::State};

use super::{
    extract::ApiJson,
    routes::Routes,
    wire::{
        Entity, PageResponse,
        model_version_artifacts::{ModelVersionArtifactRequest, entity},
    },
};
use crate::{
    model::roles::Action,
    server::{
        auth::Account,
        db::{
            Connection, artifact_versions,
            list::ListRequest,
            model_version_artifacts::{self, ModelVersionArtifactRow},
        },
        error::{AppError, Result},
        service,
        state::AppState,
    },
};

/// The routes of links between model versions and artifact versions; they are deleted through the model version.
pub fn router() -> Routes {
    Routes::new().get(Action::Read, "/model_version_artifacts", list_links).filters(&model_version_artifacts::LIST).post(
        Action::Record,
        "/model_version_artifacts",
        create_link,
    )
}

async fn list_links(State(state): State<AppState>, _: Account, request: ListRequest) -> Result<Json<PageResponse<Entity>>> {
    let mut connection = state.db.read().await?;
    let page = model_version_artifacts::list(&mut connection, &request).await?;
    let items = entities(&mut connection, &page.items, request.hydrate).await?;
    Ok(Json(page.with_items(items).into()))
}

async fn create_link(
    State(state): State<AppState>,
    _: Account,
    ApiJson(request): ApiJson<ModelVersionArtifactRequest>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    service::model_versions::get(&mut connection, request.model_version).await?;
    service::artifact_versions::get(&mut connection, request.artifact_version).await?;
    let link = service::model_versions::link_artifact(&mut connection, request.model_version, request.artifact_version).await?;
    let entity = super::only(entities(&mut connection, std::slice::from_ref(&link), true).await?)?;
    connection.commit().await?;
    Ok(Json(entity))
}

async fn entities(connection: &mut Connection, rows: &[ModelVersionArtifactRow], hydrate: bool) -> Result<Vec<Entity>> {
    let versions = artifact_versions::with_artifacts(connection, rows.iter().map(|row| row.artifact_version_id)).await?;
    rows.iter()
        .map(|row| {
            let id = row.artifact_version_id;
            let (version, artifact) = versions.get(&id).ok_or_else(|| AppError::missing("artifact version", id))?;
            entity(row, version, artifact, hydrate)
        })
        .collect()
}
