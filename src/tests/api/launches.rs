//! Launching snapshots: what is stored, what is refused, and that a repeated request launches once.

use darkroom::server::{db::launches, id::Id};
use serde_json::{Value, json};

use crate::util::{Answer, Scene, TestApp};

async fn launch(scene: &Scene, snapshot: &Value, body: Value) -> Answer {
    scene.client.post(&format!("/api/v1/pipeline_snapshots/{}/runs", snapshot["id"].as_str().expect("an id")), &body).await
}

async fn steps_of(scene: &Scene, run: &Value) -> Value {
    let derived = run["resources"]["snapshot"]["id"].as_str().expect("an id");
    let derived = scene.client.get(&format!("/api/v1/pipeline_snapshots/{derived}")).await.good().json();
    derived["metadata"]["step_configurations"].clone()
}

fn faster() -> Value {
    json!({ "steps": { "train": { "parameters": { "learning_rate": 0.5 } } } })
}

#[tokio::test]
async fn a_launch_is_a_run_of_a_derived_snapshot_and_a_row_in_the_queue() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({ "name": "daily" })).await;
    assert_eq!(snapshot["body"]["runnable"], true);
    let run = launch(&scene, &snapshot, json!({ "run_configuration": faster() })).await.good().json();
    assert_eq!((&run["body"]["status"], &run["body"]["in_progress"]), (&json!("initializing"), &json!(true)));
    assert_eq!(run["resources"]["source_snapshot"]["id"], snapshot["id"]);
    assert_eq!(run["resources"]["log_collection"][0]["body"]["source"], "runner");
    let steps = steps_of(&scene, &run).await;
    assert_eq!(steps["train"]["config"]["parameters"], json!({ "learning_rate": 0.5 }));
    assert_eq!(steps["train"]["step_config_overrides"]["parameters"], json!({ "learning_rate": 0.5 }));
    let id: Id = run["id"].as_str().expect("an id").parse().expect("an id");
    let row = launches::get(&mut app.state.db.read().await.expect("a connection"), id).await.expect("the query works");
    let row = row.expect("the launch is in the queue");
    assert_eq!(row.changed_paths, r#"["steps.train.parameters.learning_rate"]"#);
    assert_eq!(serde_json::from_str::<Value>(&row.run_configuration).expect("JSON"), faster());
    let named = scene.client.get(&format!("/api/v1/pipeline_snapshots/{}", snapshot["id"].as_str().expect("an id"))).await.good().json();
    assert_eq!(named["resources"]["latest_run_id"], run["id"]);
}

#[tokio::test]
async fn the_documented_bare_body_means_what_it_says() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({ "name": "daily" })).await;
    let path = format!("/api/v1/pipeline-snapshots/{}/runs", snapshot["id"].as_str().expect("an id"));
    let run = scene.client.post(&path, &faster()).await.good().json();
    assert_eq!(steps_of(&scene, &run).await["train"]["config"]["parameters"], json!({ "learning_rate": 0.5 }));
    let unchanged = scene.client.post(&path, &json!(null)).await.good().json();
    assert_eq!(steps_of(&scene, &unchanged).await["train"]["config"]["parameters"], json!({ "learning_rate": 0.1 }));
    let both = json!({ "run_configuration": faster(), "steps": {} });
    scene.client.post(&path, &both).await.refused(400);
}

#[tokio::test]
async fn mistakes_are_named_with_their_place_and_leave_nothing_behind() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({ "name": "daily" })).await;
    for (configuration, said) in [
        (json!({ "steps": { "trian": {} } }), "train"),
        (json!({ "steps": { "train": { "parameters": { "lerning_rate": 1 } } } }), "learning_rate"),
        (json!({ "parameters": { "learning_rate": 1 } }), "parameters"),
        (json!({ "build": "00000000-0000-4000-8000-000000000000" }), "build"),
        (json!({ "settings": { "docker": {} } }), "settings.docker"),
        (json!({ "run_name": "{nothing}" }), "nothing"),
        (json!({ "secrets": ["token"] }), "token"),
    ] {
        let (_, message) = launch(&scene, &snapshot, json!({ "run_configuration": configuration })).await.refused(400);
        assert!(message.contains(said), "{configuration}: {message}");
    }
    let nobody = "00000000-0000-4000-8000-000000000000";
    launch(&scene, &snapshot, json!({ "run_configuration": null, "step_run": nobody })).await.refused(404);
    assert_eq!(scene.client.get("/api/v1/runs").await.good().json()["total"], 0);
    assert_eq!(scene.client.get("/api/v1/pipeline_snapshots").await.good().json()["total"], 1);
}

