//! Deployments and services: what serves predictions. It runs elsewhere, and goes on.

use serde_json::Value;

use super::{
    importer::Importer,
    source::{Readable, Row},
};
use crate::server::{
    db::{deployments::DeploymentRow, documents, services::ServiceRow},
    error::Result,
};

/// Carries them over.
pub async fn copy(importer: &mut Importer<'_>) -> Result<()> {
    importer.copy("deployment", deployment).await?;
    importer.copy("service", service).await
}

fn deployment(row: &Row) -> Readable<DeploymentRow> {
    Ok(DeploymentRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        user_id: row.get("user_id")?,
        project_id: row.get("project_id")?,
        name: row.get("name")?,
        snapshot_id: row.get("snapshot_id")?,
        deployer_id: row.get("deployer_id")?,
        status: row.get("status")?,
        url: row.get("url")?,
        auth_key: row.get("auth_key")?,
        deployment_metadata: row.json("deployment_metadata")?.unwrap_or_else(|| "{}".to_owned()),
    })
}

fn service(row: &Row) -> Readable<ServiceRow> {
    let config = row.encoded_json("config")?.ok_or("its `config` is empty")?;
    let config: Value = serde_json::from_str(&config).map_err(|error| format!("its `config` is not JSON: {error}"))?;
    // Compact, because its hash tells whether another service has the same.
    let config = config.to_string();
    Ok(ServiceRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        user_id: row.get("user_id")?,
        project_id: row.get("project_id")?,
        name: row.get("name")?,
        service_type: row.json("service_type")?.ok_or("its `service_type` is empty")?,
        kind: row.get("type")?,
        flavor: row.get("flavor")?,
        service_source: row.get("service_source")?,
        admin_state: row.get("admin_state")?,
        state: row.get("state")?,
        labels: row.encoded_json("labels")?,
        config_hash: documents::hash(&config),
        config,
        status: row.encoded_json("status")?,
        endpoint: row.encoded_json("endpoint")?,
        prediction_url: row.get("prediction_url")?,
        health_check_url: row.get("health_check_url")?,
        pipeline_name: row.get("pipeline_name")?,
        pipeline_step_name: row.get("pipeline_step_name")?,
        model_version_id: row.get("model_version_id")?,
        pipeline_run_id: row.get("pipeline_run_id")?,
    })
}
