//! Wait conditions: asking, answering, and what both do to the run.
//!
//! The process of a dynamic run asks, and polls for the answer under a lease. If it gives up before there is one, the run
//! is paused and the process ends; an answer that comes later resumes the run from here.

use serde_json::Value;

use crate::{
    model::status::ExecutionStatus,
    server::{
        api::wire::{
            run_wait_conditions::{RunWaitConditionLeaseUpdate, RunWaitConditionRequest, RunWaitConditionResolveRequest},
            words::{LeaseMode, Resolution},
        },
        db::{
            Connection,
            pipeline_runs::PipelineRunRow,
            run_wait_conditions::{self, PENDING, RESOLVED, RunWaitConditionRow},
            stored::Changes,
        },
        error::{AppError, Result},
        id::Id,
        launch::resume,
        service::{names, pipeline_runs, pipeline_snapshots, projects, run_metadata},
        state::AppState,
        time::Timestamp,
    },
};

/// Why a run is paused whose process stopped waiting.
const WAITING: &str = "Waiting for input.";
/// Why a run is paused that could be resumed and that this server cannot resume.
const WAITING_FOR_RESUME: &str = "Waiting for manual resume.";

/// The wait condition with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<RunWaitConditionRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("run wait condition", id))
}

/// Makes a run wait; asking the same under the same name again finds the condition that is there, so that a run that is
/// resumed gets its answer.
pub async fn create(connection: &mut Connection, user: Id, request: RunWaitConditionRequest) -> Result<RunWaitConditionRow> {
    projects::require(connection, request.project).await?;
    let run = pipeline_runs::get_locked(connection, request.run).await?;
    if run.project_id != request.project {
        return Err(AppError::missing("pipeline run", request.run));
    }
    if !pipeline_snapshots::get(connection, run.snapshot_id).await?.is_dynamic {
        return Err(AppError::Forbidden("Wait conditions are only supported for dynamic pipelines.".to_owned()));
    }
    let row = new_row(user, request.project, &run, &request)?;
    if let Some(existing) = run_wait_conditions::find_by_name(connection, run.id, &row.name).await? {
        return if is_same_question(&existing, &row)? { Ok(existing) } else { Err(asked_otherwise()) };
    }
    if !run_wait_conditions::pending(connection, [run.id]).await?.is_empty() {
        return Err(AppError::Forbidden(
            "Only one pending wait condition is allowed per run. Resolve the existing pending wait condition before creating a new one."
                .to_owned(),
        ));
    }
    connection.insert(&row).await?;
    run_metadata::store_untyped(connection, user, row.project_id, ("wait_condition", row.id), request.metadata).await?;
    Ok(row)
}

fn new_row(user: Id, project: Id, run: &PipelineRunRow, request: &RunWaitConditionRequest) -> Result<RunWaitConditionRow> {
    names::length(&request.name, names::MAX_LENGTH, "name")?;
    let data_schema = request.data_schema.as_ref().map(serde_json::to_string).transpose()?;
    for (text, field) in [(&request.question, "question"), (&data_schema, "data_schema")] {
        names::length(text.as_deref().unwrap_or_default(), names::MAX_TEXT_LENGTH, field)?;
    }
    Ok(RunWaitConditionRow {
        user_id: Some(user),
        question: request.question.clone(),
        data_schema,
        ..unanswered(project, run.id, &request.name, request.kind.as_str())
    })
}

/// A condition that asks nothing in particular.
fn unanswered(project_id: Id, run_id: Id, name: &str, kind: &str) -> RunWaitConditionRow {
    let now = Timestamp::now();
    RunWaitConditionRow {
        id: Id::new(),
        created: now,
        updated: now,
        user_id: None,
        project_id,
        run_id,
        name: name.to_owned(),
        kind: kind.to_owned(),
        status: PENDING.to_owned(),
        question: None,
        data_schema: None,
        resolution: None,
        result: None,
        resolved_at: None,
        resolved_by_user_id: None,
        last_polled_at: None,
        poller_instance_id: None,
        poller_lease_expires_at: None,
    }
}

