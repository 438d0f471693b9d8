//! Pipeline runs and the counters of their statuses.

use std::collections::HashMap;

use super::{
    Connection, DbError, LONGEST_LIST, id_values,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, Scope, filters_in_use, page_with_total},
    placeholders,
    stored::{Changes, Stored as _},
};
use crate::{
    args,
    model::status::ExecutionStatus,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// A run. Pipeline, stack, build, schedule and source snapshot are copied from its snapshot, which never changes them.
    pub struct PipelineRunRow in "pipeline_runs" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Option<Id>,
        project_id: Id,
        snapshot_id: Id,
        pipeline_id: Option<Id>,
        stack_id: Option<Id>,
        build_id: Option<Id>,
        schedule_id: Option<Id>,
        source_snapshot_id: Option<Id>,
        template_id: Option<Id>,
        model_version_id: Option<Id>,
        original_run_id: Option<Id>,
        parent_run_id: Option<Id>,
        root_run_id: Option<Id>,
        child_key: Option<String>,
        triggered_by_step_run_id: Option<Id>,
        triggered_by_deployment_id: Option<Id>,
        name: String,
        run_index: i64,
        orchestrator_run_id: Option<String>,
        status: ExecutionStatus,
        status_reason: Option<String>,
        in_progress: bool,
        start_time: Option<Timestamp>,
        end_time: Option<Timestamp>,
        enable_heartbeat: bool,
        orchestrator_environment_document: String,
        orchestrator_packages_document: Option<String>,
        exception_info: Option<String>,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "pipeline_runs r",
    id: "r.id",
    fields: &[
        Field::new("id", Kind::Uuid("r.id")),
        Field::new("created", Kind::Time("r.created")),
        Field::new("updated", Kind::Time("r.updated")),
        Field::new("name", Kind::Text("r.name")),
        Field::new("index", Kind::Integer("r.run_index")),
        Field::new("status", Kind::Text("r.status")),
        Field::new("in_progress", Kind::Switch("r.in_progress")),
        Field::new("start_time", Kind::Time("r.start_time")),
        Field::new("end_time", Kind::Time("r.end_time")),
        Field::new("orchestrator_run_id", Kind::Text("r.orchestrator_run_id")),
        Field::new("pipeline_id", Kind::Uuid("r.pipeline_id")),
        Field::new(
            "pipeline_name",
            Kind::Through { template: "r.pipeline_id in (select p.id from pipelines p where {})", kind: &Kind::Text("p.name") },
        ),
        Field::new("pipeline", Kind::NameOrId { key: "r.pipeline_id", table: "pipelines", names: &["name"] }),
        Field::new("stack_id", Kind::Uuid("r.stack_id")),
        Field::new("stack", Kind::NameOrId { key: "r.stack_id", table: "stacks", names: &["name"] }),
        Field::new(
            "stack_component",
            Kind::Through {
                template: "r.stack_id in (select sc.stack_id from stack_compositions sc where {})",
                kind: &Kind::NameOrId { key: "sc.component_id", table: "stack_components", names: &["name"] },
            },
        ),
        Field::new("schedule_id", Kind::Uuid("r.schedule_id")),
        Field::new("build_id", Kind::Uuid("r.build_id")),
        Field::new("snapshot_id", Kind::Uuid("r.snapshot_id")),
        Field::new("deployment_id", Kind::Uuid("r.snapshot_id")),
        Field::new("source_snapshot_id", Kind::Uuid("r.source_snapshot_id")),
        Field::new("template_id", Kind::Uuid("r.template_id")),
        Field::new(
            "code_repository_id",
            Kind::Through {
                template: "r.snapshot_id in (select s.id from pipeline_snapshots s join code_references cr on cr.id = s.code_reference_id where {})",
                kind: &Kind::Uuid("cr.code_repository_id"),
            },
        ),
        Field::new(
            "code_repository",
            Kind::Through {
                template: "r.snapshot_id in (select s.id from pipeline_snapshots s join code_references cr on cr.id = s.code_reference_id where {})",
                kind: &Kind::NameOrId { key: "cr.code_repository_id", table: "code_repositories", names: &["name"] },
            },
        ),
        Field::new("model_version_id", Kind::Uuid("r.model_version_id")),
        Field::new(
            "linked_to_model_version_id",
            Kind::Through {
                template: "r.id in (select l.pipeline_run_id from model_version_pipeline_runs l where {})",
                kind: &Kind::Uuid("l.model_version_id"),
            },
        ),
        Field::new(
            "model",
            Kind::Through {
                template: "r.model_version_id in (select v.id from model_versions v where {})",
                kind: &Kind::NameOrId { key: "v.model_id", table: "models", names: &["name"] },
            },
        ),
        Field::new("parent_run_id", Kind::Uuid("r.parent_run_id")),
        Field::new("root_run_id", Kind::Uuid("r.root_run_id")),
        Field::new("original_run_id", Kind::Uuid("r.original_run_id")),
        Field::new("root_runs_only", Kind::Flag { yes: Some("r.parent_run_id is null"), no: None }),
        Field::new("triggered_by_step_run_id", Kind::Uuid("r.triggered_by_step_run_id")),
        Field::new("triggered_by_deployment_id", Kind::Uuid("r.triggered_by_deployment_id")),
        // Says how much of each run is wanted, not which runs.
        Field::new("include_full_metadata", Kind::Flag { yes: None, no: None }),
        Field::new(
            "trigger_id",
            Kind::Through {
                template: "r.id in (select e.pipeline_run_id from trigger_executions e where {})",
                kind: &Kind::Uuid("e.trigger_id"),
            },
        ),
        Field::new(
            "templatable",
            Kind::Flag {
                yes: Some("r.build_id in (select b.id from pipeline_builds b where b.is_local = false and b.stack_id is not null)"),
                no: Some(
                    "(r.build_id is null or r.build_id not in (select b.id from pipeline_builds b where b.is_local = false and b.stack_id is not null))",
                ),
            },
        ),
        Field::new("user", Kind::NameOrId { key: "r.user_id", table: "users", names: &["name", "full_name"] }),
        Field::new("tags", Kind::Tags { resource_type: "pipeline_run", id: "r.id" }),
        Field::new("run_metadata", Kind::Metadata { resource_type: "pipeline_run", id: "r.id" }),
    ],
    sorts: &[
        ("snapshot", "(select s.name from pipeline_snapshots s where s.id = r.source_snapshot_id)"),
        ("model", "(select m.name from models m join model_versions v on v.model_id = m.id where v.id = r.model_version_id)"),
        ("model_version", "(select v.name from model_versions v where v.id = r.model_version_id)"),
    ],
};

