//! What the last runs of a snapshot tell: how long the next one may take, and which values were used before.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::draft::Outcome;
use crate::{
    components::status_badge::word,
    model::{
        launches::{FormField, RecentValue, Typed},
        time::duration,
    },
    run_configuration::{
        diff::render,
        edit,
        form::{self, Field},
        layers::{Layer, LayerKind},
        snapshot::Snapshot,
        value_path::ValuePath,
    },
    server::{
        db::{
            Connection, launches,
            pipeline_runs::PipelineRunRow,
            pipeline_snapshot_usage::{self, LaunchedValues},
            pipeline_snapshots::PipelineSnapshotRow,
        },
        error::{AppError, Result},
        id::Id,
        pages::durations,
        service::launch_layers::Fitted,
        state::AppState,
    },
};

/// From how many of the newest runs it is told.
const RUNS_READ: usize = 50;
/// Characters of a run configuration that is looked into.
const LONGEST_CONFIGURATION: usize = 32 * 1024;
/// Values offered at a field.
const MOST_VALUES: usize = 3;
/// Characters of a value; longer ones are not offered.
const VALUE_LIMIT: usize = 40;

/// The newest runs launched from a snapshot, or from the one that it was made of.
pub async fn read(connection: &mut Connection, row: &PipelineSnapshotRow) -> Result<Vec<LaunchedValues>> {
    let named = row.source_snapshot_id.filter(|_| row.name.is_none()).unwrap_or(row.id);
    Ok(pipeline_snapshot_usage::newest_values(connection, row.project_id, named, RUNS_READ, LONGEST_CONFIGURATION).await?)
}

/// How long runs took, in words: the median and the ninth decile.
pub fn estimate(runs: &[LaunchedValues]) -> Option<String> {
    let took: Vec<f64> = runs.iter().filter_map(|run| durations::seconds(run.status, run.start_time, run.end_time)).collect();
    let (median, slow) = (duration(durations::median(&took)?), duration(durations::quantile(&took, 0.9)?));
    Some(match took.len() {
        1 => format!("The one finished run of it took {median}."),
        count if median == slow => format!("The last {count} finished runs took about {median}."),
        count => format!("Half of the last {count} finished runs took {median} or less, nine in ten at most {slow}."),
    })
}

/// Puts the values that were launched last beside the fields, newest first, each once with its newest run.
pub fn fill(fields: &mut [FormField], snapshot: &Snapshot, runs: &[LaunchedValues]) {
    let configuration = |run: &LaunchedValues| serde_json::from_str::<Map<String, Value>>(run.run_configuration.as_deref()?).ok();
    let launched: Vec<_> = runs.iter().filter_map(|run| Some((run, configuration(run)?))).collect();
    for (shown, field) in fields.iter_mut().zip(form::fields(snapshot)) {
        shown.recent = recent(&field, &launched);
    }
}

fn recent(field: &Field, launched: &[(&LaunchedValues, Map<String, Value>)]) -> Vec<RecentValue> {
    if !field.is_parameter() || field.locked || field.secret {
        return Vec::new();
    }
    let mut seen = HashSet::new();
    let value = |(run, configuration): &(&LaunchedValues, Map<String, Value>)| {
        let value = field.path.get(configuration).filter(|value| field.current.as_ref() != Some(*value))?;
        let label = render(value, VALUE_LIMIT + 1);
        let entry = field.entry(Some(value));
        let fits = label.chars().count() <= VALUE_LIMIT && (entry.is_null || form::form_to_value(field, &entry.text).is_ok());
        (fits && seen.insert(label.clone())).then(|| RecentValue {
            label,
            typed: Typed { text: entry.text, is_null: entry.is_null },
            run: run.id.to_string(),
            index: run.run_index,
            mark: if run.status.is_successful() {
                "✓"
            } else if run.status.is_finished() {
                "✕"
            } else {
                "…"
            }
            .to_owned(),
            status: word(run.status).to_lowercase(),
        })
    };
    launched.iter().filter_map(value).take(MOST_VALUES).collect()
}

/// The value of one field in an earlier run of the same pipeline, as a layer; `which` is the run's id, a colon and the path.
pub async fn lay(state: &AppState, row: &PipelineSnapshotRow, which: &str) -> Result<Outcome> {
    let (id, path) = which.split_once(':').unwrap_or_default();
    let missing = || AppError::NotFound("That value is gone: its run was deleted.".to_owned());
    let id: Id = id.parse().map_err(|_| missing())?;
    let mut connection = state.db.read().await?;
    let run = connection.get::<PipelineRunRow>(id).await?.filter(|run| run.pipeline_id == Some(row.pipeline_id)).ok_or_else(missing)?;
    let launch = launches::get(&mut connection, id).await?.ok_or_else(missing)?;
    let asked: Map<String, Value> = serde_json::from_str(&launch.run_configuration)?;
    let path = ValuePath::from(path);
    let mut configuration = Value::Object(Map::new());
    edit::put(&mut configuration, path.segments(), path.get(&asked).ok_or_else(missing)?.clone());
    let configuration = configuration.as_object().cloned().unwrap_or_default();
    let layer = Layer { kind: LayerKind::Run, name: run.name, configuration };
    Ok(Outcome::Layer(Fitted { layer, left_out: Vec::new() }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{checker, model::status::ExecutionStatus, run_configuration::snapshot::Step, server::time::Timestamp};

    fn run(run_index: i64, status: ExecutionStatus, seconds: i64, lr: Value) -> LaunchedValues {
        let start = Timestamp::now();
        let configuration = json!({"steps": {"train": {"parameters": {"lr": lr}}}});
        LaunchedValues {
            id: Id::new(),
            run_index,
            status,
            start_time: Some(start),
            end_time: Some(start.plus_seconds(seconds)),
            run_configuration: Some(configuration.to_string()),
        }
    }

    #[test]
    fn each_value_is_offered_once_with_its_newest_run() {
        let config = json!({"parameters": {"lr": 0.1}});
        let spec = json!({"parameter_spec": {"properties": {"lr": {"type": "number"}}}});
        let step = Step { name: "train".to_owned(), spec, config: config.clone(), overrides: config };
        let snapshot = Snapshot { run_name_template: "{date}".to_owned(), steps: vec![step], ..Snapshot::default() };
        use ExecutionStatus::{Completed, Failed, Running};
        let runs = [
            run(9, Running, 1, json!(0.5)),
            run(8, Failed, 1, json!(0.5)),
            run(7, Completed, 10, json!(0.1)),
            run(6, Completed, 20, json!("fast")),
            run(5, Failed, 1, json!(0.01)),
            LaunchedValues { run_configuration: None, ..run(4, Completed, 30, json!(3)) },
        ];
        let mut fields = checker::fields(&snapshot);
        fill(&mut fields, &snapshot, &runs);
        let offered: Vec<(&str, i64, &str)> =
            fields[0].recent.iter().map(|value| (value.label.as_str(), value.index, value.mark.as_str())).collect();
        assert_eq!(offered, [("0.5", 9, "…"), ("0.01", 5, "✕")], "not the snapshot's own, and nothing that is no number");
        let told = estimate(&runs).expect("three runs ended well");
        assert!(told.contains("last 3 finished runs took 20") && told.contains("28"), "{told}");
        assert_eq!(estimate(&runs[..2]), None);
    }
}
