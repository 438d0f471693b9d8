//! The clock of triggers: takes the due times of schedules, and makes runs of what fired.
//!
//! One runs in each server process; which of several on one database does a thing is decided by the database, see
//! `service::trigger_dispatches`.

use std::time::Duration;

use crate::server::{error::Result, service::trigger_dispatches, state::AppState, time::Timestamp};

/// Time between two looks at the clock.
const TICK: Duration = Duration::from_secs(1);

/// Works until it is aborted, which may be at any time: what is half done is rolled back and done by the next process.
pub async fn run(state: AppState) {
    loop {
        if let Err(error) = pass(&state, Timestamp::now()).await {
            tracing::error!(error = format!("{error:?}"), "triggers could not be fired");
        }
        tokio::time::sleep(TICK).await;
    }
}

/// One look at the clock, which shows `now`.
pub async fn pass(state: &AppState, now: Timestamp) -> Result<()> {
    let fired = trigger_dispatches::fire_due(state, now).await;
    trigger_dispatches::work(state).await?;
    fired
}
