//! Links between model versions and artifact versions.

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
    pub struct ModelVersionArtifactRow in "model_version_artifacts" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        model_version_id: Id,
        artifact_version_id: Id,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "model_version_artifacts l",
    id: "l.id",
    fields: &[
        Field::new("id", Kind::Uuid("l.id")),
        Field::new("created", Kind::Time("l.created")),
        Field::new("updated", Kind::Time("l.updated")),
        Field::new("model_version_id", Kind::Uuid("l.model_version_id")),
        Field::new("artifact_version_id", Kind::Uuid("l.artifact_version_id")),
        Field::new(
            "artifact_name",
            Kind::Through {
                template: "exists (select 1 from artifact_versions v join artifacts a on a.id = v.artifact_id where v.id = l.artifact_version_id and {})",
                kind: &Kind::Text("a.name"),
            },
        ),
        Field::new(
            "only_data_artifacts",
            Kind::Flag {
                yes: Some(
                    "exists (select 1 from artifact_versions v where v.id = l.artifact_version_id and v.type not in ('ServiceArtifact', 'ModelArtifact'))",
                ),
                no: None,
            },
        ),
        Field::new(
            "only_model_artifacts",
            Kind::Flag {
                yes: Some("exists (select 1 from artifact_versions v where v.id = l.artifact_version_id and v.type = 'ModelArtifact')"),
                no: None,
            },
        ),
        Field::new(
            "only_deployment_artifacts",
            Kind::Flag {
                yes: Some("exists (select 1 from artifact_versions v where v.id = l.artifact_version_id and v.type = 'ServiceArtifact')"),
                no: None,
            },
        ),
        Field::new(
            "has_custom_name",
            Kind::Flag {
                yes: Some(
                    "l.artifact_version_id in (select v.id from artifact_versions v join artifacts a on a.id = v.artifact_id \
                     where a.has_custom_name = true)",
                ),
                no: Some(
                    "l.artifact_version_id in (select v.id from artifact_versions v join artifacts a on a.id = v.artifact_id \
                     where a.has_custom_name = false)",
                ),
            },
        ),
        Field::new(
            "user",
            Kind::Through {
                template: "l.artifact_version_id in (select v.id from artifact_versions v where {})",
                kind: &Kind::NameOrId { key: "v.user_id", table: "users", names: &["name", "full_name"] },
            },
        ),
    ],
    sorts: &[],
};

/// One page of links.
pub async fn list(connection: &mut Connection, request: &ListRequest) -> Result<Page<ModelVersionArtifactRow>, ListError> {
    page(connection, &LIST, &ModelVersionArtifactRow::columns("l"), request, &[]).await
}

/// The link between the two.
pub async fn find(
    connection: &mut Connection,
    model_version: Id,
    artifact_version: Id,
) -> Result<Option<ModelVersionArtifactRow>, DbError> {
    connection.find("model_version_id = $1 and artifact_version_id = $2", args![model_version, artifact_version]).await
}

/// The oldest link of a model version to a version of the artifact with this name.
pub async fn find_by_artifact_name(
    connection: &mut Connection,
    model_version: Id,
    name: &str,
) -> Result<Option<ModelVersionArtifactRow>, DbError> {
    let condition = "model_version_id = $1 and artifact_version_id in \
                     (select v.id from artifact_versions v join artifacts a on a.id = v.artifact_id where a.name = $2) \
                     order by created, id limit 1";
    connection.find(condition, args![model_version, name]).await
}

/// All links of a model version.
pub async fn of_model_version(connection: &mut Connection, model_version: Id) -> Result<Vec<ModelVersionArtifactRow>, DbError> {
    connection.find_all("model_version_id = $1 order by created, id", args![model_version]).await
}

/// Deletes all links of a model version.
pub async fn delete_of_model_version(connection: &mut Connection, model_version: Id) -> Result<u64, DbError> {
    connection.execute("delete from model_version_artifacts where model_version_id = $1", args![model_version]).await
}
