//! The graph of a run: its steps in the order of their dependencies, what they read and made, the runs they started.
//!
//! Node ids, metadata and order are those of ZenML 0.98.

mod facts;

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::server::{
    api::wire::dag::{Dag, Edge, Node, NodeType},
    db::{
        Connection,
        pipeline_runs::PipelineRunRow,
        run_wait_conditions::RunWaitConditionRow,
        step_runs::{StepRunInput, StepRunOutput},
    },
    error::Result,
    id::Id,
    time::Timestamp,
};
use facts::{Facts, Step};

/// The graph of a run. `metadata_keys` names the run metadata that step nodes carry.
pub async fn of_run(connection: &mut Connection, run: &PipelineRunRow, metadata_keys: &[String]) -> Result<Dag> {
    let facts = Facts::read(connection, run, metadata_keys).await?;
    let mut graph = Graph::default();
    for index in facts.in_order_of_dependencies() {
        graph.add_step(&facts, &facts.steps[index]);
    }
    for condition in &facts.wait_conditions {
        graph.add_wait_condition(condition);
    }
    for child in &facts.children {
        let mut metadata = json!({ "status": child.status });
        if let Some(start) = child.start_time {
            metadata["start_time"] = json!(start);
            if let Some(seconds) = duration(child.start_time, child.end_time) {
                metadata["end_time"] = json!(child.end_time);
                metadata["duration"] = json!(seconds);
            }
        }
        graph.child_runs.push(node(
            format!("child_run/{}", part(&child.name)),
            NodeType::TriggeredRun,
            Some(child.id),
            &child.name,
            metadata,
        ));
    }
    Ok(graph.finish(run))
}

/// The graph under construction, in the order in which it is answered.
#[derive(Default)]
struct Graph {
    steps: Vec<Node>,
    artifacts: Vec<Node>,
    wait_conditions: Vec<Node>,
    triggered_runs: Vec<Node>,
    child_runs: Vec<Node>,
    edges: Vec<Edge>,
    /// Node ids of regular outputs, by step and output name.
    outputs: HashMap<(String, String), String>,
}

impl Graph {
    fn add_step(&mut self, facts: &Facts, step: &Step) {
        let step_node = format!("step/{}", part(&step.name));
        self.steps.push(node(
            step_node.clone(),
            NodeType::Step,
            step.row.as_ref().map(|row| row.id),
            &step.name,
            step_metadata(facts, step),
        ));
        let mut upstream: Vec<&str> = upstream(&step.spec).collect();
        match &step.row {
            Some(row) => {
                for input in facts.inputs.get(&row.id).into_iter().flatten() {
                    self.add_input(facts, step, &step_node, input, &mut upstream);
                }
                let made = facts.outputs.get(&row.id).map(Vec::as_slice).unwrap_or_default();
                for output in made {
                    self.add_output(facts, step, &step_node, output);
                }
                self.add_expected_outputs(facts, step, &step_node, made);
                for run in facts.triggered_runs.get(&row.id).into_iter().flatten() {
                    self.add_triggered_run(&step_node, run);
                }
            }
            None => {
                self.add_expected_inputs(facts, step, &step_node, &mut upstream);
                self.add_expected_outputs(facts, step, &step_node, &[]);
            }
        }
        for name in upstream {
            self.edge(format!("step/{}", part(name)), step_node.clone(), json!({}));
        }
    }

    fn add_input(&mut self, facts: &Facts, step: &Step, step_node: &str, input: &StepRunInput, upstream: &mut Vec<&str>) {
        let source = if input.input_type == "step_output" {
            let Some((producer, output)) = input_spec(&step.spec, &input.name, input.position as usize) else { return };
            upstream.retain(|name| *name != producer);
            self.output_node(facts, producer, output)
        } else {
            let id = input.artifact_version_id;
            let label = if input.input_type == "manual" { id.to_string() } else { input.name.clone() };
            let node_id = format!("{}/inputs/{}/{}", part(&step.name), input.input_type, part(&label));
            self.artifacts.push(node(node_id.clone(), NodeType::Artifact, Some(id), &input.name, artifact_metadata(facts, id)));
            Some(node_id)
        };
        let Some(source) = source else { return };
        let metadata = json!({
            "input_name": input.name,
            "type": input.input_type,
            "index": input.position,
            "chunk_index": input.chunk_index,
            "chunk_size": input.chunk_size,
        });
        self.edge(source, step_node.to_owned(), metadata);
    }

