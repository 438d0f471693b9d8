//! One launch from its claim to its end: prepare, start, watch, and give the run its last status.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tokio::sync::watch;

use super::{
    logs,
    outcome::{self, Outcome},
    process::{self, Identity, RunFolder, RunnerState},
    runner::{Plan, Refusal},
    target::Target,
};
use crate::{
    model::status::ExecutionStatus,
    server::{
        db::{
            Connection,
            launches::{self, LaunchRow},
            pipeline_runs::PipelineRunRow,
        },
        error::Result,
        state::AppState,
    },
};

/// How often a runner is looked at.
const POLL: Duration = Duration::from_millis(300);
/// How long a runner may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(15);

/// What a launch's task is told from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Go on.
    Run,
    /// End the runner; the run becomes `stopped`.
    Stop,
    /// The run was deleted: end the runner, there is nothing to record.
    Deleted,
    /// Another server took the launch over: leave the runner alone.
    Lost,
}

/// A launch in the hands of this server.
pub struct Watch {
    pub state: AppState,
    /// This server process, as the lease names it.
    pub owner: String,
    pub launch: LaunchRow,
    pub control: watch::Receiver<Control>,
}

/// How the part before the watching went.
enum Start {
    Runner(Option<Identity>),
    /// The runner ended before this server came to look.
    Ended(RunnerState),
    /// There will be no runner.
    Never(Outcome),
    /// Nothing more to do here.
    Leave,
}

impl Watch {
    /// Brings the launch to its end, or leaves it when told so. Errors are the database's: the supervisor tries again.
    pub async fn run(mut self) -> Result<()> {
        let folder = RunFolder::at(&self.launch.work_directory);
        let (end, outcome) = match self.start(&folder).await? {
            Start::Leave => return Ok(()),
            Start::Never(outcome) => (RunnerState::NotStarted, Some(outcome)),
            Start::Ended(end) => (end, None),
            Start::Runner(identity) => match self.until_end(&folder, identity).await {
                Some(end) => (end, None),
                None => return Ok(()),
            },
        };
        self.finish(&folder, end, outcome).await
    }

    fn told(&self) -> Control {
        *self.control.borrow()
    }

    /// Starts the runner, or finds the one that an earlier owner of the launch started.
    async fn start(&mut self, folder: &RunFolder) -> Result<Start> {
        let recorded = self.launch.process();
        match process::look(folder, recorded.as_ref()) {
            RunnerState::Running => {
                tracing::info!(run = %self.launch.run_id, "found the runner of an earlier server process");
                return Ok(Start::Runner(recorded));
            }
            RunnerState::NotStarted => {}
            end @ RunnerState::Ended(_) => return Ok(Start::Ended(end)),
            RunnerState::Unreachable => return Ok(Start::Leave),
        }
        let mut control = self.control.clone();
        let prepared = tokio::select! {
            prepared = self.prepare_and_spawn(folder) => prepared,
            _ = control.wait_for(|control| *control != Control::Run) => {
                return Ok(match self.told() {
                    Control::Run | Control::Stop => Start::Never(Outcome::Stopped),
                    Control::Deleted | Control::Lost => Start::Leave,
                });
            }
        };
        match prepared {
            Ok(Some(identity)) => Ok(Start::Runner(Some(identity))),
            Ok(None) => Ok(Start::Never(Outcome::Unchanged)),
            Err(Refusal::Reason(reason)) => Ok(Start::Never(Outcome::Failed(reason))),
            Err(Refusal::Lost) => Ok(Start::Leave),
            Err(Refusal::Internal(error)) => {
                tracing::error!(run = %self.launch.run_id, error = format!("{error:?}"), "launch failed");
                let reason = "The run could not be started because of an internal error, which the server's log describes.";
                Ok(Start::Never(Outcome::Failed(reason.to_owned())))
            }
        }
    }

    /// The started runner; none where the run needs none any more.
    async fn prepare_and_spawn(&self, folder: &RunFolder) -> Result<Option<Identity>, Refusal> {
        let run_id = self.launch.run_id;
        let mut connection = self.state.db.read().await?;
        // As ZenML does: only a run that still waits to be started, or to go on, is started.
        let waiting = |run: &PipelineRunRow| matches!(run.status, ExecutionStatus::Initializing | ExecutionStatus::Resuming);
        let Some(run) = connection.get::<PipelineRunRow>(run_id).await?.filter(waiting) else { return Ok(None) };
        let plan = Plan::read(&mut connection, &self.state, run).await?;
        drop(connection);
        let made = {
            let path = folder.path().to_owned();
            tokio::task::spawn_blocking(move || super::make_private_folder(&path)).await.map_err(anyhow::Error::new)?
        };
        made.map_err(|error| Refusal::Reason(format!("The run's folder cannot be made: {error}")))?;
        let command = plan.prepare(&self.state, &self.state.launching, folder).await?;
        if !self.confirm_lease().await? {
            return Err(Refusal::Lost);
        }
        // From here to the end nothing waits, so being stopped cannot come between starting and knowing it.
        let identity =
            process::start(folder, &command).map_err(|error| Refusal::Reason(format!("The runner could not be started: {error}")))?;
        tracing::info!(run = %run_id, process_id = identity.process_id, "runner started");
        Ok(Some(identity))
    }

