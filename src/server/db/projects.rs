//! Projects: the scope of pipelines, runs, artifacts and models.

use super::{
    Connection, DbError,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, page},
    stored::Stored as _,
};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// A project.
    pub struct ProjectRow in "projects" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        name: String,
        display_name: String,
        description: String,
        project_metadata: Option<String>,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "projects p",
    id: "p.id",
    fields: &[
        Field::new("id", Kind::Uuid("p.id")),
        Field::new("created", Kind::Time("p.created")),
        Field::new("updated", Kind::Time("p.updated")),
        Field::new("name", Kind::Text("p.name")),
        Field::new("display_name", Kind::Text("p.display_name")),
    ],
    sorts: &[],
};

/// The project with this name.
pub async fn find_by_name(connection: &mut Connection, name: &str) -> Result<Option<ProjectRow>, DbError> {
    connection.find("name = $1", args![name]).await
}

/// One page of projects.
pub async fn list(connection: &mut Connection, request: &ListRequest) -> Result<Page<ProjectRow>, ListError> {
    page(connection, &LIST, &ProjectRow::columns("p"), request, &[]).await
}

/// How many pipelines and runs a project has.
pub async fn statistics(connection: &mut Connection, project: Id) -> Result<(i64, i64), DbError> {
    let pipelines = connection.count("select count(*) from pipelines where project_id = $1", args![project]).await?;
    let sql = "select cast(coalesce(sum(total), 0) as bigint) from pipeline_run_counts where project_id = $1";
    Ok((pipelines, connection.count(sql, args![project]).await?))
}