/// One page of a project's runs. Where the only filter is the status or nothing, the total comes from the kept counters.
pub async fn list(connection: &mut Connection, project: Id, request: &ListRequest) -> Result<Page<PipelineRunRow>, ListError> {
    let scopes = [Scope::new("r.project_id = $?", args![project])];
    let columns = PipelineRunRow::columns("r");
    let total = match counted(request) {
        Some(status) => Some(count_by_status(connection, project, status).await?),
        None => None,
    };
    page_with_total(connection, &LIST, &columns, request, &scopes, total).await
}

/// The status whose counter gives a request's total: `Some(None)` is "all"; none where other filters are in use.
fn counted(request: &ListRequest) -> Option<Option<ExecutionStatus>> {
    match filters_in_use(&LIST, request).as_slice() {
        [] => Some(None),
        ["status"] => request.get("status")?.parse().ok().map(Some),
        _ => None,
    }
}

async fn count_by_status(connection: &mut Connection, project: Id, status: Option<ExecutionStatus>) -> Result<i64, DbError> {
    let total = "select cast(coalesce(sum(total), 0) as bigint) from pipeline_run_counts where project_id = $1";
    match status {
        Some(status) => connection.count(&format!("{total} and status = $2"), args![project, status]).await,
        None => connection.count(total, args![project]).await,
    }
}

/// How many runs a project, or one of its pipelines, has in each status; statuses without runs are left out.
pub async fn counts(connection: &mut Connection, project: Id, pipeline: Option<Id>) -> Result<Vec<(ExecutionStatus, u64)>, DbError> {
    let sql = "select status, cast(sum(total) as bigint) from pipeline_run_counts \
               where project_id = $1 and ($2 = '' or pipeline_id = $3) group by status having sum(total) > 0 order by status";
    let pipeline = pipeline.map(|id| id.hex()).unwrap_or_default();
    let rows: Vec<(ExecutionStatus, i64)> = connection.fetch_all(sql, args![project, &pipeline, &pipeline]).await?;
    Ok(rows.into_iter().map(|(status, total)| (status, total as u64)).collect())
}

/// Moves one run between the counters: out of `from`, into `to`.
pub async fn count_status(
    connection: &mut Connection,
    run: &PipelineRunRow,
    from: Option<ExecutionStatus>,
    to: Option<ExecutionStatus>,
) -> Result<(), DbError> {
    if from == to {
        return Ok(());
    }
    let pipeline = run.pipeline_id.map(|id| id.hex()).unwrap_or_default();
    let sql = "insert into pipeline_run_counts (project_id, pipeline_id, status, total) values ($1, $2, $3, $4) \
               on conflict (project_id, pipeline_id, status) do update set total = pipeline_run_counts.total + excluded.total";
    if let Some(status) = from {
        connection.execute(sql, args![run.project_id, &pipeline, status, -1i64]).await?;
    }
    if let Some(status) = to {
        connection.execute(sql, args![run.project_id, &pipeline, status, 1i64]).await?;
    }
    Ok(())
}

