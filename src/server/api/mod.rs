//! The REST surface under `/api/v1`, wire compatible with the ZenML 0.98 client.
//!
//! One file per resource: `router()`, then its handlers. Handlers extract, call a service or a query, and answer; the
//! shapes they answer with are in `wire`.

pub mod api_keys;
pub mod artifact_versions;
pub mod artifacts;
pub mod code_archives;
pub mod code_repositories;
pub mod connector_resources;
pub mod curated_visualizations;
pub mod deployments;
pub mod devices;
pub mod extract;
pub mod flavors;
pub mod form_views;
pub mod hook_invocations;
pub mod launches;
pub mod left_out;
pub mod login;
pub mod logs;
pub mod model_version_artifacts;
pub mod model_version_pipeline_runs;
pub mod model_versions;
pub mod models;
pub mod openapi;
pub mod pipeline_builds;
pub mod pipeline_deployments;
pub mod pipeline_runs;
pub mod pipeline_snapshots;
pub mod pipelines;
pub mod presets;
pub mod projects;
pub mod resource;
pub mod resource_requests;
pub mod routes;
pub mod run_metadata;
pub mod run_templates;
pub mod run_wait_conditions;
pub mod schedules;
pub mod schema;
pub mod secrets;
pub mod server;
pub mod service_accounts;
pub mod service_connector_types;
pub mod service_connectors;
pub mod services;
pub mod snapshot_access;
pub mod stack_components;
pub mod stacks;
pub mod step_runs;
pub mod tag_resources;
pub mod tags;
pub mod triggers;
pub mod users;
pub mod webhooks;
pub mod wire;

use std::collections::HashMap;

use axum::{
    Json, Router,
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{
    db::{Connection, code_references::CodeReferenceRow, code_repositories::CodeRepositoryRow},
    error::{AppError, Result},
    id::Id,
    state::AppState,
};
use routes::Routes;

/// Every resource of the REST surface, relative to `/api/v1`, described.
pub fn routes() -> Routes {
    Routes::new()
        .merge(api_keys::router())
        .merge(artifact_versions::router())
        .merge(artifacts::router())
        .merge(code_archives::router())
        .merge(code_repositories::router())
        .merge(connector_resources::router())
        .merge(curated_visualizations::router())
        .merge(deployments::router())
        .merge(devices::router())
        .merge(flavors::router())
        .merge(form_views::router())
        .merge(hook_invocations::router())
        .merge(launches::router())
        .merge(left_out::router())
        .merge(login::router())
        .merge(logs::router())
        .merge(model_version_artifacts::router())
        .merge(model_version_pipeline_runs::router())
        .merge(model_versions::router())
        .merge(models::router())
        .merge(pipeline_builds::router())
        .merge(pipeline_deployments::router())
        .merge(pipeline_runs::router())
        .merge(pipeline_snapshots::router())
        .merge(pipelines::router())
        .merge(presets::router())
        .merge(projects::router())
        .merge(resource_requests::router())
        .merge(run_metadata::router())
        .merge(run_templates::router())
        .merge(run_wait_conditions::router())
        .merge(schedules::router())
        .merge(secrets::router())
        .merge(server::router())
        .merge(service_accounts::router())
        .merge(service_connector_types::router())
        .merge(service_connectors::router())
        .merge(services::router())
        .merge(snapshot_access::router())
        .merge(stack_components::router())
        .merge(stacks::router())
        .merge(step_runs::router())
        .merge(tag_resources::router())
        .merge(tags::router())
        .merge(triggers::router())
        .merge(users::router())
        .merge(webhooks::router())
}

/// The REST surface, with an answer for everything that it does not know.
pub fn router() -> Router<AppState> {
    routes().router().fallback(unknown_path).method_not_allowed_fallback(unknown_path)
}

/// What the reference server answers to an unknown path, and to a known path with a method it does not take: 404 to GET,
/// 405 to all else (its catch-all page route takes only GET).
async fn unknown_path(method: Method) -> Response {
    if method == Method::GET || method == Method::HEAD {
        return AppError::Plain(StatusCode::NOT_FOUND, "Not Found".to_owned()).into_response();
    }
    (StatusCode::METHOD_NOT_ALLOWED, Json(json!({ "detail": "Method Not Allowed" }))).into_response()
}

/// The single object of a list that was made for one row.
fn only<T>(mut items: Vec<T>) -> Result<T> {
    items.pop().ok_or_else(|| AppError::Internal(anyhow::anyhow!("an object that was just read is missing")))
}

/// Code references as they appear inside snapshots and runs, read together.
async fn code_references(connection: &mut Connection, ids: Vec<Id>) -> Result<HashMap<Id, wire::Entity>> {
    let references = connection.get_many::<CodeReferenceRow>(ids).await?;
    let repositories: Vec<Id> = references.values().map(|row| row.code_repository_id).collect();
    let repositories = connection.get_many::<CodeRepositoryRow>(repositories).await?;
    let found = references.iter().filter_map(|(id, row)| Some((*id, row, repositories.get(&row.code_repository_id)?)));
    found.map(|(id, row, repository)| Ok((id, wire::code_references::shallow(row, repository)?))).collect()
}
