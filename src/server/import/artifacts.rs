//! Artifacts, their versions and visualizations.

use super::{
    importer::Importer,
    source::{Readable, Row},
};
use crate::server::{
    db::{
        artifact_versions::{ArtifactVersionRow, ArtifactVisualizationRow},
        artifacts::ArtifactRow,
    },
    error::Result,
};

/// Carries them over.
pub async fn copy(importer: &mut Importer<'_>) -> Result<()> {
    importer.copy("artifact", artifact).await?;
    importer.copy("artifact_version", version).await?;
    importer.copy("artifact_visualization", visualization).await
}

/// What is kept about the versions is found when they are there.
fn artifact(row: &Row) -> Readable<ArtifactRow> {
    Ok(ArtifactRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        user_id: row.get("user_id")?,
        project_id: row.get("project_id")?,
        name: row.get("name")?,
        has_custom_name: row.get("has_custom_name")?,
        version_count: 0,
        latest_version_created: row.get("created")?,
    })
}

fn version(row: &Row) -> Readable<ArtifactVersionRow> {
    Ok(ArtifactVersionRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        user_id: row.get("user_id")?,
        project_id: row.get("project_id")?,
        artifact_id: row.get("artifact_id")?,
        artifact_store_id: row.get("artifact_store_id")?,
        version: row.get("version")?,
        version_number: row.get("version_number")?,
        kind: row.get("type")?,
        uri: row.get("uri")?,
        materializer: row.json("materializer")?.ok_or("its `materializer` is empty")?,
        data_type: row.json("data_type")?.ok_or("its `data_type` is empty")?,
        save_type: row.get("save_type")?,
        content_hash: row.get("content_hash")?,
        item_count: row.get("item_count")?,
    })
}

/// Visualizations have no order but that in which they were stored.
fn visualization(row: &Row) -> Readable<ArtifactVisualizationRow> {
    Ok(ArtifactVisualizationRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        artifact_version_id: row.get("artifact_version_id")?,
        position: row.place()?,
        kind: row.get("type")?,
        uri: row.get("uri")?,
    })
}
