//! `/steps`: attempts, parents, and what becomes of the run; and the run's graph.

use serde_json::{Value, json};

use crate::util::{Scene, TestApp};

const STEPS: &str = "/api/v1/steps";

fn path(step: &Value) -> String {
    format!("{STEPS}/{}", step["id"].as_str().expect("an id"))
}

/// A run of two steps, `load` and then `train`, where `train` may be tried twice.
struct TwoSteps {
    scene: Scene,
    run: Value,
}

impl TwoSteps {
    async fn new(app: &TestApp, configuration: Value) -> Self {
        let scene = Scene::new(app.admin().await).await;
        let step = |name: &str, upstream: Value, inputs: Value, outputs: Value, retry: Value| {
            let source = json!({ "module": "training", "attribute": name, "type": "internal" });
            let config = json!({ "name": name, "outputs": outputs, "retry": retry });
            let spec = json!({ "source": source, "upstream_steps": upstream, "inputs": inputs, "invocation_id": name });
            json!({ "spec": spec, "config": config, "step_config_overrides": config })
        };
        let input = json!({ "data": { "step_name": "load", "output_name": "rows" } });
        let mut pipeline = json!({ "name": "training" });
        pipeline.as_object_mut().expect("an object").extend(configuration.as_object().expect("an object").clone());
        let snapshot = scene
            .snapshot(json!({
                "pipeline_configuration": pipeline,
                "step_configurations": {
                    "load": step("load", json!([]), json!({}), json!({ "rows": {} }), json!(null)),
                    "train": step("train", json!(["load"]), input, json!({ "model": {} }), json!({ "max_retries": 1 })),
                },
            }))
            .await;
        let run = scene.client.post("/api/v1/runs", &scene.run_request(&snapshot, "one", json!({}))).await.good().json()[0].clone();
        Self { scene, run }
    }

    fn request(&self, name: &str, fields: Value) -> Value {
        let mut request = json!({
            "project": self.scene.project, "name": name, "pipeline_run_id": self.run["id"], "status": "running",
            "start_time": "2026-11-23T04:51:12.5", "inputs": {}, "outputs": {},
        });
        request.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
        request
    }

    async fn start(&self, name: &str, fields: Value) -> Value {
        self.scene.client.post(STEPS, &self.request(name, fields)).await.good().json()
    }

    async fn end(&self, step: &Value, status: &str) -> Value {
        let update = json!({ "status": status, "end_time": "2026-11-23T04:51:14.5" });
        self.scene.client.put(&path(step), &update).await.good().json()
    }

    async fn status(&self) -> Value {
        let run = format!("/api/v1/runs/{}/status", self.run["id"].as_str().expect("an id"));
        self.scene.client.get(&run).await.good().json()
    }
}

#[tokio::test]
async fn a_run_completes_with_its_last_step() {
    let app = TestApp::new().await;
    let steps = TwoSteps::new(&app, json!({})).await;
    let rows = steps.scene.store("rows", json!({})).await;
    let load = steps.start("load", json!({})).await;
    steps.scene.client.put(&path(&load), &json!({ "outputs": { "rows": [rows["id"]] } })).await.good();
    steps.end(&load, "completed").await;
    assert_eq!(steps.status().await, "running");
    let train = steps.start("train", json!({ "inputs": { "data": [rows["id"]] } })).await;
    assert_eq!(train["metadata"]["parent_step_ids"], json!([load["id"]]));
    assert_eq!(train["resources"]["inputs"]["data"][0]["input_type"], "step_output");
    steps.end(&train, "completed").await;
    assert_eq!(steps.status().await, "completed");
    steps.scene.client.put(&path(&train), &json!({ "status": "failed" })).await.refused(403);
}

#[tokio::test]
async fn a_failed_attempt_is_tried_again_and_no_more_often_than_allowed() {
    let app = TestApp::new().await;
    let steps = TwoSteps::new(&app, json!({})).await;
    let load = steps.start("load", json!({})).await;
    steps.end(&load, "completed").await;
    let first = steps.start("train", json!({})).await;
    assert_eq!(steps.end(&first, "failed").await["body"]["status"], "retrying");
    assert_eq!(steps.status().await, "running");
    let second = steps.start("train", json!({})).await;
    assert_eq!((&second["body"]["version"], &second["body"]["is_retriable"]), (&json!(2), &json!(false)));
    assert_eq!(steps.scene.client.get(&path(&first)).await.good().json()["body"]["status"], "retried");
    steps.end(&second, "failed").await;
    assert_eq!(steps.status().await, "failed");
    steps.scene.client.post(STEPS, &steps.request("train", json!({}))).await.refused(409);
}

