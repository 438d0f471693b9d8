//! Artifact versions, their visualizations, and the steps that made them.

use std::collections::HashMap;

use super::{
    Connection, DbError, LONGEST_LIST,
    artifacts::ArtifactRow,
    id_values,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, Scope, filters_in_use, page_with_total},
    placeholders,
    row_counts::{self, Counted},
    stored::Stored as _,
};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// A version of an artifact: what one step wrote, or what a person uploaded.
    pub struct ArtifactVersionRow in "artifact_versions" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Option<Id>,
        project_id: Id,
        artifact_id: Id,
        artifact_store_id: Option<Id>,
        version: String,
        /// The version as a number, where it is one.
        version_number: Option<i64>,
        /// ZenML's `ArtifactType`, such as `DataArtifact`.
        kind: String = "type",
        uri: String,
        /// JSON of the `Source` that reads and writes the artifact.
        materializer: String,
        /// JSON of the `Source` of the Python type.
        data_type: String,
        save_type: String,
        content_hash: Option<String>,
        item_count: Option<i64>,
    }
}

stored! {
    /// A file that shows an artifact version to people.
    pub struct ArtifactVisualizationRow in "artifact_visualizations" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        artifact_version_id: Id,
        position: i64,
        /// ZenML's `VisualizationType`: `csv`, `html`, `image`, `json` or `markdown`.
        kind: String = "type",
        uri: String,
    }
}

/// Nothing in a run refers to the version `v`.
const UNUSED: &str = "not exists (select 1 from step_run_outputs o where o.artifact_version_id = v.id) \
                      and not exists (select 1 from step_run_inputs i where i.artifact_version_id = v.id) \
                      and not exists (select 1 from pipeline_run_outputs p where p.artifact_version_id = v.id)";

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "artifact_versions v",
    id: "v.id",
    fields: &[
        Field::new("id", Kind::Uuid("v.id")),
        Field::new("created", Kind::Time("v.created")),
        Field::new("updated", Kind::Time("v.updated")),
        Field::new("artifact", Kind::NameOrId { key: "v.artifact_id", table: "artifacts", names: &["name"] }),
        Field::new("artifact_id", Kind::NameOrId { key: "v.artifact_id", table: "artifacts", names: &["name"] }),
        Field::new("version", Kind::Text("v.version")),
        Field::new("version_number", Kind::Integer("v.version_number")),
        Field::new("uri", Kind::Text("v.uri")),
        Field::new("materializer", Kind::Text("v.materializer")),
        Field::new("type", Kind::Text("v.type")),
        Field::new("data_type", Kind::Text("v.data_type")),
        Field::new("artifact_store_id", Kind::Uuid("v.artifact_store_id")),
        Field::new(
            "model_version_id",
            Kind::Through {
                template: "v.id in (select l.artifact_version_id from model_version_artifacts l where {})",
                kind: &Kind::Uuid("l.model_version_id"),
            },
        ),
        Field::new(
            "model",
            Kind::Through {
                template: "v.id in (select l.artifact_version_id from model_version_artifacts l \
                           join model_versions mv on mv.id = l.model_version_id where {})",
                kind: &Kind::NameOrId { key: "mv.model_id", table: "models", names: &["name"] },
            },
        ),
        Field::new(
            "pipeline_run",
            Kind::Through {
                template: "(v.id in (select o.artifact_version_id from step_run_outputs o join step_runs s on s.id = o.step_run_id where {}) \
                           or v.id in (select i.artifact_version_id from step_run_inputs i join step_runs s on s.id = i.step_run_id where {}))",
                kind: &Kind::NameOrId { key: "s.pipeline_run_id", table: "pipeline_runs", names: &["name"] },
            },
        ),
        Field::new("only_unused", Kind::Flag { yes: Some(UNUSED), no: None }),
        Field::new(
            "has_custom_name",
            Kind::Flag {
                yes: Some("v.artifact_id in (select a.id from artifacts a where a.has_custom_name = true)"),
                no: Some("v.artifact_id in (select a.id from artifacts a where a.has_custom_name = false)"),
            },
        ),
        Field::new("user", Kind::NameOrId { key: "v.user_id", table: "users", names: &["name", "full_name"] }),
        Field::new("tags", Kind::Tags { resource_type: "artifact_version", id: "v.id" }),
        Field::new("run_metadata", Kind::Metadata { resource_type: "artifact_version", id: "v.id" }),
    ],
    sorts: &[],
};

