//! Tags and what they are attached to.

use std::collections::HashMap;

use super::{
    Connection, DbError, LONGEST_LIST, id_values,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, page},
    placeholders,
    record::{Columns, Record},
    stored::Stored as _,
};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// A tag.
    pub struct TagRow in "tags" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Option<Id>,
        name: String,
        color: String,
        exclusive: bool,
    }
}

stored! {
    /// A tag on a resource; there is no foreign key to the resource, whose table depends on the type.
    pub struct TagResourceRow in "tag_resources" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        tag_id: Id,
        resource_type: String,
        resource_id: Id,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "tags t",
    id: "t.id",
    fields: &[
        Field::new("id", Kind::Uuid("t.id")),
        Field::new("created", Kind::Time("t.created")),
        Field::new("updated", Kind::Time("t.updated")),
        Field::new("name", Kind::Text("t.name")),
        Field::new("color", Kind::Text("t.color")),
        Field::new("exclusive", Kind::Switch("t.exclusive")),
        Field::new("user", Kind::NameOrId { key: "t.user_id", table: "users", names: &["name", "full_name"] }),
        Field::new(
            "resource_type",
            Kind::Through {
                template: "exists (select 1 from tag_resources tr where tr.tag_id = t.id and {})",
                kind: &Kind::Plain("tr.resource_type"),
            },
        ),
    ],
    sorts: &[],
};

/// One page of tags.
pub async fn list(connection: &mut Connection, request: &ListRequest) -> Result<Page<TagRow>, ListError> {
    page(connection, &LIST, &TagRow::columns("t"), request, &[]).await
}

/// The tag with this name.
pub async fn find_by_name(connection: &mut Connection, name: &str) -> Result<Option<TagRow>, DbError> {
    connection.find("name = $1", args![name]).await
}

struct Attached {
    resource_id: Id,
    tag: TagRow,
}

impl Record for Attached {
    fn read(columns: &mut Columns<'_>) -> Result<Self, DbError> {
        Ok(Self { resource_id: columns.value()?, tag: TagRow::read(columns)? })
    }
}

/// The tags of many resources of one type, by name.
pub async fn of(
    connection: &mut Connection,
    resource_type: &str,
    resources: impl IntoIterator<Item = Id>,
) -> Result<HashMap<Id, Vec<TagRow>>, DbError> {
    let mut found: HashMap<Id, Vec<TagRow>> = HashMap::new();
    for chunk in id_values(resources).chunks(LONGEST_LIST) {
        let sql = format!(
            "select tr.resource_id, {} from tag_resources tr join tags t on t.id = tr.tag_id \
             where tr.resource_type = $1 and tr.resource_id in ({}) order by t.name",
            TagRow::columns("t"),
            placeholders(2, chunk.len())
        );
        let mut values = args![resource_type];
        values.extend(chunk.iter().cloned());
        for row in connection.fetch_all::<Attached>(&sql, values).await? {
            found.entry(row.resource_id).or_default().push(row.tag);
        }
    }
    Ok(found)
}

/// On how many resources each of the tags is.
pub async fn counts(connection: &mut Connection, tags: impl IntoIterator<Item = Id>) -> Result<HashMap<Id, i64>, DbError> {
    let mut found = HashMap::new();
    for chunk in id_values(tags).chunks(LONGEST_LIST) {
        let list = placeholders(1, chunk.len());
        let sql = format!("select tag_id, count(*) from tag_resources where tag_id in ({list}) group by tag_id");
        found.extend(connection.fetch_all::<(Id, i64)>(&sql, chunk.to_vec()).await?);
    }
    Ok(found)
}

/// The link of a tag to a resource.
pub async fn find_link(connection: &mut Connection, tag: Id, resource_type: &str, resource: Id) -> Result<Option<TagResourceRow>, DbError> {
    connection.find("resource_type = $1 and resource_id = $2 and tag_id = $3", args![resource_type, resource, tag]).await
}

