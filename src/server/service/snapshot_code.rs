//! The code of a new snapshot: captured from this server's source roots where the client put it nowhere else.

use serde_json::{Value, json};

use crate::server::{
    api::wire::pipeline_snapshots::PipelineSnapshotRequest,
    db::code_archives::CodeArchiveRow,
    error::Result,
    launch::{
        capture::{Capture, capture as capture_from_roots},
        sources::RecordedSources,
        target::Target,
    },
    state::AppState,
    time::Timestamp,
};

/// The code that goes with a new snapshot.
#[derive(Clone, Debug, Default)]
pub struct SnapshotCode {
    pub archive: Option<CodeArchiveRow>,
    /// Why there is no archive although the snapshot needs code, in words.
    pub note: Option<String>,
}

/// Looks for the Python that a snapshot needs, before the transaction that makes the snapshot and checks its readiness.
async fn look_for_python(state: &AppState, request: &PipelineSnapshotRequest) {
    if state.config.runner_python.is_none() {
        let version = request.client_environment.get("python_version").and_then(Value::as_str);
        // Only to have the answer at hand.
        let _ = state.launching.interpreters.find(version).await;
    }
}

/// Captures the code of a snapshot that is about to be made.
///
/// Nothing is captured where the client uploaded the code or
/// named a commit of a code repository, or where the build's image contains it and the steps run in that image.
pub async fn capture(state: &AppState, request: &PipelineSnapshotRequest) -> Result<SnapshotCode> {
    look_for_python(state, request).await;
    if request.code_path.is_some() || request.code_reference.is_some() {
        return Ok(SnapshotCode::default());
    }
    if request.build.is_some() {
        let target = Target::read(&mut state.db.read().await?, request.stack).await?;
        if !target.is_some_and(|target| target.runs_in_process()) {
            return Ok(SnapshotCode::default());
        }
    }
    let spec = request.pipeline_spec.as_ref().map(Value::to_string);
    let steps: Vec<(&str, String)> = request
        .step_configurations
        .iter()
        .map(|(name, step)| {
            let config = step.step_config_overrides.as_ref().or(step.config.as_ref());
            (name.as_str(), json!({ "spec": step.spec, "config": config }).to_string())
        })
        .collect();
    let steps = steps.iter().map(|(name, document)| (*name, document.as_str()));
    let sources = RecordedSources::read(spec.as_deref(), steps, request.source_code.as_deref());
    let (roots, include) = (state.source_roots(), state.config.include.clone());
    match capture_from_roots(sources, roots, include, state.launching.archives.clone()).await {
        Capture::Captured(captured) => Ok(SnapshotCode {
            archive: Some(CodeArchiveRow {
                hash: captured.archive.hash,
                created: Timestamp::now(),
                size_bytes: captured.archive.size_bytes as i64,
                file_count: captured.archive.file_count as i64,
                left_out: serde_json::to_string(&captured.left_out)?,
            }),
            note: None,
        }),
        Capture::NotNeeded => Ok(SnapshotCode::default()),
        Capture::Unavailable(reason) => Ok(SnapshotCode { archive: None, note: Some(reason) }),
    }
}
