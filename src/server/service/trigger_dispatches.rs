//! Firing triggers: from what causes it to the run.
//!
//! Each firing is written down in the transaction of what caused it (a schedule's due time that was taken, the end of a run, a
//! webhook's delivery), one row for each attached snapshot, and becomes a run in a transaction that takes the row. So nothing
//! fires twice, however many server processes there are, and nothing is lost when one ends.
//!
//! Runs belong to the trigger's owner. A trigger whose concurrency is `skip` does nothing while a run that it made of the same
//! snapshot is in progress; `submit` starts another. `max_runs` counts the runs that a schedule made of a snapshot. Events that
//! lead back to a pipeline they came from start nothing.

use serde_json::{Value, json};

use crate::{
    model::{roles::Action, status::ExecutionStatus},
    server::{
        api::wire::triggers::{DispatchState, DispatchStatus, ExecutionInfo, PlatformEventConfiguration, ScheduleConfiguration},
        db::{
            Connection,
            pipeline_runs::PipelineRunRow,
            trigger_dispatches::{self, TriggerDispatchRow},
            trigger_executions::{self, TriggerExecutionRow},
            trigger_snapshots::{self, TriggerSnapshotRow},
            triggers::{self, TriggerRow},
            users::UserRow,
        },
        error::{AppError, Result},
        id::Id,
        service::{
            launches, pipeline_snapshots,
            trigger_times::{Due, Times},
        },
        state::AppState,
        time::Timestamp,
    },
};

/// Most schedules and firings that are looked at in one pass.
const BATCH: i64 = 100;
/// How long a firing waits for room in the queue of launches, in seconds.
const PATIENCE_SECONDS: f64 = 10.0 * 60.0;
/// Longest message of an error, in characters (ZenML's limit).
const MAX_MESSAGE_LENGTH: usize = 4096;

/// Writes down a firing for every snapshot that is attached to a trigger.
pub async fn enqueue(connection: &mut Connection, trigger: Id, info: Option<&ExecutionInfo>) -> Result<()> {
    let links = trigger_snapshots::of(connection, [trigger]).await?.remove(&trigger).unwrap_or_default();
    let info = info.map(serde_json::to_string).transpose()?;
    for link in links {
        let row = TriggerDispatchRow {
            id: Id::new(),
            created: Timestamp::now(),
            trigger_id: trigger,
            snapshot_id: link.snapshot_id,
            info: info.clone(),
        };
        connection.insert(&row).await?;
    }
    Ok(())
}

/// Takes the due times of schedules. A schedule that cannot be read any more is due no more.
pub async fn fire_due(state: &AppState, now: Timestamp) -> Result<()> {
    let due = triggers::due(&mut state.db.read().await?, now, BATCH).await?;
    for trigger in due {
        let Some(planned) = trigger.next_occurrence else { continue };
        let due = match times(&trigger) {
            Ok(times) => times.due(planned, now),
            Err(error) => {
                tracing::error!(trigger = %trigger.id, error = format!("{error:#}"), "a schedule cannot be read and ends");
                Due { fire: None, next: None }
            }
        };
        let mut connection = state.db.begin().await?;
        if !triggers::claim(&mut connection, trigger.id, planned, due.next).await? {
            continue;
        }
        match due.fire {
            Some(_) => enqueue(&mut connection, trigger.id, None).await?,
            None => tracing::warn!(trigger = %trigger.id, %planned, "a schedule was due too long ago and does not fire for it"),
        }
        connection.commit().await?;
    }
    Ok(())
}

fn times(trigger: &TriggerRow) -> Result<Times> {
    Times::read(&serde_json::from_str::<ScheduleConfiguration>(&trigger.configuration)?)
}

/// Fires the triggers that wait for the end of a run, in the transaction that ends it.
pub async fn run_ended(connection: &mut Connection, run: &PipelineRunRow, status: ExecutionStatus) -> Result<()> {
    let event = match status {
        ExecutionStatus::Completed => 0,
        ExecutionStatus::Failed => 1,
        _ => return Ok(()),
    };
    let sources = [Some(run.id), Some(run.snapshot_id), run.pipeline_id, run.source_snapshot_id].into_iter().flatten().collect();
    let waiting = triggers::waiting_for(connection, run.project_id, sources).await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let info =
        ExecutionInfo { upstream_run_id: Some(run.id), upstream_pipeline_ids: lineage(connection, run).await?, ..Default::default() };
    for trigger in waiting {
        let configuration: PlatformEventConfiguration = serde_json::from_str(&trigger.configuration)?;
        let wanted = configuration.source_entity.kind.events()[event];
        if configuration.target_events.iter().any(|target| target == wanted) {
            enqueue(connection, trigger.id, Some(&info)).await?;
        }
    }
    Ok(())
}