    /// The inputs of a step that has not been started, as configured.
    fn add_expected_inputs(&mut self, facts: &Facts, step: &Step, step_node: &str, upstream: &mut Vec<&str>) {
        for (name, spec) in step.spec["inputs"].as_object().into_iter().flatten() {
            let list = spec.as_array().map_or(std::slice::from_ref(spec), Vec::as_slice);
            for input in list {
                let (Some(producer), Some(output)) = (input["step_name"].as_str(), input["output_name"].as_str()) else { continue };
                upstream.retain(|name| *name != producer);
                let Some(source) = self.output_node(facts, producer, output) else { continue };
                let metadata = json!({
                    "input_name": name,
                    "type": "step_output",
                    "chunk_index": input["chunk_index"],
                    "chunk_size": input["chunk_size"],
                });
                self.edge(source, step_node.to_owned(), metadata);
            }
        }
        let lazy = ["client_lazy_loaders", "model_artifacts_or_metadata"].map(|key| (key, "lazy"));
        for (key, io_type) in lazy.into_iter().chain([("external_input_artifacts", "external")]) {
            for (name, _) in step.config[key].as_object().into_iter().flatten() {
                let node_id = format!("{}/inputs/{io_type}/{}", part(&step.name), part(name));
                self.artifacts.push(node(node_id.clone(), NodeType::Artifact, None, name, json!({})));
                self.edge(node_id, step_node.to_owned(), json!({ "input_name": name, "type": io_type }));
            }
        }
    }

    fn add_output(&mut self, facts: &Facts, step: &Step, step_node: &str, output: &StepRunOutput) {
        let id = output.artifact_version_id;
        let save_type = facts.artifact_versions.get(&id).map_or("step_output", |(version, _)| version.save_type.as_str());
        let label = if save_type == "manual" { id.to_string() } else { output.name.clone() };
        let node_id = format!("{}/outputs/{save_type}/{}", part(&step.name), part(&label));
        self.artifacts.push(node(node_id.clone(), NodeType::Artifact, Some(id), &output.name, artifact_metadata(facts, id)));
        if save_type == "step_output" {
            self.outputs.insert((step.name.clone(), output.name.clone()), node_id.clone());
        }
        self.edge(step_node.to_owned(), node_id, json!({ "output_name": output.name, "type": save_type }));
    }

    /// Outputs that are configured and not made yet.
    fn add_expected_outputs(&mut self, facts: &Facts, step: &Step, step_node: &str, made: &[StepRunOutput]) {
        for (name, _) in step.config["outputs"].as_object().into_iter().flatten() {
            let name = facts.output_name(step, name);
            if made.iter().any(|output| output.name == name) {
                continue;
            }
            let node_id = format!("{}/outputs/step_output/{}", part(&step.name), part(&name));
            self.artifacts.push(node(node_id.clone(), NodeType::Artifact, None, &name, json!({})));
            self.outputs.insert((step.name.clone(), name.clone()), node_id.clone());
            self.edge(step_node.to_owned(), node_id, json!({ "output_name": name, "type": "step_output" }));
        }
    }

    /// Questions stand beside the steps: nothing says which step comes before or after one.
    fn add_wait_condition(&mut self, condition: &RunWaitConditionRow) {
        let mut metadata = json!({ "status": condition.status, "type": condition.kind, "created_at": condition.created });
        for (key, text) in [("resolution", &condition.resolution), ("question", &condition.question)] {
            if let Some(text) = text.as_deref().filter(|text| !text.is_empty()) {
                metadata[key] = json!(text);
            }
        }
        if let Some(resolved_at) = condition.resolved_at {
            metadata["resolved_at"] = json!(resolved_at);
        }
        let node_id = format!("wait_condition/{}", part(&condition.name));
        self.wait_conditions.push(node(node_id, NodeType::WaitCondition, Some(condition.id), &condition.name, metadata));
    }

