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

/// The text of the only file in a gzipped tar.
fn only_file(bytes: &[u8]) -> (String, String) {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(bytes));
    let mut entry = archive.entries().expect("an archive").next().expect("a file").expect("it reads");
    let name = entry.path().expect("a path").display().to_string();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut entry, &mut text).expect("text");
    (name, text)
}

#[tokio::test]
async fn code_is_saved_with_a_token_of_its_own() {
    let app = TestApp::with(|config| config.runner_python = Some("/bin/sh".into())).await;
    let scene = Scene::new(app.user("ada").await).await;
    let made = snapshot(&scene).await;
    let path = format!("/api/v1/pipeline_snapshots/{}", made["id"].as_str().expect("an id"));
    let (_, message) = scene.client.get(&format!("{path}/download-token")).await.refused(400);
    assert!(message.contains("has no code path"), "{message}");
    push(&scene.client, &made, tar("training.py", STEP)).await.good();
    let token = scene.client.get(&format!("{path}/download-token")).await.good().json();
    let token = token.as_str().expect("a token");
    // A browser's tab sends nothing but the address.
    let saved = app.anonymous().get(&format!("{path}/code?token={token}")).await.good();
    assert_eq!(only_file(&saved.body), ("training.py".to_owned(), STEP.to_owned()));
    assert_eq!(saved.header("content-type"), "application/gzip");
    app.anonymous().get(&format!("{path}/code")).await.refused(422);
    app.anonymous().get(&format!("{path}/code?token=x")).await.refused(401);
    app.anonymous().get(&format!("{path}/download-token")).await.refused(401);
    let other = snapshot(&scene).await;
    let other = format!("/api/v1/pipeline_snapshots/{}/code?token={token}", other["id"].as_str().expect("an id"));
    app.anonymous().get(&other).await.refused(401);
}

#[tokio::test]
async fn code_that_the_client_uploaded_is_read_from_the_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = TestApp::with(|config| config.local_stores = Some(folder.path().to_owned())).await;
    let scene = Scene::new(app.admin().await).await;
    let file = folder.path().join(&scene.artifact_store).join("code_uploads/code.tar.gz");
    std::fs::create_dir_all(file.parent().expect("a parent")).expect("a folder");
    std::fs::write(&file, tar("training.py", STEP)).expect("a file");
    for (uri, status) in [(file.clone(), 200), (file.with_file_name("missing"), 404), ("/etc/passwd".into(), 403)] {
        let made = scene.snapshot(json!({ "code_path": uri.to_str().expect("text") })).await;
        let path = format!("/api/v1/pipeline_snapshots/{}", made["id"].as_str().expect("an id"));
        let answer = scene.client.get(&format!("{path}/download-token")).await;
        if status == 200 {
            let token = answer.good().json();
            let saved = scene.client.get(&format!("{path}/code?token={}", token.as_str().expect("a token"))).await.good();
            assert_eq!(only_file(&saved.body).0, "training.py");
        } else {
            answer.refused(status);
        }
    }
}
