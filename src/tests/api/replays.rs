//! Running the snapshot of a run again: what the new run knows of the first, and what it skips and replaces.

use darkroom::server::id::Id;
use serde_json::{Value, json};

use crate::util::{Answer, Scene, TestApp};

async fn replay(scene: &Scene, run: &Value, body: Value) -> Answer {
    scene.client.post(&format!("/api/v1/runs/{}/replay", run["id"].as_str().expect("an id")), &body).await
}

/// A server whose local artifact store has a folder.
async fn app_with_store() -> (TestApp, Scene, tempfile::TempDir) {
    let stores = tempfile::tempdir().expect("a folder");
    let path = stores.path().to_owned();
    let app = TestApp::with(|config| config.local_stores = Some(path)).await;
    let scene = Scene::new(app.admin().await).await;
    std::fs::create_dir(stores.path().join(&scene.artifact_store)).expect("the folder of the store");
    (app, scene, stores)
}

#[tokio::test]
async fn a_replay_is_a_run_of_the_same_snapshot_that_knows_its_original() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let original = scene.run("first", json!({})).await;
    for body in [json!(null), json!({}), json!({ "steps_to_skip": null, "enable_cache": null })] {
        let run = replay(&scene, &original, body).await.good().json();
        assert_eq!(run["resources"]["original_run"]["id"], original["id"]);
        assert_eq!(run["resources"]["pipeline"]["id"], original["resources"]["pipeline"]["id"]);
        assert_eq!(run["body"]["status"], "initializing");
        assert_ne!(run["resources"]["snapshot"]["id"], original["resources"]["snapshot"]["id"]);
    }
    scene.client.post(&format!("/api/v1/runs/{}/replay", Id::new()), &json!({})).await.refused(404);
}

#[tokio::test]
async fn what_is_skipped_and_changed_reaches_the_configuration() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let original = scene.run("first", json!({})).await;
    let body = json!({
        "run_name": "again", "steps_to_skip": ["train"], "skip_successful_steps": true, "enable_cache": false,
        "steps": { "train": { "parameters": { "learning_rate": 0.5 } } },
    });
    let run = replay(&scene, &original, body).await.good().json();
    let config = &run["metadata"]["config"];
    assert_eq!((&config["steps_to_skip"], &config["skip_successful_steps"]), (&json!(["train"]), &json!(true)));
    assert_eq!((&config["enable_cache"], &run["name"]), (&json!(false), &json!("again")));
    let derived = run["resources"]["snapshot"]["id"].as_str().expect("an id");
    let snapshot = scene.client.get(&format!("/api/v1/pipeline_snapshots/{derived}")).await.good().json();
    assert_eq!(snapshot["metadata"]["step_configurations"]["train"]["config"]["parameters"], json!({ "learning_rate": 0.5 }));
}

#[tokio::test]
async fn steps_and_inputs_that_do_not_exist_are_refused() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let original = scene.run("first", json!({})).await;
    for (body, said) in [
        (json!({ "steps_to_skip": ["trian"] }), "train"),
        (json!({ "steps_to_skip": "train" }), "list"),
        (json!({ "step_input_overrides": { "train": { "lerning_rate": 1 } } }), "learning_rate"),
        (json!({ "step_input_overrides": { "train": { "learning_rate": Id::new() } } }), "artifact version"),
        (json!({ "build": Id::new() }), "build"),
        (json!({ "steps": { "trian": {} } }), "train"),
    ] {
        let (_, message) = replay(&scene, &original, body.clone()).await.refused(400);
        assert!(message.contains(said), "{body}: {message}");
    }
    assert_eq!(scene.client.get("/api/v1/runs").await.good().json()["total"], 1);
}

#[tokio::test]
async fn replaced_inputs_are_artifacts_that_shadow_parameters() {
    let (_app, scene, stores) = app_with_store().await;
    let original = scene.run("first", json!({})).await;
    let body = json!({ "step_input_overrides": { "train": { "learning_rate": 0.25 } } });
    let run = replay(&scene, &original, body).await.good().json();
    let id = run["metadata"]["config"]["step_input_overrides"]["train"]["learning_rate"].as_str().expect("an id").to_owned();
    let version = scene.client.get(&format!("/api/v1/artifact_versions/{id}")).await.good().json();
    let uri = version["body"]["uri"].as_str().expect("a URI");
    assert!(uri.starts_with(stores.path().to_str().expect("text")), "{uri}");
    assert_eq!(std::fs::read_to_string(format!("{uri}/data.json")).expect("the value"), "0.25");
    assert_eq!((&version["body"]["save_type"], &version["body"]["data_type"]["attribute"]), (&json!("external"), &json!("float")));

    let step = json!({
        "project": scene.project, "name": "train", "pipeline_run_id": run["id"], "status": "running",
        "start_time": "2026-11-23T04:51:12.495710", "inputs": { "learning_rate": [id] }, "outputs": {},
    });
    let step = scene.client.post("/api/v1/steps", &step).await.good().json();
    assert_eq!(step["metadata"]["config"]["parameters"], json!({}));
    assert_eq!(step["resources"]["inputs"]["learning_rate"][0]["input_type"], "override");

    // The id of an artifact version is taken as it is.
    let body = json!({ "step_default_input_overrides": { "train": { "learning_rate": id } } });
    let again = replay(&scene, &original, body).await.good().json();
    assert_eq!(again["metadata"]["config"]["step_default_input_overrides"]["train"]["learning_rate"], id);
}