fn is_same_question(existing: &RunWaitConditionRow, asked: &RunWaitConditionRow) -> Result<bool> {
    Ok(existing.kind == asked.kind && existing.question == asked.question && schema(existing)? == schema(asked)?)
}

fn asked_otherwise() -> AppError {
    AppError::Exists("A run wait condition with this name already exists for the run, but with different configuration.".to_owned())
}

fn schema(condition: &RunWaitConditionRow) -> Result<Option<Value>> {
    Ok(condition.data_schema.as_deref().map(serde_json::from_str).transpose()?)
}

/// Answers a wait condition. Commit, then wake the supervisor: the run may go on here.
///
/// # Errors
/// 403 for one that was answered before, and for an answer where none is asked for; 400 for an answer that does not fit.
pub async fn resolve(
    connection: &mut Connection,
    state: &AppState,
    user: Id,
    id: Id,
    request: RunWaitConditionResolveRequest,
) -> Result<RunWaitConditionRow> {
    let run = get(connection, id).await?.run_id;
    let run = pipeline_runs::get_locked(connection, run).await?;
    // Read again: the lock of the run orders those who answer at the same time.
    let condition = get(connection, id).await?;
    if condition.status != PENDING {
        return Err(AppError::Forbidden("Wait condition has already been resolved.".to_owned()));
    }
    let result = checked_result(&condition, request.resolution, request.result)?;
    let now = Timestamp::now();
    let changes = Changes::new()
        .set("status", RESOLVED)
        .set("resolution", request.resolution.as_str())
        .set("result", result)
        .set("resolved_at", now)
        .set("resolved_by_user_id", user);
    connection.update::<RunWaitConditionRow>(id, changes).await?;
    // A process sees the answer at its next look if it holds a lease, or if it has not come to asking for one. ZenML calls
    // the run paused in the second case, although the process goes on.
    let is_watched = match condition.poller_lease_expires_at {
        Some(expires) => expires > now,
        None => run.status == ExecutionStatus::Running,
    };
    match request.resolution {
        Resolution::Abort => abort(connection, run).await?,
        Resolution::Continue if is_watched => {}
        Resolution::Continue => resume_root(connection, state, run).await?,
    }
    get(connection, id).await
}

/// The answer as it is stored, once it fits the condition's schema; there is none without a schema and with an abort.
fn checked_result(condition: &RunWaitConditionRow, resolution: Resolution, result: Option<Value>) -> Result<Option<String>> {
    if resolution == Resolution::Abort {
        return Ok(None);
    }
    let Some(schema) = schema(condition)? else {
        return match result {
            Some(_) => Err(AppError::Forbidden("Wait conditions without a schema do not accept a result.".to_owned())),
            None => Ok(None),
        };
    };
    let value = result.unwrap_or_default();
    let validator = jsonschema::validator_for(&schema)
        .map_err(|error| AppError::Invalid(format!("The schema of this wait condition is not a JSON Schema: {error}")))?;
    if let Err(error) = validator.validate(&value) {
        return Err(AppError::Invalid(format!("Value `{value}` does not match expected schema: {error}")));
    }
    if value.is_null() {
        return Ok(None);
    }
    let text = value.to_string();
    names::length(&text, names::MAX_TEXT_LENGTH, "result")?;
    Ok(Some(text))
}

async fn abort(connection: &mut Connection, run: PipelineRunRow) -> Result<()> {
    if run.status.is_finished() {
        return Ok(());
    }
    pipeline_runs::set_status(connection, &run, Some(ExecutionStatus::Stopped), Some("Wait condition was aborted.")).await?;
    Ok(())
}

