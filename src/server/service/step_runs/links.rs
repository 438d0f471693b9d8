//! What a step run is linked to: logs, parents, inputs and outputs.

use serde_json::Value;

use super::StepDocument;
use crate::{
    model::status::ExecutionStatus::{Cached, Skipped},
    server::{
        api::wire::{step_runs::StepRunRequest, tags::TagReference},
        db::{
            Connection,
            artifact_versions::ArtifactVersionRow,
            pipeline_runs::PipelineRunRow,
            pipeline_snapshots::PipelineSnapshotRow,
            run_metadata,
            step_runs::{self, StepRunInput, StepRunOutput, StepRunRow},
        },
        error::{AppError, Result},
        id::Id,
        service::{logs, pipeline_runs, tags},
    },
};

/// Logs, parents, inputs, outputs and the metadata of the original.
pub(super) async fn link(
    connection: &mut Connection,
    user: Id,
    run: &PipelineRunRow,
    snapshot: &PipelineSnapshotRow,
    row: &StepRunRow,
    document: &StepDocument,
    request: StepRunRequest,
) -> Result<()> {
    if let Some(reference) = request.logs {
        logs::attach(connection, user, run.project_id, logs::Owner::Step(row.id), reference, "step").await?;
    }
    link_parents(connection, run, row, document.part("spec")).await?;
    let original = match request.original_step_run_id {
        Some(original) => {
            if matches!(row.status, Cached | Skipped) {
                run_metadata::copy(connection, "step_run", original, row.id).await?;
            }
            step_runs::inputs(connection, [original]).await?.remove(&original).unwrap_or_default()
        }
        None => Vec::new(),
    };
    for (name, versions) in &request.inputs {
        for (position, version) in versions.iter().enumerate() {
            require_artifact_version(connection, *version).await?;
            let input = input(row.id, name, position, *version, document, &original);
            step_runs::insert_input(connection, &input).await?;
        }
    }
    add_outputs(connection, user, snapshot, row.id, &request.outputs).await
}

async fn link_parents(connection: &mut Connection, run: &PipelineRunRow, row: &StepRunRow, spec: &Value) -> Result<()> {
    let upstream = spec["upstream_steps"].as_array().into_iter().flatten();
    let names: Vec<String> = upstream.filter_map(|name| name.as_str().map(str::to_owned)).collect();
    let parents = step_runs::newest(connection, run.id, &names).await?;
    if let Some(missing) = names.iter().find(|name| !parents.contains_key(*name)) {
        return Err(AppError::Invalid(format!("The step `{}` was started before the step `{missing}` that it depends on.", row.name)));
    }
    for name in &names {
        if let Some(parent) = parents.get(name) {
            step_runs::insert_parent(connection, *parent, row.id).await?;
        }
    }
    Ok(())
}

pub(super) async fn require_artifact_version(connection: &mut Connection, id: Id) -> Result<()> {
    match connection.get::<ArtifactVersionRow>(id).await? {
        Some(_) => Ok(()),
        None => Err(AppError::missing("artifact version", id)),
    }
}

/// How a step came by an input: as its original did, else as its configuration says.
fn input(step: Id, name: &str, position: usize, version: Id, document: &StepDocument, original: &[StepRunInput]) -> StepRunInput {
    let position = position as i64;
    if let Some(found) = original.iter().find(|input| input.name == name && input.artifact_version_id == version) {
        return StepRunInput { step_run_id: step, position, ..found.clone() };
    }
    let config = document.part("config");
    let spec = match &document.part("spec")["inputs"][name] {
        Value::Array(list) => list.get(position as usize).cloned(),
        Value::Null => None,
        single => Some(single.clone()),
    };
    let input_type = if document.overridden.iter().any(|input| input == name) {
        "override"
    } else if spec.is_some() {
        "step_output"
    } else if config["external_input_artifacts"].get(name).is_some() {
        "external"
    } else if config["model_artifacts_or_metadata"].get(name).is_some() || config["client_lazy_loaders"].get(name).is_some() {
        "lazy"
    } else {
        "manual"
    };
    let chunk = |key: &str| spec.as_ref().and_then(|spec| spec[key].as_i64());
    StepRunInput {
        step_run_id: step,
        name: name.to_owned(),
        position,
        artifact_version_id: version,
        input_type: input_type.to_owned(),
        chunk_index: chunk("chunk_index"),
        chunk_size: chunk("chunk_size"),
    }
}

pub(super) async fn add_outputs(
    connection: &mut Connection,
    user: Id,
    snapshot: &PipelineSnapshotRow,
    step: Id,
    outputs: &[(String, Vec<Id>)],
) -> Result<()> {
    if outputs.is_empty() {
        return Ok(());
    }
    let tags = cascading_tags(connection, snapshot).await?;
    let mut position = step_runs::outputs(connection, [step]).await?.get(&step).map_or(0, Vec::len) as i64;
    for (name, versions) in outputs {
        for version in versions {
            require_artifact_version(connection, *version).await?;
            let output = StepRunOutput { step_run_id: step, name: name.clone(), position, artifact_version_id: *version };
            step_runs::insert_output(connection, &output).await?;
            position += 1;
            for tag in &tags {
                tags::attach_reference(connection, Some(user), "artifact_version", *version, tag).await?;
            }
        }
    }
    Ok(())
}

/// The pipeline's tags that its outputs get as well.
async fn cascading_tags(connection: &mut Connection, snapshot: &PipelineSnapshotRow) -> Result<Vec<TagReference>> {
    let mut configuration = pipeline_runs::configuration(connection, snapshot).await?;
    let tags = configuration.remove("tags").filter(Value::is_array).unwrap_or_else(|| Value::Array(Vec::new()));
    let tags: Vec<TagReference> = serde_json::from_value(tags)?;
    Ok(tags.into_iter().filter(|tag| matches!(tag, TagReference::Tag { cascade: Some(true), .. })).collect())
}
