//! Hook invocations: recording one, deleting one.

use crate::server::{
    api::wire::hook_invocations::HookInvocationRequest,
    db::{
        Connection,
        artifact_versions::ArtifactVersionRow,
        hook_invocations::{self, HookInvocationRow},
        logs::LogsRow,
        pipeline_runs::PipelineRunRow,
        step_runs::StepRunRow,
        stored::Changes,
    },
    error::{AppError, OnConflict as _, Result},
    id::Id,
    service::{names, projects},
    time::Timestamp,
};

/// The hook invocation with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<HookInvocationRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("hook invocation", id))
}

/// Records a call of a hook with its outputs. Logs that it names and that do not exist are left out, as in ZenML: the
/// hook was called all the same.
pub async fn create(connection: &mut Connection, user: Id, request: HookInvocationRequest) -> Result<HookInvocationRow> {
    check_references(connection, &request).await?;
    for (text, field) in [(&request.name, "name"), (&request.source, "source")] {
        names::length(text.as_deref().unwrap_or_default(), names::MAX_LENGTH, field)?;
    }
    let now = Timestamp::now();
    let hook = HookInvocationRow {
        id: request.id,
        created: now,
        updated: now,
        user_id: Some(user),
        project_id: request.project,
        pipeline_run_id: request.pipeline_run_id,
        step_run_id: request.step_run_id,
        hook_type: request.hook_type.as_str().to_owned(),
        name: request.name,
        status: request.status,
        start_time: request.start_time,
        end_time: request.end_time,
        source: request.source,
        exception_info: request.exception_info.map(|json| json.get().to_owned()),
    };
    let taken = || AppError::Exists(format!("A hook invocation with the ID {} already exists.", hook.id));
    connection.insert(&hook).await.on_conflict(taken)?;
    let mut position = 0;
    for (name, versions) in &request.outputs {
        for version in versions {
            hook_invocations::add_output(connection, hook.id, position, name, *version).await?;
            position += 1;
        }
    }
    if let Some(logs) = request.logs_id {
        connection.update::<LogsRow>(logs, Changes::new().set("hook_invocation_id", hook.id)).await?;
    }
    Ok(hook)
}

async fn check_references(connection: &mut Connection, request: &HookInvocationRequest) -> Result<()> {
    let project = projects::require(connection, request.project).await?;
    let missing = |what: &str, id: Id| AppError::missing_reference(what, id, "hook invocation being created", &project.name);
    let run = connection.get::<PipelineRunRow>(request.pipeline_run_id).await?;
    if run.is_none_or(|run| run.project_id != project.id) {
        return Err(missing("pipeline run", request.pipeline_run_id));
    }
    if let Some(id) = request.step_run_id {
        let step = connection.get::<StepRunRow>(id).await?;
        if step.is_none_or(|step| step.project_id != project.id) {
            return Err(missing("step run", id));
        }
    }
    let versions: Vec<Id> = request.outputs.iter().flat_map(|(_, versions)| versions.iter().copied()).collect();
    let found = connection.get_many::<ArtifactVersionRow>(versions.clone()).await?;
    match versions.into_iter().find(|id| found.get(id).is_none_or(|version| version.project_id != project.id)) {
        Some(id) => Err(missing("artifact version", id)),
        None => Ok(()),
    }
}

/// Deletes a hook invocation; its logs stay with the run or step they belong to.
pub async fn delete(connection: &mut Connection, id: Id) -> Result<()> {
    get(connection, id).await?;
    hook_invocations::unlink_logs(connection, id).await?;
    connection.delete::<HookInvocationRow>(id).await?;
    Ok(())
}
