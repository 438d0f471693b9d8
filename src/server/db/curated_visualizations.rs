//! Visualizations of artifact versions that were picked for the page of a deployment, model, pipeline, run, snapshot or
//! project.

use std::collections::HashMap;

use super::{Connection, DbError, LONGEST_LIST, artifact_versions::ArtifactVisualizationRow, id_values, placeholders};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// A picked visualization; there is no foreign key to the resource, whose table depends on the type.
    pub struct CuratedVisualizationRow in "curated_visualizations" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        project_id: Id,
        artifact_visualization_id: Id,
        display_name: Option<String>,
        display_order: Option<i64>,
        /// `full_width` or `half_width`.
        layout_size: String,
        resource_type: String,
        resource_id: Id,
    }
}

/// A picked visualization and what it shows.
pub type Curated = (CuratedVisualizationRow, ArtifactVisualizationRow);

/// What can have picked visualizations: the word on the wire, and the table.
pub const RESOURCES: [(&str, &str); 6] = [
    ("deployment", "deployments"),
    ("model", "models"),
    ("pipeline", "pipelines"),
    ("pipeline_run", "pipeline_runs"),
    ("pipeline_snapshot", "pipeline_snapshots"),
    ("project", "projects"),
];

/// The project of a resource; none where it does not exist.
pub async fn project_of(connection: &mut Connection, resource_type: &str, resource: Id) -> Result<Option<Id>, DbError> {
    let Some((_, table)) = RESOURCES.iter().find(|(name, _)| *name == resource_type) else { return Ok(None) };
    let column = if *table == "projects" { "id" } else { "project_id" };
    let found: Option<(Id,)> = connection.fetch_optional(&format!("select {column} from {table} where id = $1"), args![resource]).await?;
    Ok(found.map(|(project,)| project))
}

/// The picked visualizations of many resources of one type, in their order; those without one come first, as in the
/// reference server.
pub async fn of(
    connection: &mut Connection,
    resource_type: &str,
    resources: impl IntoIterator<Item = Id>,
) -> Result<HashMap<Id, Vec<Curated>>, DbError> {
    let mut rows = Vec::new();
    for chunk in id_values(resources).chunks(LONGEST_LIST) {
        let list = placeholders(2, chunk.len());
        let condition = format!("resource_type = $1 and resource_id in ({list}) order by display_order asc nulls first, created, id");
        let mut values = args![resource_type];
        values.extend(chunk.iter().cloned());
        rows.extend(connection.find_all::<CuratedVisualizationRow>(&condition, values).await?);
    }
    let shown: Vec<Id> = rows.iter().map(|row| row.artifact_visualization_id).collect();
    let shown = connection.get_many::<ArtifactVisualizationRow>(shown).await?;
    let mut found: HashMap<Id, Vec<Curated>> = HashMap::new();
    for row in rows {
        if let Some(visualization) = shown.get(&row.artifact_visualization_id) {
            found.entry(row.resource_id).or_default().push((row, visualization.clone()));
        }
    }
    Ok(found)
}

/// Whether another visualization of a resource has this place in the order.
pub async fn is_order_taken(connection: &mut Connection, row: &CuratedVisualizationRow, order: i64) -> Result<bool, DbError> {
    let sql =
        "select count(*) from curated_visualizations where resource_type = $1 and resource_id = $2 and display_order = $3 and id <> $4";
    Ok(connection.count(sql, args![&row.resource_type, row.resource_id, order, row.id]).await? > 0)
}

/// Forgets what was picked for resources that were deleted just now, with whatever a deletion took along.
pub async fn delete_orphans(connection: &mut Connection) -> Result<(), DbError> {
    for (resource_type, table) in RESOURCES {
        let sql = format!(
            "delete from curated_visualizations where resource_type = $1 \
             and not exists (select 1 from {table} o where o.id = curated_visualizations.resource_id)"
        );
        connection.execute(&sql, args![resource_type]).await?;
    }
    Ok(())
}
