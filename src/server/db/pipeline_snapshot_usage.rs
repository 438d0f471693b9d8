//! How snapshots are used: the runs launched from them, the triggers that launch them, and who has some.

use std::collections::HashMap;

use super::{
    Connection, DbError, LONGEST_LIST, id_values,
    list::{ListError, ListRequest, Page, Scope, page},
    pipeline_snapshots::{self, LIST, PipelineSnapshotRow},
    placeholders, snapshot_access,
    stored::Stored as _,
};
use crate::{
    args,
    model::{roles::Role, status::ExecutionStatus},
    record,
    server::{id::Id, time::Timestamp},
};

/// What a list of snapshots is narrowed to besides the filters of the REST surface.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Narrowing {
    /// Those that were not run since this time and are older than it.
    pub unused_since: Option<Timestamp>,
    /// Those that cannot be run.
    pub not_runnable: bool,
    /// Those that this operator may run.
    pub open_to: Option<Id>,
}

/// One page of a project's snapshots, narrowed further.
pub async fn list(
    connection: &mut Connection,
    project: Id,
    request: &ListRequest,
    narrowing: Narrowing,
) -> Result<Page<PipelineSnapshotRow>, ListError> {
    if narrowing == Narrowing::default() {
        return pipeline_snapshots::list(connection, project, request).await;
    }
    let mut scopes = vec![Scope::new("s.project_id = $?", args![project])];
    if let Some(since) = narrowing.unused_since {
        scopes.push(Scope::new("coalesce(s.latest_run_created, s.created) < $?", args![since]));
    }
    if narrowing.not_runnable {
        scopes.push(Scope::new("s.runnable = false", args![]));
    }
    if let Some((user, closed)) = narrowing.open_to.zip(snapshot_access::closed_to(Role::Operator, "s", "$?")) {
        scopes.push(Scope::new(format!("not {closed}"), args![user]));
    }
    page(connection, &LIST, &PipelineSnapshotRow::columns("s"), request, &scopes).await
}

/// How many runs were launched from each of the snapshots since a time; those without are missing.
pub async fn runs_since(
    connection: &mut Connection,
    project: Id,
    snapshots: impl IntoIterator<Item = Id>,
    since: Timestamp,
) -> Result<HashMap<Id, u64>, DbError> {
    let mut found = HashMap::new();
    for chunk in id_values(snapshots).chunks(LONGEST_LIST) {
        let sql = format!(
            "select source_snapshot_id, count(*) from pipeline_runs where project_id = $1 and created >= $2 \
             and source_snapshot_id in ({}) group by source_snapshot_id",
            placeholders(3, chunk.len())
        );
        let mut values = args![project, since];
        values.extend(chunk.iter().cloned());
        let rows: Vec<(Id, i64)> = connection.fetch_all(&sql, values).await?;
        found.extend(rows.into_iter().map(|(snapshot, count)| (snapshot, count as u64)));
    }
    Ok(found)
}

/// How many triggers launch each of the named snapshots; those without are missing.
pub async fn triggers(connection: &mut Connection, snapshots: impl IntoIterator<Item = Id>) -> Result<HashMap<Id, u64>, DbError> {
    let mut found = HashMap::new();
    for chunk in id_values(snapshots).chunks(LONGEST_LIST) {
        let sql = format!(
            "select s.source_snapshot_id, count(*) from pipeline_snapshots s join trigger_snapshots l on l.snapshot_id = s.id \
             where s.source_snapshot_id in ({}) group by s.source_snapshot_id",
            placeholders(1, chunk.len())
        );
        let rows: Vec<(Id, i64)> = connection.fetch_all(&sql, chunk.to_vec()).await?;
        found.extend(rows.into_iter().map(|(snapshot, count)| (snapshot, count as u64)));
    }
    Ok(found)
}

/// How many runs there are of a snapshot: those launched from it, and the one it was made from.
pub async fn run_count(connection: &mut Connection, snapshot: Id) -> Result<u64, DbError> {
    let sql = "select (select count(*) from pipeline_runs where source_snapshot_id = $1) \
                    + (select count(*) from pipeline_runs where snapshot_id = $2)";
    Ok(connection.count(sql, args![snapshot, snapshot]).await? as u64)
}

record! {
    /// A run launched from a snapshot, in short.
    #[derive(Clone, Debug)]
    pub struct LaunchedRun {
        pub id: Id,
        pub run_index: i64,
        pub user_id: Option<Id>,
        pub status: ExecutionStatus,
        pub created: Timestamp,
        pub start_time: Option<Timestamp>,
        pub end_time: Option<Timestamp>,
    }
}

/// The newest runs launched from a snapshot, newest first.
pub async fn newest_runs(connection: &mut Connection, project: Id, snapshot: Id, limit: usize) -> Result<Vec<LaunchedRun>, DbError> {
    let sql = format!(
        "select id, run_index, user_id, status, created, start_time, end_time from pipeline_runs \
         where source_snapshot_id = $1 and project_id = $2 order by created desc, id desc limit {limit}"
    );
    connection.fetch_all(&sql, args![snapshot, project]).await
}

record! {
    /// A run launched from a snapshot, and what its launch asked for.
    #[derive(Clone, Debug)]
    pub struct LaunchedValues {
        pub id: Id,
        pub run_index: i64,
        pub status: ExecutionStatus,
        pub start_time: Option<Timestamp>,
        pub end_time: Option<Timestamp>,
        /// JSON; none for a run that a client started, and where it is longer than asked for.
        pub run_configuration: Option<String>,
    }
}

/// The newest runs launched from a snapshot with what they asked for, newest first; `longest` in characters.
pub async fn newest_values(
    connection: &mut Connection,
    project: Id,
    snapshot: Id,
    limit: usize,
    longest: usize,
) -> Result<Vec<LaunchedValues>, DbError> {
    let sql = format!(
        "select r.id, r.run_index, r.status, r.start_time, r.end_time, \
         case when length(l.run_configuration) <= {longest} then l.run_configuration end \
         from pipeline_runs r left join launches l on l.run_id = r.id \
         where r.source_snapshot_id = $1 and r.project_id = $2 order by r.created desc, r.id desc limit {limit}"
    );
    connection.fetch_all(&sql, args![snapshot, project]).await
}

/// What a column of the project's named snapshots refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    Stack,
    User,
}

/// The accounts that made named snapshots of a project, or the stacks they run on, by name.
pub async fn referred(connection: &mut Connection, project: Id, reference: Reference) -> Result<Vec<(Id, String)>, DbError> {
    let (column, table) = match reference {
        Reference::Stack => ("stack_id", "stacks"),
        Reference::User => ("user_id", "users"),
    };
    let sql = format!(
        "select o.id, o.name from {table} o where o.id in \
         (select s.{column} from pipeline_snapshots s where s.project_id = $1 and s.name is not null) order by o.name limit 200"
    );
    connection.fetch_all(&sql, args![project]).await
}

/// The names of the tags on a project's named snapshots.
pub async fn tag_names(connection: &mut Connection, project: Id) -> Result<Vec<String>, DbError> {
    let sql = "select t.name from tags t where t.id in (select r.tag_id from tag_resources r join pipeline_snapshots s on s.id = r.resource_id \
               where r.resource_type = 'pipeline_snapshot' and s.project_id = $1 and s.name is not null) order by t.name limit 200";
    let rows: Vec<(String,)> = connection.fetch_all(sql, args![project]).await?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}
