//! Runs, steps, what steps read and wrote, logs.

use std::collections::HashMap;

use super::{
    importer::Importer,
    pipelines::KnownDocuments,
    report::TableReport,
    source::{Cursor, Readable, Row},
};
use crate::{
    args,
    server::{
        db::{
            Connection, Value, documents,
            logs::LogsRow,
            pipeline_runs::PipelineRunRow,
            pipeline_snapshots::{self, PipelineSnapshotRow},
            step_runs::StepRunRow,
        },
        error::Result,
        id::Id,
    },
};

/// Carries runs and steps over.
pub async fn copy(importer: &mut Importer<'_>) -> Result<()> {
    copy_runs(importer).await?;
    copy_steps(importer).await?;
    importer.copy_links("step_run_parents", "step_run_parents", &["parent_id", "child_id"], parent).await
}

/// Carries over what hangs on steps, runs and artifact versions.
pub async fn copy_links(importer: &mut Importer<'_>) -> Result<()> {
    let columns = ["step_run_id", "name", "position", "artifact_version_id", "type", "chunk_index", "chunk_size"];
    importer.copy_links("step_run_input_artifact", "step_run_inputs", &columns, input).await?;
    let columns = ["step_run_id", "name", "position", "artifact_version_id"];
    importer.copy_links("step_run_output_artifact", "step_run_outputs", &columns, output).await?;
    let columns = ["pipeline_run_id", "position", "name", "artifact_version_id"];
    importer.copy_links("pipeline_run_output", "pipeline_run_outputs", &columns, run_output).await?;
    importer.copy("logs", logs).await
}

async fn copy_runs(importer: &mut Importer<'_>) -> Result<()> {
    // Runs here repeat what their snapshot says about stack, build, schedule and origin, for their lists.
    let columns = ", s.stack_id as snapshot_stack, s.build_id as snapshot_build, s.schedule_id as snapshot_schedule, \
                   s.source_snapshot_id as source_snapshot, s.template_id as template";
    let mut cursor = Cursor::joined("pipeline_run", columns, "left join pipeline_snapshot s on s.id = t.snapshot_id");
    let (mut report, mut known) = (TableReport::new("pipeline_run"), KnownDocuments::default());
    while let Some(rows) = importer.next(&mut cursor, &mut report).await? {
        let mut rows = importer.read(&mut report, rows, run);
        for (row, run) in &mut rows {
            let environment = row.json("orchestrator_environment").unwrap_or_default();
            let environment = known.put_environment(&mut importer.target, environment.as_deref()).await?;
            run.orchestrator_environment_document = environment.document;
            run.orchestrator_packages_document = environment.packages_document;
        }
        importer.store(&mut report, rows).await?;
    }
    importer.report.tables.push(report);
    Ok(())
}

/// All but the documents.
fn run(row: &Row) -> Readable<PipelineRunRow> {
    let Some(snapshot_id) = row.get("snapshot_id")? else { return Err("it is older than snapshots: nothing says what it ran".to_owned()) };
    let triggered_by: Option<Id> = row.get("triggered_by")?;
    let by: Option<String> = row.get("triggered_by_type")?;
    Ok(PipelineRunRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        user_id: row.get("user_id")?,
        project_id: row.get("project_id")?,
        snapshot_id,
        pipeline_id: row.get("pipeline_id")?,
        stack_id: row.get("snapshot_stack")?,
        build_id: row.get("snapshot_build")?,
        schedule_id: row.get("snapshot_schedule")?,
        source_snapshot_id: row.get("source_snapshot")?,
        template_id: row.get("template")?,
        model_version_id: row.get("model_version_id")?,
        original_run_id: row.get("original_run_id")?,
        parent_run_id: row.get("parent_run_id")?,
        root_run_id: row.get("root_run_id")?,
        child_key: row.get("child_key")?,
        triggered_by_step_run_id: triggered_by.filter(|_| by.as_deref() == Some("step_run")),
        triggered_by_deployment_id: triggered_by.filter(|_| by.as_deref() == Some("deployment")),
        name: row.get("name")?,
        run_index: row.get("index")?,
        orchestrator_run_id: row.get("orchestrator_run_id")?,
        status: row.get("status")?,
        status_reason: row.get("status_reason")?,
        in_progress: row.get("in_progress")?,
        start_time: row.get("start_time")?,
        end_time: row.get("end_time")?,
        enable_heartbeat: row.get("enable_heartbeat")?,
        orchestrator_environment_document: String::new(),
        orchestrator_packages_document: None,
        exception_info: row.json("exception_info")?,
    })
}

async fn copy_steps(importer: &mut Importer<'_>) -> Result<()> {
    let (mut cursor, mut report) = (Cursor::from("step_run"), TableReport::new("step_run"));
    let mut known = KnownDocuments::default();
    while let Some(rows) = importer.next(&mut cursor, &mut report).await? {
        let own = importer.source.dynamic_steps(&rows).await.map_err(anyhow::Error::new)?;
        let rows = importer.read(&mut report, rows, step);
        let snapshots = Snapshots::of(&mut importer.target, rows.iter().filter_map(|(_, step)| step.snapshot_id).collect()).await?;
        let mut complete = Vec::with_capacity(rows.len());
        for (row, mut ours) in rows {
            let own = row.stored_id().and_then(|id| own.get(&id)).and_then(|configurations| configurations.first());
            match snapshots.configuration(&mut importer.target, &mut known, &row, &ours, own).await? {
                Ok(hash) => {
                    ours.configuration_document = hash;
                    if let Some(text) = row.get::<Option<String>>("source_code").unwrap_or_default() {
                        let text = serde_json::Value::from(text).to_string();
                        ours.source_code_document = Some(known.put(&mut importer.target, &text).await?);
                    }
                    complete.push((row, ours));
                }
                Err(reason) => importer.skip(&mut report, &row, &reason),
            }
        }
        importer.store(&mut report, complete).await?;
    }
    importer.report.tables.push(report);
    Ok(())
}

