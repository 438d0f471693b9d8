//! Deployments: recording what a client's deployer provisions.

use serde_json::Value;

use crate::server::{
    api::wire::deployments::{DeploymentRequest, DeploymentUpdate},
    db::{
        Connection, curated_visualizations, deployments::DeploymentRow, pipeline_snapshots::PipelineSnapshotRow, projects::ProjectRow,
        stack_components::StackComponentRow, stored::Changes, tags as tag_rows,
    },
    error::{AppError, OnConflict as _, Result},
    id::Id,
    service::{names, onboarding, projects, tags},
    time::Timestamp,
};

/// The deployment with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<DeploymentRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("deployment", id))
}

/// Records a deployment that is about to be provisioned; its name is unique in the project.
pub async fn create(connection: &mut Connection, user: Id, request: DeploymentRequest) -> Result<DeploymentRow> {
    let project = projects::require(connection, request.project).await?;
    names::length(&request.name, names::MAX_LENGTH, "name")?;
    names::length(request.auth_key.as_deref().unwrap_or_default(), names::MAX_TEXT_LENGTH, "auth_key")?;
    require_snapshot(connection, &project, request.snapshot_id, "deployment being created").await?;
    if connection.get::<StackComponentRow>(request.deployer_id).await?.is_none_or(|row| row.component_type != "deployer") {
        return Err(AppError::NotFound(format!(
            "The deployer with ID {} referenced by the deployment being created was not found",
            request.deployer_id
        )));
    }
    let now = Timestamp::now();
    let deployment = DeploymentRow {
        id: Id::new(),
        created: now,
        updated: now,
        user_id: Some(user),
        project_id: project.id,
        name: request.name,
        snapshot_id: Some(request.snapshot_id),
        deployer_id: Some(request.deployer_id),
        status: "unknown".to_owned(),
        url: None,
        auth_key: request.auth_key,
        deployment_metadata: "{}".to_owned(),
    };
    connection.insert(&deployment).await.on_conflict(|| taken("create", &deployment.name, &project.name))?;
    for tag in request.tags.unwrap_or_default() {
        tags::attach_reference(connection, Some(user), "deployment", deployment.id, &tag).await?;
    }
    onboarding::note(connection).await?;
    Ok(deployment)
}

async fn require_snapshot(connection: &mut Connection, project: &ProjectRow, id: Id, by: &str) -> Result<()> {
    let snapshot = connection.get::<PipelineSnapshotRow>(id).await?;
    match snapshot.is_some_and(|snapshot| snapshot.project_id == project.id) {
        true => Ok(()),
        false => Err(AppError::missing_reference("pipeline snapshot", id, by, &project.name)),
    }
}

fn taken(verb: &str, name: &str, project: &str) -> AppError {
    AppError::Exists(format!(
        "Unable to {verb} the requested deployment with name '{name}': Found another existing deployment with the same name in the \
         '{project}' project."
    ))
}

/// Changes a deployment; what the update does not name stays.
pub async fn update(connection: &mut Connection, user: Id, id: Id, update: DeploymentUpdate) -> Result<DeploymentRow> {
    let deployment = get(connection, id).await?;
    let project = projects::require(connection, deployment.project_id).await?;
    names::length(update.name.as_deref().unwrap_or_default(), names::MAX_LENGTH, "name")?;
    for (text, field) in [(&update.url, "url"), (&update.auth_key, "auth_key")] {
        names::length(text.as_deref().unwrap_or_default(), names::MAX_TEXT_LENGTH, field)?;
    }
    if let Some(snapshot) = update.snapshot_id {
        require_snapshot(connection, &project, snapshot, "deployment being updated").await?;
    }
    let changes = Changes::new()
        .set_some("name", update.name.as_deref())
        .set_some("snapshot_id", update.snapshot_id)
        .set_some("url", update.url)
        .set_some("status", update.status.map(|status| status.as_str()))
        .set_some("deployment_metadata", update.deployment_metadata.map(|metadata| Value::Object(metadata).to_string()))
        .set_some("auth_key", update.auth_key);
    let name = update.name.unwrap_or_default();
    connection.update::<DeploymentRow>(id, changes).await.on_conflict(|| taken("update", &name, &project.name))?;
    tags::change(connection, user, "deployment", id, update.add_tags.as_deref(), update.remove_tags.as_deref()).await?;
    get(connection, id).await
}

/// Forgets a deployment. What it provisioned is the client's to take down, which it does before it calls this.
pub async fn delete(connection: &mut Connection, id: Id) -> Result<()> {
    get(connection, id).await?;
    tag_rows::detach_all(connection, "deployment", id).await?;
    connection.delete::<DeploymentRow>(id).await?;
    Ok(curated_visualizations::delete_orphans(connection).await?)
}
