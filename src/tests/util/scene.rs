//! A pipeline on the default stack, made through REST as the real client makes it: the ground for tests of what hangs on
//! runs and steps.

use serde_json::{Value, json};

use super::client::Client;

/// The default project and stack, and a pipeline with one static step, `train`.
pub struct Scene {
    pub client: Client,
    pub project: String,
    pub stack: String,
    pub artifact_store: String,
    pub pipeline: String,
}

impl Scene {
    /// Makes the pipeline.
    pub async fn new(client: Client) -> Self {
        let id = |value: &Value| value["id"].as_str().expect("an id").to_owned();
        let project = id(&client.get("/api/v1/projects/default").await.good().json());
        let stacks = client.get("/api/v1/stacks?name=default&hydrate=true").await.good().json();
        let stack = &stacks["items"][0];
        let artifact_store = id(&stack["metadata"]["components"]["artifact_store"][0]);
        let pipeline = client.post("/api/v1/pipelines", &json!({ "project": project, "name": "training" })).await.good().json();
        Self { project, stack: id(stack), artifact_store, pipeline: id(&pipeline), client }
    }

    /// What a client sends for a snapshot with the step `train`; `fields` are added or take the place of these.
    pub fn snapshot_request(&self, fields: Value) -> Value {
        // Code of an installed package: nothing has to be captured for it to run.
        let source = json!({ "module": "training", "attribute": "train", "type": "internal" });
        let configuration = json!({ "name": "train", "outputs": {}, "parameters": { "learning_rate": 0.1 }, "settings": {} });
        let step = json!({
            "spec": { "source": source, "upstream_steps": [], "inputs": {}, "invocation_id": "train" },
            "config": configuration,
            "step_config_overrides": configuration,
        });
        let mut request = json!({
            "project": self.project, "pipeline": self.pipeline, "stack": self.stack, "run_name_template": "training-{date}-{time}",
            "pipeline_configuration": { "name": "training" }, "step_configurations": { "train": step }, "client_environment": {},
            "client_version": "0.98.0", "server_version": "0.98.0",
        });
        request.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
        request
    }

    /// Stores a snapshot.
    pub async fn snapshot(&self, fields: Value) -> Value {
        self.client.post("/api/v1/pipeline_snapshots", &self.snapshot_request(fields)).await.good().json()
    }

    /// What a client sends for a run of a snapshot; `fields` are added or take the place of these.
    pub fn run_request(&self, snapshot: &Value, name: &str, fields: Value) -> Value {
        let mut request = json!({
            "project": self.project, "name": name, "snapshot": snapshot["id"], "status": "running", "orchestrator_run_id": name,
            "orchestrator_environment": {}, "start_time": "2026-11-23T04:51:11.963996",
        });
        request.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
        request
    }

    /// A running run with this name, of a snapshot of its own whose pipeline configuration has these fields besides its name.
    pub async fn run(&self, name: &str, configuration: Value) -> Value {
        let mut pipeline_configuration = json!({ "name": "training" });
        let fields = pipeline_configuration.as_object_mut().expect("an object");
        fields.extend(configuration.as_object().expect("an object").clone());
        let snapshot = self.snapshot(json!({ "pipeline_configuration": pipeline_configuration })).await;
        self.client.post("/api/v1/runs", &self.run_request(&snapshot, name, json!({}))).await.good().json()[0].clone()
    }

    /// The running step `train` of a run.
    pub async fn step(&self, run: &Value) -> Value {
        let step = json!({
            "project": self.project, "name": "train", "pipeline_run_id": run["id"], "status": "running",
            "start_time": "2026-11-23T04:51:12.495710", "inputs": {}, "outputs": {},
        });
        self.client.post("/api/v1/steps", &step).await.good().json()
    }

    /// Ends a step well, with an artifact version as its output.
    pub async fn complete(&self, step: &Value, artifact_version: &Value) {
        let update = json!({
            "status": "completed", "end_time": "2026-11-23T04:51:13.0", "outputs": { "output": [artifact_version["id"]] },
        });
        self.client.put(&format!("/api/v1/steps/{}", step["id"].as_str().expect("an id")), &update).await.good();
    }

    /// What a client sends for a version of an artifact; `fields` are added or take the place of these.
    pub fn artifact_version(&self, artifact: &str, fields: Value) -> Value {
        let mut request = json!({
            "project": self.project, "artifact_name": artifact, "type": "DataArtifact", "save_type": "step_output",
            "artifact_store_id": self.artifact_store, "uri": "/nowhere/data", "has_custom_name": true,
            "materializer": { "module": "zenml.materializers", "attribute": "BuiltInMaterializer", "type": "internal" },
            "data_type": { "module": "builtins", "attribute": "int", "type": "builtin" },
        });
        request.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
        request
    }

    /// Stores a version of an artifact.
    pub async fn store(&self, artifact: &str, fields: Value) -> Value {
        self.client.post("/api/v1/artifact_versions", &self.artifact_version(artifact, fields)).await.good().json()
    }
}
