//! How the status of a run follows from what was asked for and from its steps: pure rules, as in ZenML 0.98.
//!
//! Nobody reports that a static run is complete: the server finds out from the steps. A dynamic run reports itself.

use crate::{
    model::status::ExecutionStatus::{self, *},
    server::error::{AppError, Result},
};

/// What the rules need to know about a run.
#[derive(Clone, Copy, Debug)]
pub struct RunState {
    pub status: ExecutionStatus,
    pub is_dynamic: bool,
    pub is_child: bool,
    /// Number of steps of a static pipeline.
    pub step_count: usize,
}

/// The status a run takes when `requested` is asked for, or none where nothing changes.
///
/// # Errors
/// 403 for statuses that runs never have, for resuming what cannot be resumed, and for changing a finished run.
pub fn next(run: RunState, requested: Option<ExecutionStatus>, steps: &[ExecutionStatus]) -> Result<Option<ExecutionStatus>> {
    if let Some(status) = requested {
        check_requested(run, status)?;
        if status == Provisioning && run.status != Initializing {
            return Ok(None);
        }
    }
    let wanted = requested.unwrap_or(run.status);
    // A process that is being ended reports a failure as its last word; the run was stopped all the same. ZenML has this
    // rule for dynamic runs only, where a static run ends as either, depending on who is faster.
    let was_stopped = matches!(run.status, Stopping | Stopped) && wanted == Failed;
    let new = match (run.is_dynamic, was_stopped) {
        (true, true) => Stopped,
        (true, false) => wanted,
        (false, true) => computed(run.status, steps, run.step_count),
        (false, false) => computed(wanted, steps, run.step_count),
    };
    if new == run.status {
        return Ok(None);
    }
    if run.status.is_finished() && !(run.status == Failed && new == Resuming) {
        return Err(AppError::Forbidden(format!("Cannot update the status of a finished run: it is {}, not to become {new}.", run.status)));
    }
    Ok(Some(new))
}

fn check_requested(run: RunState, requested: ExecutionStatus) -> Result<()> {
    if matches!(requested, Cached | Skipped | Retrying | Retried) {
        return Err(AppError::Forbidden(format!("A pipeline run cannot have the status {requested}.")));
    }
    if requested == Resuming && (run.is_child || !matches!(run.status, Paused | Failed)) {
        return Err(AppError::Forbidden(format!("A run that is {} cannot be resumed.", run.status)));
    }
    Ok(())
}

/// The status of a static run from those of its steps.
fn computed(run: ExecutionStatus, steps: &[ExecutionStatus], step_count: usize) -> ExecutionStatus {
    let all_finished = steps.iter().all(|status| status.is_finished());
    let any = |wanted: &[ExecutionStatus]| steps.iter().any(|status| wanted.contains(status));
    if run == Stopping {
        return if all_finished { Stopped } else { Stopping };
    }
    if run == Failed || any(&[Failed]) {
        return Failed;
    }
    if any(&[Stopped]) {
        return if all_finished { Stopped } else { Stopping };
    }
    if any(&[Running, Retrying]) {
        return Running;
    }
    if steps.len() < step_count {
        return if matches!(run, Initializing | Provisioning) { run } else { Running };
    }
    Completed
}

/// One step as the "is anything still going on" rule sees it.
#[derive(Clone, Debug)]
pub struct StepState<'a> {
    pub name: &'a str,
    pub upstream: Vec<&'a str>,
    /// None while the step has not been started.
    pub status: Option<ExecutionStatus>,
    /// Its heartbeat stopped too long ago.
    pub is_unhealthy: bool,
}

