//! One run: its head, its steps, its configuration and its code.

use std::collections::HashMap;

use serde_json::Value;

use super::{
    context,
    html::html,
    launches::again,
    pipeline_runs, pipeline_snapshots as snapshot_pages,
    present::{duration, moment, only},
    proposals,
    run_tabs::{self, RunCode},
};
use crate::{
    model::{
        error::PageError,
        list::Reference,
        pipeline_runs::{AnswerKind, ArtifactLink, ChangeRow, Failure, Question, RunDetail, Starter, StepDetail, StepRow},
        status::ExecutionStatus,
    },
    pages::pipeline_runs::RunPath,
    run_configuration::{diff::render, emit, template::config_template, value_path::ValuePath},
    server::{
        db::{
            Connection, artifact_versions, documents,
            launches::{self, LaunchState},
            pipeline_runs::PipelineRunRow,
            pipeline_snapshots::{self, PipelineSnapshotRow},
            run_metadata, run_wait_conditions,
            schedules::ScheduleRow,
            stacks::StackRow,
            step_runs::{self, StepRunRow},
            tags, trigger_executions,
            triggers::TriggerRow,
        },
        error::{AppError, Result},
        id::Id,
        service::{self, projects},
    },
};

/// Characters of a value on one line.
const VALUE_LIMIT: usize = 200;

/// One run of a project.
pub async fn find(connection: &mut Connection, project: &str, id: &str) -> Result<PipelineRunRow> {
    let project = projects::find(connection, project).await?.id;
    let missing = || AppError::NotFound(format!("There is no run {id} in this project. It may have been deleted."));
    let run = connection.get::<PipelineRunRow>(id.parse::<Id>().map_err(|_| missing())?).await?;
    run.filter(|run| run.project_id == project).ok_or_else(missing)
}

/// The head of a run's page.
pub async fn get(project: &str, id: &str) -> Result<RunDetail, PageError> {
    let (state, account) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let run = find(&mut connection, project, id).await?;
        detail(&mut connection, project, account.user.id, &run).await
    };
    Ok(read.await?)
}

async fn detail(connection: &mut Connection, project: &str, user: Id, run: &PipelineRunRow) -> Result<RunDetail> {
    let snapshot = service::pipeline_snapshots::get(connection, run.snapshot_id).await?;
    let rows = step_runs::of_run(connection, run.id).await?;
    let stack = match run.stack_id {
        Some(id) => connection.get::<StackRow>(id).await?,
        None => None,
    };
    let mut tags = tags::of(connection, "pipeline_run", [run.id]).await?;
    let launch = launches::get(connection, run.id).await?;
    let is_held = launch.as_ref().is_some_and(|launch| launch.state != LaunchState::Finished);
    Ok(RunDetail {
        run: only(pipeline_runs::rows(connection, std::slice::from_ref(run)).await?)?,
        stack: stack.map(|stack| Reference { id: stack.id.to_string(), name: stack.name }),
        own_snapshot: snapshot.id.to_string(),
        own_snapshot_name: snapshot.name.clone(),
        status_reason: run.status_reason.clone().filter(|reason| !reason.is_empty()),
        parent: parent(connection, run).await?,
        starter: starter(connection, run).await?,
        proposer: match &launch {
            Some(launch) => proposals::proposer(connection, &launch.origin).await?,
            None => None,
        },
        tags: tags.remove(&run.id).unwrap_or_default().into_iter().map(|tag| tag.name).collect(),
        started: launch.is_some().then(|| again::started(project, user, run)).flatten(),
        again: again::menu(connection, project, run).await?,
        can_stop: (is_held || run.status == ExecutionStatus::Paused)
            && !run.status.is_finished()
            && run.status != ExecutionStatus::Stopping,
        question: question(connection, run).await?,
        failures: failures(run, &rows),
        changed: launch.map(|launch| changed(&launch.run_configuration, &launch.changed_paths)).transpose()?,
        progress: progress(&steps(connection, &snapshot, &rows).await?),
    })
}

/// How many steps are done, of how many.
fn progress(steps: &[StepRow]) -> (usize, usize) {
    (steps.iter().filter(|step| step.status.is_some_and(ExecutionStatus::is_finished)).count(), steps.len())
}

/// What the run waits for.
async fn question(connection: &mut Connection, run: &PipelineRunRow) -> Result<Option<Question>> {
    let Some(condition) = run_wait_conditions::pending(connection, [run.id]).await?.remove(&run.id) else { return Ok(None) };
    Ok(Some(Question {
        id: condition.id.to_string(),
        answer: answer_kind(condition.data_schema.as_deref())?,
        name: condition.name,
        text: condition.question.filter(|text| !text.is_empty()),
    }))
}

