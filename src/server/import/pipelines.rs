//! Code repositories, pipelines, builds, schedules, and snapshots with the configurations of their steps.

use serde_json::{Map, Value};

use super::{
    importer::{Importer, Memory},
    report::TableReport,
    schedules,
    source::{Cursor, Readable, Row},
};
use crate::{
    run_configuration::step_configuration,
    server::{
        db::{
            Connection, code_references::CodeReferenceRow, code_repositories::CodeRepositoryRow, documents,
            pipeline_builds::PipelineBuildRow, pipeline_snapshots, pipeline_snapshots::PipelineSnapshotRow, pipelines::PipelineRow,
        },
        error::Result,
        launch::{capture::PUSH_HINT, sources::RecordedSources},
        service::environments::{self, StoredEnvironment},
    },
};

/// Carries them over.
pub async fn copy(importer: &mut Importer<'_>) -> Result<()> {
    importer.copy("code_repository", code_repository).await?;
    importer.copy("code_reference", code_reference).await?;
    importer.copy("pipeline", pipeline).await?;
    importer.copy("pipeline_build", build).await?;
    schedules::copy(importer).await?;
    copy_snapshots(importer).await
}

fn code_repository(row: &Row) -> Readable<CodeRepositoryRow> {
    Ok(CodeRepositoryRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        user_id: row.get("user_id")?,
        project_id: row.get("project_id")?,
        name: row.get("name")?,
        description: row.get("description")?,
        config: row.json("config")?.unwrap_or_else(|| "{}".to_owned()),
        source: row.json("source")?.unwrap_or_else(|| "{}".to_owned()),
        logo_url: row.get("logo_url")?,
    })
}

fn code_reference(row: &Row) -> Readable<CodeReferenceRow> {
    Ok(CodeReferenceRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        project_id: row.get("project_id")?,
        code_repository_id: row.get("code_repository_id")?,
        commit_hash: row.get("commit")?,
        subdirectory: row.get("subdirectory")?,
    })
}

/// What is kept about the newest run is found when the runs are there.
fn pipeline(row: &Row) -> Readable<PipelineRow> {
    Ok(PipelineRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        user_id: row.get("user_id")?,
        project_id: row.get("project_id")?,
        name: row.get("name")?,
        description: row.get("description")?,
        run_count: row.get("run_count")?,
        latest_run_id: None,
        latest_run_created: row.get("created")?,
    })
}

fn build(row: &Row) -> Readable<PipelineBuildRow> {
    Ok(PipelineBuildRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        user_id: row.get("user_id")?,
        project_id: row.get("project_id")?,
        stack_id: row.get("stack_id")?,
        pipeline_id: row.get("pipeline_id")?,
        images: row.json("images")?.unwrap_or_else(|| "{}".to_owned()),
        is_local: row.get("is_local")?,
        contains_code: row.get("contains_code")?,
        zenml_version: row.get("zenml_version")?,
        python_version: row.get("python_version")?,
        checksum: row.get("checksum")?,
        stack_checksum: row.get("stack_checksum")?,
        duration: row.get("duration")?,
    })
}

/// Texts that were stored as documents, by the text: thousands of snapshots share a few.
#[derive(Default)]
pub struct KnownDocuments {
    documents: Memory<String>,
    environments: Memory<StoredEnvironment>,
    steps: Memory<String>,
    step_sets: Memory<Option<String>>,
    needs_code: Memory<bool>,
}

impl KnownDocuments {
    /// Stores a document, and gives its hash.
    pub async fn put(&mut self, connection: &mut Connection, content: &str) -> Result<String> {
        let key = documents::hash(content);
        if let Some(hash) = self.documents.get(&key) {
            return Ok(hash);
        }
        let hash = documents::put(connection, content).await?;
        self.documents.put(key, hash.clone());
        Ok(hash)
    }

    /// Stores an environment, its packages apart.
    pub async fn put_environment(&mut self, connection: &mut Connection, text: Option<&str>) -> Result<StoredEnvironment> {
        let text = text.unwrap_or("{}");
        let key = documents::hash(text);
        if let Some(stored) = self.environments.get(&key) {
            return Ok(stored);
        }
        let stored = environments::put(connection, serde_json::from_str(text).unwrap_or_default()).await?;
        self.environments.put(key, stored.clone());
        Ok(stored)
    }

    /// Stores a list of steps, and gives its hash.
    async fn put_steps(&mut self, connection: &mut Connection, steps: &[(String, String)]) -> Result<Option<String>> {
        let key = steps.iter().map(|(name, text)| format!("{name} {}\n", documents::hash(text))).collect::<String>();
        if let Some(hash) = self.step_sets.get(&key) {
            return Ok(hash);
        }
        let hash = pipeline_snapshots::put_steps(connection, steps).await?;
        self.step_sets.put(key, hash.clone());
        Ok(hash)
    }

    /// Whether code of the user's is needed to run a snapshot; its documents are stored.
    fn needs_code(&mut self, snapshot: &PipelineSnapshotRow, spec: Option<&str>, steps: &[(String, String)]) -> bool {
        let key = format!("{:?} {:?}", snapshot.step_set, snapshot.pipeline_spec_document);
        if let Some(needs_code) = self.needs_code.get(&key) {
            return needs_code;
        }
        let steps = steps.iter().map(|(name, document)| (name.as_str(), document.as_str()));
        let needs_code = RecordedSources::read(spec, steps, snapshot.source_code.as_deref()).needs_code();
        self.needs_code.put(key, needs_code);
        needs_code
    }