#[tokio::test]
async fn a_snapshot_without_its_code_says_what_to_do() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let mut request = scene.snapshot_request(json!({ "name": "daily" }));
    request["step_configurations"]["train"]["spec"]["source"]["type"] = json!("user");
    let snapshot = scene.client.post("/api/v1/pipeline_snapshots", &request).await.good().json();
    assert_eq!(snapshot["body"]["runnable"], false);
    let (_, message) = launch(&scene, &snapshot, json!(null)).await.refused(400);
    assert!(message.contains("darkroom code push"), "{message}");
}

#[tokio::test]
async fn the_newest_runnable_snapshot_of_a_pipeline_is_launched() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = "/api/v1/pipelines/training/runs";
    scene.snapshot(json!({})).await;
    scene.client.post(path, &json!(null)).await.refused(400);
    scene.snapshot(json!({ "name": "old" })).await;
    let newest = scene.snapshot(json!({ "name": "new" })).await;
    let run = scene.client.post(path, &json!(null)).await.good().json();
    assert_eq!(run["resources"]["source_snapshot"]["id"], newest["id"]);
    scene.client.post("/api/v1/pipelines/unknown/runs", &json!(null)).await.refused(404);
}

#[tokio::test]
async fn a_repeated_request_launches_once() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({ "name": "daily" })).await;
    let path = format!("/api/v1/pipeline_snapshots/{}/runs", snapshot["id"].as_str().expect("an id"));
    let keyed = scene.client.with_header("idempotency-key", "0b5c7e1e-7b0c-4c1e-9d57-0f6b3c1f2a11");
    let first = keyed.post(&path, &json!(null)).await.good().json();
    assert_eq!(keyed.post(&path, &json!(null)).await.good().json()["id"], first["id"]);
    assert_eq!(scene.client.get("/api/v1/runs").await.good().json()["total"], 1);
}

#[tokio::test]
async fn a_full_queue_takes_no_more() {
    let app = TestApp::with(|config| config.max_queued_runs = 1).await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({ "name": "daily" })).await;
    launch(&scene, &snapshot, json!(null)).await.good();
    let (class, _) = launch(&scene, &snapshot, json!(null)).await.refused(429);
    assert_eq!(class, "MaxConcurrentTasksError");
    assert_eq!(scene.client.get("/api/v1/runs").await.good().json()["total"], 1);
}

#[tokio::test]
async fn stopping_a_waiting_launch_takes_it_out_of_the_queue() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({ "name": "daily" })).await;
    let run = launch(&scene, &snapshot, json!(null)).await.good().json();
    let path = format!("/api/v1/runs/{}", run["id"].as_str().expect("an id"));
    scene.client.post(&format!("{path}/stop"), &json!(null)).await.good();
    assert_eq!(scene.client.get(&path).await.good().json()["body"]["status"], "stopped");
    // The client's own way: a status.
    let run = launch(&scene, &snapshot, json!({ "run_configuration": { "run_name": "other" } })).await.good().json();
    let path = format!("/api/v1/runs/{}", run["id"].as_str().expect("an id"));
    scene.client.put(&path, &json!({ "status": "stopping" })).await.good();
    assert_eq!(scene.client.get(&path).await.good().json()["body"]["status"], "stopped");
}