    fn add_triggered_run(&mut self, step_node: &str, run: &PipelineRunRow) {
        let mut metadata = json!({ "status": run.status, "index": run.run_index });
        if let Some(start) = run.start_time {
            metadata["start_time"] = json!(start);
            if let Some(seconds) = duration(run.start_time, run.end_time) {
                metadata["duration"] = json!(seconds);
            }
        }
        let node_id = format!("run/{}", part(&run.name));
        self.triggered_runs.push(node(node_id.clone(), NodeType::TriggeredRun, Some(run.id), &run.name, metadata));
        self.edge(step_node.to_owned(), node_id, json!({}));
    }

    fn output_node(&self, facts: &Facts, step: &str, output: &str) -> Option<String> {
        let name = facts.step(step).map_or_else(|| output.to_owned(), |step| facts.output_name(step, output));
        self.outputs.get(&(step.to_owned(), name)).cloned()
    }

    fn edge(&mut self, source: String, target: String, metadata: Value) {
        self.edges.push(Edge { source, target, metadata: object(metadata) });
    }

    fn finish(self, run: &PipelineRunRow) -> Dag {
        let mut nodes = self.steps;
        nodes.extend(self.artifacts);
        nodes.extend(self.wait_conditions);
        nodes.extend(self.triggered_runs);
        nodes.extend(self.child_runs);
        Dag { id: run.id, status: run.status, nodes, edges: self.edges }
    }
}

fn node(node_id: String, node_type: NodeType, id: Option<Id>, name: &str, metadata: Value) -> Node {
    Node { node_id, node_type, id, name: name.to_owned(), metadata: object(metadata) }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn step_metadata(facts: &Facts, step: &Step) -> Value {
    let mut metadata = Map::new();
    for (key, name) in [("step_type", "type"), ("group", "group")] {
        if !step.config[key].is_null() {
            metadata.insert(name.to_owned(), step.config[key].clone());
        }
    }
    if let Some(row) = &step.row {
        metadata.insert("status".to_owned(), json!(row.status));
        if let Some(start) = row.start_time {
            metadata.insert("start_time".to_owned(), json!(start));
            if let Some(seconds) = duration(row.start_time, row.end_time) {
                metadata.insert("duration".to_owned(), json!(seconds));
            }
        }
        if let Some(extra) = facts.metadata.get(&row.id) {
            metadata.insert("run_metadata".to_owned(), Value::Object(extra.clone()));
        }
    }
    Value::Object(metadata)
}

fn artifact_metadata(facts: &Facts, id: Id) -> Value {
    let Some((version, _)) = facts.artifact_versions.get(&id) else { return json!({}) };
    json!({ "type": version.kind, "data_type": import_path(&version.data_type), "save_type": version.save_type })
}

/// `module.attribute` of a stored source.
fn import_path(source: &str) -> String {
    let source: Value = serde_json::from_str(source).unwrap_or_default();
    let module = source["module"].as_str().unwrap_or_default();
    source["attribute"].as_str().map_or_else(|| module.to_owned(), |attribute| format!("{module}.{attribute}"))
}

fn duration(start: Option<Timestamp>, end: Option<Timestamp>) -> Option<f64> {
    Some(end?.seconds_since(start?))
}

fn upstream(spec: &Value) -> impl Iterator<Item = &str> {
    spec["upstream_steps"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// The step and the output that an input comes from.
fn input_spec<'a>(spec: &'a Value, name: &str, position: usize) -> Option<(&'a str, &'a str)> {
    let input = &spec["inputs"][name];
    let input = input.as_array().map_or(Some(input), |list| list.get(position))?;
    Some((input["step_name"].as_str()?, input["output_name"].as_str()?))
}

/// A name inside a node id, whose parts are separated by slashes.
fn part(name: &str) -> String {
    name.replace('/', "-")
}