/// Counts all runs anew.
pub async fn recount(connection: &mut Connection) -> Result<(), DbError> {
    connection.execute("delete from pipeline_run_counts", args![]).await?;
    let sql = "insert into pipeline_run_counts (project_id, pipeline_id, status, total) \
               select project_id, coalesce(pipeline_id, ''), status, count(*) from pipeline_runs group by project_id, coalesce(pipeline_id, ''), status";
    connection.execute(sql, args![]).await?;
    Ok(())
}

/// The run of a snapshot with this orchestrator run id.
pub async fn find_by_orchestrator_run_id(
    connection: &mut Connection,
    snapshot: Id,
    orchestrator_run_id: &str,
) -> Result<Option<PipelineRunRow>, DbError> {
    connection.find("snapshot_id = $1 and orchestrator_run_id = $2", args![snapshot, orchestrator_run_id]).await
}

/// The run of a snapshot that waits for its orchestrator: still initializing or provisioning, with this orchestrator run id
/// or none yet; one with the id comes first.
pub async fn find_placeholder(
    connection: &mut Connection,
    snapshot: Id,
    orchestrator_run_id: Option<&str>,
) -> Result<Option<PipelineRunRow>, DbError> {
    let condition = "snapshot_id = $1 and status in ('initializing', 'provisioning') \
                     and (orchestrator_run_id is null or orchestrator_run_id = $2) \
                     order by case when orchestrator_run_id is null then 1 else 0 end, created limit 1";
    connection.find(condition, args![snapshot, orchestrator_run_id]).await
}

/// Changes a run's columns and moves the counters where its status changes.
pub async fn change(connection: &mut Connection, run: &PipelineRunRow, status: ExecutionStatus, changes: Changes) -> Result<(), DbError> {
    connection.update::<PipelineRunRow>(run.id, changes.set("status", status)).await?;
    count_status(connection, run, Some(run.status), Some(status)).await
}

/// Runs that steps started, by the step that started them, oldest first.
pub async fn triggered_by_steps(
    connection: &mut Connection,
    steps: impl IntoIterator<Item = Id>,
) -> Result<HashMap<Id, Vec<PipelineRunRow>>, DbError> {
    let mut found: HashMap<Id, Vec<PipelineRunRow>> = HashMap::new();
    for chunk in id_values(steps).chunks(LONGEST_LIST) {
        let list = placeholders(1, chunk.len());
        let condition = format!("triggered_by_step_run_id in ({list}) order by created, id");
        for run in connection.find_all::<PipelineRunRow>(&condition, chunk.to_vec()).await? {
            if let Some(step) = run.triggered_by_step_run_id {
                found.entry(step).or_default().push(run);
            }
        }
    }
    Ok(found)
}

/// Runs that a dynamic run made as its children, oldest first.
pub async fn children(connection: &mut Connection, run: Id) -> Result<Vec<PipelineRunRow>, DbError> {
    connection.find_all("parent_run_id = $1 order by created, id", args![run]).await
}

/// The newest run of the same pipeline before a run.
pub async fn before(connection: &mut Connection, run: &PipelineRunRow) -> Result<Option<PipelineRunRow>, DbError> {
    let Some(pipeline) = run.pipeline_id else { return Ok(None) };
    let earlier = "pipeline_id = $1 and (created < $2 or (created = $3 and id < $4)) order by created desc, id desc limit 1";
    connection.find(earlier, args![pipeline, run.created, run.created, run.id]).await
}

/// Takes the runs of a snapshot out of the counters, before they are deleted with it.
pub async fn uncount_runs_of(connection: &mut Connection, snapshot: Id) -> Result<(), DbError> {
    let sql = "update pipeline_run_counts set total = total - coalesce((select count(*) from pipeline_runs r where r.snapshot_id = $1 \
               and r.project_id = pipeline_run_counts.project_id and r.pipeline_id = pipeline_run_counts.pipeline_id \
               and r.status = pipeline_run_counts.status), 0) \
               where pipeline_id = (select s.pipeline_id from pipeline_snapshots s where s.id = $2)";
    connection.execute(sql, args![snapshot, snapshot]).await?;
    Ok(())
}

/// Forgets the counters of a pipeline that is being deleted with all its runs.
pub async fn forget_counts_of(connection: &mut Connection, pipeline: Id) -> Result<(), DbError> {
    connection.execute("delete from pipeline_run_counts where pipeline_id = $1", args![pipeline]).await?;
    Ok(())
}