#[tokio::test]
async fn cached_steps_alone_complete_a_run() {
    let app = TestApp::new().await;
    let steps = TwoSteps::new(&app, json!({})).await;
    steps.start("load", json!({ "status": "cached" })).await;
    steps.start("train", json!({ "status": "cached" })).await;
    assert_eq!(steps.status().await, "completed");
}

#[tokio::test]
async fn steps_that_cannot_be_are_refused() {
    let app = TestApp::new().await;
    let steps = TwoSteps::new(&app, json!({ "execution_mode": "fail_fast" })).await;
    let post = async |name: &str, fields: Value| steps.scene.client.post(STEPS, &steps.request(name, fields)).await;
    post("unknown", json!({})).await.refused(404);
    post("load", json!({ "status": "retrying" })).await.refused(403);
    post("load", json!({ "dynamic_config": { "spec": {}, "config": {} } })).await.refused(403);
    let (_, message) = post("train", json!({})).await.refused(400);
    assert!(message.contains("`load`"), "{message}");
    let load = steps.start("load", json!({})).await;
    steps.end(&load, "failed").await;
    post("train", json!({})).await.refused(403);
}

#[tokio::test]
async fn a_stopping_run_is_stopped_when_its_steps_have_ended() {
    let app = TestApp::new().await;
    let steps = TwoSteps::new(&app, json!({})).await;
    let load = steps.start("load", json!({})).await;
    let run = format!("/api/v1/runs/{}", steps.run["id"].as_str().expect("an id"));
    steps.scene.client.put(&run, &json!({ "status": "stopping", "status_reason": "enough" })).await.good();
    assert_eq!(steps.status().await, "stopping");
    steps.end(&load, "stopped").await;
    let stopped = steps.scene.client.get(&run).await.good().json();
    assert_eq!((&stopped["body"]["status"], &stopped["body"]["status_reason"]), (&json!("stopped"), &json!("enough")));
    steps.scene.client.post(STEPS, &steps.request("train", json!({}))).await.refused(403);
}

#[tokio::test]
async fn a_heartbeat_tells_the_step_about_its_run() {
    let app = TestApp::new().await;
    let steps = TwoSteps::new(&app, json!({})).await;
    let load = steps.start("load", json!({})).await;
    let beat = steps.scene.client.put(&format!("{}/heartbeat", path(&load)), &json!(null)).await.good().json();
    assert_eq!((&beat["status"], &beat["pipeline_run_status"]), (&json!("running"), &json!("running")));
    assert!(beat["latest_heartbeat"].as_str().is_some_and(|time| time.ends_with('Z')));
    steps.end(&load, "completed").await;
    steps.scene.client.put(&format!("{}/heartbeat", path(&load)), &json!(null)).await.refused(403);
}

#[tokio::test]
async fn the_graph_shows_what_is_configured_and_what_was_made() {
    let app = TestApp::new().await;
    let steps = TwoSteps::new(&app, json!({})).await;
    let dag = format!("/api/v1/runs/{}/dag", steps.run["id"].as_str().expect("an id"));
    let ids = |dag: &Value| -> Vec<(String, bool)> {
        let nodes = dag["nodes"].as_array().expect("nodes").iter();
        nodes.map(|node| (node["node_id"].as_str().expect("an id").to_owned(), node["id"].is_string())).collect()
    };
    let expected = |made: [bool; 4]| {
        let names = ["step/load", "step/train", "load/outputs/step_output/rows", "train/outputs/step_output/model"];
        names.map(str::to_owned).into_iter().zip(made).collect::<Vec<_>>()
    };
    let before = steps.scene.client.get(&dag).await.good().json();
    assert_eq!(ids(&before), expected([false; 4]));
    let rows = steps.scene.store("rows", json!({})).await;
    let load = steps.start("load", json!({})).await;
    steps.scene.client.put(&path(&load), &json!({ "outputs": { "rows": [rows["id"]] } })).await.good();
    steps.end(&load, "completed").await;
    let after = steps.scene.client.get(&dag).await.good().json();
    assert_eq!(ids(&after), expected([true, false, true, false]));
    assert_eq!(
        after["nodes"][0]["metadata"],
        json!({ "status": "completed", "start_time": "2026-11-23T04:51:12.500000", "duration": 2.0 })
    );
    let edges: Vec<(&str, &str)> = after["edges"]
        .as_array()
        .expect("edges")
        .iter()
        .map(|edge| (edge["source"].as_str().expect("a node"), edge["target"].as_str().expect("a node")))
        .collect();
    assert_eq!(
        edges,
        [
            ("step/load", "load/outputs/step_output/rows"),
            ("load/outputs/step_output/rows", "step/train"),
            ("step/train", "train/outputs/step_output/model"),
        ]
    );
}