/// One page of a project's artifact versions.
pub async fn list(connection: &mut Connection, project: Id, request: &ListRequest) -> Result<Page<ArtifactVersionRow>, ListError> {
    let scope = Scope::new("v.project_id = $?", args![project]);
    let is_whole = filters_in_use(&LIST, request).is_empty();
    let total = if is_whole { row_counts::kept(connection, Counted::ArtifactVersions, project).await? } else { None };
    page_with_total(connection, &LIST, &ArtifactVersionRow::columns("v"), request, &[scope], total).await
}

/// Artifact versions with the artifacts they belong to, by version id.
pub async fn with_artifacts(
    connection: &mut Connection,
    versions: impl IntoIterator<Item = Id>,
) -> Result<HashMap<Id, (ArtifactVersionRow, ArtifactRow)>, DbError> {
    let versions = connection.get_many::<ArtifactVersionRow>(versions).await?;
    let artifacts = connection.get_many::<ArtifactRow>(versions.values().map(|version| version.artifact_id)).await?;
    let pair = |(id, version): (Id, ArtifactVersionRow)| {
        let artifact = artifacts.get(&version.artifact_id)?.clone();
        Some((id, (version, artifact)))
    };
    Ok(versions.into_iter().filter_map(pair).collect())
}

/// Visualizations of many versions, in the order in which their makers gave them.
pub async fn visualizations(
    connection: &mut Connection,
    versions: impl IntoIterator<Item = Id>,
) -> Result<HashMap<Id, Vec<ArtifactVisualizationRow>>, DbError> {
    let mut found: HashMap<Id, Vec<ArtifactVisualizationRow>> = HashMap::new();
    for chunk in id_values(versions).chunks(LONGEST_LIST) {
        let condition = format!("artifact_version_id in ({}) order by position, id", placeholders(1, chunk.len()));
        for row in connection.find_all::<ArtifactVisualizationRow>(&condition, chunk.to_vec()).await? {
            found.entry(row.artifact_version_id).or_default().push(row);
        }
    }
    Ok(found)
}

/// The step and the run that made a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Producer {
    pub step_run: Id,
    pub pipeline_run: Id,
}

/// Who made each version: the oldest completed step that has it as an output (a cached step repeats the output later).
pub async fn producers(connection: &mut Connection, versions: impl IntoIterator<Item = Id>) -> Result<HashMap<Id, Producer>, DbError> {
    let mut found = HashMap::new();
    for chunk in id_values(versions).chunks(LONGEST_LIST) {
        // `cross join` keeps SQLite from starting at the steps, which it does after a look at a database that was small then.
        let sql = format!(
            "select o.artifact_version_id, s.id, s.pipeline_run_id from step_run_outputs o cross join step_runs s \
             where s.id = o.step_run_id and o.artifact_version_id in ({}) and s.status = 'completed' order by s.created, s.id",
            placeholders(1, chunk.len())
        );
        for (version, step_run, pipeline_run) in connection.fetch_all::<(Id, Id, Id)>(&sql, chunk.to_vec()).await? {
            found.entry(version).or_insert(Producer { step_run, pipeline_run });
        }
    }
    Ok(found)
}

/// Whether nothing in a run refers to a version.
pub async fn is_unused(connection: &mut Connection, version: Id) -> Result<bool, DbError> {
    Ok(connection.count(&format!("select count(*) from artifact_versions v where v.id = $1 and {UNUSED}"), args![version]).await? > 0)
}

/// Deletes the project's versions that nothing in a run refers to, with their tags and metadata.
pub async fn delete_unused(connection: &mut Connection, project: Id) -> Result<(), DbError> {
    let unused = format!("select v.id from artifact_versions v where v.project_id = $1 and {UNUSED}");
    for table in ["tag_resources", "run_metadata"] {
        let sql = format!("delete from {table} where resource_type = 'artifact_version' and resource_id in ({unused})");
        connection.execute(&sql, args![project]).await?;
    }
    connection.execute(&format!("delete from artifact_versions where id in ({unused})"), args![project]).await?;
    Ok(())
}