/// Takes a tag off a resource; says whether it was on it.
pub async fn detach(connection: &mut Connection, tag: Id, resource_type: &str, resource: Id) -> Result<bool, DbError> {
    let sql = "delete from tag_resources where resource_type = $1 and resource_id = $2 and tag_id = $3";
    Ok(connection.execute(sql, args![resource_type, resource, tag]).await? > 0)
}

/// Takes all tags off a resource that is being deleted.
pub async fn detach_all(connection: &mut Connection, resource_type: &str, resource: Id) -> Result<(), DbError> {
    connection.execute("delete from tag_resources where resource_type = $1 and resource_id = $2", args![resource_type, resource]).await?;
    Ok(())
}

/// The types of the resources that a tag is on.
pub async fn resource_types(connection: &mut Connection, tag: Id) -> Result<Vec<String>, DbError> {
    let sql = "select distinct resource_type from tag_resources where tag_id = $1 order by resource_type";
    let rows: Vec<(String,)> = connection.fetch_all(sql, args![tag]).await?;
    Ok(rows.into_iter().map(|(resource_type,)| resource_type).collect())
}

/// The table of a type of resource that can carry tags; none for a type that this server does not keep.
fn table(resource_type: &str) -> Option<&'static str> {
    Some(match resource_type {
        "artifact" => "artifacts",
        "artifact_version" => "artifact_versions",
        "deployment" => "deployments",
        "model" => "models",
        "model_version" => "model_versions",
        "pipeline" => "pipelines",
        "pipeline_run" => "pipeline_runs",
        "pipeline_snapshot" => "pipeline_snapshots",
        "run_template" => "run_templates",
        _ => return None,
    })
}

/// Whether there is such a resource.
pub async fn resource_exists(connection: &mut Connection, resource_type: &str, resource: Id) -> Result<bool, DbError> {
    let Some(table) = table(resource_type) else { return Ok(false) };
    Ok(connection.count(&format!("select count(*) from {table} where id = $1"), args![resource]).await? > 0)
}

/// The table of a type of resource, and the expression on its row `o` that says which resources an exclusive tag can be
/// on only one of.
fn exclusive_scope(resource_type: &str) -> Option<(&'static str, &'static str)> {
    Some(match resource_type {
        "pipeline_run" => ("pipeline_runs", "o.pipeline_id"),
        "pipeline_snapshot" => ("pipeline_snapshots", "o.pipeline_id"),
        "artifact_version" => ("artifact_versions", "o.artifact_id"),
        "deployment" => ("deployments", "(select s.pipeline_id from pipeline_snapshots s where s.id = o.snapshot_id)"),
        "run_template" => ("run_templates", "(select s.pipeline_id from pipeline_snapshots s where s.id = o.source_snapshot_id)"),
        _ => return None,
    })
}

/// Whether a tag is on two resources of one scope, so that it cannot become exclusive.
pub async fn has_siblings(connection: &mut Connection, tag: Id, resource_type: &str) -> Result<bool, DbError> {
    let Some((table, scope)) = exclusive_scope(resource_type) else { return Ok(false) };
    let sql = format!(
        "select count(*) from (select scope from (select {scope} as scope from tag_resources tr join {table} o on o.id = tr.resource_id \
         where tr.tag_id = $1 and tr.resource_type = $2) tagged where scope is not null group by scope having count(*) > 1) siblings"
    );
    Ok(connection.count(&sql, args![tag, resource_type]).await? > 0)
}

/// Takes an exclusive tag off every other resource of the same scope: the runs, snapshots, templates or deployments of one
/// pipeline, the versions of one artifact.
pub async fn detach_from_siblings(connection: &mut Connection, tag: Id, resource_type: &str, resource: Id) -> Result<(), DbError> {
    let Some((table, scope)) = exclusive_scope(resource_type) else { return Ok(()) };
    let sql = format!(
        "delete from tag_resources where tag_id = $1 and resource_type = $2 and resource_id <> $3 and resource_id in \
         (select o.id from {table} o where {scope} = (select {scope} from {table} o where o.id = $4))"
    );
    connection.execute(&sql, args![tag, resource_type, resource, resource]).await?;
    Ok(())
}
