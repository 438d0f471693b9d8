//! Pipeline builds: the container images of a pipeline on a stack. They never change.

use super::{
    Connection,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, Scope, page},
    stored::Stored as _,
};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// A build.
    pub struct PipelineBuildRow in "pipeline_builds" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Option<Id>,
        project_id: Id,
        stack_id: Option<Id>,
        pipeline_id: Option<Id>,
        /// JSON: component key, or `step.component key`, to image.
        images: String,
        /// The images are on the machine that built them, not in a registry.
        is_local: bool,
        contains_code: bool,
        zenml_version: Option<String>,
        python_version: Option<String>,
        checksum: Option<String>,
        stack_checksum: Option<String>,
        /// Seconds the build took.
        duration: Option<i64>,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "pipeline_builds b",
    id: "b.id",
    fields: &[
        Field::new("id", Kind::Uuid("b.id")),
        Field::new("created", Kind::Time("b.created")),
        Field::new("updated", Kind::Time("b.updated")),
        Field::new("pipeline_id", Kind::Uuid("b.pipeline_id")),
        Field::new("stack_id", Kind::Uuid("b.stack_id")),
        Field::new(
            "container_registry_id",
            Kind::Through {
                template: "b.stack_id in (select sc.stack_id from stack_compositions sc where sc.type = 'container_registry' and {})",
                kind: &Kind::Uuid("sc.component_id"),
            },
        ),
        Field::new("is_local", Kind::Switch("b.is_local")),
        Field::new("contains_code", Kind::Switch("b.contains_code")),
        Field::new("zenml_version", Kind::Text("b.zenml_version")),
        Field::new("python_version", Kind::Text("b.python_version")),
        Field::new("checksum", Kind::Text("b.checksum")),
        Field::new("stack_checksum", Kind::Text("b.stack_checksum")),
        Field::new("duration", Kind::Integer("b.duration")),
        Field::new("user", Kind::NameOrId { key: "b.user_id", table: "users", names: &["name", "full_name"] }),
    ],
    sorts: &[],
};

/// One page of a project's builds.
pub async fn list(connection: &mut Connection, project: Id, request: &ListRequest) -> Result<Page<PipelineBuildRow>, ListError> {
    page(connection, &LIST, &PipelineBuildRow::columns("b"), request, &[Scope::new("b.project_id = $?", args![project])]).await
}