#[tokio::test]
async fn a_request_is_remembered_with_its_launch_for_good() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({ "name": "daily" })).await;
    let path = format!("/api/v1/pipeline_snapshots/{}/runs", snapshot["id"].as_str().expect("an id"));
    let keyed = scene.client.with_header("idempotency-key", "0b5c7e1e-7b0c-4c1e-9d57-0f6b3c1f2a11");
    let first = keyed.post(&path, &json!(null)).await.good().json();
    // As after the five minutes for which answers are kept, or when the server died before it kept one.
    let mut connection = app.state.db.begin().await.expect("a transaction");
    connection.execute("delete from idempotent_requests", Vec::new()).await.expect("the query works");
    connection.commit().await.expect("it commits");
    assert_eq!(keyed.post(&path, &json!(null)).await.good().json()["id"], first["id"]);
    assert_eq!(scene.client.get("/api/v1/runs").await.good().json()["total"], 1);
    // The key of another account is another key.
    let another = app.user("another").await.with_header("idempotency-key", "0b5c7e1e-7b0c-4c1e-9d57-0f6b3c1f2a11");
    assert_ne!(another.post(&path, &json!({ "run_name": "another" })).await.good().json()["id"], first["id"]);
}

#[tokio::test]
async fn secrets_are_the_launchers_own_or_public() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.admin().await, app.user("ann").await);
    let scene = Scene::new(admin.clone()).await;
    let snapshot = scene.snapshot(json!({ "name": "daily" })).await;
    let secret = |name: &str, private: bool| json!({ "name": name, "private": private, "values": { "key": "v" } });
    let token = admin.post("/api/v1/secrets", &secret("token", true)).await.good().json();
    let public = admin.post("/api/v1/secrets", &secret("public", false)).await.good().json();
    let configuration = json!({ "secrets": ["token"], "steps": { "train": { "secrets": [public["id"]] } } });
    let run = launch(&scene, &snapshot, json!({ "run_configuration": configuration })).await.good().json();
    assert_eq!(steps_of(&scene, &run).await["train"]["config"]["secrets"], json!([token["id"], public["id"]]));
    let path = format!("/api/v1/pipeline_snapshots/{}/runs", snapshot["id"].as_str().expect("an id"));
    assert!(ann.post(&path, &configuration).await.refused(400).1.contains("secrets.0: There is no secret `token`"));
    let derived = run["resources"]["snapshot"]["id"].as_str().expect("an id");
    let again = format!("/api/v1/pipeline_snapshots/{derived}/runs");
    let (_, message) = ann.post(&again, &json!({})).await.refused(400);
    assert!(message.contains("private to another account") && message.contains("zenml secret create"), "{message}");
    ann.post(&again, &json!({ "secrets": ["public"] })).await.good();
    admin.delete(&format!("/api/v1/secrets/{}", token["id"].as_str().expect("an id"))).await.good();
    assert!(admin.post(&again, &json!({})).await.refused(400).1.contains("one that was deleted"));
}

#[tokio::test]
async fn references_to_secrets_must_lead_to_a_value() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let store = json!({ "name": "disk", "type": "artifact_store", "flavor": "local", "configuration": { "path": "{{ disk.path }}" } });
    let store = scene.client.post("/api/v1/components", &store).await.good().json();
    let stack = json!({ "name": "mine", "components": { "artifact_store": [store["id"]], "orchestrator": [{ "flavor": "local" }] } });
    let stack = scene.client.post("/api/v1/stacks", &stack).await.good().json();
    let snapshot = scene.snapshot(json!({ "stack": stack["id"], "name": "daily" })).await;
    assert_eq!(snapshot["body"]["runnable"], true, "whether secrets are there depends on who asks");
    assert!(launch(&scene, &snapshot, json!({})).await.refused(400).1.contains("`disk`"));
    let secret = scene.client.post("/api/v1/secrets", &json!({ "name": "disk", "values": { "other": "x" } })).await.good().json();
    assert!(launch(&scene, &snapshot, json!({})).await.refused(400).1.contains("the key `path` of `disk`"));
    let path = format!("/api/v1/secrets/{}", secret["id"].as_str().expect("an id"));
    scene.client.put(&path, &json!({ "values": { "path": "/tmp" } })).await.good();
    launch(&scene, &snapshot, json!({})).await.good();
}