/// How the answer to a question with this schema is typed.
pub fn answer_kind(schema: Option<&str>) -> Result<AnswerKind> {
    let Some(schema) = schema else { return Ok(AnswerKind::Nothing) };
    let schema: Value = serde_json::from_str(schema)?;
    Ok(match schema["type"].as_str() {
        Some("boolean") => AnswerKind::YesOrNo,
        Some("string") => AnswerKind::Text,
        _ => AnswerKind::Json { schema: serde_json::to_string_pretty(&schema)? },
    })
}

/// The run whose step, or which itself, started this one.
async fn parent(connection: &mut Connection, run: &PipelineRunRow) -> Result<Option<Reference>> {
    let by_step = match run.triggered_by_step_run_id {
        Some(step) => connection.get::<StepRunRow>(step).await?.map(|step| step.pipeline_run_id),
        None => None,
    };
    let Some(id) = run.parent_run_id.or(by_step) else { return Ok(None) };
    Ok(connection.get::<PipelineRunRow>(id).await?.map(|parent| Reference { id: parent.id.to_string(), name: parent.name }))
}

/// The trigger that launched this run, or the schedule that its snapshot was made for.
async fn starter(connection: &mut Connection, run: &PipelineRunRow) -> Result<Option<Starter>> {
    let named = |kind: &str, name: String| Starter { kind: kind.to_owned(), name };
    let execution = trigger_executions::of_runs(connection, [run.id]).await?.remove(&run.id);
    if let Some(execution) = execution {
        let trigger = connection.get::<TriggerRow>(execution.trigger_id).await?;
        return Ok(trigger.map(|trigger| named("trigger", trigger.name)));
    }
    let Some(schedule) = run.schedule_id else { return Ok(None) };
    Ok(connection.get::<ScheduleRow>(schedule).await?.map(|schedule| named("schedule", schedule.name)))
}

/// The values a launch changed; a path it does not set itself was taken away.
fn changed(configuration: &str, paths: &str) -> Result<Vec<ChangeRow>> {
    let configuration: serde_json::Map<String, Value> = serde_json::from_str(configuration)?;
    let paths: Vec<ValuePath> = serde_json::from_str(paths)?;
    let row = |path: ValuePath| {
        let value = path.get(&configuration).map_or_else(|| "not set".to_owned(), |value| render(value, VALUE_LIMIT));
        ChangeRow { path: path.to_string(), value }
    };
    Ok(paths.into_iter().map(row).collect())
}

/// Errors of steps in the order they came; the run's own where no step tells more.
fn failures(run: &PipelineRunRow, steps: &[StepRunRow]) -> Vec<Failure> {
    let failed = steps.iter().filter(|step| step.status == ExecutionStatus::Failed);
    let mut failures: Vec<Failure> = failed.filter_map(|step| failure(Some(step.name.clone()), step.exception_info.as_deref())).collect();
    if failures.is_empty() && run.status == ExecutionStatus::Failed {
        failures.extend(failure(None, run.exception_info.as_deref()));
    }
    failures
}

fn failure(step: Option<String>, exception_info: Option<&str>) -> Option<Failure> {
    let info: Value = serde_json::from_str(exception_info?).ok()?;
    let text = |key: &str| info[key].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let traceback = text("traceback");
    let class = text("source").map(|source| source.rsplit('.').next().unwrap_or_default().to_owned());
    let last_line = || traceback.as_deref().and_then(|text| text.trim_end().lines().last()).map(str::to_owned);
    let message = match (class, text("message")) {
        (Some(class), Some(message)) => format!("{class}: {message}"),
        (class, message) => message.or_else(last_line).or(class)?,
    };
    Some(Failure { step, message, traceback })
}

/// The steps in their order: those of the snapshot, then those that only were started (dynamic pipelines).
async fn steps(connection: &mut Connection, snapshot: &PipelineSnapshotRow, rows: &[StepRunRow]) -> Result<Vec<StepRow>> {
    let mut names: Vec<String> = Vec::new();
    if !snapshot.is_dynamic {
        let documents = pipeline_snapshots::steps(connection, snapshot.step_set.as_deref(), &[]).await?;
        names.extend(documents.into_iter().map(|step| step.name));
    }
    for row in rows {
        if !names.contains(&row.name) {
            names.push(row.name.clone());
        }
    }
    let outputs = step_runs::outputs(connection, rows.iter().map(|row| row.id)).await?;
    Ok(names.into_iter().map(|name| step(name, rows, &outputs)).collect())
}