/// The stored snapshots of some steps.
struct Snapshots {
    rows: HashMap<Id, PipelineSnapshotRow>,
    /// Documents of steps, by snapshot and name.
    steps: HashMap<(Id, String), String>,
}

impl Snapshots {
    async fn of(target: &mut Connection, ids: Vec<Id>) -> Result<Self> {
        let rows = target.get_many(ids).await?;
        let steps = pipeline_snapshots::step_hashes(target, rows.keys().copied().collect::<Vec<_>>()).await?;
        Ok(Self { rows, steps })
    }

    /// The document of a step: its own configuration, or that of its snapshot, or the one that very old steps carry.
    async fn configuration(
        &self,
        target: &mut Connection,
        known: &mut KnownDocuments,
        row: &Row,
        step: &StepRunRow,
        own: Option<&(String, String)>,
    ) -> Result<Readable<String>> {
        let snapshot = step.snapshot_id.and_then(|id| self.rows.get(&id));
        let document = match (snapshot, own) {
            (Some(snapshot), Some((_, text))) => {
                let configuration = documents::get(target, &snapshot.pipeline_configuration_document).await?;
                known.step(text, &configuration, snapshot.is_dynamic)
            }
            (Some(snapshot), None) => match self.steps.get(&(snapshot.id, step.name.clone())) {
                Some(hash) => return Ok(Ok(hash.clone())),
                None => old_configuration(row, known),
            },
            (None, _) => old_configuration(row, known),
        };
        match document {
            Ok(document) => Ok(Ok(known.put(target, &document).await?)),
            Err(reason) => Ok(Err(reason)),
        }
    }
}

fn old_configuration(row: &Row, known: &mut KnownDocuments) -> Readable<String> {
    let text = row.json("step_configuration")?.ok_or("nothing says what it ran (ZenML cannot read it either)")?;
    // Merged already: nothing comes from the pipeline.
    known.step(&text, "{}", false)
}

/// All but the documents.
fn step(row: &Row) -> Readable<StepRunRow> {
    Ok(StepRunRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        user_id: row.get("user_id")?,
        project_id: row.get("project_id")?,
        pipeline_run_id: row.get("pipeline_run_id")?,
        snapshot_id: row.get("snapshot_id")?,
        original_step_run_id: row.get("original_step_run_id")?,
        model_version_id: row.get("model_version_id")?,
        name: row.get("name")?,
        version: row.get("version")?,
        is_retriable: row.get("is_retriable")?,
        status: row.get("status")?,
        start_time: row.get("start_time")?,
        end_time: row.get("end_time")?,
        latest_heartbeat: row.get("latest_heartbeat")?,
        heartbeat_threshold: row.get("heartbeat_threshold")?,
        cache_key: row.get("cache_key")?,
        cache_expires_at: row.get("cache_expires_at")?,
        code_hash: row.get("code_hash")?,
        docstring: row.get("docstring")?,
        source_code_document: None,
        configuration_document: String::new(),
        exception_info: row.json("exception_info")?,
    })
}

fn parent(row: &Row) -> Readable<Vec<Value>> {
    Ok(args![row.get::<Id>("parent_id")?, row.get::<Id>("child_id")?])
}

fn input(row: &Row) -> Readable<Vec<Value>> {
    Ok(args![
        row.get::<Id>("step_id")?,
        row.get::<String>("name")?,
        row.get::<i64>("input_index")?,
        row.get::<Id>("artifact_id")?,
        row.get::<String>("type")?,
        row.get::<Option<i64>>("chunk_index")?,
        row.get::<Option<i64>>("chunk_size")?,
    ])
}

/// ZenML does not say in which order a step gave its outputs; that in which they were stored is it.
fn output(row: &Row) -> Readable<Vec<Value>> {
    Ok(args![row.get::<Id>("step_id")?, row.get::<String>("name")?, row.place()?, row.get::<Id>("artifact_id")?])
}

fn run_output(row: &Row) -> Readable<Vec<Value>> {
    let position: i64 = row.get("output_index")?;
    Ok(args![row.get::<Id>("pipeline_run_id")?, position, row.get::<String>("name")?, row.get::<Id>("artifact_id")?])
}

fn logs(row: &Row) -> Readable<LogsRow> {
    Ok(LogsRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        user_id: row.get("user_id")?,
        project_id: row.get("project_id")?,
        pipeline_run_id: row.get("pipeline_run_id")?,
        step_run_id: row.get("step_run_id")?,
        hook_invocation_id: row.get("hook_invocation_id")?,
        artifact_store_id: row.get("artifact_store_id")?,
        log_store_id: row.get("log_store_id")?,
        source: row.get("source")?,
        uri: row.get("uri")?,
    })
}
