//! Step runs: their attempts, parents, inputs and outputs.

use std::collections::{HashMap, HashSet};

use super::{
    Connection, DbError, LONGEST_LIST, id_values,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, Scope, filters_in_use, page_with_total},
    placeholders,
    row_counts::{self, Counted},
    stored::Stored as _,
};
use crate::{
    args,
    model::status::ExecutionStatus,
    record,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// One attempt at a step.
    pub struct StepRunRow in "step_runs" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Option<Id>,
        project_id: Id,
        pipeline_run_id: Id,
        snapshot_id: Option<Id>,
        original_step_run_id: Option<Id>,
        model_version_id: Option<Id>,
        name: String,
        version: i64,
        is_retriable: bool,
        status: ExecutionStatus,
        start_time: Option<Timestamp>,
        end_time: Option<Timestamp>,
        latest_heartbeat: Option<Timestamp>,
        heartbeat_threshold: Option<i64>,
        cache_key: Option<String>,
        cache_expires_at: Option<Timestamp>,
        code_hash: Option<String>,
        docstring: Option<String>,
        source_code_document: Option<String>,
        /// `{"spec": …, "config": …, "step_config_overrides": …}`.
        configuration_document: String,
        exception_info: Option<String>,
    }
}

impl StepRunRow {
    /// Its heartbeat, where it has one, stopped longer ago than the step allows (minutes).
    pub fn is_unhealthy(&self, now: Timestamp) -> bool {
        let (Some(threshold), false) = (self.heartbeat_threshold, self.status.is_finished()) else { return false };
        self.latest_heartbeat.or(self.start_time).is_some_and(|beat| now.seconds_since(beat) > threshold as f64 * 60.0)
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "step_runs s",
    id: "s.id",
    fields: &[
        Field::new("id", Kind::Uuid("s.id")),
        Field::new("created", Kind::Time("s.created")),
        Field::new("updated", Kind::Time("s.updated")),
        Field::new("name", Kind::Text("s.name")),
        Field::new("code_hash", Kind::Text("s.code_hash")),
        Field::new("cache_key", Kind::Text("s.cache_key")),
        Field::new("status", Kind::Text("s.status")),
        Field::new("start_time", Kind::Time("s.start_time")),
        Field::new("end_time", Kind::Time("s.end_time")),
        Field::new("pipeline_run_id", Kind::Uuid("s.pipeline_run_id")),
        Field::new("snapshot_id", Kind::Uuid("s.snapshot_id")),
        Field::new("deployment_id", Kind::Uuid("s.snapshot_id")),
        Field::new("original_step_run_id", Kind::Uuid("s.original_step_run_id")),
        Field::new("model_version_id", Kind::Uuid("s.model_version_id")),
        Field::new(
            "model",
            Kind::Through {
                template: "s.model_version_id in (select v.id from model_versions v where {})",
                kind: &Kind::NameOrId { key: "v.model_id", table: "models", names: &["name"] },
            },
        ),
        Field::new("version", Kind::Integer("s.version")),
        Field::new("exclude_retried", Kind::Flag { yes: Some("s.status <> 'retried'"), no: None }),
        // The condition is added to each request, because it compares with the present moment.
        Field::new("cache_expired", Kind::Flag { yes: None, no: None }),
        Field::new("cache_expires_at", Kind::Time("s.cache_expires_at")),
        Field::new("user", Kind::NameOrId { key: "s.user_id", table: "users", names: &["name", "full_name"] }),
        Field::new("run_metadata", Kind::Metadata { resource_type: "step_run", id: "s.id" }),
    ],
    sorts: &[],
};

/// One page of step runs. A step's project is its run's, so a run id alone is enough to find its steps.
pub async fn list(connection: &mut Connection, project: Id, request: &ListRequest, now: Timestamp) -> Result<Page<StepRunRow>, ListError> {
    let mut scopes = vec![Scope::new("s.project_id = $?", args![project])];
    // Compared with the present moment, which a fixed list specification cannot hold.
    match request.switch("cache_expired")? {
        Some(true) => scopes.push(Scope::new("s.cache_expires_at <= $?", args![now])),
        Some(false) => scopes.push(Scope::new("(s.cache_expires_at is null or s.cache_expires_at > $?)", args![now])),
        None => {}
    }
    let is_whole = filters_in_use(&LIST, request).is_empty() && scopes.len() == 1;
    let total = if is_whole { row_counts::kept(connection, Counted::StepRuns, project).await? } else { None };
    page_with_total(connection, &LIST, &StepRunRow::columns("s"), request, &scopes, total).await
}

/// The steps of a run, every attempt, oldest first.
pub async fn of_run(connection: &mut Connection, run: Id) -> Result<Vec<StepRunRow>, DbError> {
    connection.find_all("pipeline_run_id = $1 order by created, id", args![run]).await
}

/// The last attempt of each step of a run, in the order in which they began.
pub async fn last_of_run(connection: &mut Connection, run: Id) -> Result<Vec<StepRunRow>, DbError> {
    let mut rows = of_run(connection, run).await?;
    let mut seen = HashSet::new();
    rows.reverse();
    rows.retain(|row| seen.insert(row.name.clone()));
    rows.reverse();
    Ok(rows)
}

record! {
    /// A step run by its name.
    #[derive(Clone, Debug)]
    pub struct StepName {
        pub id: Id,
        pub pipeline_run_id: Id,
        pub name: String,
    }
}

/// The steps of runs by name, every attempt, oldest first.
pub async fn names(connection: &mut Connection, runs: impl IntoIterator<Item = Id>) -> Result<Vec<StepName>, DbError> {
    let mut names = Vec::new();
    for chunk in id_values(runs).chunks(LONGEST_LIST) {
        let list = placeholders(1, chunk.len());
        let sql = format!("select id, pipeline_run_id, name from step_runs where pipeline_run_id in ({list}) order by created, id");
        names.extend(connection.fetch_all::<StepName>(&sql, chunk.to_vec()).await?);
    }
    Ok(names)
}

/// The attempts at one step of a run, oldest first.
pub async fn attempts(connection: &mut Connection, run: Id, name: &str) -> Result<Vec<StepRunRow>, DbError> {
    connection.find_all("pipeline_run_id = $1 and name = $2 order by version", args![run, name]).await
}

/// The statuses of a run's steps, leaving out attempts that were tried again.
pub async fn statuses(connection: &mut Connection, run: Id) -> Result<Vec<ExecutionStatus>, DbError> {
    let sql = "select status from step_runs where pipeline_run_id = $1 and status <> 'retried'";
    Ok(connection.fetch_all::<(ExecutionStatus,)>(sql, args![run]).await?.into_iter().map(|(status,)| status).collect())
}

/// The names of a run's steps that ended well, oldest first.
pub async fn succeeded(connection: &mut Connection, run: Id) -> Result<Vec<String>, DbError> {
    let sql = "select name from step_runs where pipeline_run_id = $1 and status in ('completed', 'cached', 'skipped') order by created, id";
    Ok(connection.fetch_all::<(String,)>(sql, args![run]).await?.into_iter().map(|(name,)| name).collect())
}

/// Marks the earlier attempts at a step as tried again, ended now where they had not ended.
pub async fn mark_retried(connection: &mut Connection, run: Id, name: &str, now: Timestamp) -> Result<(), DbError> {
    let sql = "update step_runs set status = 'retried', end_time = coalesce(end_time, $1), updated = $2 \
               where pipeline_run_id = $3 and name = $4 and status <> 'retried'";
    connection.execute(sql, args![now, now, run, name]).await?;
    Ok(())
}

/// Ends the steps of a run that have not ended, with one status.
pub async fn end_unfinished(connection: &mut Connection, run: Id, status: ExecutionStatus, now: Timestamp) -> Result<(), DbError> {
    let sql = "update step_runs set status = $1, end_time = coalesce(end_time, $2), updated = $2 where pipeline_run_id = $3 \
               and status not in ('failed', 'completed', 'cached', 'skipped', 'retried', 'stopped', 'cancelled')";
    connection.execute(sql, args![status, now, run]).await?;
    Ok(())
}

/// The newest attempts at the steps with these names.
pub async fn newest(connection: &mut Connection, run: Id, names: &[String]) -> Result<HashMap<String, Id>, DbError> {
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "select name, id from step_runs where pipeline_run_id = $1 and status <> 'retried' and name in ({}) order by version",
        placeholders(2, names.len())
    );
    let mut values = args![run];
    values.extend(names.iter().map(Into::into));
    Ok(connection.fetch_all::<(String, Id)>(&sql, values).await?.into_iter().collect())
}