fn step(name: String, rows: &[StepRunRow], outputs: &HashMap<Id, Vec<step_runs::StepRunOutput>>) -> StepRow {
    let attempts: Vec<&StepRunRow> = rows.iter().filter(|row| row.name == name).collect();
    let last = attempts.last();
    let outputs = last.and_then(|row| outputs.get(&row.id)).map(Vec::as_slice).unwrap_or_default();
    StepRow {
        status: last.map(|row| row.status),
        started: last.and_then(|row| row.start_time).map(moment),
        duration: last.map(|row| duration(row.start_time, row.end_time, row.status.is_finished())).unwrap_or_default(),
        attempts: attempts.len(),
        outputs: outputs.iter().map(|output| output.name.clone()).collect(),
        name,
    }
}

/// The table of the steps, as HTML.
pub async fn step_table(project: &str, id: &str) -> Result<String, PageError> {
    let (state, _) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let run = find(&mut connection, project, id).await?;
        let snapshot = service::pipeline_snapshots::get(&mut connection, run.snapshot_id).await?;
        let rows = step_runs::of_run(&mut connection, run.id).await?;
        steps(&mut connection, &snapshot, &rows).await
    };
    let steps = read.await?;
    Ok(html(|| run_tabs::steps(steps, &RunPath::new(project, id))))
}

/// The panel of one step, as HTML; nothing where no step is named.
pub async fn step_panel(project: &str, id: &str, name: &str, tab: &str) -> Result<String, PageError> {
    let (state, _) = context::account().await?;
    if name.is_empty() {
        return Ok(String::new());
    }
    let read = async {
        let mut connection = state.db.read().await?;
        let run = find(&mut connection, project, id).await?;
        step_detail(&mut connection, &run, name).await
    };
    let detail = read.await?;
    Ok(html(|| run_tabs::step_panel(detail, &RunPath::new(project, id), tab)))
}

async fn step_detail(connection: &mut Connection, run: &PipelineRunRow, name: &str) -> Result<StepDetail> {
    let snapshot = service::pipeline_snapshots::get(connection, run.snapshot_id).await?;
    let rows = step_runs::of_run(connection, run.id).await?;
    let steps = steps(connection, &snapshot, &rows).await?;
    let missing = || AppError::NotFound(format!("The run has no step `{name}`."));
    let step = steps.into_iter().find(|step| step.name == name).ok_or_else(missing)?;
    let row = rows.iter().rev().find(|row| row.name == name);
    let document = match row {
        Some(row) => documents::get(connection, &row.configuration_document).await?,
        None => pipeline_snapshots::step(connection, snapshot.step_set.as_deref(), name).await?.ok_or_else(missing)?.content,
    };
    let document: Value = serde_json::from_str(&document)?;
    let parameters = document["config"]["parameters"].as_object().cloned().unwrap_or_default();
    let (mut inputs, mut outputs, mut metadata) = (Vec::new(), Vec::new(), Vec::new());
    if let Some(row) = row {
        let read = step_runs::inputs(connection, [row.id]).await?.remove(&row.id).unwrap_or_default();
        inputs = artifacts(connection, read.into_iter().map(|input| (input.name, input.artifact_version_id)).collect()).await?;
        let made = step_runs::outputs(connection, [row.id]).await?.remove(&row.id).unwrap_or_default();
        outputs = artifacts(connection, made.into_iter().map(|output| (output.name, output.artifact_version_id)).collect()).await?;
        metadata = metadata_of(connection, row.id).await?;
    }
    Ok(StepDetail {
        parameters: parameters.iter().map(|(key, value)| (key.clone(), render(value, VALUE_LIMIT))).collect(),
        failure: row.and_then(|row| failure(Some(row.name.clone()), row.exception_info.as_deref())),
        docstring: row.and_then(|row| row.docstring.clone()).filter(|text| !text.trim().is_empty()),
        step,
        inputs,
        outputs,
        metadata,
    })
}

async fn metadata_of(connection: &mut Connection, step: Id) -> Result<Vec<(String, String)>> {
    let found = run_metadata::of(connection, "step_run", [step]).await?;
    let Some(metadata) = found.get(&step) else { return Ok(Vec::new()) };
    metadata.iter().map(|(key, value)| Ok((key.to_owned(), render(&serde_json::from_str(value.get())?, VALUE_LIMIT)))).collect()
}

