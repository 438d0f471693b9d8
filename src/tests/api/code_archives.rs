//! `/pipeline_snapshots/{id}/code`: code that is pushed to a snapshot.

use axum::{body::Body, http::Method};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::util::{Answer, Client, Scene, TestApp};

const STEP: &str = "def train():\n    return 1\n";

/// A snapshot whose step has the text of [`STEP`].
async fn snapshot(scene: &Scene) -> Value {
    let hash = hex::encode(Sha256::digest(STEP));
    let configuration = json!({ "name": "train", "outputs": {}, "parameters": {}, "caching_parameters": { "step_source": hash } });
    let source = json!({ "module": "training", "attribute": "train", "type": "user" });
    let step = json!({
        "spec": { "source": source, "upstream_steps": [], "inputs": {}, "invocation_id": "train" },
        "config": configuration,
        "step_config_overrides": configuration,
    });
    let request = json!({
        "project": scene.project, "pipeline": scene.pipeline, "stack": scene.stack, "run_name_template": "training",
        "pipeline_configuration": { "name": "training" }, "step_configurations": { "train": step },
        "client_environment": {}, "client_version": "0.98.0", "server_version": "0.98.0",
    });
    scene.client.post("/api/v1/pipeline_snapshots", &request).await.good().json()
}

/// A gzipped tar with one file.
fn tar(name: &str, content: &str) -> Vec<u8> {
    let mut builder = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    builder.append_data(&mut header, name, content.as_bytes()).expect("a file");
    builder.into_inner().expect("a tar").finish().expect("a gzip")
}

async fn push(client: &Client, snapshot: &Value, body: Vec<u8>) -> Answer {
    let path = format!("/api/v1/pipeline_snapshots/{}/code", snapshot["id"].as_str().expect("an id"));
    client.send(Method::PUT, &path, Some("application/gzip"), Body::from(body)).await
}

#[tokio::test]
async fn pushed_code_makes_a_snapshot_runnable_and_never_changes() {
    let app = TestApp::with(|config| config.runner_python = Some("/bin/sh".into())).await;
    let scene = Scene::new(app.user("ada").await).await;
    let made = snapshot(&scene).await;
    assert_eq!(made["body"]["runnable"], false);
    let pushed = push(&scene.client, &made, tar("training.py", STEP)).await.good().json();
    assert_eq!((&pushed["file_count"], &pushed["runnable"], &pushed["note"]), (&json!(1), &json!(true), &Value::Null));
    let path = format!("/api/v1/pipeline_snapshots/{}", made["id"].as_str().expect("an id"));
    assert_eq!(scene.client.get(&path).await.good().json()["body"]["runnable"], true);
    let (class, message) = push(&scene.client, &made, tar("training.py", STEP)).await.refused(409);
    assert!(class == "EntityExistsError" && message.contains("code never changes"), "{message}");
}

#[tokio::test]
async fn other_code_and_bad_archives_are_refused() {
    let app = TestApp::with(|config| config.max_body_mib = 1).await;
    let scene = Scene::new(app.admin().await).await;
    let made = snapshot(&scene).await;
    let (_, message) = push(&scene.client, &made, tar("training.py", "def train():\n    return 2\n")).await.refused(400);
    assert!(message.contains("`training.py`") && message.contains("step `train` differs"), "{message}");
    let (_, message) = push(&scene.client, &made, tar("other.py", STEP)).await.refused(400);
    assert!(message.contains("does not contain the module `training`"), "{message}");
    push(&scene.client, &made, b"no archive".to_vec()).await.refused(400);
    push(&scene.client, &made, vec![0; 2 * 1024 * 1024]).await.refused(413);
    push(&app.anonymous(), &made, Vec::new()).await.refused(401);
    push(&scene.client, &json!({ "id": "00000000-0000-0000-0000-000000000000" }), Vec::new()).await.refused(404);
    let left = std::fs::read_dir(&app.state.launching.archives).expect("the folder of archives").count();
    assert_eq!(left, 0, "refused uploads leave nothing behind");
}
