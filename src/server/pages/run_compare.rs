//! What differs between two runs: how they went, what was configured, and what their steps measured.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    context,
    html::html,
    pipeline_run::find,
    pipeline_runs,
    pipeline_snapshots::compare::{Comparison, Difference, Side, comparison, differences},
    run_compare_view,
};
use crate::{
    model::{
        error::PageError,
        html_page::HtmlPage,
        list::{Reference, encode},
        pipeline_runs::RunRow,
        status::ExecutionStatus,
    },
    run_configuration::diff::render,
    server::{
        db::{
            Connection,
            list::ListRequest,
            pipeline_runs as runs,
            pipeline_runs::PipelineRunRow,
            run_metadata,
            step_runs::{self, StepRunRow},
        },
        error::{AppError, Result},
        pages::present::{duration, only},
        service::{self, projects},
    },
};

/// Runs offered to choose from.
const MOST_CHOICES: u64 = 100;
/// Characters of a value.
const VALUE_LIMIT: usize = 400;

/// One of the two.
pub struct RunSide {
    pub shown: RunRow,
    /// What it ran.
    pub snapshot: Side,
    /// The last attempt of each step, in the order in which they began.
    pub steps: Vec<StepRunRow>,
    /// What its steps and itself have logged, by name; those of a step behind its name.
    metadata: BTreeMap<String, String>,
}

/// A step of the two: how long it took, and how it went; none where it did not run.
pub struct StepPair {
    pub name: String,
    pub sides: [Option<StepOutcome>; 2],
}

/// How a step went.
pub struct StepOutcome {
    pub status: ExecutionStatus,
    pub duration: crate::model::time::Duration,
}

/// All that differs.
pub struct RunComparison {
    pub snapshot: Comparison,
    pub metadata: Vec<Difference>,
    pub steps: Vec<StepPair>,
}

/// The page of two runs, or of the choice of two where the URL does not name both.
pub async fn compare(project: &str, a: &str, b: &str) -> Result<HtmlPage, PageError> {
    let (state, _) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let after = if b.is_empty() { None } else { Some(find(&mut connection, project, b).await?) };
        let offered = offered(&mut connection, project, after.as_ref()).await?;
        let before = match (a, &after) {
            ("", Some(after)) => runs::before(&mut connection, after).await?,
            ("", None) => None,
            (id, _) => Some(find(&mut connection, project, id).await?),
        };
        let mut choices: Vec<Reference> = pipeline_runs::rows(&mut connection, &offered).await?.into_iter().map(choice).collect();
        let mut sides = Vec::new();
        for run in [before, after] {
            let side = match run {
                Some(run) => Some(side(&mut connection, &run).await?),
                None => None,
            };
            if let Some(side) = &side
                && !choices.iter().any(|choice| choice.id == side.shown.id)
            {
                choices.insert(0, choice(side.shown.clone()));
            }
            sides.push(side);
        }
        let base = format!("/projects/{}", encode(project));
        let (after, before) = (sides.pop().flatten(), sides.pop().flatten());
        let found = before.as_ref().zip(after.as_ref()).map(|(a, b)| differs(a, b));
        let title = match (&before, &after) {
            (Some(a), Some(b)) => format!("#{} {} → #{} {}", a.shown.index, a.shown.name, b.shown.index, b.shown.name),
            _ => "Compare runs".to_owned(),
        };
        Ok::<_, AppError>(HtmlPage {
            title,
            crumbs: vec![("Runs".to_owned(), format!("{base}/runs"))],
            facts: String::new(),
            html: html(|| run_compare_view::content(before.as_ref(), after.as_ref(), found, choices, &base)),
        })
    };
    Ok(read.await?)
}

/// The newest runs: of the pipeline of the one that is named, else of the project.
async fn offered(connection: &mut Connection, project: &str, of: Option<&PipelineRunRow>) -> Result<Vec<PipelineRunRow>> {
    let project = projects::find(connection, project).await?.id;
    let mut request = ListRequest { page: 1, size: MOST_CHOICES, sort_by: "desc:created".to_owned(), ..ListRequest::default() };
    if let Some(pipeline) = of.and_then(|run| run.pipeline_id) {
        request = request.with("pipeline_id", pipeline.to_string());
    }
    Ok(runs::list(connection, project, &request).await?.items)
}

fn choice(run: RunRow) -> Reference {
    let pipeline = run.pipeline.map(|pipeline| format!("{} · ", pipeline.name)).unwrap_or_default();
    Reference { name: format!("{pipeline}#{} {} · {}", run.index, run.name, run.status.as_str()), id: run.id }
}

async fn side(connection: &mut Connection, run: &PipelineRunRow) -> Result<RunSide> {
    let snapshot = service::pipeline_snapshots::get(connection, run.snapshot_id).await?;
    let steps = step_runs::last_of_run(connection, run.id).await?;
    Ok(RunSide {
        shown: only(pipeline_runs::rows(connection, std::slice::from_ref(run)).await?)?,
        snapshot: Side::of(connection, snapshot).await?,
        metadata: metadata(connection, run, &steps).await?,
        steps,
    })
}

async fn metadata(connection: &mut Connection, run: &PipelineRunRow, steps: &[StepRunRow]) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let mut add = |prefix: String, metadata: Option<&run_metadata::Metadata>| {
        for (key, value) in metadata.into_iter().flat_map(run_metadata::Metadata::iter) {
            let value: Value = serde_json::from_str(value.get())?;
            found.insert(format!("{prefix}{key}"), render(&value, VALUE_LIMIT));
        }
        Ok::<_, AppError>(())
    };
    add(String::new(), run_metadata::of(connection, "pipeline_run", [run.id]).await?.get(&run.id))?;
    let of_steps = run_metadata::of(connection, "step_run", steps.iter().map(|step| step.id)).await?;
    for step in steps {
        add(format!("{}.", step.name), of_steps.get(&step.id))?;
    }
    Ok(found)
}

fn differs(a: &RunSide, b: &RunSide) -> RunComparison {
    let outcome = |side: &RunSide, name: &str| {
        let step = side.steps.iter().find(|step| step.name == name)?;
        Some(StepOutcome { status: step.status, duration: duration(step.start_time, step.end_time, step.status.is_finished()) })
    };
    let only_before = a.steps.iter().filter(|step| b.steps.iter().all(|other| other.name != step.name));
    let names = b.steps.iter().chain(only_before).map(|step| step.name.clone());
    RunComparison {
        snapshot: comparison(&a.snapshot, &b.snapshot),
        metadata: differences(a.metadata.clone(), b.metadata.clone()),
        steps: names.map(|name| StepPair { sides: [outcome(a, &name), outcome(b, &name)], name }).collect(),
    }
}
