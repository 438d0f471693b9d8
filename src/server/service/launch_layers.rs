//! The layers that a draft of a launch starts from: presets of the pipeline, and the values of an earlier run.

use serde_json::{Map, Value};

use crate::{
    run_configuration::{
        edit,
        form::{self, Field},
        layers::{Layer, LayerKind},
        merge::merge,
        replay::Replay,
        request,
        snapshot::Snapshot,
        value_path::ValuePath,
    },
    server::{
        db::{
            Connection, launches, pipeline_runs::PipelineRunRow, pipeline_snapshots::PipelineSnapshotRow, presets, proposals::ProposalRow,
            users::UserRow,
        },
        error::{AppError, Result},
        id::Id,
        service::pipeline_snapshots,
    },
};

/// Replays of replays that are followed to what they started from.
const MOST_REPLAYS: usize = 20;

/// A layer, and the paths of its values that the snapshot has no place for; they are not in the layer.
pub struct Fitted {
    pub layer: Layer,
    pub left_out: Vec<ValuePath>,
}

/// The preset of a pipeline with this name or id, as an account sees it; its own private one before a shared one.
pub async fn preset(connection: &mut Connection, user: Id, snapshot: (&PipelineSnapshotRow, &Snapshot), name: &str) -> Result<Fitted> {
    let (row, core) = snapshot;
    let missing = || AppError::NotFound(format!("There is no preset `{name}` of this pipeline. It may have been renamed or deleted."));
    let preset = presets::find(connection, row.pipeline_id, user, name).await?.ok_or_else(missing)?;
    let configuration = request::read_text(&preset.configuration).map_err(AppError::InvalidConfiguration)?.configuration;
    Ok(fitted(core, Layer { kind: LayerKind::Preset, name: preset.name, configuration }))
}

/// What somebody proposes to run.
pub async fn proposal(connection: &mut Connection, snapshot: &Snapshot, proposal: &ProposalRow) -> Result<Fitted> {
    let configuration = request::read_text(&proposal.configuration).map_err(AppError::InvalidConfiguration)?.configuration;
    let name = connection.get::<UserRow>(proposal.user_id).await?.map(|user| user.name).unwrap_or_default();
    Ok(fitted(snapshot, Layer { kind: LayerKind::Proposal, name, configuration }))
}

/// The values of a run: what its launch asked for, or, for a run that was not launched here, the parameters that it had and
/// the snapshot has not.
pub async fn run(connection: &mut Connection, snapshot: &Snapshot, run: &PipelineRunRow) -> Result<Fitted> {
    let (mut asked, mut current) = (Vec::new(), run.clone());
    let mut configuration = loop {
        let Some(launch) = launches::get(connection, current.id).await? else { break differing_of(connection, snapshot, &current).await? };
        asked.push(launched(snapshot, &current, serde_json::from_str(&launch.run_configuration)?));
        // A replay says only what it changes against its original.
        let Some(original) = current.original_run_id else { break Map::new() };
        match connection.get::<PipelineRunRow>(original).await?.filter(|_| asked.len() < MOST_REPLAYS) {
            Some(original) => current = original,
            None => break differing_of(connection, snapshot, &current).await?,
        }
    };
    asked.iter().rev().for_each(|later| merge(&mut configuration, later));
    Ok(fitted(snapshot, Layer { kind: LayerKind::Run, name: run.name.clone(), configuration }))
}

/// The parameters of a run where they are not those of the snapshot.
async fn differing_of(connection: &mut Connection, snapshot: &Snapshot, run: &PipelineRunRow) -> Result<Map<String, Value>> {
    let row: Option<PipelineSnapshotRow> = connection.get(run.snapshot_id).await?;
    let row = row.ok_or_else(|| AppError::missing("snapshot", run.snapshot_id))?;
    Ok(differing(snapshot, &pipeline_snapshots::for_run_configuration(connection, &row).await?))
}

