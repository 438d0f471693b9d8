//! Home: what can be run, what runs, what ran.

use super::{context, home_view, html::html, pipeline_runs, pipeline_snapshots, proposals};
use crate::{
    model::{error::PageError, pipeline_runs::RunRow, pipeline_snapshots::SnapshotRow},
    server::{
        db::{
            list::ListRequest,
            pipeline_runs as runs,
            pipeline_snapshot_usage::{self, Narrowing},
        },
        error::AppError,
        service::projects,
    },
};

/// Snapshots offered.
const SNAPSHOTS_SHOWN: usize = 8;
/// Snapshots looked at for those used last.
const SNAPSHOTS_READ: u64 = 100;
const RUNS_SHOWN: u64 = 10;

/// What Home shows.
pub struct Home {
    /// Runs that others propose to launch, and the account's own proposals; HTML, empty where there are none.
    pub proposals: String,
    /// Snapshots that can be run here, those used last first.
    pub snapshots: Vec<SnapshotRow>,
    /// Runs that are not finished.
    pub active: Vec<RunRow>,
    /// The newest finished runs.
    pub recent: Vec<RunRow>,
    /// URL under which clients reach this server.
    pub url: String,
}

/// Home of the default project, as HTML.
pub async fn get() -> Result<String, PageError> {
    let (state, account) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let project = projects::find(&mut connection, "default").await?.id;
        let request = |size| ListRequest { page: 1, size, sort_by: "desc:created".to_owned(), ..ListRequest::default() };
        let wanted = request(SNAPSHOTS_READ).with("named_only", "true").with("runnable", "true");
        let narrowing = Narrowing { open_to: pipeline_snapshots::open_to(&account.user), ..Narrowing::default() };
        let mut named = pipeline_snapshot_usage::list(&mut connection, project, &wanted, narrowing).await?.items;
        named.sort_by_key(|snapshot| std::cmp::Reverse(snapshot.latest_run_created.unwrap_or(snapshot.created)));
        named.truncate(SNAPSHOTS_SHOWN);
        let active = runs::list(&mut connection, project, &request(RUNS_SHOWN).with("in_progress", "true")).await?.items;
        let recent = runs::list(&mut connection, project, &request(RUNS_SHOWN).with("in_progress", "false")).await?.items;
        Ok::<_, AppError>(Home {
            proposals: proposals::of_account(&mut connection, project, &account.user).await?,
            snapshots: pipeline_snapshots::rows(&mut connection, &named).await?,
            active: pipeline_runs::rows(&mut connection, &active).await?,
            recent: pipeline_runs::rows(&mut connection, &recent).await?,
            url: state.config.public_url(),
        })
    };
    let home = read.await?;
    Ok(html(|| home_view::content(home)))
}
