//! The ways to run a snapshot from outside the browser.

use serde_json::json;

use crate::{
    model::pipeline_snapshots::CodeExample,
    run_configuration::{
        code::{self, Target},
        edit,
        form::{self, Field},
        snapshot::Snapshot,
    },
    server::{db::pipeline_snapshots::PipelineSnapshotRow, state::AppState},
};

/// A snapshot as code outside the browser names it.
pub fn target(state: &AppState, project: &str, row: &PipelineSnapshotRow, pipeline: &str) -> Target {
    Target {
        url: state.config.public_url(),
        project: project.to_owned(),
        snapshot: row.id.to_string(),
        name: row.name.clone(),
        pipeline: pipeline.to_owned(),
    }
}

/// The ways to run a snapshot, with its first parameter set to the value that it has.
pub fn examples(target: &Target, snapshot: &Snapshot) -> Vec<CodeExample> {
    let mut configuration = json!({});
    let first = form::fields(snapshot).into_iter().find(|field| field.is_parameter() && field.current.is_some());
    if let Some(Field { path, current: Some(value), .. }) = first {
        edit::put(&mut configuration, path.segments(), value);
    }
    let configuration = configuration.as_object().cloned().unwrap_or_default();
    let launch = code::Launch { configuration: &configuration, replace_paths: &[] };
    code::of(target, launch).into_iter().map(|(label, code)| CodeExample { label: label.to_owned(), code }).collect()
}
