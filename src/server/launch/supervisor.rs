//! The supervisor: claims waiting launches under a lease, one task for each, and takes over what other servers left.
//!
//! One runs in each server process. Several servers on one database share the queue: a claim is one conditional update.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use tokio::{sync::watch, task::JoinSet};

use super::{
    process::{self, Identity, RunFolder, RunnerState},
    watch::{Control, Watch},
};
use crate::server::{
    db::launches::{self, LaunchRow, LaunchState},
    error::Result,
    id::Id,
    state::AppState,
    time::Timestamp,
};

/// How often the queue is looked at when nobody wakes the supervisor.
const TICK: Duration = Duration::from_secs(2);
/// How long a lease lasts, in seconds.
const LEASE_SECONDS: i64 = 30;
/// How often leases are renewed.
const RENEWAL: Duration = Duration::from_secs(8);
/// Launches made inside steps that may run at the same time. They take no slot, so this alone bounds a pipeline that
/// starts itself.
const MAX_NESTED: usize = 64;

/// A launch in the hands of this server.
struct Held {
    control: watch::Sender<Control>,
    takes_slot: bool,
}

/// The supervisor of this server process.
pub struct Supervisor {
    state: AppState,
    owner: String,
    held: HashMap<Id, Held>,
    tasks: JoinSet<Id>,
    renewed: Option<Instant>,
}

impl Supervisor {
    pub fn new(state: AppState) -> Self {
        Self { state, owner: owner_name(), held: HashMap::new(), tasks: JoinSet::new(), renewed: None }
    }

    /// Works until `shutdown` resolves. Runners that are running then stay alive; the next server process finds them.
    pub async fn run(mut self, shutdown: impl Future<Output = ()>) {
        tokio::pin!(shutdown);
        loop {
            if let Err(error) = self.pass().await {
                tracing::error!(error = format!("{error:?}"), "the launch queue cannot be read");
            }
            let signal = self.state.launch_signal.clone();
            tokio::select! {
                () = &mut shutdown => break,
                () = signal.wait() => {}
                () = tokio::time::sleep(TICK) => {}
                Some(ended) = self.tasks.join_next() => self.forget(ended),
            }
        }
        if let Err(error) = self.release().await {
            tracing::warn!(error = format!("{error:?}"), "leases stay until they expire");
        }
    }

    fn forget(&mut self, ended: Result<Id, tokio::task::JoinError>) {
        match ended {
            Ok(run) => {
                self.held.remove(&run);
            }
            Err(error) => {
                // The row is still held: the next pass starts a task for it again.
                tracing::error!(%error, "the task of a launch ended unexpectedly");
                self.held.retain(|_, held| held.control.receiver_count() > 0);
            }
        }
    }

    /// One look at everything.
    async fn pass(&mut self) -> Result<()> {
        while let Some(ended) = self.tasks.try_join_next() {
            self.forget(ended);
        }
        self.renew().await?;
        self.check_held().await?;
        self.take_over().await?;
        self.requeue().await?;
        self.claim().await
    }

    async fn renew(&mut self) -> Result<()> {
        if self.held.is_empty() || self.renewed.is_some_and(|when| when.elapsed() < RENEWAL) {
            return Ok(());
        }
        let mut connection = self.state.db.begin().await?;
        launches::renew(&mut connection, &self.owner, lease_end()).await?;
        connection.commit().await?;
        self.renewed = Some(Instant::now());
        Ok(())
    }

    /// Tells the tasks what the rows say, and starts one for a row that lost its own.
    async fn check_held(&mut self) -> Result<()> {
        let mut connection = self.state.db.read().await?;
        let rows = launches::held_by(&mut connection, &self.owner).await?;
        for (run, held) in &self.held {
            let told = match rows.iter().find(|row| row.run_id == *run) {
                Some(row) if row.stop_requested => Control::Stop,
                Some(_) => Control::Run,
                None => match launches::get(&mut connection, *run).await? {
                    None => Control::Deleted,
                    // Just ended: its task is about to.
                    Some(row) if row.state == LaunchState::Finished => Control::Run,
                    Some(_) => Control::Lost,
                },
            };
            held.control.send_if_modified(|control| std::mem::replace(control, told) != told);
        }
        drop(connection);
        for row in rows {
            if !self.held.contains_key(&row.run_id) {
                self.watch(row);
            }
        }
        Ok(())
    }