/// The pipelines of the chain of events that ends with this run.
async fn lineage(connection: &mut Connection, run: &PipelineRunRow) -> Result<Vec<Id>> {
    let execution = trigger_executions::of_runs(connection, [run.id]).await?.remove(&run.id);
    let before = execution.and_then(|execution| execution.info).map(|info| serde_json::from_str::<ExecutionInfo>(&info)).transpose()?;
    let mut pipelines = before.map(|info| info.upstream_pipeline_ids).unwrap_or_default();
    pipelines.extend(run.pipeline_id.filter(|id| !pipelines.contains(id)));
    Ok(pipelines)
}

/// Makes runs of the firings that wait. One that fails is recorded with its trigger and does not keep the others.
pub async fn work(state: &AppState) -> Result<()> {
    let waiting = trigger_dispatches::waiting(&mut state.db.read().await?, BATCH).await?;
    for row in waiting {
        let is_young = Timestamp::now().seconds_since(row.created) < PATIENCE_SECONDS;
        match dispatch(state, &row).await {
            Ok(()) => {}
            // There will be room, or a database, again.
            Err(AppError::Busy(_)) if is_young => {}
            Err(AppError::Internal(error)) if is_young => {
                tracing::error!(trigger = %row.trigger_id, error = format!("{error:#}"), "a firing failed and is tried again");
            }
            Err(error) => fail(state, &row, &error).await?,
        }
    }
    Ok(())
}

/// Makes a run of one firing, unless another server process was faster or there is a reason to make none.
async fn dispatch(state: &AppState, row: &TriggerDispatchRow) -> Result<()> {
    let mut connection = state.db.begin().await?;
    let Some((trigger, link)) = take(&mut connection, row).await? else { return Ok(connection.commit().await?) };
    let info: ExecutionInfo = row.info.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
    let snapshot = pipeline_snapshots::get(&mut connection, link.snapshot_id).await?;
    if let Some((status, details)) = reason_to_skip(&mut connection, &trigger, &link, snapshot.pipeline_id, &info).await? {
        record(&mut connection, &link, DispatchState::new(status, Some(details))).await?;
        return Ok(connection.commit().await?);
    }
    let user = owner(&mut connection, &trigger).await?;
    let layers = json!({ "trigger": trigger.id });
    let by =
        launches::Launch { user, is_run: false, source: "trigger", layers: Some(&layers), request_key: None, tag: None, proposal: None };
    let run = launches::launch(&mut connection, state, by, &snapshot, &Value::Null).await?;
    let execution = TriggerExecutionRow { trigger_id: trigger.id, pipeline_run_id: run.id, info: row.info.clone() };
    trigger_executions::insert(&mut connection, &execution).await?;
    record(&mut connection, &link, DispatchState::new(DispatchStatus::Success, None)).await?;
    connection.commit().await?;
    state.launch_signal.wake();
    state.events.send("run", run.id);
    if let Some(source) = run.source_snapshot_id {
        state.events.send("snapshot", source);
    }
    Ok(())
}

/// Takes a firing; none where another server process was faster, or where the trigger fires no more.
async fn take(connection: &mut Connection, row: &TriggerDispatchRow) -> Result<Option<(TriggerRow, TriggerSnapshotRow)>> {
    // The attachment first, as whoever detaches it does.
    let Some(link) = trigger_snapshots::get_locked(connection, row.trigger_id, row.snapshot_id).await? else { return Ok(None) };
    if !connection.delete::<TriggerDispatchRow>(row.id).await? {
        return Ok(None);
    }
    let trigger: Option<TriggerRow> = connection.get(row.trigger_id).await?;
    Ok(trigger.filter(|trigger| trigger.active && !trigger.is_archived).map(|trigger| (trigger, link)))
}

async fn reason_to_skip(
    connection: &mut Connection,
    trigger: &TriggerRow,
    link: &TriggerSnapshotRow,
    pipeline: Id,
    info: &ExecutionInfo,
) -> Result<Option<(DispatchStatus, Value)>> {
    if info.upstream_pipeline_ids.contains(&pipeline) {
        let details = json!({ "pipeline_id": pipeline, "upstream_pipeline_ids": info.upstream_pipeline_ids });
        return Ok(Some((DispatchStatus::SkippedTriggerCycle, details)));
    }
    let Some(source) = link.source_snapshot_id else { return Ok(None) };
    let (total, in_progress) = trigger_executions::count(connection, trigger.id, source).await?;
    if trigger.kind == "schedule" {
        let configuration: ScheduleConfiguration = serde_json::from_str(&trigger.configuration)?;
        if let Some(most) = configuration.max_runs.filter(|most| total >= *most) {
            return Ok(Some((DispatchStatus::SkippedMaxRuns, json!({ "max_runs": most, "run_count": total }))));
        }
    }
    if trigger.concurrency == "skip" && in_progress > 0 {
        return Ok(Some((DispatchStatus::SkippedConcurrency, json!({ "runs_in_progress": in_progress }))));
    }
    Ok(None)
}

