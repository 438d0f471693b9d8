//! `/pipeline_snapshots/{id}/form_view`, and that every way to launch keeps to it.

use darkroom::model::roles::Role;
use serde_json::{Value, json};

use crate::util::{Client, Scene, TestApp};

const RATE: &str = "steps.train.parameters.learning_rate";
const ROWS: &str = "steps.train.parameters.rows";

fn id(value: &Value) -> String {
    value["id"].as_str().expect("an id").to_owned()
}

/// A named snapshot with two parameters.
async fn snapshot(scene: &Scene, fields: Value) -> String {
    let mut request = scene.snapshot_request(fields);
    let step = &mut request["step_configurations"]["train"];
    let parameters = json!({ "learning_rate": 0.1, "rows": 100 });
    step["spec"]["parameter_spec"] =
        json!({ "properties": { "learning_rate": { "type": "number", "maximum": 10 }, "rows": { "type": "integer" } } });
    step["config"]["parameters"] = parameters.clone();
    step["step_config_overrides"]["parameters"] = parameters;
    id(&scene.client.post("/api/v1/pipeline_snapshots", &request).await.good().json())
}

fn path(snapshot: &str) -> String {
    format!("/api/v1/pipeline_snapshots/{snapshot}/form_view")
}

fn view() -> Value {
    json!({ "intro": "Nightly.", "fields": [
        { "path": RATE, "label": "Rate", "minimum": 0.01, "maximum": 1 },
        { "path": ROWS, "label": "Rows", "locked": true, "value": 50 },
    ] })
}

fn parameters(values: Value) -> Value {
    json!({ "steps": { "train": { "parameters": values } } })
}

async fn launch(client: &Client, snapshot: &str, body: Value) -> crate::util::Answer {
    client.post(&format!("/api/v1/pipeline_snapshots/{snapshot}/runs"), &body).await
}

/// The parameters that a run has.
async fn launched(client: &Client, run: &Value) -> Value {
    let snapshot = run["resources"]["snapshot"]["id"].as_str().expect("a snapshot");
    let snapshot = client.get(&format!("/api/v1/pipeline_snapshots/{snapshot}?hydrate=true")).await.good().json();
    snapshot["metadata"]["step_configurations"]["train"]["config"]["parameters"].clone()
}

#[tokio::test]
async fn a_view_is_made_read_replaced_and_deleted() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let other = app.with_role("other", Role::Operator).await;
    let path = path(&snapshot(&scene, json!({ "name": "nightly" })).await);
    scene.client.get(&path).await.refused(404);
    let made = scene.client.put(&path, &view()).await.good().json();
    assert_eq!((&made["form_view"], &made["warnings"]), (&view(), &json!([])));
    assert_eq!(other.get(&path).await.good().json()["form_view"], view(), "everybody reads it");
    let gone = json!({ "fields": [{ "path": "steps.train.parameters.row" }] });
    let told = scene.client.put(&path, &gone).await.good().json();
    assert_eq!(told["warnings"][0]["path"], "fields.0.path");
    assert!(told["warnings"][0]["message"].as_str().is_some_and(|message| message.contains(ROWS)), "{told}");
    let (_, message) = scene.client.put(&path, &json!({ "fields": [{ "path": RATE, "maximum": 11 }] })).await.refused(400);
    assert!(message.contains("fields.0.maximum") && message.contains("at most 10"), "{message}");
    scene.client.put(&path, &json!({ "fields": [{ "path": RATE, "maxmum": 11 }] })).await.refused(422);
    other.put(&path, &view()).await.refused(403);
    other.delete(&path).await.refused(403);
    assert_eq!(scene.client.get(&path).await.good().json()["form_view"], gone, "what is refused changes nothing");
    scene.client.delete(&path).await.good();
    scene.client.delete(&path).await.refused(404);
    app.anonymous().get(&path).await.refused(401);
}

