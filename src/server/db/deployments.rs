//! Deployments: snapshots that a deployer of somebody's stack serves over HTTP.

use std::collections::HashMap;

use super::{
    Connection, DbError, LONGEST_LIST, id_values,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, Scope, page},
    placeholders,
    stored::Stored as _,
};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// A deployment, as the client that provisioned it reports it.
    pub struct DeploymentRow in "deployments" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Option<Id>,
        project_id: Id,
        name: String,
        snapshot_id: Option<Id>,
        deployer_id: Option<Id>,
        /// ZenML's `DeploymentStatus`.
        status: String,
        url: Option<String>,
        auth_key: Option<String>,
        /// JSON object.
        deployment_metadata: String,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "deployments d",
    id: "d.id",
    fields: &[
        Field::new("id", Kind::Uuid("d.id")),
        Field::new("created", Kind::Time("d.created")),
        Field::new("updated", Kind::Time("d.updated")),
        Field::new("name", Kind::Text("d.name")),
        Field::new("url", Kind::Text("d.url")),
        Field::new("status", Kind::Text("d.status")),
        Field::new(
            "pipeline",
            Kind::Through {
                template: "d.snapshot_id in (select s.id from pipeline_snapshots s where {})",
                kind: &Kind::NameOrId { key: "s.pipeline_id", table: "pipelines", names: &["name"] },
            },
        ),
        Field::new("snapshot_id", Kind::Uuid("d.snapshot_id")),
        Field::new("deployer_id", Kind::Uuid("d.deployer_id")),
        Field::new("user", Kind::NameOrId { key: "d.user_id", table: "users", names: &["name", "full_name"] }),
        Field::new("tags", Kind::Tags { resource_type: "deployment", id: "d.id" }),
    ],
    sorts: &[
        ("snapshot", "(select s.name from pipeline_snapshots s where s.id = d.snapshot_id)"),
        ("pipeline", "(select p.name from pipeline_snapshots s join pipelines p on p.id = s.pipeline_id where s.id = d.snapshot_id)"),
    ],
};

/// One page of a project's deployments.
pub async fn list(connection: &mut Connection, project: Id, request: &ListRequest) -> Result<Page<DeploymentRow>, ListError> {
    let scope = Scope::new("d.project_id = $?", args![project]);
    page(connection, &LIST, &DeploymentRow::columns("d"), request, &[scope]).await
}

/// The newest deployment of each of these snapshots; one that is not deployed is missing from the answer.
pub async fn of_snapshots(
    connection: &mut Connection,
    snapshots: impl IntoIterator<Item = Id>,
) -> Result<HashMap<Id, DeploymentRow>, DbError> {
    let mut found = HashMap::new();
    for chunk in id_values(snapshots).chunks(LONGEST_LIST) {
        let condition = format!("snapshot_id in ({}) order by created, id", placeholders(1, chunk.len()));
        for row in connection.find_all::<DeploymentRow>(&condition, chunk.to_vec()).await? {
            if let Some(snapshot) = row.snapshot_id {
                found.insert(snapshot, row);
            }
        }
    }
    Ok(found)
}
