//! Links between model versions and pipeline runs.

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
    /// A link.
    pub struct ModelVersionPipelineRunRow in "model_version_pipeline_runs" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        model_version_id: Id,
        pipeline_run_id: Id,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "model_version_pipeline_runs l",
    id: "l.id",
    fields: &[
        Field::new("id", Kind::Uuid("l.id")),
        Field::new("created", Kind::Time("l.created")),
        Field::new("updated", Kind::Time("l.updated")),
        Field::new("model_version_id", Kind::Uuid("l.model_version_id")),
        Field::new("pipeline_run_id", Kind::Uuid("l.pipeline_run_id")),
        Field::new(
            "pipeline_run_name",
            Kind::Through {
                template: "exists (select 1 from pipeline_runs r where r.id = l.pipeline_run_id and {})",
                kind: &Kind::Text("r.name"),
            },
        ),
        Field::new(
            "user",
            Kind::Through {
                template: "l.pipeline_run_id in (select r.id from pipeline_runs r where {})",
                kind: &Kind::NameOrId { key: "r.user_id", table: "users", names: &["name", "full_name"] },
            },
        ),
    ],
    sorts: &[],
};

/// One page of links.
pub async fn list(connection: &mut Connection, request: &ListRequest) -> Result<Page<ModelVersionPipelineRunRow>, ListError> {
    page(connection, &LIST, &ModelVersionPipelineRunRow::columns("l"), request, &[]).await
}

/// The link between the two.
pub async fn find(connection: &mut Connection, model_version: Id, run: Id) -> Result<Option<ModelVersionPipelineRunRow>, DbError> {
    connection.find("model_version_id = $1 and pipeline_run_id = $2", args![model_version, run]).await
}

/// The link of a model version to the run with this name.
pub async fn find_by_run_name(
    connection: &mut Connection,
    model_version: Id,
    name: &str,
) -> Result<Option<ModelVersionPipelineRunRow>, DbError> {
    let condition = "model_version_id = $1 and pipeline_run_id in (select r.id from pipeline_runs r where r.name = $2) \
                     order by created, id limit 1";
    connection.find(condition, args![model_version, name]).await
}
