//! Pipelines: the named origin of snapshots and runs.

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
    /// A pipeline.
    pub struct PipelineRow in "pipelines" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Option<Id>,
        project_id: Id,
        name: String,
        description: Option<String>,
        /// Number of runs ever made: the next run's index is one more.
        run_count: i64,
        latest_run_id: Option<Id>,
        /// `created` of the newest run, or of the pipeline while it has none.
        latest_run_created: Timestamp,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "pipelines p",
    id: "p.id",
    fields: &[
        Field::new("id", Kind::Uuid("p.id")),
        Field::new("created", Kind::Time("p.created")),
        Field::new("updated", Kind::Time("p.updated")),
        Field::new("name", Kind::Text("p.name")),
        Field::new("user", Kind::NameOrId { key: "p.user_id", table: "users", names: &["name", "full_name"] }),
        Field::new("tags", Kind::Tags { resource_type: "pipeline", id: "p.id" }),
        Field::new(
            "latest_run_status",
            Kind::Through {
                template: "exists (select 1 from pipeline_runs r where r.id = p.latest_run_id and {})",
                kind: &Kind::Text("r.status"),
            },
        ),
        Field::new(
            "latest_run_user",
            Kind::Through {
                template: "exists (select 1 from pipeline_runs r where r.id = p.latest_run_id and {})",
                kind: &Kind::NameOrId { key: "r.user_id", table: "users", names: &["name"] },
            },
        ),
    ],
    sorts: &[("latest_run", "p.latest_run_created")],
};

/// Whether there is any pipeline.
pub async fn any(connection: &mut Connection) -> Result<bool, DbError> {
    Ok(connection.fetch_optional::<(Id,)>("select id from pipelines limit 1", args![]).await?.is_some())
}

/// The pipeline with this name.
pub async fn find_by_name(connection: &mut Connection, project: Id, name: &str) -> Result<Option<PipelineRow>, DbError> {
    connection.find("project_id = $1 and name = $2", args![project, name]).await
}

/// One page of a project's pipelines.
pub async fn list(connection: &mut Connection, project: Id, request: &ListRequest) -> Result<Page<PipelineRow>, ListError> {
    // ZenML leaves these two out where they are empty, and compares an empty text in all others.
    let mut request = request.clone();
    request.parameters.retain(|(name, value)| !(value.is_empty() && matches!(name.as_str(), "latest_run_status" | "latest_run_user")));
    page(connection, &LIST, &PipelineRow::columns("p"), &request, &[Scope::new("p.project_id = $?", args![project])]).await
}

/// Counts one more run of a pipeline, makes it the latest, and gives its index.
pub async fn count_run(connection: &mut Connection, pipeline: Id, run: Id, created: Timestamp) -> Result<i64, DbError> {
    let sql = "update pipelines set run_count = run_count + 1, latest_run_id = $1, latest_run_created = $2 where id = $3 \
               returning run_count";
    connection.count(sql, args![run, created, pipeline]).await
}

/// Finds the latest run anew, after one was deleted.
pub async fn refresh_latest_run(connection: &mut Connection, pipeline: Id) -> Result<(), DbError> {
    let sql = "select id, created from pipeline_runs where pipeline_id = $1 order by created desc, id desc limit 1";
    let latest: Option<(Id, Timestamp)> = connection.fetch_optional(sql, args![pipeline]).await?;
    let (id, created) = latest.unzip();
    let sql = "update pipelines set latest_run_id = $1, latest_run_created = coalesce($2, created) where id = $3";
    connection.execute(sql, args![id, created, pipeline]).await?;
    Ok(())
}

/// Finds the newest run of every pipeline anew.
pub async fn refresh_all_latest_runs(connection: &mut Connection) -> Result<(), DbError> {
    let newest = "from pipeline_runs r where r.pipeline_id = pipelines.id order by r.created desc, r.id desc limit 1";
    let sql = format!(
        "update pipelines set latest_run_id = (select r.id {newest}), latest_run_created = coalesce((select r.created {newest}), created)"
    );
    connection.execute(&sql, args![]).await?;
    Ok(())
}
