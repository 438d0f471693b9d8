//! What is attached to other things: tags and metadata.

use super::{
    importer::Importer,
    source::{Cursor, Readable, Row},
};
use crate::server::{
    db::{
        run_metadata::RunMetadataRow,
        tags::{TagResourceRow, TagRow},
    },
    error::Result,
};

/// Carries them over.
pub async fn copy(importer: &mut Importer<'_>) -> Result<()> {
    importer.copy("tag", tag).await?;
    importer.copy("tag_resource", tag_resource).await?;
    copy_metadata(importer).await
}

fn tag(row: &Row) -> Readable<TagRow> {
    Ok(TagRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        user_id: row.get("user_id")?,
        name: row.get("name")?,
        color: row.get("color")?,
        exclusive: row.get("exclusive")?,
    })
}

fn tag_resource(row: &Row) -> Readable<TagResourceRow> {
    Ok(TagResourceRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        tag_id: row.get("tag_id")?,
        resource_type: row.get("resource_type")?,
        resource_id: row.get("resource_id")?,
    })
}

/// ZenML stores a value once and links it to resources; here each resource has it. A value without a link belongs to nothing.
async fn copy_metadata(importer: &mut Importer<'_>) -> Result<()> {
    let columns = ", m.created, m.stack_component_id, m.user_id, m.project_id, m.\"key\", m.value, m.type, m.publisher_step_id, \
                   m.rowid as place";
    let cursor = Cursor::joined("run_metadata_resource", columns, "join run_metadata m on m.id = t.run_metadata_id")
        .and_references_of("run_metadata");
    importer.copy(cursor, metadata).await
}

fn metadata(row: &Row) -> Readable<RunMetadataRow> {
    Ok(RunMetadataRow {
        id: row.get("id")?,
        created: row.get("created")?,
        user_id: row.get("user_id")?,
        project_id: row.get("project_id")?,
        resource_type: row.get("resource_type")?,
        resource_id: row.get("resource_id")?,
        stack_component_id: row.get("stack_component_id")?,
        publisher_step_id: row.get("publisher_step_id")?,
        position: row.get("place")?,
        key: row.get("key")?,
        value: row.json("value")?.unwrap_or_else(|| "null".to_owned()),
        kind: row.get("type")?,
    })
}