    /// A step's document as we keep it, `config` merged with the pipeline's, from ZenML's `{"spec": …, "step_config_overrides": …}`.
    pub fn step(&mut self, text: &str, pipeline_configuration: &str, is_dynamic: bool) -> Readable<String> {
        let key = documents::hash(&format!("{is_dynamic}\n{}\n{text}", documents::hash(pipeline_configuration)));
        if let Some(document) = self.steps.get(&key) {
            return Ok(document);
        }
        let object = |text: &str| {
            serde_json::from_str::<Map<String, Value>>(text).map_err(|error| format!("a step's configuration is not JSON: {error}"))
        };
        let (step, pipeline) = (object(text)?, object(pipeline_configuration)?);
        let overrides = [step.get("step_config_overrides"), step.get("config")].into_iter().flatten().find_map(Value::as_object);
        let overrides = overrides.ok_or("a step's configuration has neither `step_config_overrides` nor `config`")?;
        let config = step_configuration::merged(overrides, &pipeline, is_dynamic);
        let document = serde_json::json!({ "spec": step.get("spec"), "config": config, "step_config_overrides": overrides }).to_string();
        self.steps.put(key, document.clone());
        Ok(document)
    }
}

async fn copy_snapshots(importer: &mut Importer<'_>) -> Result<()> {
    let (mut cursor, mut report) = (Cursor::from("pipeline_snapshot"), TableReport::new("pipeline_snapshot"));
    let mut known = KnownDocuments::default();
    while let Some(rows) = importer.next(&mut cursor, &mut report).await? {
        let steps = importer.source.snapshot_steps(&rows).await.map_err(anyhow::Error::new)?;
        let read = importer
            .read(&mut report, rows, |row| Ok((snapshot(row)?, row.json("pipeline_configuration")?.unwrap_or_else(|| "{}".to_owned()))));
        let mut complete = Vec::with_capacity(read.len());
        for (row, (mut ours, configuration)) in read {
            let texts = row.stored_id().and_then(|id| steps.get(&id)).map(Vec::as_slice).unwrap_or_default();
            let step = |(name, text): &(String, String)| Ok((name.clone(), known.step(text, &configuration, ours.is_dynamic)?));
            match texts.iter().map(step).collect::<Readable<Vec<_>>>() {
                Ok(steps) => {
                    fill(&mut importer.target, &mut known, &row, &mut ours, &configuration, &steps).await?;
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

/// All but the documents.
fn snapshot(row: &Row) -> Readable<PipelineSnapshotRow> {
    Ok(PipelineSnapshotRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        user_id: row.get("user_id")?,
        project_id: row.get("project_id")?,
        pipeline_id: row.get("pipeline_id")?,
        stack_id: row.get("stack_id")?,
        build_id: row.get("build_id")?,
        schedule_id: row.get("schedule_id")?,
        code_reference_id: row.get("code_reference_id")?,
        source_snapshot_id: row.get("source_snapshot_id")?,
        template_id: row.get("template_id")?,
        name: row.get("name")?,
        description: row.get("description")?,
        is_dynamic: row.get("is_dynamic")?,
        run_name_template: row.get("run_name_template")?,
        client_version: row.get("client_version")?,
        server_version: row.get("server_version")?,
        pipeline_version_hash: row.get("pipeline_version_hash")?,
        source_code: row.get("source_code")?,
        code_path: row.get("code_path")?,
        code_archive_hash: None,
        code_note: None,
        runnable: false,
        step_count: row.get("step_count")?,
        step_set: None,
        pipeline_configuration_document: String::new(),
        pipeline_spec_document: None,
        client_environment_document: String::new(),
        python_packages_document: None,
        latest_run_id: None,
        latest_run_created: None,
        protected: false,
    })
}

/// Stores the documents of a snapshot.
async fn fill(
    target: &mut Connection,
    known: &mut KnownDocuments,
    row: &Row,
    snapshot: &mut PipelineSnapshotRow,
    configuration: &str,
    steps: &[(String, String)],
) -> Result<()> {
    let environment = known.put_environment(target, row.json("client_environment").unwrap_or_default().as_deref()).await?;
    snapshot.client_environment_document = environment.document;
    snapshot.python_packages_document = environment.packages_document;
    snapshot.pipeline_configuration_document = known.put(target, configuration).await?;
    let spec = row.json("pipeline_spec").unwrap_or_default();
    if let Some(spec) = &spec {
        snapshot.pipeline_spec_document = Some(known.put(target, spec).await?);
    }
    snapshot.step_set = known.put_steps(target, steps).await?;
    let has_code = snapshot.code_path.is_some() || snapshot.code_reference_id.is_some();
    if !has_code && known.needs_code(snapshot, spec.as_deref(), steps) {
        snapshot.code_note = Some(format!("The snapshot was taken over from another server, which kept no code.{PUSH_HINT}"));
    }
    Ok(())
}
