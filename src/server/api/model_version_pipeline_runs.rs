//! `/model_version_pipeline_runs`.

use axum::{Json, extract::State};

use super::{
    extract::ApiJson,
    routes::Routes,
    wire::{
        Entity, PageResponse,
        model_version_pipeline_runs::{ModelVersionPipelineRunRequest, entity},
    },
};
use crate::{
    model::roles::Action,
    server::{
        auth::Account,
        db::{
            Connection,
            list::ListRequest,
            model_version_pipeline_runs::{self, ModelVersionPipelineRunRow},
            pipeline_runs::PipelineRunRow,
        },
        error::{AppError, Result},
        service,
        state::AppState,
    },
};

/// The routes of links between model versions and runs; they are deleted through the model version.
pub fn router() -> Routes {
    Routes::new().get(Action::Read, "/model_version_pipeline_runs", list_links).filters(&model_version_pipeline_runs::LIST).post(
        Action::Record,
        "/model_version_pipeline_runs",
        create_link,
    )
}

async fn list_links(State(state): State<AppState>, _: Account, request: ListRequest) -> Result<Json<PageResponse<Entity>>> {
    let mut connection = state.db.read().await?;
    let page = model_version_pipeline_runs::list(&mut connection, &request).await?;
    let items = entities(&mut connection, &page.items, request.hydrate).await?;
    Ok(Json(page.with_items(items).into()))
}

async fn create_link(
    State(state): State<AppState>,
    _: Account,
    ApiJson(request): ApiJson<ModelVersionPipelineRunRequest>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    service::model_versions::get(&mut connection, request.model_version).await?;
    service::pipeline_runs::get(&mut connection, request.pipeline_run).await?;
    let link = service::model_versions::link_run(&mut connection, request.model_version, request.pipeline_run).await?;
    let entity = super::only(entities(&mut connection, std::slice::from_ref(&link), true).await?)?;
    connection.commit().await?;
    Ok(Json(entity))
}

async fn entities(connection: &mut Connection, rows: &[ModelVersionPipelineRunRow], hydrate: bool) -> Result<Vec<Entity>> {
    let runs = connection.get_many::<PipelineRunRow>(rows.iter().map(|row| row.pipeline_run_id)).await?;
    rows.iter()
        .map(|row| {
            let run = runs.get(&row.pipeline_run_id).ok_or_else(|| AppError::missing("pipeline run", row.pipeline_run_id))?;
            entity(row, run, hydrate)
        })
        .collect()
}