    /// Renews the lease right before the start: a server that lost it, or cannot ask, must not start what another one may.
    async fn confirm_lease(&self) -> Result<bool> {
        let mut connection = self.state.db.begin().await?;
        let held = launches::confirm(&mut connection, self.launch.run_id, &self.owner, super::supervisor::lease_end()).await?;
        connection.commit().await?;
        Ok(held)
    }

    /// Watches the runner to its end; none where it is not this server's business any more.
    async fn until_end(&mut self, folder: &RunFolder, mut identity: Option<Identity>) -> Option<RunnerState> {
        let mut recorded = self.launch.process().is_some();
        let (mut asked_to_end, mut log_size) = (None, 0);
        loop {
            if identity.is_none() {
                identity = process::identify(folder);
            }
            if let (false, Some(identity)) = (recorded, &identity) {
                recorded = self.record(identity).await;
            }
            let end = process::look(folder, identity.as_ref());
            self.tell_of_output(folder, &mut log_size);
            let told = self.told();
            match (end, told) {
                (_, Control::Lost) => return None,
                (RunnerState::Running, Control::Run) => {}
                (RunnerState::Running, Control::Stop | Control::Deleted) => {
                    let since = *asked_to_end.get_or_insert_with(Instant::now);
                    let signal = if since.elapsed() < GRACE { Signal::SIGTERM } else { Signal::SIGKILL };
                    if let Some(identity) = &identity {
                        identity.signal_group(signal);
                    }
                }
                (end, _) => {
                    // Without an exit code the shell was killed; what it had started may live on.
                    if let (RunnerState::Ended(None), Some(identity)) = (end, &identity) {
                        identity.signal_group(Signal::SIGKILL);
                    }
                    if told == Control::Deleted {
                        super::remove_run_folder(folder).await;
                        return None;
                    }
                    return Some(end);
                }
            }
            // Wakes early when told something new; the sender is gone only when the server ends.
            let _ = tokio::time::timeout(POLL, self.control.changed()).await;
        }
    }

    /// Writes down which process the runner is; a failure is tried again at the next look.
    async fn record(&self, identity: &Identity) -> bool {
        let write = async {
            let mut connection = self.state.db.begin().await?;
            let process = (i64::from(identity.process_id), identity.started.as_str());
            launches::record_process(&mut connection, self.launch.run_id, &self.owner, process).await?;
            connection.commit().await
        };
        match write.await {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(run = %self.launch.run_id, %error, "cannot record a runner");
                false
            }
        }
    }

    fn tell_of_output(&self, folder: &RunFolder, size: &mut u64) {
        let now = std::fs::metadata(folder.log()).map_or(0, |metadata| metadata.len());
        if now != *size {
            *size = now;
            self.state.events.send("logs", self.launch.run_id);
        }
    }

    /// Gives the run its last status and ends the launch, in one transaction.
    async fn finish(&self, folder: &RunFolder, end: RunnerState, outcome: Option<Outcome>) -> Result<()> {
        let run = self.launch.run_id;
        let mut connection = self.state.db.begin().await?;
        let row = connection.get_locked::<PipelineRunRow>(run).await?;
        let resume_requested = launches::get(&mut connection, run).await?.is_some_and(|launch| launch.resume_requested);
        let outcome = match (outcome, row) {
            (_, None) => Outcome::Unchanged,
            (_, Some(row)) if row.status.is_finished() && !row.in_progress => Outcome::Unchanged,
            (None, Some(row)) if self.told() != Control::Stop && outcome::is_at_rest(row.status, resume_requested) => Outcome::Unchanged,
            (Some(outcome), Some(_)) => outcome,
            (None, Some(row)) => {
                let stop_requested = self.told() == Control::Stop;
                let last_words = logs::last_words(&logs::text_from(&folder.log(), 0));
                outcome::of_end(end, stop_requested, runs_in_process(&mut connection, &row).await?, &last_words)
            }
        };
        let (code, error) = match (end, &outcome) {
            (RunnerState::Ended(code), Outcome::Failed(reason)) => (code.map(i64::from), Some(reason.as_str())),
            (RunnerState::Ended(code), _) => (code.map(i64::from), None),
            (_, Outcome::Failed(reason)) => (None, Some(reason.as_str())),
            _ => (None, None),
        };
        if !launches::finish(&mut connection, run, &self.owner, code, error).await? {
            return Ok(());
        }
        let changed = outcome::apply(&mut connection, run, &outcome).await?;
        connection.commit().await?;
        tracing::info!(%run, ?code, outcome = ?outcome, "launch ended");
        if let (true, Outcome::Failed(reason)) = (changed && end == RunnerState::NotStarted, &outcome) {
            logs::note(&folder.log(), reason);
        }
        self.clean_up(folder).await;
        self.state.events.send("logs", run);
        self.state.events.send("run", run);
        Ok(())
    }

    async fn clean_up(&self, folder: &RunFolder) {
        let work = folder.clone();
        let cleaned = tokio::task::spawn_blocking(move || work.clean_up()).await;
        if let Ok(Err(error)) = cleaned {
            tracing::warn!(run = %self.launch.run_id, %error, "cannot remove a run's work folder");
        }
    }
}

/// Whether the end of a run's runner is the end of the run. A run without a stack has nowhere else to go on.
async fn runs_in_process(connection: &mut Connection, run: &PipelineRunRow) -> Result<bool> {
    let Some(stack) = run.stack_id else { return Ok(true) };
    Ok(Target::read(connection, stack).await?.is_none_or(|target| target.runs_in_process()))
}
