//! `/pipeline_snapshots/{id}/code`: saving the code of a snapshot as ZenML's dashboard does, and, Darkroom's own addition to the
//! protocol, `PUT` by `darkroom code push`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use axum::{
    Json,
    body::Body,
    extract::{Request, State},
    http::header,
    response::{IntoResponse as _, Response},
};
use futures::StreamExt as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::{fs, io::AsyncWriteExt as _};
use tokio_stream::wrappers::ReceiverStream;

use super::{extract::IdPath, routes::Routes};
use crate::{
    model::roles::Action,
    server::{
        auth::{
            Account,
            downloads::{self, DownloadType},
        },
        db::list::ListRequest,
        error::{AppError, Result},
        id::Id,
        launch::readiness,
        service,
        state::AppState,
    },
};

/// The routes of code archives.
pub fn router() -> Routes {
    Routes::new()
        .get(Action::Open, "/pipeline_snapshots/{id}/code", download_code)
        .reads("token", "From `download-token`; it stands for credentials.")
        .fails(&[400, 401, 501])
        .put(Action::Edit, "/pipeline_snapshots/{id}/code", push_code)
        .get(Action::Read, "/pipeline_snapshots/{id}/download-token", get_download_token)
        .fails(&[400, 501])
}

async fn get_download_token(State(state): State<AppState>, _: Account, IdPath(id): IdPath) -> Result<Json<String>> {
    let snapshot = service::pipeline_snapshots::get(&mut state.db.read().await?, id).await?;
    service::code_downloads::find(&state, &snapshot).await?;
    Ok(Json(downloads::sign(&state.keys, DownloadType::SnapshotCode, id)?))
}

/// The token in the address stands for credentials: a browser's download sends no headers.
async fn download_code(State(state): State<AppState>, IdPath(id): IdPath, request: ListRequest) -> Result<Response> {
    downloads::verify(&state.keys, downloads::token(&request)?, DownloadType::SnapshotCode, id)?;
    let snapshot = service::pipeline_snapshots::get(&mut state.db.read().await?, id).await?;
    let code = service::code_downloads::find(&state, &snapshot).await?;
    let body = Body::from_stream(ReceiverStream::new(service::code_downloads::stream(code)));
    let headers = [
        (header::CONTENT_TYPE, "application/gzip".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{id}-code.tar.gz\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, body).into_response())
}

/// What became of pushed code.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct PushedCode {
    /// SHA-256 of the stored archive.
    pub hash: String,
    pub size_bytes: u64,
    pub file_count: u64,
    /// Whether the snapshot can be run now.
    pub runnable: bool,
    /// What still keeps it from being run.
    pub note: Option<String>,
}

/// Takes a tar (gzip or zstd) of the source root as the body.
async fn push_code(State(state): State<AppState>, _: Account, IdPath(id): IdPath, request: Request) -> Result<Json<PushedCode>> {
    let sources = service::code_archives::expected(&mut state.db.read().await?, id).await?;
    let upload = Upload::receive(&state, request).await?;
    let stored = service::code_archives::store(&state, upload.path().to_owned(), sources).await?;
    let mut connection = state.db.begin().await?;
    let snapshot = service::code_archives::attach(&mut connection, id, &stored).await?;
    let readiness = readiness::refresh(&mut connection, &state, &snapshot).await?;
    connection.commit().await?;
    state.events.send("snapshot", id);
    Ok(Json(PushedCode {
        hash: stored.hash,
        size_bytes: stored.size_bytes,
        file_count: stored.file_count,
        runnable: readiness.runnable(),
        note: readiness.refusal(),
    }))
}

/// A body received into a file, which is removed in the end.
struct Upload(PathBuf);

impl Upload {
    async fn receive(state: &AppState, request: Request) -> Result<Self> {
        let folder = &state.launching.archives;
        fs::create_dir_all(folder).await.context("making the folder of code archives")?;
        let upload = Self(folder.join(format!(".{}.upload", Id::new().hex())));
        let mut file = fs::File::create_new(upload.path()).await.context("receiving code")?;
        let limit = state.config.max_body_mib * 1024 * 1024;
        let (mut body, mut received) = (request.into_body().into_data_stream(), 0);
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| AppError::Invalid(format!("The body could not be read to its end: {error}")))?;
            received += chunk.len();
            if received > limit {
                return Err(AppError::TooLarge(format!("The code is larger than {} MiB.", state.config.max_body_mib)));
            }
            file.write_all(&chunk).await.context("receiving code")?;
        }
        file.flush().await.context("receiving code")?;
        Ok(upload)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
