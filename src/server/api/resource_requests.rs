//! `/resource_requests`: waiting for shares of resource pools, which the reference server has in its commercial edition
//! only. What it answers without them is answered here: 501.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    extract::{ApiJson, IdPath},
    routes::Routes,
};
use crate::{
    model::roles::Action,
    server::{
        auth::Account,
        db::list::ListRequest,
        error::{AppError, Result},
        service,
        state::AppState,
        time::Timestamp,
    },
};

/// The routes of resource requests.
pub fn router() -> Routes {
    Routes::new()
        .get(Action::Read, "/resource_requests", list_resource_requests)
        .in_project()
        .fails(&[501])
        .get(Action::Read, "/resource_requests/{id}", get_resource_request)
        .fails(&[501])
        .post(Action::Record, "/resource_requests/{id}/renew", renew_resource_request)
        .fails(&[501])
        .post(Action::Record, "/resource_requests/{id}/release", release_resource_request)
        .fails(&[501])
}

/// `POST /resource_requests/{id}/renew`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct RenewalRequest {
    #[serde(rename = "lease_expires_at")]
    _lease_expires_at: Timestamp,
}

fn without_pools() -> Result<Json<()>> {
    Err(AppError::NotImplemented("Resource pool functionality is not enabled".to_owned()))
}

async fn list_resource_requests(State(state): State<AppState>, _: Account, request: ListRequest) -> Result<Json<()>> {
    service::projects::scope(&mut state.db.read().await?, &state.server, &request).await?;
    without_pools()
}

async fn get_resource_request(_: Account, _: IdPath) -> Result<Json<()>> {
    without_pools()
}

async fn renew_resource_request(_: Account, _: IdPath, _: ApiJson<RenewalRequest>) -> Result<Json<()>> {
    without_pools()
}

async fn release_resource_request(_: Account, _: IdPath) -> Result<Json<()>> {
    without_pools()
}
