//! Pipeline snapshots and the ordered step configurations they share.

use std::collections::HashMap;

use super::{
    Connection, DbError, LONGEST_LIST, documents, id_values,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, Scope, filters_in_use, page_with_total, truth},
    placeholders,
    row_counts::{self, Counted},
    snapshot_access,
    stored::Stored as _,
    users::UserRow,
};
use crate::{
    args, record,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// A snapshot. Configurations are documents, referred to by content hash.
    pub struct PipelineSnapshotRow in "pipeline_snapshots" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Option<Id>,
        project_id: Id,
        pipeline_id: Id,
        stack_id: Option<Id>,
        build_id: Option<Id>,
        schedule_id: Option<Id>,
        code_reference_id: Option<Id>,
        /// The nearest named ancestor of a snapshot made by a launch.
        source_snapshot_id: Option<Id>,
        template_id: Option<Id>,
        name: Option<String>,
        description: Option<String>,
        is_dynamic: bool,
        run_name_template: String,
        client_version: Option<String>,
        server_version: Option<String>,
        pipeline_version_hash: Option<String>,
        source_code: Option<String>,
        code_path: Option<String>,
        code_archive_hash: Option<String>,
        /// Why no code was captured, in words.
        code_note: Option<String>,
        runnable: bool,
        step_count: i64,
        step_set: Option<String>,
        pipeline_configuration_document: String,
        pipeline_spec_document: Option<String>,
        /// Without `python_packages`, which are a document of their own: they are long and rarely asked for.
        client_environment_document: String,
        python_packages_document: Option<String>,
        /// The newest run launched from this snapshot.
        latest_run_id: Option<Id>,
        latest_run_created: Option<Timestamp>,
        /// Launches from the browser are asked about.
        protected: bool,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "pipeline_snapshots s",
    id: "s.id",
    fields: &[
        Field::new("id", Kind::Uuid("s.id")),
        Field::new("created", Kind::Time("s.created")),
        Field::new("updated", Kind::Time("s.updated")),
        Field::new("name", Kind::Text("s.name")),
        Field::new("named_only", Kind::Flag { yes: Some("s.name is not null"), no: None }),
        Field::new("pipeline", Kind::NameOrId { key: "s.pipeline_id", table: "pipelines", names: &["name"] }),
        Field::new("stack", Kind::NameOrId { key: "s.stack_id", table: "stacks", names: &["name"] }),
        Field::new("build_id", Kind::Uuid("s.build_id")),
        Field::new("schedule_id", Kind::Uuid("s.schedule_id")),
        Field::new("source_snapshot_id", Kind::Uuid("s.source_snapshot_id")),
        Field::new(
            "trigger_id",
            Kind::Through {
                template: "s.id in (select coalesce(a.source_snapshot_id, a.id) from pipeline_snapshots a \
                           join trigger_snapshots l on l.snapshot_id = a.id where {})",
                kind: &Kind::Id(Some("l.trigger_id")),
            },
        ),
        Field::new("runnable", Kind::Flag { yes: Some("s.runnable = true"), no: None }),
        Field::new(
            "deployable",
            Kind::Flag {
                yes: Some(
                    "s.build_id is not null and s.stack_id in (select sc.stack_id from stack_compositions sc where sc.type = 'deployer')",
                ),
                no: None,
            },
        ),
        Field::new(
            "deployed",
            Kind::Flag {
                yes: Some("s.id in (select d.snapshot_id from deployments d)"),
                no: Some("not exists (select 1 from deployments d where d.snapshot_id = s.id)"),
            },
        ),
        Field::new("user", Kind::NameOrId { key: "s.user_id", table: "users", names: &["name", "full_name"] }),
        Field::new("tags", Kind::Tags { resource_type: "pipeline_snapshot", id: "s.id" }),
    ],
    sorts: &[
        // What never ran has no time, which is before all others.
        ("latest_run", "coalesce(s.latest_run_created, '')"),
        ("deployment", "(select min(d.name) from deployments d where d.snapshot_id = s.id)"),
    ],
};

