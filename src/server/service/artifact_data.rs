//! What an artifact version holds: its visualizations, its files as an archive, and their removal.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use axum::body::Bytes;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use tokio::sync::mpsc;

use crate::server::{
    db::artifact_versions::{self, ArtifactVersionRow, ArtifactVisualizationRow},
    error::{AppError, Result},
    service::artifact_files::{LocalStore, unreadable},
    state::AppState,
};

/// The most bytes of an artifact's files that are sent as an archive (ZenML's default).
pub const MAX_DOWNLOAD_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// The most bytes of a visualization.
const MAX_VISUALIZATION_BYTES: u64 = 64 * 1024 * 1024;

/// A visualization with its content: text, or base64 for an image.
pub struct Visualization {
    pub kind: String,
    pub value: String,
}

/// Reads one of a version's visualizations.
pub async fn visualization(state: &AppState, version: &ArtifactVersionRow, index: i64) -> Result<Visualization> {
    let mut connection = state.db.read().await?;
    let store = LocalStore::open(&mut connection, &state.config, version.artifact_store_id).await?;
    let rows = artifact_versions::visualizations(&mut connection, [version.id]).await?.remove(&version.id).unwrap_or_default();
    let Some(row) = usize::try_from(index).ok().and_then(|index| rows.get(index)).cloned() else {
        let message = match rows.len() {
            0 => format!("Artifact '{}' has no visualizations.", version.id),
            count => format!("Artifact '{}' only has {count} visualizations, but index {index} was requested.", version.id),
        };
        return Err(AppError::NoSuchPart(message));
    };
    drop(connection);
    tokio::task::spawn_blocking(move || read_visualization(&store, row)).await.context("reading a visualization")?
}

fn read_visualization(store: &LocalStore, row: ArtifactVisualizationRow) -> Result<Visualization> {
    let path = store.resolve(&row.uri)?;
    let size = path.metadata().map_err(|error| unreadable(&row.uri, &error))?.len();
    if size > MAX_VISUALIZATION_BYTES {
        let limit = MAX_VISUALIZATION_BYTES / 1024 / 1024;
        return Err(AppError::Forbidden(format!("The visualization is larger than {limit} MiB. Download the artifact instead.")));
    }
    let bytes = std::fs::read(&path).map_err(|error| unreadable(&row.uri, &error))?;
    let value = match row.kind.as_str() {
        "image" => STANDARD.encode(bytes),
        _ => String::from_utf8_lossy(&bytes).into_owned(),
    };
    Ok(Visualization { kind: row.kind, value })
}

/// The file or folder of a version's data; refused where it is too large to be sent as an archive.
pub async fn downloadable(state: &AppState, version: &ArtifactVersionRow) -> Result<PathBuf> {
    let store = LocalStore::open(&mut state.db.read().await?, &state.config, version.artifact_store_id).await?;
    let (uri, id) = (version.uri.clone(), version.id);
    let find = move || {
        let path = store.resolve(&uri)?;
        if store.is_root(&path) {
            return Err(AppError::Forbidden("The artifact is a whole artifact store, which is not sent as an archive.".to_owned()));
        }
        if size(&path).map_err(|error| unreadable(&uri, &error))? > MAX_DOWNLOAD_BYTES {
            return Err(AppError::Forbidden(format!(
                "The artifact '{id}' is too large to be downloaded. At most {} MiB can be. Use the client instead.",
                MAX_DOWNLOAD_BYTES / 1024 / 1024
            )));
        }
        Ok(path)
    };
    tokio::task::spawn_blocking(find).await.context("finding artifact data")?
}

/// Bytes below a path; links count as nothing, as they are not followed.
fn size(path: &Path) -> io::Result<u64> {
    let metadata = path.symlink_metadata()?;
    if !metadata.is_dir() {
        return Ok(if metadata.is_file() { metadata.len() } else { 0 });
    }
    let mut total = 0;
    for entry in std::fs::read_dir(path)? {
        total += size(&entry?.path())?;
    }
    Ok(total)
}

/// Streams a file or a folder as a gzipped tar archive. An error on the way ends the stream with it.
pub fn archive(path: PathBuf) -> mpsc::Receiver<io::Result<Bytes>> {
    stream("artifact", move |writer| write_archive(&path, writer))
}

/// Streams what a blocking function writes; `what` names it in the log where it fails.
pub fn stream(
    what: &'static str,
    write: impl FnOnce(ChannelWriter) -> io::Result<()> + Send + 'static,
) -> mpsc::Receiver<io::Result<Bytes>> {
    let (sender, receiver) = mpsc::channel(16);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = write(ChannelWriter(sender.clone())) {
            tracing::warn!(what, %error, "a download ended early");
            // Nobody left to tell is fine: the browser closed the connection.
            let _ = sender.blocking_send(Err(error));
        }
    });
    receiver
}

fn write_archive(path: &Path, writer: impl Write) -> io::Result<()> {
    let mut tar = tar::Builder::new(GzEncoder::new(writer, Compression::fast()));
    tar.follow_symlinks(false);
    if path.is_dir() {
        tar.append_dir_all(".", path)?;
    } else {
        tar.append_path_with_name(path, path.file_name().unwrap_or_default())?;
    }
    tar.into_inner()?.finish()?.flush()
}

/// Sends what is written in chunks.
pub struct ChannelWriter(mpsc::Sender<io::Result<Bytes>>);

impl Write for ChannelWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes)));
        sent.map(|()| bytes.len()).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Deletes the files of a version; files that are gone already are fine.
pub async fn delete(state: &AppState, version: &ArtifactVersionRow) -> Result<()> {
    let store = LocalStore::open(&mut state.db.read().await?, &state.config, version.artifact_store_id).await?;
    let uri = version.uri.clone();
    let remove = move || {
        let path = match store.resolve(&uri) {
            Ok(path) => path,
            Err(AppError::NoSuchPart(_)) => return Ok(()),
            Err(error) => return Err(error),
        };
        if store.is_root(&path) {
            return Err(AppError::Forbidden("The artifact is a whole artifact store, which is not deleted.".to_owned()));
        }
        let removed = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        removed.map_err(|error| unreadable(&uri, &error))
    };
    tokio::task::spawn_blocking(remove).await.context("deleting artifact data")?
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn an_archive_holds_the_files_and_does_not_follow_links() {
        let outside = tempfile::tempdir().expect("a folder");
        std::fs::write(outside.path().join("secret"), "s").expect("a file");
        let folder = tempfile::tempdir().expect("another folder");
        std::fs::create_dir(folder.path().join("sub")).expect("a folder in it");
        std::fs::write(folder.path().join("sub/data.json"), "[1]").expect("a file in it");
        std::os::unix::fs::symlink(outside.path().join("secret"), folder.path().join("link")).expect("a link");
        let mut bytes = Vec::new();
        write_archive(folder.path(), &mut bytes).expect("it writes");
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&bytes[..]));
        let entries: BTreeMap<String, bool> = archive
            .entries()
            .expect("an archive")
            .map(|entry| entry.expect("an entry"))
            .map(|entry| (entry.path().expect("a path").display().to_string(), entry.header().entry_type().is_file()))
            .collect();
        assert_eq!(entries.get("sub/data.json"), Some(&true), "{entries:?}");
        assert_eq!(entries.get("link"), Some(&false), "{entries:?}");
        assert_eq!(size(folder.path()).expect("it reads"), 3);
    }
}
