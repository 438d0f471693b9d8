//! Code that is pushed to a snapshot after it was made, from the machine that has it.

use std::path::PathBuf;

use crate::server::{
    db::{
        Connection,
        code_archives::{self, CodeArchiveRow},
        documents,
        pipeline_snapshots::{self, PipelineSnapshotRow},
    },
    error::{AppError, Result},
    id::Id,
    launch::{
        archive::{self, StoredArchive},
        capture,
        sources::{Mismatch, RecordedSources},
    },
    state::AppState,
    time::Timestamp,
};

/// What a snapshot that may be given code recorded about it. One that has code is refused: code never changes.
pub async fn expected(connection: &mut Connection, id: Id) -> Result<RecordedSources> {
    let snapshot = super::pipeline_snapshots::get(connection, id).await?;
    if snapshot.code_archive_hash.is_some() || snapshot.code_path.is_some() || snapshot.code_reference_id.is_some() {
        return Err(has_code(id));
    }
    recorded_sources(connection, &snapshot).await
}

fn has_code(id: Id) -> AppError {
    AppError::Exists(format!("The snapshot {id} has its code already, and code never changes. Make a new snapshot to run other code."))
}

async fn recorded_sources(connection: &mut Connection, snapshot: &PipelineSnapshotRow) -> Result<RecordedSources> {
    let spec = match &snapshot.pipeline_spec_document {
        Some(hash) => Some(documents::get(connection, hash).await?),
        None => None,
    };
    let steps = pipeline_snapshots::steps(connection, snapshot.step_set.as_deref(), &[]).await?;
    let steps = steps.iter().map(|step| (step.name.as_str(), &*step.content));
    Ok(RecordedSources::read(spec.as_deref(), steps, snapshot.source_code.as_deref()))
}

/// Stores an uploaded tar (gzip or zstd) that holds exactly the code a snapshot recorded.
pub async fn store(state: &AppState, upload: PathBuf, sources: RecordedSources) -> Result<StoredArchive> {
    let folder = state.launching.archives.clone();
    let work = move || {
        let packed = archive::repack(&folder, &upload)
            .map_err(|error| AppError::Invalid(format!("The body is no usable tar archive (gzip or zstd): {error}.")))?;
        capture::check_archive(packed.path(), &sources).map_err(refused)?;
        packed.store().map_err(|error| AppError::Internal(anyhow::Error::new(error).context("storing pushed code")))
    };
    tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::new)?
}

fn refused(mismatch: Mismatch) -> AppError {
    AppError::Invalid(match mismatch {
        Mismatch::NoModule(module) => format!(
            "The pushed code does not contain the module `{module}`. Push the folder that modules are imported from (--root DIR), and see \
             that .gitignore does not name the file."
        ),
        Mismatch::Differs { file, label } => format!(
            "`{}` of the pushed code is not the file this snapshot was made from: {label} differs. Push the files as they were, or make a \
             new snapshot.",
            file.display()
        ),
    })
}

/// Gives a snapshot its code.
pub async fn attach(connection: &mut Connection, id: Id, stored: &StoredArchive) -> Result<PipelineSnapshotRow> {
    let row = CodeArchiveRow {
        hash: stored.hash.clone(),
        created: Timestamp::now(),
        size_bytes: stored.size_bytes as i64,
        file_count: stored.file_count as i64,
        // Whoever pushes is told at once what is left out.
        left_out: "[]".to_owned(),
    };
    code_archives::put(connection, &row).await?;
    if !code_archives::attach(connection, id, &stored.hash).await? {
        return Err(has_code(id));
    }
    super::pipeline_snapshots::get(connection, id).await
}
