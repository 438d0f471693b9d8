//! `/pipeline_deployments`: what snapshots were called before ZenML 0.90, for clients of that time. Same objects, same shapes.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
};
use serde_json::{Map, Value};

use super::{
    extract::{ApiJson, IdPath},
    pipeline_snapshots,
    routes::Routes,
    wire::{Entity, PageResponse, json, pipeline_snapshots::PipelineSnapshotRequest},
};
use crate::{
    model::roles::Action,
    server::{
        auth::Account,
        db::{self, list::ListRequest},
        error::Result,
        state::AppState,
    },
};

/// Clients before this version refuse a step configuration with `step_config_overrides` in it.
const KNOWS_OVERRIDES: (u64, u64) = (0, 82);

/// The routes of snapshots under their old name. There never was a way to change one there.
pub fn router() -> Routes {
    Routes::new()
        .get(Action::Read, "/pipeline_deployments", list_pipeline_deployments)
        .filters(&db::pipeline_snapshots::LIST)
        .in_project()
        .post(Action::Record, "/pipeline_deployments", create_pipeline_deployment)
        .get(Action::Read, "/pipeline_deployments/{id}", get_pipeline_deployment)
        .reads("hydrate", "Whether the snapshot comes with its metadata; it does unless asked not to.")
        .reads("step_configuration_filter", "The name of a step whose configuration is wanted; may be repeated.")
        .reads("include_config_schema", "Whether the template and the schema of run configurations are wanted.")
        .delete(Action::Edit, "/pipeline_deployments/{id}", pipeline_snapshots::delete_pipeline_snapshot)
}

async fn list_pipeline_deployments(
    headers: HeaderMap,
    state: State<AppState>,
    account: Account,
    request: ListRequest,
) -> Result<Json<PageResponse<Entity>>> {
    let Json(mut page) = pipeline_snapshots::list_pipeline_snapshots(state, account, request).await?;
    page.items = page.items.into_iter().map(|entity| for_client(&headers, entity)).collect::<Result<_>>()?;
    Ok(Json(page))
}

async fn create_pipeline_deployment(
    headers: HeaderMap,
    state: State<AppState>,
    account: Account,
    request: ApiJson<PipelineSnapshotRequest>,
) -> Result<Json<Entity>> {
    let Json(entity) = pipeline_snapshots::create_pipeline_snapshot(state, account, request).await?;
    for_client(&headers, entity).map(Json)
}

async fn get_pipeline_deployment(
    headers: HeaderMap,
    state: State<AppState>,
    account: Account,
    id: IdPath,
    request: ListRequest,
) -> Result<Json<Entity>> {
    let Json(entity) = pipeline_snapshots::get_pipeline_snapshot(state, account, id, request).await?;
    for_client(&headers, entity).map(Json)
}

/// The snapshot without what the client that asks cannot read.
fn for_client(headers: &HeaderMap, mut entity: Entity) -> Result<Entity> {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let Some(metadata) = entity.metadata.as_ref().filter(|_| version(agent).is_some_and(|version| version < KNOWS_OVERRIDES)) else {
        return Ok(entity);
    };
    let mut metadata: Map<String, Value> = serde_json::from_str(metadata.get())?;
    let steps = metadata.get_mut("step_configurations").and_then(Value::as_object_mut);
    for step in steps.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut) {
        step.shift_remove("step_config_overrides");
    }
    entity.metadata = Some(json(&metadata)?);
    Ok(entity)
}

/// Major and minor version of a ZenML client, from its `User-Agent`: `zenml/0.81.0`.
fn version(agent: &str) -> Option<(u64, u64)> {
    let mut numbers = agent.strip_prefix("zenml/")?.split('.');
    let mut next = || numbers.next()?.parse().ok();
    Some((next()?, next()?))
}

#[cfg(test)]
mod tests {
    use super::{KNOWS_OVERRIDES, version};

    #[test]
    fn only_old_clients_get_less() {
        for old in ["zenml/0.81.0", "zenml/0.80.1.dev3", "zenml/0.9"] {
            assert!(version(old).is_some_and(|version| version < KNOWS_OVERRIDES), "{old}");
        }
        for other in ["zenml/0.82.0", "zenml/0.98.0", "zenml/1.0", "curl/8.1", "zenml/x", ""] {
            assert!(version(other).is_none_or(|version| version >= KNOWS_OVERRIDES), "{other}");
        }
    }
}