    /// Takes over what servers left that are gone: their runners, ended or alive, and what they had only claimed.
    async fn take_over(&mut self) -> Result<()> {
        let mut connection = self.state.db.read().await?;
        let rows = launches::held_by_others(&mut connection, &self.owner).await?;
        drop(connection);
        for row in rows.into_iter().filter(is_abandoned) {
            let mut connection = self.state.db.begin().await?;
            let taken = launches::take_over(&mut connection, &row, &self.owner, lease_end()).await?;
            connection.commit().await?;
            if taken {
                tracing::info!(run = %row.run_id, state = %row.state, "took over a launch");
                self.watch(row);
            }
        }
        Ok(())
    }

    /// Puts the paused runs that are to go on back into the queue, once the task that watched their runner is done.
    async fn requeue(&mut self) -> Result<()> {
        let mut connection = self.state.db.read().await?;
        let rows = launches::to_resume(&mut connection).await?;
        drop(connection);
        for row in rows.into_iter().filter(|row| !self.held.contains_key(&row.run_id)) {
            let mut connection = self.state.db.begin().await?;
            // First the row, whose lock keeps another server from doing the same meanwhile.
            if launches::requeue(&mut connection, row.run_id).await? {
                RunFolder::at(&row.work_directory).forget_runner().context("the run's folder")?;
                connection.commit().await?;
                tracing::info!(run = %row.run_id, "a paused run goes on");
            }
        }
        Ok(())
    }

    /// Claims waiting launches as long as there is room.
    async fn claim(&mut self) -> Result<()> {
        for takes_slot in [false, true] {
            let used = self.held.values().filter(|held| held.takes_slot == takes_slot).count();
            let limit = if takes_slot { self.state.config.max_concurrent_runs as usize } else { MAX_NESTED };
            let free = limit.saturating_sub(used);
            if free == 0 {
                continue;
            }
            let mut connection = self.state.db.read().await?;
            let waiting = launches::waiting(&mut connection, takes_slot, free as i64).await?;
            drop(connection);
            for run in waiting {
                if let Some(row) = claim_one(&self.state, run, &self.owner).await? {
                    self.watch(row);
                }
            }
        }
        Ok(())
    }

    fn watch(&mut self, launch: LaunchRow) {
        let initial = if launch.stop_requested { Control::Stop } else { Control::Run };
        let (sender, control) = watch::channel(initial);
        let (run, takes_slot) = (launch.run_id, launch.takes_slot);
        let watch = Watch { state: self.state.clone(), owner: self.owner.clone(), launch, control };
        self.held.insert(run, Held { control: sender, takes_slot });
        self.tasks.spawn(async move {
            if let Err(error) = watch.run().await {
                tracing::error!(%run, error = format!("{error:?}"), "a launch could not be brought to its end and is tried again");
            }
            run
        });
    }

    /// Gives all leases back, so that the next server process need not wait for their end.
    async fn release(&mut self) -> Result<()> {
        self.tasks.shutdown().await;
        let mut connection = self.state.db.begin().await?;
        launches::renew(&mut connection, &self.owner, Timestamp::now()).await?;
        Ok(connection.commit().await?)
    }
}
/// Claims one launch; none if another server was faster.
async fn claim_one(state: &AppState, run: Id, owner: &str) -> Result<Option<LaunchRow>> {
    let mut connection = state.db.begin().await?;
    if !launches::claim(&mut connection, run, owner, lease_end()).await? {
        return Ok(None);
    }
    let row = launches::get(&mut connection, run).await?;
    connection.commit().await?;
    Ok(row)
}

/// When a lease that is given now ends.
pub(super) fn lease_end() -> Timestamp {
    Timestamp::now().plus_seconds(LEASE_SECONDS)
}

/// The name of this server process in leases: `process id|start|random id`.
fn owner_name() -> String {
    let identity = Identity::own();
    let (process_id, started) = identity.map_or((0, String::new()), |identity| (identity.process_id, identity.started));
    format!("{process_id}|{started}|{}", Id::new())
}

/// Whether the server process that holds a launch is gone for good, and its runner can be seen from here or never was.
fn is_abandoned(launch: &LaunchRow) -> bool {
    let owner = launch.lease_owner.as_deref().and_then(owner_identity);
    let expired = launch.lease_expires.is_none_or(|expires| expires <= Timestamp::now());
    match owner {
        Some(owner) if owner.is_here() && !owner.is_alive() => true,
        _ if !expired => false,
        _ => process::look(&RunFolder::at(&launch.work_directory), launch.process().as_ref()) != RunnerState::Unreachable,
    }
}

fn owner_identity(owner: &str) -> Option<Identity> {
    let (process_id, rest) = owner.split_once('|')?;
    let (started, _) = rest.rsplit_once('|')?;
    Some(Identity { process_id: process_id.parse().ok()?, started: started.to_owned() })
}
