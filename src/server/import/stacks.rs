//! Flavors, stack components, stacks.

use super::{
    importer::Importer,
    report::TableReport,
    source::{Cursor, Readable, Row},
};
use crate::{
    args,
    server::{
        db::{Value, flavors, flavors::FlavorRow, stack_components::StackComponentRow, stacks::StackRow},
        error::Result,
        id::Id,
    },
};

/// Carries them over.
pub async fn copy(importer: &mut Importer<'_>) -> Result<()> {
    copy_flavors(importer).await?;
    importer.copy("stack_component", component).await?;
    importer.copy("stack", stack).await?;
    let columns = ["stack_id", "component_id", "type", "is_default", "position"];
    importer.copy_links(compositions(), "stack_compositions", &columns, composition).await
}

/// Built-in flavors are ours already, and stay as we know them; they take the ids that they had.
async fn copy_flavors(importer: &mut Importer<'_>) -> Result<()> {
    let (mut cursor, mut report) = (Cursor::from("flavor"), TableReport::new("flavor"));
    while let Some(rows) = importer.next(&mut cursor, &mut report).await? {
        let mut rows = importer.read(&mut report, rows, flavor);
        for (_, row) in &mut rows {
            if row.is_custom {
                continue;
            }
            if let Some(known) = flavors::find(&mut importer.target, &row.component_type, &row.name).await? {
                importer.target.delete::<FlavorRow>(known.id).await?;
                *row = FlavorRow { id: row.id, created: row.created, updated: row.updated, user_id: row.user_id, ..known };
            }
        }
        importer.store(&mut report, rows).await?;
    }
    importer.report.tables.push(report);
    Ok(())
}

fn flavor(row: &Row) -> Readable<FlavorRow> {
    Ok(FlavorRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        user_id: row.get("user_id")?,
        name: row.get("name")?,
        component_type: row.get("type")?,
        display_name: row.get("display_name")?,
        integration: row.get("integration")?,
        source: row.get("source")?,
        config_schema: row.json("config_schema")?.unwrap_or_else(|| "{}".to_owned()),
        settings_schema: None,
        is_local: false,
        is_remote: false,
        has_synchronous_field: false,
        connector_type: row.get("connector_type")?,
        connector_resource_type: row.get("connector_resource_type")?,
        connector_resource_id_attr: row.get("connector_resource_id_attr")?,
        logo_url: row.get("logo_url")?,
        docs_url: row.get("docs_url")?,
        sdk_docs_url: row.get("sdk_docs_url")?,
        is_custom: row.get("is_custom")?,
    })
}

fn component(row: &Row) -> Readable<StackComponentRow> {
    Ok(StackComponentRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        user_id: row.get("user_id")?,
        name: row.get("name")?,
        component_type: row.get("type")?,
        flavor: row.get("flavor")?,
        configuration: row.encoded_json("configuration")?.unwrap_or_else(|| "{}".to_owned()),
        environment: row.encoded_json("environment")?.unwrap_or_else(|| "{}".to_owned()),
        labels: row.encoded_json("labels")?,
        connector_id: row.get("connector_id")?,
        connector_resource_id: row.get("connector_resource_id")?,
    })
}

fn stack(row: &Row) -> Readable<StackRow> {
    Ok(StackRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        user_id: row.get("user_id")?,
        name: row.get("name")?,
        description: row.get_or("description", String::new())?,
        stack_spec_path: row.get("stack_spec_path")?,
        environment: row.encoded_json("environment")?.unwrap_or_else(|| "{}".to_owned()),
        labels: row.encoded_json("labels")?.unwrap_or_else(|| "{}".to_owned()),
        protected: false,
    })
}

fn compositions() -> Cursor {
    Cursor::joined("stack_composition", ", c.type as component_type", "join stack_component c on c.id = t.component_id")
}

fn composition(row: &Row) -> Readable<Vec<Value>> {
    let is_default = row.get::<Option<String>>("default_for_type")?.is_some();
    Ok(args![row.get::<Id>("stack_id")?, row.get::<Id>("component_id")?, row.get::<String>("component_type")?, is_default, row.place()?])
}