/// One page of a project's snapshots.
pub async fn list(connection: &mut Connection, project: Id, request: &ListRequest) -> Result<Page<PipelineSnapshotRow>, ListError> {
    let scope = Scope::new("s.project_id = $?", args![project]);
    let total = match counted(request) {
        Some(counted) => row_counts::kept(connection, counted, project).await?,
        None => None,
    };
    page_with_total(connection, &LIST, &PipelineSnapshotRow::columns("s"), request, &[scope], total).await
}

/// Which kept total is that of a request, if one is.
fn counted(request: &ListRequest) -> Option<Counted> {
    match filters_in_use(&LIST, request).as_slice() {
        [] => Some(Counted::PipelineSnapshots),
        ["named_only"] if request.get("named_only").and_then(truth) == Some(true) => Some(Counted::NamedPipelineSnapshots),
        _ => None,
    }
}

/// The snapshot of a pipeline with this name.
pub async fn find_by_name(connection: &mut Connection, pipeline: Id, name: &str) -> Result<Option<PipelineSnapshotRow>, DbError> {
    connection.find("pipeline_id = $1 and name = $2", args![pipeline, name]).await
}

/// The newest named runnable snapshot of a pipeline; of those that are open to an account, where one is given.
pub async fn latest_runnable(
    connection: &mut Connection,
    pipeline: Id,
    user: Option<&UserRow>,
) -> Result<Option<PipelineSnapshotRow>, DbError> {
    let mut condition = "pipeline_id = $1 and name is not null and runnable = true".to_owned();
    let mut values = args![pipeline];
    if let Some((user, closed)) = user.and_then(|user| Some((user, snapshot_access::closed_to(user.role, "pipeline_snapshots", "$2")?))) {
        condition.push_str(&format!(" and not {closed}"));
        values.extend(args![user.id]);
    }
    connection.find(&format!("{condition} order by created desc, id desc limit 1"), values).await
}

record! {
    /// A named snapshot in short.
    #[derive(Clone, Debug)]
    pub struct NamedSnapshot {
        pub pipeline_id: Id,
        pub id: Id,
        pub name: String,
        pub runnable: bool,
    }
}

/// The named snapshots of pipelines, newest first.
pub async fn named_of_pipelines(
    connection: &mut Connection,
    pipelines: impl IntoIterator<Item = Id>,
) -> Result<HashMap<Id, Vec<NamedSnapshot>>, DbError> {
    let mut found: HashMap<Id, Vec<NamedSnapshot>> = HashMap::new();
    for chunk in id_values(pipelines).chunks(LONGEST_LIST) {
        let sql = format!(
            "select pipeline_id, id, name, runnable from pipeline_snapshots where name is not null and pipeline_id in ({}) \
             order by created desc, id desc",
            placeholders(1, chunk.len())
        );
        for row in connection.fetch_all::<NamedSnapshot>(&sql, chunk.to_vec()).await? {
            found.entry(row.pipeline_id).or_default().push(row);
        }
    }
    Ok(found)
}

/// Whether anything refers to a snapshot, so that releasing its name must not delete it.
pub async fn is_referenced(connection: &mut Connection, snapshot: &PipelineSnapshotRow) -> Result<bool, DbError> {
    if snapshot.schedule_id.is_some() || snapshot.template_id.is_some() {
        return Ok(true);
    }
    let sql = "select (select count(*) from pipeline_runs where snapshot_id = $1) \
                    + (select count(*) from step_runs where snapshot_id = $1) \
                    + (select count(*) from trigger_snapshots where snapshot_id = $1) \
                    + (select count(*) from pipeline_snapshots where source_snapshot_id = $1) \
                    + (select count(*) from deployments where snapshot_id = $1) \
                    + (select count(*) from run_templates where source_snapshot_id = $1)";
    Ok(connection.count(sql, args![snapshot.id]).await? > 0)
}