#[tokio::test]
async fn a_launch_by_others_keeps_to_the_view() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let other = app.with_role("other", Role::Operator).await;
    let snapshot = snapshot(&scene, json!({ "name": "nightly" })).await;
    scene.client.put(&path(&snapshot), &view()).await.good();
    let run = launch(&other, &snapshot, parameters(json!({ "learning_rate": 0.5 }))).await.good().json();
    assert_eq!(launched(&other, &run).await, json!({ "learning_rate": 0.5, "rows": 50 }), "what is locked is set");
    let (_, message) = launch(&other, &snapshot, parameters(json!({ "learning_rate": 2 }))).await.refused(422);
    assert!(message.contains(RATE) && message.contains("at most 1"), "{message}");
    for body in [
        parameters(json!({ "rows": 7 })),
        json!({ "run_name": "mine" }),
        json!({ "run_configuration": { "environment": { "A": "b" } } }),
        json!({ "run_configuration": parameters(json!({ "rows": 7 })), "replace_paths": ["steps.train.parameters.rows"] }),
        json!({ "steps": { "train": { "settings": { "resources": { "gpu_count": 8 } } } } }),
    ] {
        let (class, message) = launch(&other, &snapshot, body.clone()).await.refused(403);
        assert_eq!(class, "IllegalOperationError", "{body}: {message}");
    }
    let (_, message) = launch(&other, &snapshot, json!({ "run_name": "mine" })).await.refused(403);
    assert!(message.contains("run_name"), "{message}");
    // Its owner is bound by nothing, and is not given the form's values.
    let own = launch(&scene.client, &snapshot, parameters(json!({ "learning_rate": 2 }))).await.good().json();
    assert_eq!(launched(&scene.client, &own).await, json!({ "learning_rate": 2, "rows": 100 }));
    // Nor is the code of a run, whoever launched it.
    let (user, this) = (app.account("other").await.id, id(&run).parse().ok());
    let process = app.bearer(&app.token(user, |claims| claims.pipeline_run_id = this));
    launch(&process, &snapshot, parameters(json!({ "rows": 7 }))).await.good();
    let latest = other.post("/api/v1/pipelines/training/runs", &parameters(json!({ "rows": 7 }))).await;
    assert!(latest.refused(403).1.contains(ROWS));
}

#[tokio::test]
async fn runs_and_templates_are_no_way_around_it() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let other = app.with_role("other", Role::Operator).await;
    let snapshot = snapshot(&scene, json!({ "name": "nightly" })).await;
    scene.client.put(&path(&snapshot), &view()).await.good();
    // The owner's run has values that the form does not offer: it is not for others to run again, nor is its snapshot.
    let own = launch(&scene.client, &snapshot, parameters(json!({ "rows": 9 }))).await.good().json();
    let replay = |run: &Value| format!("/api/v1/runs/{}/replay", id(run));
    let fixed = other.post(&replay(&own), &json!({})).await.good().json();
    assert_eq!(launched(&other, &fixed).await["rows"], 50, "what is locked holds for replays");
    let named = launch(&scene.client, &snapshot, json!({ "run_name": "by the owner" })).await.good().json();
    assert!(other.post(&replay(&named), &json!({})).await.refused(403).1.contains("run_name"));
    let derived = named["resources"]["snapshot"]["id"].as_str().expect("a snapshot").to_owned();
    assert!(launch(&other, &derived, json!({})).await.refused(403).1.contains("run_name"));
    // One's own run may be run again, with what the form offers.
    let mine = launch(&other, &snapshot, parameters(json!({ "learning_rate": 0.5 }))).await.good().json();
    let again = other.post(&replay(&mine), &json!({ "skip_successful_steps": true })).await.good().json();
    assert_eq!(launched(&other, &again).await, json!({ "learning_rate": 0.5, "rows": 50 }));
    other.post(&replay(&again), &parameters(json!({ "learning_rate": 5 }))).await.refused(422);
    let overridden = json!({ "step_input_overrides": { "train": { "rows": 3 } } });
    assert!(!other.post(&replay(&mine), &overridden).await.status.is_success());
    let template = json!({ "project": scene.project, "name": "nightly", "source_snapshot_id": snapshot });
    let template = scene.client.post("/api/v1/run_templates", &template).await.good().json();
    let runs = format!("/api/v1/run_templates/{}/runs", id(&template));
    assert!(other.post(&runs, &parameters(json!({ "rows": 7 }))).await.refused(403).1.contains(ROWS));
}

#[tokio::test]
async fn a_view_stays_with_the_name_and_with_the_runs() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let other = app.with_role("other", Role::Operator).await;
    let first = snapshot(&scene, json!({ "name": "nightly" })).await;
    scene.client.put(&path(&first), &view()).await.good();
    let run = launch(&other, &first, json!({})).await.good().json();
    // The next version of it, as the client makes it.
    let second = snapshot(&scene, json!({ "name": "nightly", "replace": true })).await;
    assert_eq!(scene.client.get(&path(&second)).await.good().json()["form_view"], view());
    assert!(launch(&other, &second, json!({ "run_name": "x" })).await.refused(403).1.contains("run_name"));
    assert!(launch(&other, &first, json!({ "run_name": "x" })).await.refused(403).1.contains("run_name"), "without its name too");
    // By taking the name for another one, which has a view of its own.
    let third = snapshot(&scene, json!({ "name": "other" })).await;
    let own = json!({ "fields": [{ "path": ROWS }] });
    scene.client.put(&path(&third), &own).await.good();
    let update = json!({ "name": "nightly", "replace": true });
    scene.client.put(&format!("/api/v1/pipeline_snapshots/{third}"), &update).await.good();
    assert_eq!(scene.client.get(&path(&third)).await.good().json()["form_view"], own);
    // The run of a snapshot that is gone.
    scene.client.delete(&format!("/api/v1/pipeline_snapshots/{first}")).await.good();
    let replayed = other.post(&format!("/api/v1/runs/{}/replay", id(&run)), &json!({ "run_name": "x" })).await;
    assert!(replayed.refused(403).1.contains("run_name"));
}
