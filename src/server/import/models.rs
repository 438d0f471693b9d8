//! Models, their versions, and what versions are linked to.

use super::{
    importer::Importer,
    source::{Readable, Row},
};
use crate::server::{
    db::{
        model_version_artifacts::ModelVersionArtifactRow, model_version_pipeline_runs::ModelVersionPipelineRunRow,
        model_versions::ModelVersionRow, models::ModelRow,
    },
    error::Result,
    id::Id,
};

/// Carries models and versions over; runs refer to them.
pub async fn copy(importer: &mut Importer<'_>) -> Result<()> {
    importer.copy("model", model).await?;
    importer.copy("model_version", version).await
}

/// Carries over what versions are linked to.
pub async fn copy_links(importer: &mut Importer<'_>) -> Result<()> {
    importer.copy("model_versions_artifacts", artifact_link).await?;
    importer.copy("model_versions_runs", run_link).await
}

/// What is kept about the versions is found when they are there.
fn model(row: &Row) -> Readable<ModelRow> {
    Ok(ModelRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        user_id: row.get("user_id")?,
        project_id: row.get("project_id")?,
        name: row.get("name")?,
        license: row.get("license")?,
        description: row.get("description")?,
        audience: row.get("audience")?,
        use_cases: row.get("use_cases")?,
        limitations: row.get("limitations")?,
        trade_offs: row.get("trade_offs")?,
        ethics: row.get("ethics")?,
        save_models_to_registry: row.get("save_models_to_registry")?,
        version_count: 0,
        latest_version_created: row.get("created")?,
    })
}

fn version(row: &Row) -> Readable<ModelVersionRow> {
    let id: Id = row.get("id")?;
    // A version with a name of its own has its own id there, to satisfy a unique constraint.
    let producer: Option<Id> = row.get("producer_run_id_if_numeric")?;
    Ok(ModelVersionRow {
        id,
        created: row.get("created")?,
        updated: row.get("updated")?,
        user_id: row.get("user_id")?,
        project_id: row.get("project_id")?,
        model_id: row.get("model_id")?,
        name: row.get("name")?,
        number: row.get("number")?,
        stage: row.get("stage")?,
        description: row.get("description")?,
        producer_run_id: producer.filter(|producer| *producer != id),
    })
}

fn artifact_link(row: &Row) -> Readable<ModelVersionArtifactRow> {
    Ok(ModelVersionArtifactRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        model_version_id: row.get("model_version_id")?,
        artifact_version_id: row.get("artifact_version_id")?,
    })
}

fn run_link(row: &Row) -> Readable<ModelVersionPipelineRunRow> {
    Ok(ModelVersionPipelineRunRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        model_version_id: row.get("model_version_id")?,
        pipeline_run_id: row.get("pipeline_run_id")?,
    })
}
