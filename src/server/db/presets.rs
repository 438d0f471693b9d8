//! Presets: named run configurations for the snapshots of a pipeline.

use super::{
    Connection, DbError,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, Scope, page},
    stored::Stored as _,
};
use crate::{
    args, record,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// A preset.
    pub struct PresetRow in "presets" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Id,
        project_id: Id,
        pipeline_id: Id,
        name: String,
        description: Option<String>,
        /// Only its owner sees it.
        private: bool,
        /// YAML as it was written.
        configuration: String,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "presets p",
    id: "p.id",
    fields: &[
        Field::new("id", Kind::Uuid("p.id")),
        Field::new("created", Kind::Time("p.created")),
        Field::new("updated", Kind::Time("p.updated")),
        Field::new("name", Kind::Text("p.name")),
        Field::new("private", Kind::Boolean("p.private")),
        Field::new("pipeline_id", Kind::Uuid("p.pipeline_id")),
        Field::new("pipeline", Kind::NameOrId { key: "p.pipeline_id", table: "pipelines", names: &["name"] }),
        Field::new("user", Kind::NameOrId { key: "p.user_id", table: "users", names: &["name", "full_name"] }),
    ],
    sorts: &[],
};

/// One page of a project's presets that an account sees.
pub async fn list(connection: &mut Connection, project: Id, user: Id, request: &ListRequest) -> Result<Page<PresetRow>, ListError> {
    let scopes = [Scope::new("p.project_id = $?", args![project]), Scope::new("(p.private = $? or p.user_id = $?)", args![false, user])];
    page(connection, &LIST, &PresetRow::columns("p"), request, &scopes).await
}

record! {
    /// A preset as a choice: without its text.
    pub struct PresetChoiceRow {
        pub id: Id,
        pub user_id: Id,
        pub name: String,
        pub description: Option<String>,
        pub private: bool,
    }
}

/// The presets of a pipeline that an account sees, by name: at most `limit`.
pub async fn of_pipeline(connection: &mut Connection, pipeline: Id, user: Id, limit: i64) -> Result<Vec<PresetChoiceRow>, DbError> {
    let sql = "select id, user_id, name, description, private from presets \
               where pipeline_id = $1 and (private = $2 or user_id = $3) order by name, id limit $4";
    connection.fetch_all(sql, args![pipeline, false, user, limit]).await
}

/// The preset of a pipeline with this name or id that an account sees; a private one before a shared one.
pub async fn find(connection: &mut Connection, pipeline: Id, user: Id, name_or_id: &str) -> Result<Option<PresetRow>, DbError> {
    let condition = "pipeline_id = $1 and (private = $2 or user_id = $3) and (name = $4 or id = $5) order by private desc limit 1";
    connection.find(condition, args![pipeline, false, user, name_or_id, name_or_id.parse::<Id>().ok()]).await
}

/// How many presets a pipeline has.
pub async fn count(connection: &mut Connection, pipeline: Id) -> Result<i64, DbError> {
    connection.count("select count(*) from presets where pipeline_id = $1", args![pipeline]).await
}
