//! Services: recording what a client's pipelines and model deployers start.

use serde_json::{Map, Value};

use crate::server::{
    api::wire::services::{ServiceRequest, ServiceUpdate},
    db::{Connection, documents, model_versions::ModelVersionRow, pipeline_runs::PipelineRunRow, services::ServiceRow, stored::Changes},
    error::{AppError, OnConflict as _, Result},
    id::Id,
    service::{names, projects},
    time::Timestamp,
};

/// The service with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<ServiceRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("service", id))
}

/// Records a service. Names may repeat; configurations may not, on the whole server.
pub async fn create(connection: &mut Connection, user: Id, request: ServiceRequest) -> Result<ServiceRow> {
    names::length(&request.name, names::MAX_LENGTH, "name")?;
    let project = projects::require(connection, request.project).await?;
    require_model_version(connection, project.id, request.model_version_id, "service being created").await?;
    if let Some(id) = request.pipeline_run_id {
        let run = connection.get::<PipelineRunRow>(id).await?;
        if run.is_none_or(|run| run.project_id != project.id) {
            return Err(AppError::missing_reference("pipeline run", id, "service being created", &project.name));
        }
    }
    let config_text = |key: &str| request.config.get(key).and_then(Value::as_str).map(str::to_owned);
    let now = Timestamp::now();
    let config = serde_json::to_string(&request.config)?;
    let service = ServiceRow {
        id: Id::new(),
        created: now,
        updated: now,
        user_id: Some(user),
        project_id: project.id,
        name: request.name,
        service_type: serde_json::to_string(&request.service_type)?,
        pipeline_name: config_text("pipeline_name"),
        pipeline_step_name: config_text("pipeline_step_name"),
        kind: request.service_type.kind,
        flavor: request.service_type.flavor,
        service_source: request.service_source,
        admin_state: request.admin_state.map(|state| state.as_str().to_owned()),
        state: state(request.status.as_ref()),
        labels: filled(request.labels),
        config_hash: documents::hash(&config),
        config,
        status: filled(request.status),
        endpoint: filled(request.endpoint),
        prediction_url: request.prediction_url,
        health_check_url: request.health_check_url,
        model_version_id: request.model_version_id,
        pipeline_run_id: request.pipeline_run_id,
    };
    connection.insert(&service).await.on_conflict(|| {
        AppError::Exists(format!(
            "Unable to create service '{}' with the given configuration: A service with the same configuration already exists.",
            service.name
        ))
    })?;
    Ok(service)
}

async fn require_model_version(connection: &mut Connection, project: Id, id: Option<Id>, by: &str) -> Result<()> {
    let Some(id) = id else { return Ok(()) };
    let version = connection.get::<ModelVersionRow>(id).await?;
    if version.is_none_or(|version| version.project_id != project) {
        let project = projects::require(connection, project).await?;
        return Err(AppError::missing_reference("model version", id, by, &project.name));
    }
    Ok(())
}

/// The text of an object that is stored; an empty one is none, as in the reference server.
fn filled(object: Option<Map<String, Value>>) -> Option<String> {
    object.filter(|object| !object.is_empty()).map(|object| Value::Object(object).to_string())
}

fn state(status: Option<&Map<String, Value>>) -> Option<String> {
    status?.get("state")?.as_str().map(str::to_owned)
}

/// Changes a service; what the update does not name stays, and an empty object takes away what was there.
pub async fn update(connection: &mut Connection, id: Id, update: ServiceUpdate) -> Result<ServiceRow> {
    let service = get(connection, id).await?;
    names::length(update.name.as_deref().unwrap_or_default(), names::MAX_LENGTH, "name")?;
    require_model_version(connection, service.project_id, update.model_version_id, "service being updated").await?;
    let mut changes = Changes::new()
        .set_some("name", update.name)
        .set_some("admin_state", update.admin_state.map(|state| state.as_str()))
        .set_some("service_source", update.service_source)
        .set_some("prediction_url", update.prediction_url)
        .set_some("health_check_url", update.health_check_url)
        .set_some("model_version_id", update.model_version_id);
    if let Some(status) = update.status {
        changes = changes.set("state", state(Some(&status))).set("status", filled(Some(status)));
    }
    if let Some(endpoint) = update.endpoint {
        changes = changes.set("endpoint", filled(Some(endpoint)));
    }
    if let Some(labels) = update.labels {
        changes = changes.set("labels", filled(Some(labels)));
    }
    connection.update::<ServiceRow>(id, changes).await?;
    get(connection, id).await
}

/// Forgets a service.
pub async fn delete(connection: &mut Connection, id: Id) -> Result<()> {
    get(connection, id).await?;
    connection.delete::<ServiceRow>(id).await?;
    Ok(())
}