/// Lets the root run of a paused run go on, on this server if it can start it.
async fn resume_root(connection: &mut Connection, state: &AppState, run: PipelineRunRow) -> Result<()> {
    let run = match run.root_run_id {
        Some(root) => pipeline_runs::get_locked(connection, root).await?,
        None => run,
    };
    if run.status.is_finished() || run.status == ExecutionStatus::Stopping {
        return Ok(());
    }
    if run.status != ExecutionStatus::Paused || !resume::request(connection, state, &run).await? {
        pipeline_runs::set_status(connection, &run, Some(ExecutionStatus::Paused), Some(WAITING_FOR_RESUME)).await?;
        return Ok(());
    }
    let reason = "Automatically resuming run from server.";
    pipeline_runs::set_status(connection, &run, Some(ExecutionStatus::Resuming), Some(reason)).await?;
    Ok(())
}

/// What the process that waits reports; answers the condition's status. Commit, then wake the supervisor.
pub async fn update_lease(
    connection: &mut Connection,
    state: &AppState,
    id: Id,
    update: RunWaitConditionLeaseUpdate,
) -> Result<RunWaitConditionRow> {
    let run = get(connection, id).await?.run_id;
    let run = pipeline_runs::get_locked(connection, run).await?;
    let condition = get(connection, id).await?;
    let (now, is_pending) = (Timestamp::now(), condition.status == PENDING);
    let polled = Changes::new().set("last_polled_at", now);
    if update.mode == LeaseMode::Refresh {
        let changes = match is_pending {
            true => {
                polled.set("poller_instance_id", update.poller_instance_id).set("poller_lease_expires_at", update.poller_lease_expires_at)
            }
            false => polled,
        };
        connection.update::<RunWaitConditionRow>(id, changes).await?;
        return get(connection, id).await;
    }
    let changes = polled.set("poller_instance_id", None::<String>).set("poller_lease_expires_at", now);
    connection.update::<RunWaitConditionRow>(id, changes).await?;
    // A process that ends because the run is being stopped gives its lease up, too: that is no pause.
    let goes_on = !run.status.is_finished() && run.status != ExecutionStatus::Stopping;
    if goes_on && is_pending {
        pipeline_runs::set_status(connection, &run, Some(ExecutionStatus::Paused), Some(WAITING)).await?;
    } else if goes_on && update.mode == LeaseMode::Abandon && condition.resolution.as_deref() == Some(Resolution::Continue.as_str()) {
        // The answer came, and nobody is there to go on with it.
        let run = pipeline_runs::set_status(connection, &run, Some(ExecutionStatus::Paused), None).await?;
        resume_root(connection, state, run).await?;
    }
    get(connection, id).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn condition(schema: Option<Value>) -> RunWaitConditionRow {
        let data_schema = schema.map(|schema| schema.to_string());
        RunWaitConditionRow { data_schema, ..unanswered(Id::new(), Id::new(), "approval", "external_input") }
    }

    #[test]
    fn an_answer_must_fit_what_was_asked_for() {
        let number = condition(Some(json!({ "type": "integer" })));
        assert_eq!(checked_result(&number, Resolution::Continue, Some(json!(3))).expect("it fits"), Some("3".to_owned()));
        for wrong in [Some(json!("3")), None] {
            assert!(matches!(checked_result(&number, Resolution::Continue, wrong), Err(AppError::Invalid(_))));
        }
        let go_on = condition(None);
        assert_eq!(checked_result(&go_on, Resolution::Continue, None).expect("nothing to answer"), None);
        assert!(matches!(checked_result(&go_on, Resolution::Continue, Some(json!(1))), Err(AppError::Forbidden(_))));
    }

    #[test]
    fn an_abort_has_no_result() {
        let number = condition(Some(json!({ "type": "integer" })));
        assert_eq!(checked_result(&number, Resolution::Abort, Some(json!("x"))).expect("ignored"), None);
    }

    #[test]
    fn a_question_is_the_same_whatever_the_order_of_its_schema() {
        let asked = condition(Some(json!({ "type": "object", "title": "T" })));
        let again = condition(Some(json!({ "title": "T", "type": "object" })));
        assert!(is_same_question(&asked, &again).expect("readable"));
        assert!(!is_same_question(&asked, &condition(None)).expect("readable"));
    }
}
