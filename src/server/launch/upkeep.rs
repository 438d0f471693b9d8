//! Upkeep: files of the data directory that nothing refers to any more are removed, and drafts that are over, hour by hour.
//!
//! Rows are deleted by cascades of many kinds (a run, its snapshot, a whole project); the files that belonged to them are
//! found here by looking, instead of by each of those ways.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use anyhow::Context as _;

use super::{
    archive,
    process::{self, RunFolder, RunnerState},
};
use crate::server::{
    db::{code_archives, launches},
    error::Result,
    id::Id,
    service::drafts,
    state::AppState,
};

/// Time between two rounds; the first comes one such time after the start.
const EVERY: Duration = Duration::from_secs(60 * 60);
/// Files younger than this may belong to a transaction that is still under way.
const SETTLED: Duration = Duration::from_secs(24 * 60 * 60);

/// Works until it is aborted.
pub async fn run(state: AppState) {
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(error) = tidy(&state, SETTLED).await {
            tracing::error!(error = format!("{error:?}"), "upkeep of the data directory failed");
        }
        if let Err(error) = tidy_drafts(&state).await {
            tracing::error!(error = format!("{error:?}"), "upkeep of drafts failed");
        }
    }
}

/// One round: removes what is older than `settled` and not referred to.
pub async fn tidy(state: &AppState, settled: Duration) -> Result<()> {
    if !owns_data_directory(state).context("data directory")? {
        tracing::warn!(folder = %state.launching.data_dir.display(), "the data directory belongs to another database: nothing is removed");
        return Ok(());
    }
    tidy_run_folders(state, settled).await?;
    tidy_archives(state, settled).await
}

/// Whether the files belong to this database: a data directory may have been used with another one, whose rows are not here.
fn owns_data_directory(state: &AppState) -> io::Result<bool> {
    let (file, id) = (state.launching.data_dir.join("server-id"), state.server.id.to_string());
    match fs::read_to_string(&file) {
        Ok(owner) => Ok(owner.trim() == id),
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::write(&file, id).map(|()| true),
        Err(error) => Err(error),
    }
}

async fn tidy_run_folders(state: &AppState, settled: Duration) -> Result<()> {
    for path in old_entries(&state.launching.data_dir.join("runs"), settled) {
        let Some(run) = path.file_name().and_then(|name| name.to_str()?.parse::<Id>().ok()) else { continue };
        let unknown = launches::get(&mut state.db.read().await?, run).await?.is_none();
        // The runner of a run that was just deleted is being ended.
        if unknown && process::look(&RunFolder::at(&path), None) != RunnerState::Running {
            tracing::info!(%run, "removing the folder of a deleted run");
            super::remove_run_folder(&RunFolder::at(path)).await;
        }
    }
    Ok(())
}

async fn tidy_archives(state: &AppState, settled: Duration) -> Result<()> {
    let folder = &state.launching.archives;
    for path in old_entries(folder, settled) {
        if let Some(hash) = archive::hash_of(&path) {
            let mut connection = state.db.begin().await?;
            let in_use = !code_archives::delete_unused(&mut connection, hash).await?;
            connection.commit().await?;
            // Looked at again: whoever stores the same code meanwhile makes the file young.
            if in_use || !is_old(&path, settled) {
                continue;
            }
            tracing::info!(hash, "removing code that no snapshot has");
        }
        if let Err(error) = fs::remove_file(&path) {
            tracing::warn!(file = %path.display(), %error, "cannot remove a file that nothing refers to");
        }
    }
    Ok(())
}

/// Removes drafts that nobody goes on with.
pub async fn tidy_drafts(state: &AppState) -> Result<()> {
    let mut connection = state.db.begin().await?;
    let removed = drafts::expire(&mut connection).await?;
    connection.commit().await?;
    if removed > 0 {
        tracing::info!(removed, "removed drafts that nobody went on with");
    }
    Ok(())
}

fn old_entries(folder: &Path, settled: Duration) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| is_old(path, settled)).collect()
}

fn is_old(path: &Path, settled: Duration) -> bool {
    let modified = fs::metadata(path).and_then(|metadata| metadata.modified());
    modified.is_ok_and(|modified| SystemTime::now().duration_since(modified).is_ok_and(|age| age >= settled))
}
