//! Services: model servers and the like, as the client that started them reports them.

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
    /// A service.
    pub struct ServiceRow in "services" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Option<Id>,
        project_id: Id,
        name: String,
        /// JSON of ZenML's `ServiceType`.
        service_type: String,
        kind: String = "type",
        flavor: String,
        service_source: Option<String>,
        admin_state: Option<String>,
        /// The `state` of `status`.
        state: Option<String>,
        /// JSON object.
        labels: Option<String>,
        /// JSON object.
        config: String,
        /// SHA-256 of the compact text of `config`, which no two services share.
        config_hash: String,
        /// JSON object.
        status: Option<String>,
        /// JSON object.
        endpoint: Option<String>,
        prediction_url: Option<String>,
        health_check_url: Option<String>,
        pipeline_name: Option<String>,
        pipeline_step_name: Option<String>,
        model_version_id: Option<Id>,
        pipeline_run_id: Option<Id>,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "services s",
    id: "s.id",
    fields: &[
        Field::new("id", Kind::Uuid("s.id")),
        Field::new("created", Kind::Time("s.created")),
        Field::new("updated", Kind::Time("s.updated")),
        Field::new("name", Kind::Text("s.name")),
        Field::new("type", Kind::Text("s.type")),
        Field::new("flavor", Kind::Text("s.flavor")),
        Field::new("pipeline_name", Kind::Text("s.pipeline_name")),
        Field::new("pipeline_step_name", Kind::Text("s.pipeline_step_name")),
        Field::new("model_version_id", Kind::Uuid("s.model_version_id")),
        Field::new("pipeline_run_id", Kind::Uuid("s.pipeline_run_id")),
        Field::new("running", Kind::Flag { yes: None, no: None }),
        Field::new("user", Kind::NameOrId { key: "s.user_id", table: "users", names: &["name", "full_name"] }),
    ],
    sorts: &[],
};

/// One page of a project's services. ZenML declares the filters `config` and `running`, and neither filters anything.
pub async fn list(connection: &mut Connection, project: Id, request: &ListRequest) -> Result<Page<ServiceRow>, ListError> {
    let scope = Scope::new("s.project_id = $?", args![project]);
    page(connection, &LIST, &ServiceRow::columns("s"), request, &[scope]).await
}

/// The services of model versions, oldest first.
pub async fn of_model_versions(connection: &mut Connection, versions: impl IntoIterator<Item = Id>) -> Result<Vec<ServiceRow>, DbError> {
    let mut found = Vec::new();
    for chunk in id_values(versions).chunks(LONGEST_LIST) {
        let condition = format!("model_version_id in ({}) order by created, id", placeholders(1, chunk.len()));
        found.extend(connection.find_all::<ServiceRow>(&condition, chunk.to_vec()).await?);
    }
    Ok(found)
}
