//! What the graph of a run is made from, read in a handful of queries.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::upstream;
use crate::{
    model::status::ExecutionStatus,
    run_configuration::run_name,
    server::{
        db::{
            Connection,
            artifact_versions::{self, ArtifactVersionRow},
            artifacts::ArtifactRow,
            documents,
            pipeline_runs::{self, PipelineRunRow},
            pipeline_snapshots, run_metadata,
            run_wait_conditions::{self, RunWaitConditionRow},
            step_runs::{self, StepRunInput, StepRunOutput, StepRunRow},
        },
        error::Result,
        id::Id,
        service::{pipeline_runs as runs, pipeline_snapshots as snapshots},
    },
};

/// One step as it is configured, with its run where it has been started.
pub(super) struct Step {
    pub name: String,
    pub spec: Value,
    pub config: Value,
    pub substitutions: Map<String, Value>,
    pub row: Option<StepRunRow>,
}

/// Everything the graph is made from.
pub(super) struct Facts {
    pub steps: Vec<Step>,
    pub date_and_time: (String, String),
    pub inputs: HashMap<Id, Vec<StepRunInput>>,
    pub outputs: HashMap<Id, Vec<StepRunOutput>>,
    pub artifact_versions: HashMap<Id, (ArtifactVersionRow, ArtifactRow)>,
    pub triggered_runs: HashMap<Id, Vec<PipelineRunRow>>,
    pub children: Vec<PipelineRunRow>,
    pub wait_conditions: Vec<RunWaitConditionRow>,
    pub metadata: HashMap<Id, Map<String, Value>>,
}

impl Facts {
    pub async fn read(connection: &mut Connection, run: &PipelineRunRow, metadata_keys: &[String]) -> Result<Self> {
        let rows = step_runs::of_run(connection, run.id).await?;
        let rows: Vec<StepRunRow> = rows.into_iter().filter(|row| row.status != ExecutionStatus::Retried).collect();
        let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
        let inputs = step_runs::inputs(connection, ids.iter().copied()).await?;
        let outputs = step_runs::outputs(connection, ids.iter().copied()).await?;
        let versions = inputs.values().flatten().map(|input| input.artifact_version_id);
        let versions: Vec<Id> = versions.chain(outputs.values().flatten().map(|output| output.artifact_version_id)).collect();
        Ok(Self {
            artifact_versions: artifact_versions::with_artifacts(connection, versions).await?,
            triggered_runs: pipeline_runs::triggered_by_steps(connection, ids.iter().copied()).await?,
            children: pipeline_runs::children(connection, run.id).await?,
            wait_conditions: run_wait_conditions::of_run(connection, run.id).await?,
            metadata: selected_metadata(connection, &ids, metadata_keys).await?,
            steps: steps(connection, run, rows).await?,
            date_and_time: runs::date_and_time(run.start_time.unwrap_or(run.created)),
            inputs,
            outputs,
        })
    }

    /// Positions of the steps so that each comes after those it depends on; as stored where that leaves a choice.
    pub fn in_order_of_dependencies(&self) -> Vec<usize> {
        let mut order: Vec<usize> = Vec::with_capacity(self.steps.len());
        let mut placed = vec![false; self.steps.len()];
        let positions: HashMap<&str, usize> = self.steps.iter().enumerate().map(|(n, step)| (step.name.as_str(), n)).collect();
        while order.len() < self.steps.len() {
            let before = order.len();
            for (n, step) in self.steps.iter().enumerate() {
                let ready = upstream(&step.spec).all(|name| positions.get(name).is_none_or(|position| placed[*position]));
                if !placed[n] && ready {
                    placed[n] = true;
                    order.push(n);
                }
            }
            if order.len() == before {
                // A cycle cannot be run; show what is left rather than nothing.
                order.extend((0..self.steps.len()).filter(|n| !placed[*n]));
            }
        }
        order
    }

    /// An output's name with its placeholders filled.
    pub fn output_name(&self, step: &Step, name: &str) -> String {
        let (date, time) = &self.date_and_time;
        run_name::format(name, &step.substitutions, date, time).unwrap_or_else(|_| name.to_owned())
    }

    pub fn step(&self, name: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.name == name)
    }
}

async fn selected_metadata(connection: &mut Connection, steps: &[Id], keys: &[String]) -> Result<HashMap<Id, Map<String, Value>>> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let mut selected = HashMap::new();
    for (step, metadata) in run_metadata::of(connection, "step_run", steps.iter().copied()).await? {
        let wanted = metadata.iter().filter(|(key, _)| keys.iter().any(|wanted| wanted == key));
        let wanted: Map<String, Value> =
            wanted.map(|(key, value)| Ok((key.to_owned(), serde_json::from_str(value.get())?))).collect::<Result<_>>()?;
        if !wanted.is_empty() {
            selected.insert(step, wanted);
        }
    }
    Ok(selected)
}

/// A static pipeline's steps are in its snapshot; a dynamic one's are those that were started.
async fn steps(connection: &mut Connection, run: &PipelineRunRow, rows: Vec<StepRunRow>) -> Result<Vec<Step>> {
    let snapshot = snapshots::get(connection, run.snapshot_id).await?;
    let mut configured: Vec<(String, std::sync::Arc<str>, Option<StepRunRow>)> = Vec::new();
    if snapshot.is_dynamic {
        let contents = documents::get_many(connection, rows.iter().map(|row| row.configuration_document.clone())).await?;
        for row in rows {
            if let Some(content) = contents.get(&row.configuration_document) {
                configured.push((row.name.clone(), content.clone(), Some(row)));
            }
        }
    } else {
        let mut by_name: HashMap<String, StepRunRow> = rows.into_iter().map(|row| (row.name.clone(), row)).collect();
        for step in pipeline_snapshots::steps(connection, snapshot.step_set.as_deref(), &[]).await? {
            let row = by_name.remove(&step.name);
            configured.push((step.name, step.content, row));
        }
    }
    configured
        .into_iter()
        .map(|(name, content, row)| {
            let mut parts: Map<String, Value> = serde_json::from_str(&content)?;
            let config = parts.remove("config").unwrap_or_default();
            let substitutions = config["substitutions"].as_object().cloned().unwrap_or_default();
            Ok(Step { name, spec: parts.remove("spec").unwrap_or_default(), config, substitutions, row })
        })
        .collect()
}
