//! Model versions: numbered, sometimes named, at most one of a model in each stage.

use std::collections::HashMap;

use super::{
    Connection, DbError, LONGEST_LIST, id_values,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, Scope, page},
    models::ModelRow,
    placeholders,
    stored::Stored as _,
};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// A version of a model.
    pub struct ModelVersionRow in "model_versions" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Option<Id>,
        project_id: Id,
        model_id: Id,
        name: String,
        number: i64,
        stage: Option<String>,
        description: Option<String>,
        /// The run that made a version without a name of its own.
        producer_run_id: Option<Id>,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "model_versions v",
    id: "v.id",
    fields: &[
        Field::new("id", Kind::Uuid("v.id")),
        Field::new("created", Kind::Time("v.created")),
        Field::new("updated", Kind::Time("v.updated")),
        Field::new("name", Kind::Text("v.name")),
        Field::new("number", Kind::Integer("v.number")),
        Field::new("stage", Kind::Text("v.stage")),
        Field::new("model", Kind::NameOrId { key: "v.model_id", table: "models", names: &["name"] }),
        Field::new("model_name_or_id", Kind::NameOrId { key: "v.model_id", table: "models", names: &["name"] }),
        Field::new("user", Kind::NameOrId { key: "v.user_id", table: "users", names: &["name", "full_name"] }),
        Field::new("tags", Kind::Tags { resource_type: "model_version", id: "v.id" }),
        Field::new("run_metadata", Kind::Metadata { resource_type: "model_version", id: "v.id" }),
    ],
    sorts: &[],
};

/// One page of a project's model versions; of one model where it is given.
pub async fn list(
    connection: &mut Connection,
    project: Id,
    model: Option<Id>,
    request: &ListRequest,
) -> Result<Page<ModelVersionRow>, ListError> {
    let mut scopes = vec![Scope::new("v.project_id = $?", args![project])];
    scopes.extend(model.map(|model| Scope::new("v.model_id = $?", args![model])));
    page(connection, &LIST, &ModelVersionRow::columns("v"), request, &scopes).await
}

/// Model versions with the models they belong to, by version id.
pub async fn with_models(
    connection: &mut Connection,
    versions: impl IntoIterator<Item = Id>,
) -> Result<HashMap<Id, (ModelVersionRow, ModelRow)>, DbError> {
    let versions = connection.get_many::<ModelVersionRow>(versions).await?;
    let models = connection.get_many::<ModelRow>(versions.values().map(|version| version.model_id)).await?;
    let pair = |(id, version): (Id, ModelVersionRow)| {
        let model = models.get(&version.model_id)?.clone();
        Some((id, (version, model)))
    };
    Ok(versions.into_iter().filter_map(pair).collect())
}

/// The version with this name.
pub async fn find_by_name(connection: &mut Connection, model: Id, name: &str) -> Result<Option<ModelVersionRow>, DbError> {
    connection.find("model_id = $1 and name = $2", args![model, name]).await
}

/// The version with this number.
pub async fn find_by_number(connection: &mut Connection, model: Id, number: i64) -> Result<Option<ModelVersionRow>, DbError> {
    connection.find("model_id = $1 and number = $2", args![model, number]).await
}

/// The version in this stage.
pub async fn find_by_stage(connection: &mut Connection, model: Id, stage: &str) -> Result<Option<ModelVersionRow>, DbError> {
    connection.find("model_id = $1 and stage = $2 order by number desc limit 1", args![model, stage]).await
}

/// The version with the highest number.
pub async fn find_latest(connection: &mut Connection, model: Id) -> Result<Option<ModelVersionRow>, DbError> {
    connection.find("model_id = $1 order by number desc limit 1", args![model]).await
}

/// The version without a name of its own that a run made.
pub async fn find_by_producer(connection: &mut Connection, model: Id, run: Id) -> Result<Option<ModelVersionRow>, DbError> {
    connection.find("model_id = $1 and producer_run_id = $2", args![model, run]).await
}

/// Id and name of the version with the highest number of each model that has one.
pub async fn latest(connection: &mut Connection, models: impl IntoIterator<Item = Id>) -> Result<HashMap<Id, (Id, String)>, DbError> {
    let mut found = HashMap::new();
    for chunk in id_values(models).chunks(LONGEST_LIST) {
        let sql = format!(
            "select v.model_id, v.id, v.name from models m join model_versions v on v.id = \
             (select l.id from model_versions l where l.model_id = m.id order by l.number desc limit 1) where m.id in ({})",
            placeholders(1, chunk.len())
        );
        let rows: Vec<(Id, Id, String)> = connection.fetch_all(&sql, chunk.to_vec()).await?;
        found.extend(rows.into_iter().map(|(model, id, name)| (model, (id, name))));
    }
    Ok(found)
}