/// Makes one step run the parent of another.
pub async fn insert_parent(connection: &mut Connection, parent: Id, child: Id) -> Result<(), DbError> {
    let sql = "insert into step_run_parents (parent_id, child_id) values ($1, $2) on conflict do nothing";
    connection.execute(sql, args![parent, child]).await?;
    Ok(())
}

/// The parents of step runs.
pub async fn parents(connection: &mut Connection, steps: impl IntoIterator<Item = Id>) -> Result<HashMap<Id, Vec<Id>>, DbError> {
    let mut found: HashMap<Id, Vec<Id>> = HashMap::new();
    for chunk in id_values(steps).chunks(LONGEST_LIST) {
        let sql = format!(
            "select p.child_id, p.parent_id from step_run_parents p join step_runs s on s.id = p.parent_id \
             where p.child_id in ({}) order by s.created, s.id",
            placeholders(1, chunk.len())
        );
        for (child, parent) in connection.fetch_all::<(Id, Id)>(&sql, chunk.to_vec()).await? {
            found.entry(child).or_default().push(parent);
        }
    }
    Ok(found)
}

record! {
    /// An artifact version that a step read.
    #[derive(Clone, Debug)]
    pub struct StepRunInput {
        pub step_run_id: Id,
        pub name: String,
        pub position: i64,
        pub artifact_version_id: Id,
        pub input_type: String,
        pub chunk_index: Option<i64>,
        pub chunk_size: Option<i64>,
    }
}