async fn artifacts(connection: &mut Connection, links: Vec<(String, Id)>) -> Result<Vec<ArtifactLink>> {
    let versions = artifact_versions::with_artifacts(connection, links.iter().map(|(_, id)| *id).collect::<Vec<_>>()).await?;
    let link = |(name, id): (String, Id)| {
        let (version, artifact) = versions.get(&id)?;
        let data_type: Value = serde_json::from_str(&version.data_type).unwrap_or_default();
        let part = |key: &str| data_type[key].as_str().unwrap_or_default().to_owned();
        Some(ArtifactLink {
            name,
            artifact: artifact.name.clone(),
            version: version.version.clone(),
            data_type: format!("{}.{}", part("module"), part("attribute")),
            uri: version.uri.clone(),
        })
    };
    Ok(links.into_iter().filter_map(link).collect())
}

/// How a run was configured, as its own snapshot says: HTML.
pub async fn configuration(project: &str, id: &str) -> Result<String, PageError> {
    let (state, _) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let run = find(&mut connection, project, id).await?;
        let snapshot = service::pipeline_snapshots::get(&mut connection, run.snapshot_id).await?;
        let core = service::pipeline_snapshots::for_run_configuration(&mut connection, &snapshot).await?;
        let yaml = emit::to_yaml(&Value::Object(config_template(&core)));
        Ok::<_, AppError>((snapshot_pages::parameters(&core), yaml))
    };
    let (parameters, yaml) = read.await?;
    Ok(html(|| run_tabs::configuration(parameters, yaml)))
}

/// The source of a step; of what failed, or the pipeline's, where no name is given: HTML.
pub async fn code(project: &str, id: &str, name: &str) -> Result<String, PageError> {
    let (state, _) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let run = find(&mut connection, project, id).await?;
        run_code(&mut connection, &run, Some(name).filter(|name| !name.is_empty())).await
    };
    let code = read.await?;
    Ok(html(|| run_tabs::code(code, &RunPath::new(project, id))))
}

async fn run_code(connection: &mut Connection, run: &PipelineRunRow, name: Option<&str>) -> Result<RunCode> {
    let snapshot = service::pipeline_snapshots::get(connection, run.snapshot_id).await?;
    let mut rows = step_runs::last_of_run(connection, run.id).await?;
    rows.retain(|row| row.source_code_document.is_some());
    let mut names: Vec<String> = rows.iter().map(|row| row.name.clone()).collect();
    if snapshot.source_code.as_ref().is_some_and(|code| !code.is_empty()) {
        names.insert(0, String::new());
    }
    let failed = rows.iter().find(|row| row.status == ExecutionStatus::Failed).map(|row| row.name.clone());
    let shown = name.map(str::to_owned).or(failed).or_else(|| names.first().cloned()).unwrap_or_default();
    let Some(row) = rows.iter().find(|row| row.name == shown) else {
        let code = snapshot.source_code.filter(|code| shown.is_empty() && !code.is_empty());
        return Ok(RunCode { names, shown, code, failing_line: None });
    };
    let code = match &row.source_code_document {
        Some(hash) => Some(serde_json::from_str::<String>(&documents::get(connection, hash).await?)?),
        None => None,
    };
    let info: Value = row.exception_info.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
    // ZenML counts the line from 0 within the step's source.
    let failing_line = info["user_code_line"].as_u64().map(|line| line + 1);
    Ok(RunCode { names, shown, code, failing_line })
}

#[cfg(test)]
mod tests {
    use super::{changed, failure};

    #[test]
    fn a_failure_names_the_exception_and_what_it_says() {
        let info = r#"{"source": "builtins.ValueError", "message": "nan", "traceback": "…"}"#;
        assert_eq!(failure(None, Some(info)).expect("a failure").message, "ValueError: nan");
        let info = r#"{"traceback": "  File \"x\"\nKeyError: 'a'\n"}"#;
        assert_eq!(failure(None, Some(info)).expect("a failure").message, "KeyError: 'a'");
        assert_eq!(failure(None, None), None);
        assert_eq!(failure(None, Some("{}")), None);
    }

    #[test]
    fn changed_values_are_read_by_their_paths() {
        let rows = changed(r#"{"steps": {"a": {"parameters": {"lr": 0.1}}}}"#, r#"["steps.a.parameters.lr", "tags"]"#).expect("it reads");
        let rows: Vec<(&str, &str)> = rows.iter().map(|row| (row.path.as_str(), row.value.as_str())).collect();
        assert_eq!(rows, [("steps.a.parameters.lr", "0.1"), ("tags", "not set")]);
    }
}