/// Whether a static run is still in progress. A failed run that goes on after failures is, while a step that does not
/// depend on a failed one has not ended.
pub fn in_progress(status: ExecutionStatus, continues_on_failure: bool, steps: &[StepState<'_>]) -> bool {
    if !status.is_finished() {
        return true;
    }
    if status != Failed || !continues_on_failure {
        return false;
    }
    let mut blocked: Vec<&str> = steps.iter().filter(|step| step.status == Some(Failed)).map(|step| step.name).collect();
    // Until nothing more is found: the steps need not come in the order of their dependencies.
    loop {
        let found: Vec<&str> = steps
            .iter()
            .filter(|step| !blocked.contains(&step.name) && step.upstream.iter().any(|upstream| blocked.contains(upstream)))
            .map(|step| step.name)
            .collect();
        if found.is_empty() {
            break;
        }
        blocked.extend(found);
    }
    steps.iter().filter(|step| !blocked.contains(&step.name)).any(|step| match step.status {
        None => true,
        Some(status) => !status.is_finished() && !step.is_unhealthy,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(status: ExecutionStatus, step_count: usize) -> RunState {
        RunState { status, is_dynamic: false, is_child: false, step_count }
    }

    #[test]
    fn a_static_run_completes_when_its_last_step_does() {
        assert_eq!(next(run(Running, 2), None, &[Completed]).expect("allowed"), None);
        assert_eq!(next(run(Running, 2), None, &[Completed, Cached]).expect("allowed"), Some(Completed));
        assert_eq!(next(run(Initializing, 1), None, &[Cached]).expect("allowed"), Some(Completed));
    }

    #[test]
    fn a_failed_step_fails_the_run() {
        assert_eq!(next(run(Running, 3), None, &[Completed, Failed]).expect("allowed"), Some(Failed));
    }

    #[test]
    fn stopping_ends_as_stopped_once_no_step_goes_on() {
        assert_eq!(next(run(Stopping, 3), None, &[Completed, Running]).expect("allowed"), None);
        assert_eq!(next(run(Stopping, 3), None, &[Completed, Stopped]).expect("allowed"), Some(Stopped));
        assert_eq!(next(run(Stopping, 3), Some(Failed), &[Running]).expect("allowed"), None, "the last word of an ended process");
        assert_eq!(next(run(Stopping, 1), Some(Failed), &[Failed]).expect("allowed"), Some(Stopped));
        assert_eq!(next(run(Stopped, 1), Some(Failed), &[Stopped]).expect("allowed"), None);
    }

    #[test]
    fn a_late_provisioning_changes_nothing() {
        assert_eq!(next(run(Completed, 1), Some(Provisioning), &[Completed]).expect("a silent no-op"), None);
        assert_eq!(next(run(Initializing, 1), Some(Provisioning), &[]).expect("allowed"), Some(Provisioning));
    }

    #[test]
    fn a_finished_run_stays_finished_but_a_failed_one_may_resume() {
        assert!(matches!(next(run(Completed, 1), Some(Failed), &[Completed]), Err(AppError::Forbidden(_))));
        let dynamic = RunState { is_dynamic: true, ..run(Failed, 0) };
        assert_eq!(next(dynamic, Some(Resuming), &[]).expect("allowed"), Some(Resuming));
        assert!(next(RunState { is_child: true, ..dynamic }, Some(Resuming), &[]).is_err());
    }

    #[test]
    fn a_dynamic_run_reports_itself_and_a_stopping_one_that_fails_is_stopped() {
        let dynamic = |status| RunState { is_dynamic: true, ..run(status, 0) };
        assert_eq!(next(dynamic(Running), Some(Completed), &[Running]).expect("allowed"), Some(Completed));
        assert_eq!(next(dynamic(Running), None, &[Completed]).expect("allowed"), None);
        assert_eq!(next(dynamic(Stopping), Some(Failed), &[]).expect("allowed"), Some(Stopped));
    }

    #[test]
    fn statuses_of_steps_are_refused_for_runs() {
        for status in [Cached, Skipped, Retrying, Retried] {
            assert!(next(run(Running, 1), Some(status), &[]).is_err(), "{status}");
        }
    }

    #[test]
    fn a_failed_run_goes_on_while_independent_steps_do() {
        let step = |name, upstream: &[&'static str], status| StepState { name, upstream: upstream.to_vec(), status, is_unhealthy: false };
        let steps = [step("a", &[], Some(Failed)), step("b", &["a"], None), step("c", &[], Some(Running))];
        assert!(in_progress(Failed, true, &steps));
        assert!(!in_progress(Failed, false, &steps));
        assert!(!in_progress(Failed, true, &steps[..2]), "what depends on a failed step does not count");
        let unhealthy = [StepState { is_unhealthy: true, ..steps[2].clone() }];
        assert!(!in_progress(Failed, true, &unhealthy));
    }
}