/// Who the run belongs to.
async fn owner(connection: &mut Connection, trigger: &TriggerRow) -> Result<Id> {
    let Some(id) = trigger.user_id else {
        return Err(AppError::Invalid("The owner of this trigger was deleted. Make the trigger anew to have runs of your own.".to_owned()));
    };
    let user: Option<UserRow> = connection.get(id).await?;
    match user {
        Some(user) if user.active => match user.role.refusal(Action::Launch) {
            None => Ok(user.id),
            Some(_) => {
                let message = format!("The owner of this trigger, {}, has the role {}, which launches nothing.", user.name, user.role);
                Err(AppError::Forbidden(message))
            }
        },
        _ => Err(AppError::Invalid("The owner of this trigger is not active, so it starts no runs.".to_owned())),
    }
}

/// Takes a firing that makes no run, and says so where its trigger is shown.
async fn fail(state: &AppState, row: &TriggerDispatchRow, error: &AppError) -> Result<()> {
    if let AppError::Internal(error) = error {
        tracing::error!(trigger = %row.trigger_id, error = format!("{error:#}"), "a firing failed for good");
    }
    let mut connection = state.db.begin().await?;
    if let Some((_, link)) = take(&mut connection, row).await? {
        record(&mut connection, &link, DispatchState::failed(error)).await?;
    }
    Ok(connection.commit().await?)
}

async fn record(connection: &mut Connection, link: &TriggerSnapshotRow, state: DispatchState) -> Result<()> {
    let before = link.dispatch_state.as_deref().map(serde_json::from_str::<DispatchState>).transpose()?;
    let state = serde_json::to_string(&state.after(before))?;
    Ok(trigger_snapshots::set_state(connection, link.trigger_id, link.snapshot_id, Some(&state)).await?)
}

impl DispatchState {
    /// How a firing went that did not fail.
    pub fn new(status: DispatchStatus, details: Option<Value>) -> Self {
        Self {
            last_status: status,
            last_status_at: Timestamp::now(),
            last_status_details: match details {
                Some(Value::Object(details)) => Some(details),
                _ => None,
            },
            last_error_message: None,
            last_error_type: None,
            last_error_severity: None,
            last_error_stack_trace: None,
            last_error_at: None,
            first_error_at: None,
            last_error_count: 0,
        }
    }

    /// How a firing went that failed.
    fn failed(error: &AppError) -> Self {
        let severity = match error {
            AppError::Busy(_) => "Minor",
            AppError::Internal(_) => "Critical",
            _ => "Major",
        };
        let state = Self::new(DispatchStatus::Error, None);
        Self {
            last_error_message: Some(error.message().chars().take(MAX_MESSAGE_LENGTH).collect()),
            last_error_type: Some(error.class().to_owned()),
            last_error_severity: Some(severity.to_owned()),
            last_error_at: Some(state.last_status_at),
            first_error_at: Some(state.last_status_at),
            last_error_count: 1,
            ..state
        }
    }

    /// This state after an earlier one: errors of one type in a row are counted, and the last error stays until it is cleared.
    fn after(mut self, before: Option<Self>) -> Self {
        let Some(before) = before else { return self };
        let repeats = before.last_status == DispatchStatus::Error && before.last_error_type == self.last_error_type;
        match self.last_status {
            DispatchStatus::Error if repeats => {
                self.last_error_count = before.last_error_count + 1;
                self.first_error_at = before.first_error_at;
                self
            }
            DispatchStatus::Error => self,
            _ => Self {
                last_status: self.last_status,
                last_status_at: self.last_status_at,
                last_status_details: self.last_status_details,
                ..before
            },
        }
    }

    /// This state without what it says about an error.
    pub fn without_error(self) -> Self {
        let details = self.last_status_details.map(Value::Object);
        Self { last_status_at: self.last_status_at, ..Self::new(self.last_status, details) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_one_type_are_counted_and_stay_until_they_are_cleared() {
        let refused = || DispatchState::failed(&AppError::Invalid("no stack".to_owned()));
        let first = refused().after(None);
        assert_eq!((first.last_error_count, first.last_error_type.as_deref()), (1, Some("ValueError")));
        let second = refused().after(Some(first.clone()));
        assert_eq!((second.last_error_count, second.first_error_at), (2, first.first_error_at));
        let other = DispatchState::failed(&AppError::Busy("full".to_owned())).after(Some(second.clone()));
        assert_eq!((other.last_error_count, other.last_error_severity.as_deref()), (1, Some("Minor")));
        let good = DispatchState::new(DispatchStatus::Success, None).after(Some(second));
        assert_eq!((good.last_status, good.last_error_count), (DispatchStatus::Success, 2));
        let cleared = good.without_error();
        assert_eq!((cleared.last_status, cleared.last_error_count, cleared.last_error_message), (DispatchStatus::Success, 0, None));
    }
}
