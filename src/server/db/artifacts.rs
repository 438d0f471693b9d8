//! Artifacts: the named origin of artifact versions.

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
    /// An artifact.
    pub struct ArtifactRow in "artifacts" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Option<Id>,
        project_id: Id,
        name: String,
        /// Whether a person chose the name; otherwise it was made from the step's name.
        has_custom_name: bool,
        /// Last number given to a version.
        version_count: i64,
        /// `created` of the newest version, or of the artifact while it has none.
        latest_version_created: Timestamp,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "artifacts a",
    id: "a.id",
    fields: &[
        Field::new("id", Kind::Uuid("a.id")),
        Field::new("created", Kind::Time("a.created")),
        Field::new("updated", Kind::Time("a.updated")),
        Field::new("name", Kind::Text("a.name")),
        Field::new("has_custom_name", Kind::Switch("a.has_custom_name")),
        Field::new("user", Kind::NameOrId { key: "a.user_id", table: "users", names: &["name", "full_name"] }),
        Field::new("tags", Kind::Tags { resource_type: "artifact", id: "a.id" }),
    ],
    sorts: &[("latest_version", "a.latest_version_created")],
};

/// One page of a project's artifacts.
pub async fn list(connection: &mut Connection, project: Id, request: &ListRequest) -> Result<Page<ArtifactRow>, ListError> {
    page(connection, &LIST, &ArtifactRow::columns("a"), request, &[Scope::new("a.project_id = $?", args![project])]).await
}

/// The artifact with this name.
pub async fn find_by_name(connection: &mut Connection, project: Id, name: &str) -> Result<Option<ArtifactRow>, DbError> {
    connection.find("project_id = $1 and name = $2", args![project, name]).await
}

/// Counts one more version and gives its number; the row stays locked against other writers until the transaction ends.
pub async fn next_number(connection: &mut Connection, artifact: Id, created: Timestamp) -> Result<i64, DbError> {
    let sql = "update artifacts set version_count = version_count + 1, latest_version_created = $1 where id = $2 returning version_count";
    connection.count(sql, args![created, artifact]).await
}

/// Records a version whose text its maker chose. Where that is a number, later numbers follow it.
pub async fn record_version(connection: &mut Connection, artifact: Id, number: Option<i64>, created: Timestamp) -> Result<(), DbError> {
    let sql = "update artifacts set latest_version_created = $1, \
               version_count = case when version_count < $2 then $2 else version_count end where id = $3";
    connection.execute(sql, args![created, number.unwrap_or(0), artifact]).await?;
    Ok(())
}

const NEWEST: &str = "coalesce((select max(v.created) from artifact_versions v where v.artifact_id = artifacts.id), created)";

/// Finds the time of the newest version anew, after one was deleted.
pub async fn refresh_latest_version(connection: &mut Connection, artifact: Id) -> Result<(), DbError> {
    connection.execute(&format!("update artifacts set latest_version_created = {NEWEST} where id = $1"), args![artifact]).await?;
    Ok(())
}

/// The same for every artifact of a project.
pub async fn refresh_latest_versions(connection: &mut Connection, project: Id) -> Result<(), DbError> {
    connection.execute(&format!("update artifacts set latest_version_created = {NEWEST} where project_id = $1"), args![project]).await?;
    Ok(())
}

/// Finds the last number and the newest version of every artifact anew.
pub async fn recount_versions(connection: &mut Connection) -> Result<(), DbError> {
    let last = "coalesce((select max(v.version_number) from artifact_versions v where v.artifact_id = artifacts.id), 0)";
    connection.execute(&format!("update artifacts set version_count = {last}, latest_version_created = {NEWEST}"), args![]).await?;
    Ok(())
}

/// Id and version text of the newest version of each artifact that has one.
pub async fn latest_versions(
    connection: &mut Connection,
    artifacts: impl IntoIterator<Item = Id>,
) -> Result<HashMap<Id, (Id, String)>, DbError> {
    let mut found = HashMap::new();
    for chunk in id_values(artifacts).chunks(LONGEST_LIST) {
        let sql = format!(
            "select v.artifact_id, v.id, v.version from artifacts a join artifact_versions v on v.id = \
             (select l.id from artifact_versions l where l.artifact_id = a.id order by l.created desc, l.id desc limit 1) \
             where a.id in ({})",
            placeholders(1, chunk.len())
        );
        let rows: Vec<(Id, Id, String)> = connection.fetch_all(&sql, chunk.to_vec()).await?;
        found.extend(rows.into_iter().map(|(artifact, id, version)| (artifact, (id, version))));
    }
    Ok(found)
}

/// Whether a run has a version of the artifact as its output: such a version cannot be deleted.
pub async fn is_in_use(connection: &mut Connection, artifact: Id) -> Result<bool, DbError> {
    let sql =
        "select count(*) from pipeline_run_outputs p join artifact_versions v on v.id = p.artifact_version_id where v.artifact_id = $1";
    Ok(connection.count(sql, args![artifact]).await? > 0)
}

/// Takes tags and metadata off the versions of an artifact that is being deleted: they have no foreign key.
pub async fn detach_versions(connection: &mut Connection, artifact: Id) -> Result<(), DbError> {
    for table in ["tag_resources", "run_metadata"] {
        let sql = format!(
            "delete from {table} where resource_type = 'artifact_version' and resource_id in \
             (select v.id from artifact_versions v where v.artifact_id = $1)"
        );
        connection.execute(&sql, args![artifact]).await?;
    }
    Ok(())
}

/// Deletes a project's artifacts that have no version, with their tags.
pub async fn delete_without_versions(connection: &mut Connection, project: Id) -> Result<(), DbError> {
    let empty = "select a.id from artifacts a where a.project_id = $1 \
                 and not exists (select 1 from artifact_versions v where v.artifact_id = a.id)";
    let sql = format!("delete from tag_resources where resource_type = 'artifact' and resource_id in ({empty})");
    connection.execute(&sql, args![project]).await?;
    connection.execute(&format!("delete from artifacts where id in ({empty})"), args![project]).await?;
    Ok(())
}