record! {
    /// An artifact version that a step made.
    #[derive(Clone, Debug)]
    pub struct StepRunOutput {
        pub step_run_id: Id,
        pub name: String,
        pub position: i64,
        pub artifact_version_id: Id,
    }
}

/// Records an input; one that is recorded already stays.
pub async fn insert_input(connection: &mut Connection, input: &StepRunInput) -> Result<(), DbError> {
    let sql = "insert into step_run_inputs (step_run_id, name, position, artifact_version_id, type, chunk_index, chunk_size) \
               values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing";
    let values = args![
        input.step_run_id,
        &input.name,
        input.position,
        input.artifact_version_id,
        &input.input_type,
        input.chunk_index,
        input.chunk_size
    ];
    connection.execute(sql, values).await?;
    Ok(())
}

/// Records an output; one that is recorded already stays.
pub async fn insert_output(connection: &mut Connection, output: &StepRunOutput) -> Result<(), DbError> {
    let sql = "insert into step_run_outputs (step_run_id, name, position, artifact_version_id) values ($1, $2, $3, $4) \
               on conflict do nothing";
    connection.execute(sql, args![output.step_run_id, &output.name, output.position, output.artifact_version_id]).await?;
    Ok(())
}

/// The inputs of step runs.
pub async fn inputs(connection: &mut Connection, steps: impl IntoIterator<Item = Id>) -> Result<HashMap<Id, Vec<StepRunInput>>, DbError> {
    let mut found: HashMap<Id, Vec<StepRunInput>> = HashMap::new();
    for chunk in id_values(steps).chunks(LONGEST_LIST) {
        let sql = format!(
            "select step_run_id, name, position, artifact_version_id, type, chunk_index, chunk_size from step_run_inputs \
             where step_run_id in ({}) order by step_run_id, name, position",
            placeholders(1, chunk.len())
        );
        for row in connection.fetch_all::<StepRunInput>(&sql, chunk.to_vec()).await? {
            found.entry(row.step_run_id).or_default().push(row);
        }
    }
    Ok(found)
}

/// The outputs of step runs, in the order in which the step gave them.
pub async fn outputs(connection: &mut Connection, steps: impl IntoIterator<Item = Id>) -> Result<HashMap<Id, Vec<StepRunOutput>>, DbError> {
    let mut found: HashMap<Id, Vec<StepRunOutput>> = HashMap::new();
    for chunk in id_values(steps).chunks(LONGEST_LIST) {
        let sql = format!(
            "select step_run_id, name, position, artifact_version_id from step_run_outputs \
             where step_run_id in ({}) order by step_run_id, position, name",
            placeholders(1, chunk.len())
        );
        for row in connection.fetch_all::<StepRunOutput>(&sql, chunk.to_vec()).await? {
            found.entry(row.step_run_id).or_default().push(row);
        }
    }
    Ok(found)
}

/// Takes the heartbeat thresholds off a run's steps.
pub async fn clear_heartbeat_thresholds(connection: &mut Connection, run: Id) -> Result<(), DbError> {
    connection.execute("update step_runs set heartbeat_threshold = null where pipeline_run_id = $1", args![run]).await?;
    Ok(())
}