/// What a launch asked for, without what is for that run alone: which steps it skipped, and a name that is taken now.
fn launched(snapshot: &Snapshot, run: &PipelineRunRow, mut configuration: Map<String, Value>) -> Map<String, Value> {
    // What is wrong with these keys does not matter, for they go.
    drop(Replay::take(&mut configuration, snapshot));
    configuration.retain(|key, value| key != "run_name" || value.as_str() != Some(&run.name));
    configuration
}

/// The parameters of one snapshot where they are not those of the other.
fn differing(snapshot: &Snapshot, other: &Snapshot) -> Map<String, Value> {
    let own = form::all_fields(snapshot);
    let mut configuration = Value::Object(Map::new());
    for field in form::all_fields(other).into_iter().filter(Field::is_parameter) {
        let usual = own.iter().find(|own| own.path == field.path).and_then(|own| own.current.as_ref());
        if let Some(value) = field.current.filter(|value| usual != Some(value)) {
            edit::put(&mut configuration, field.path.segments(), value);
        }
    }
    match configuration {
        Value::Object(configuration) => configuration,
        _ => Map::new(),
    }
}

/// A layer with only the values that the snapshot has a place for, and its form where that is all that there is: steps and
/// parameters come and go between snapshots.
fn fitted(snapshot: &Snapshot, mut layer: Layer) -> Fitted {
    let fields = form::all_fields(snapshot);
    // A model has fields only for what is in it.
    let has = |parameter: ValuePath| fields.iter().any(|field| field.path.starts_with(&parameter));
    let is_offered = |path: &ValuePath| snapshot.form.as_ref().is_none_or(|form| form.offers(path));
    let has_place = |path: &ValuePath| match path.segments() {
        [steps, step, parameters, name, ..] if steps == "steps" && parameters == "parameters" => {
            has(ValuePath::of(["steps", step, "parameters", name]))
        }
        [steps, step, ..] if steps == "steps" => snapshot.step(step).is_some(),
        [parameters, name, ..] if parameters == "parameters" => has(ValuePath::of(["parameters", name])),
        _ => true,
    };
    let left_out = layer.retain(|path| has_place(path) && is_offered(path));
    Fitted { layer, left_out }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::run_configuration::snapshot::Step;

    fn snapshot(lr: f64) -> Snapshot {
        let config = json!({"parameters": {"lr": lr, "epochs": 3}});
        let spec = json!({"parameter_spec": {"properties": {"lr": {"type": "number"}, "epochs": {"type": "integer"}}}});
        let step = Step { name: "train".to_owned(), spec, config: config.clone(), overrides: config };
        Snapshot { run_name_template: "{date}".to_owned(), steps: vec![step], ..Snapshot::default() }
    }

    #[test]
    fn values_without_a_place_are_left_out_and_named() {
        let configuration = json!({"enable_cache": false, "steps": {"train": {"parameters": {"lr": 1, "gone": 2}, "retry": {"delay": 1}}, "old": {"settings": {}}}});
        let layer = Layer { kind: LayerKind::Run, name: "r".to_owned(), configuration: configuration.as_object().cloned().unwrap() };
        let fitted = fitted(&snapshot(0.1), layer);
        let kept = json!({"enable_cache": false, "steps": {"train": {"parameters": {"lr": 1}, "retry": {"delay": 1}}}});
        assert_eq!(Value::Object(fitted.layer.configuration), kept);
        let left_out: Vec<String> = fitted.left_out.iter().map(ToString::to_string).collect();
        assert_eq!(left_out, ["steps.train.parameters.gone", "steps.old.settings"]);
    }

    #[test]
    fn a_run_that_was_not_launched_here_gives_the_parameters_that_differ() {
        assert_eq!(Value::Object(differing(&snapshot(0.1), &snapshot(0.5))), json!({"steps": {"train": {"parameters": {"lr": 0.5}}}}));
        assert!(differing(&snapshot(0.1), &snapshot(0.1)).is_empty());
    }
}