/// Forgets a snapshot as the source of others, before it is deleted.
pub async fn clear_source(connection: &mut Connection, snapshot: Id) -> Result<(), DbError> {
    let sql = "update pipeline_snapshots set source_snapshot_id = null where source_snapshot_id = $1";
    connection.execute(sql, args![snapshot]).await?;
    connection.execute("update pipeline_runs set source_snapshot_id = null where source_snapshot_id = $1", args![snapshot]).await?;
    Ok(())
}

/// Records a run launched from a snapshot as its newest.
pub async fn record_run(connection: &mut Connection, snapshot: Id, run: Id, created: Timestamp) -> Result<(), DbError> {
    let sql = "update pipeline_snapshots set latest_run_id = $1, latest_run_created = $2 where id = $3";
    connection.execute(sql, args![run, created, snapshot]).await?;
    Ok(())
}

/// Stores whether a snapshot can be run; its `updated` time is about its content and stays.
pub async fn set_runnable(connection: &mut Connection, snapshot: Id, runnable: bool) -> Result<(), DbError> {
    connection.execute("update pipeline_snapshots set runnable = $1 where id = $2", args![runnable, snapshot]).await?;
    Ok(())
}

/// Records that no snapshot of a stack can be run, before the stack is deleted.
pub async fn stack_is_gone(connection: &mut Connection, stack: Id) -> Result<(), DbError> {
    connection.execute("update pipeline_snapshots set runnable = false where stack_id = $1", args![stack]).await?;
    Ok(())
}

/// The snapshots with a name, of one stack or of all.
pub async fn named(connection: &mut Connection, stack: Option<Id>) -> Result<Vec<PipelineSnapshotRow>, DbError> {
    match stack {
        Some(stack) => connection.find_all("name is not null and stack_id = $1", args![stack]).await,
        None => connection.find_all("name is not null", args![]).await,
    }
}

