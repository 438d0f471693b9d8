//! Models: the named origin of model versions.

use super::{
    Connection, DbError,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, Scope, page},
    stored::Stored as _,
};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// A model.
    pub struct ModelRow in "models" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Option<Id>,
        project_id: Id,
        name: String,
        license: Option<String>,
        description: Option<String>,
        audience: Option<String>,
        use_cases: Option<String>,
        limitations: Option<String>,
        trade_offs: Option<String>,
        ethics: Option<String>,
        save_models_to_registry: bool,
        /// Last number given to a version.
        version_count: i64,
        /// `created` of the newest version, or of the model while it has none.
        latest_version_created: Timestamp,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "models m",
    id: "m.id",
    fields: &[
        Field::new("id", Kind::Uuid("m.id")),
        Field::new("created", Kind::Time("m.created")),
        Field::new("updated", Kind::Time("m.updated")),
        Field::new("name", Kind::Text("m.name")),
        Field::new("user", Kind::NameOrId { key: "m.user_id", table: "users", names: &["name", "full_name"] }),
        Field::new("tags", Kind::Tags { resource_type: "model", id: "m.id" }),
    ],
    sorts: &[("latest_version", "m.latest_version_created")],
};

/// One page of a project's models.
pub async fn list(connection: &mut Connection, project: Id, request: &ListRequest) -> Result<Page<ModelRow>, ListError> {
    page(connection, &LIST, &ModelRow::columns("m"), request, &[Scope::new("m.project_id = $?", args![project])]).await
}

/// The model with this name.
pub async fn find_by_name(connection: &mut Connection, project: Id, name: &str) -> Result<Option<ModelRow>, DbError> {
    connection.find("project_id = $1 and name = $2", args![project, name]).await
}

/// Counts one more version and gives its number; the row stays locked against other writers until the transaction ends.
pub async fn next_number(connection: &mut Connection, model: Id, created: Timestamp) -> Result<i64, DbError> {
    let sql = "update models set version_count = version_count + 1, latest_version_created = $1 where id = $2 returning version_count";
    connection.count(sql, args![created, model]).await
}

/// Finds the time of the newest version anew, after one was deleted.
pub async fn refresh_latest_version(connection: &mut Connection, model: Id) -> Result<(), DbError> {
    let sql = "update models set latest_version_created = \
               coalesce((select max(v.created) from model_versions v where v.model_id = models.id), created) where id = $1";
    connection.execute(sql, args![model]).await?;
    Ok(())
}

/// Finds the last number and the newest version of every model anew.
pub async fn recount_versions(connection: &mut Connection) -> Result<(), DbError> {
    let versions = "from model_versions v where v.model_id = models.id";
    let sql = format!(
        "update models set version_count = coalesce((select max(v.number) {versions}), 0), \
         latest_version_created = coalesce((select max(v.created) {versions}), created)"
    );
    connection.execute(&sql, args![]).await?;
    Ok(())
}

/// Takes tags and metadata off the versions of a model that is being deleted: they have no foreign key.
pub async fn detach_versions(connection: &mut Connection, model: Id) -> Result<(), DbError> {
    for table in ["tag_resources", "run_metadata"] {
        let sql = format!(
            "delete from {table} where resource_type = 'model_version' and resource_id in \
             (select v.id from model_versions v where v.model_id = $1)"
        );
        connection.execute(&sql, args![model]).await?;
    }
    Ok(())
}
