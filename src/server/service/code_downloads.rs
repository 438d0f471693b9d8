//! The code of a snapshot as a file to save: what this server captured or was pushed, else what the client uploaded.

use std::{
    fs::File,
    io::{self, Write as _},
    path::PathBuf,
};

use anyhow::Context as _;
use axum::body::Bytes;
use flate2::{Compression, write::GzEncoder};
use tokio::sync::mpsc;

use crate::server::{
    db::{pipeline_snapshots::PipelineSnapshotRow, stack_components},
    error::{AppError, Result},
    launch::archive,
    service::{
        artifact_data::{self, MAX_DOWNLOAD_BYTES},
        artifact_files::{LocalStore, unreadable},
    },
    state::AppState,
};

/// Where the code of a snapshot is.
#[derive(Debug)]
pub enum Code {
    /// An archive of this server, packed with zstd.
    Archive(PathBuf),
    /// The client's archive in the artifact store, packed with gzip.
    Uploaded(PathBuf),
}

/// Finds the code of a snapshot.
///
/// # Errors
/// 400 where it has none of its own; 403 for a file that is too large or not below the root of its store; 404 where the file
/// is gone; 501 where the artifact store is not a local one.
pub async fn find(state: &AppState, snapshot: &PipelineSnapshotRow) -> Result<Code> {
    if let Some(hash) = &snapshot.code_archive_hash {
        let path = archive::path(&state.launching.archives, hash);
        let missing = || AppError::NotFound("The captured code is missing from the data directory.".to_owned());
        return path.exists().then_some(Code::Archive(path)).ok_or_else(missing);
    }
    let none = || AppError::Invalid(format!("Snapshot {} has no code path.", snapshot.id));
    let uri = snapshot.code_path.clone().ok_or_else(none)?;
    let no_stack = || AppError::Invalid(format!("Snapshot {} has no stack.", snapshot.id));
    let stack = snapshot.stack_id.ok_or_else(no_stack)?;
    let mut connection = state.db.read().await?;
    let components = stack_components::of_stack(&mut connection, stack).await?;
    let component = components.iter().find(|component| component.component_type == "artifact_store");
    let store = LocalStore::open(&mut connection, &state.config, component.map(|component| component.id)).await?;
    drop(connection);
    let resolve = move || {
        let path = store.resolve(&uri)?;
        if path.metadata().map_err(|error| unreadable(&uri, &error))?.len() > MAX_DOWNLOAD_BYTES {
            return Err(AppError::Forbidden(format!(
                "The file '{uri}' is too large to be downloaded. At most {} MiB can be.",
                MAX_DOWNLOAD_BYTES / 1024 / 1024
            )));
        }
        Ok(Code::Uploaded(path))
    };
    tokio::task::spawn_blocking(resolve).await.context("finding a snapshot's code")?
}

/// Streams the code as a gzipped tar archive. An error on the way ends the stream with it.
pub fn stream(code: Code) -> mpsc::Receiver<io::Result<Bytes>> {
    artifact_data::stream("code", move |mut writer| match code {
        Code::Uploaded(path) => io::copy(&mut File::open(path)?, &mut writer).map(drop),
        Code::Archive(path) => {
            let mut packed = GzEncoder::new(writer, Compression::fast());
            io::copy(&mut zstd::Decoder::new(File::open(path)?)?, &mut packed)?;
            packed.finish()?.flush()
        }
    })
}