/// The ids of all snapshots with a name.
pub async fn named_ids(connection: &mut Connection) -> Result<Vec<Id>, DbError> {
    let rows: Vec<(Id,)> = connection.fetch_all("select id from pipeline_snapshots where name is not null", args![]).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Finds the newest run launched from a snapshot anew, after one was deleted.
pub async fn refresh_latest_run(connection: &mut Connection, snapshot: Id) -> Result<(), DbError> {
    let sql = "select id, created from pipeline_runs where source_snapshot_id = $1 order by created desc, id desc limit 1";
    let (id, created) = connection.fetch_optional::<(Id, Timestamp)>(sql, args![snapshot]).await?.unzip();
    let sql = "update pipeline_snapshots set latest_run_id = $1, latest_run_created = $2 where id = $3";
    connection.execute(sql, args![id, created, snapshot]).await?;
    Ok(())
}

/// Finds the newest run launched from every snapshot anew.
pub async fn refresh_all_latest_runs(connection: &mut Connection) -> Result<(), DbError> {
    let newest = "from pipeline_runs r where r.source_snapshot_id = pipeline_snapshots.id order by r.created desc, r.id desc limit 1";
    let sql = format!(
        "update pipeline_snapshots set latest_run_id = (select r.id {newest}), latest_run_created = (select r.created {newest}) \
         where id in (select r.source_snapshot_id from pipeline_runs r where r.source_snapshot_id is not null)"
    );
    connection.execute(&sql, args![]).await?;
    Ok(())
}

/// Snapshots without a name that nothing refers to, made before a time.
pub async fn prunable(connection: &mut Connection, project: Id, older_than: Timestamp) -> Result<Vec<PipelineSnapshotRow>, DbError> {
    let condition = "project_id = $1 and created < $2 and name is null and schedule_id is null and template_id is null \
                     and not exists (select 1 from pipeline_runs r where r.snapshot_id = pipeline_snapshots.id) \
                     and not exists (select 1 from step_runs sr where sr.snapshot_id = pipeline_snapshots.id) \
                     and not exists (select 1 from trigger_snapshots l where l.snapshot_id = pipeline_snapshots.id) \
                     and not exists (select 1 from pipeline_snapshots d where d.source_snapshot_id = pipeline_snapshots.id) \
                     and not exists (select 1 from deployments dp where dp.snapshot_id = pipeline_snapshots.id) \
                     and not exists (select 1 from run_templates t where t.source_snapshot_id = pipeline_snapshots.id) \
                     order by created limit 10000";
    connection.find_all(condition, args![project, older_than]).await
}

/// One step of a snapshot: its name and the JSON text `{"spec": …, "config": …, "step_config_overrides": …}`.
#[derive(Clone, Debug)]
pub struct StepDocument {
    pub name: String,
    pub content: std::sync::Arc<str>,
}

/// Stores an ordered list of step configurations and gives its hash; a list that is stored already costs one look-up.
pub async fn put_steps(connection: &mut Connection, steps: &[(String, String)]) -> Result<Option<String>, DbError> {
    if steps.is_empty() {
        return Ok(None);
    }
    let parts: Vec<(&str, String)> = steps.iter().map(|(name, content)| (name.as_str(), documents::hash(content))).collect();
    let identity = serde_json::to_string(&parts).map_err(|error| DbError::Encode(Box::new(error)))?;
    let hash = documents::hash(&identity);
    if connection.count("select count(*) from step_sets where hash = $1", args![&hash]).await? as usize == steps.len() {
        return Ok(Some(hash));
    }
    for (position, (name, content)) in steps.iter().enumerate() {
        let document = documents::put(connection, content).await?;
        let sql = "insert into step_sets (hash, position, name, document) values ($1, $2, $3, $4) on conflict do nothing";
        connection.execute(sql, args![&hash, position as i64, name, &document]).await?;
    }
    Ok(Some(hash))
}

/// The steps of a snapshot in their order; only those named where names are given.
pub async fn steps(connection: &mut Connection, step_set: Option<&str>, only: &[String]) -> Result<Vec<StepDocument>, DbError> {
    let Some(hash) = step_set else { return Ok(Vec::new()) };
    let sql = "select name, document from step_sets where hash = $1 order by position";
    let mut rows: Vec<(String, String)> = connection.fetch_all(sql, args![hash]).await?;
    if !only.is_empty() {
        rows.retain(|(name, _)| only.contains(name));
    }
    let contents = documents::get_many(connection, rows.iter().map(|(_, document)| document.clone())).await?;
    rows.into_iter()
        .map(|(name, document)| {
            let content = contents.get(&document).cloned().ok_or(DbError::RowNotFound)?;
            Ok(StepDocument { name, content })
        })
        .collect()
}

/// The documents of the steps of snapshots, by snapshot and name.
pub async fn step_hashes(
    connection: &mut Connection,
    snapshots: impl IntoIterator<Item = Id>,
) -> Result<HashMap<(Id, String), String>, DbError> {
    let mut found = HashMap::new();
    for chunk in id_values(snapshots).chunks(LONGEST_LIST) {
        let sql = format!(
            "select p.id, s.name, s.document from pipeline_snapshots p join step_sets s on s.hash = p.step_set where p.id in ({})",
            placeholders(1, chunk.len())
        );
        let rows: Vec<(Id, String, String)> = connection.fetch_all(&sql, chunk.to_vec()).await?;
        found.extend(rows.into_iter().map(|(snapshot, name, document)| ((snapshot, name), document)));
    }
    Ok(found)
}

/// One step of a snapshot by name.
pub async fn step(connection: &mut Connection, step_set: Option<&str>, name: &str) -> Result<Option<StepDocument>, DbError> {
    let Some(hash) = step_set else { return Ok(None) };
    let sql = "select document from step_sets where hash = $1 and name = $2";
    let Some((document,)) = connection.fetch_optional::<(String,)>(sql, args![hash, name]).await? else { return Ok(None) };
    Ok(Some(StepDocument { name: name.to_owned(), content: documents::get(connection, &document).await? }))
}
