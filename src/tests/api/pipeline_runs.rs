//! `/runs`: get-or-create, the status machine as clients meet it, totals, deleting.

use serde_json::{Value, json};

use crate::util::{Scene, TestApp};

const RUNS: &str = "/api/v1/runs";

fn path(run: &Value) -> String {
    format!("{RUNS}/{}", run["id"].as_str().expect("an id"))
}

/// A run that waits for its orchestrator, without an orchestrator run id.
fn placeholder() -> Value {
    json!({ "status": "initializing", "orchestrator_run_id": null })
}

#[tokio::test]
async fn the_orchestrator_finds_the_placeholder_and_then_itself() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({})).await;
    let post = async |request: Value| scene.client.post(RUNS, &request).await.good().json();
    let waiting = post(scene.run_request(&snapshot, "chosen", placeholder())).await;
    assert_eq!((&waiting[0]["body"]["status"], &waiting[1]), (&json!("initializing"), &json!(true)));
    let orchestrated = scene.run_request(&snapshot, "another", json!({ "orchestrator_run_id": "o-1" }));
    let replaced = post(orchestrated.clone()).await;
    assert_eq!((&replaced[0]["id"], &replaced[0]["name"], &replaced[1]), (&waiting[0]["id"], &json!("chosen"), &json!(true)));
    assert_eq!(replaced[0]["metadata"]["orchestrator_run_id"], "o-1");
    let again = post(orchestrated).await;
    assert_eq!((&again[0]["id"], &again[1]), (&waiting[0]["id"], &json!(false)));
}

#[tokio::test]
async fn names_are_unique_and_indexes_count_up() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let (first, second) = (scene.run("one", json!({})).await, scene.run("two", json!({})).await);
    assert_eq!((&first["body"]["index"], &second["body"]["index"]), (&json!(1), &json!(2)));
    let snapshot = scene.snapshot(json!({})).await;
    scene.client.post(RUNS, &scene.run_request(&snapshot, "one", json!({ "orchestrator_run_id": "x" }))).await.refused(409);
    // What was refused left nothing behind.
    assert_eq!(scene.client.get(RUNS).await.good().json()["total"], 2);
    assert_eq!(scene.run("three", json!({})).await["body"]["index"], 3);
}

#[tokio::test]
async fn a_run_starts_as_initializing_or_running() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({})).await;
    scene.client.post(RUNS, &scene.run_request(&snapshot, "one", json!({ "status": "completed" }))).await.refused(422);
    scene.client.post(RUNS, &scene.run_request(&snapshot, "one", json!({ "parent_run_id": snapshot["id"] }))).await.refused(422);
}

#[tokio::test]
async fn the_status_follows_the_rules_and_the_totals_follow_the_status() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let run = scene.run("one", json!({})).await;
    let put = async |status: &str| scene.client.put(&path(&run), &json!({ "status": status })).await;
    assert_eq!(put("provisioning").await.good().json()["body"]["status"], "running", "a late one changes nothing");
    put("cached").await.refused(403);
    let failed = put("failed").await.good().json();
    assert_eq!((&failed["body"]["status"], &failed["body"]["in_progress"]), (&json!("failed"), &json!(true)), "its step was never started");
    put("running").await.refused(403);
    let total = async |query: &str| scene.client.get(&format!("{RUNS}?{query}")).await.good().json()["total"].clone();
    assert_eq!((total("status=failed").await, total("status=running").await, total("").await), (json!(1), json!(0), json!(1)));
    assert_eq!(scene.client.get(&format!("{}/status", path(&run))).await.good().json(), "failed");
}

#[tokio::test]
async fn an_orchestrator_run_id_is_set_once() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({})).await;
    let run = scene.client.post(RUNS, &scene.run_request(&snapshot, "one", placeholder())).await.good().json()[0].clone();
    scene.client.put(&path(&run), &json!({ "orchestrator_run_id": "a" })).await.good();
    scene.client.put(&path(&run), &json!({ "orchestrator_run_id": "b" })).await.refused(403);
}

#[tokio::test]
async fn a_configuration_shows_the_date_and_the_time_of_its_run() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let run = scene.run("one", json!({ "substitutions": { "date": "own" } })).await;
    assert_eq!(run["metadata"]["config"]["substitutions"], json!({ "date": "own", "time": "04_51_11_963996" }));
    let configuration = scene.client.get(&format!("{}/pipeline-configuration", path(&run))).await.good().json();
    assert_eq!(configuration, run["metadata"]["config"]);
}

#[tokio::test]
async fn packages_come_only_when_asked_for() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let environment = json!({ "python_version": "3.11.7", "python_packages": "zenml==0.98.0" });
    let snapshot = scene.snapshot(json!({ "client_environment": environment })).await;
    let request = scene.run_request(&snapshot, "one", json!({ "orchestrator_environment": environment }));
    let run = scene.client.post(RUNS, &request).await.good().json()[0].clone();
    assert_eq!(run["metadata"]["client_environment"], json!({ "python_version": "3.11.7" }));
    let with_packages = scene.client.get(&format!("{}?include_python_packages=true", path(&run))).await.good().json();
    assert_eq!(with_packages["metadata"]["client_environment"], environment);
    assert_eq!(with_packages["metadata"]["orchestrator_environment"], environment);
}

#[tokio::test]
async fn the_newest_run_of_a_pipeline_is_found_again_after_a_delete() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let (first, second) = (scene.run("one", json!({})).await, scene.run("two", json!({})).await);
    let latest = async || {
        let pipeline = scene.client.get(&format!("/api/v1/pipelines/{}", scene.pipeline)).await.good().json();
        pipeline["resources"]["latest_run_id"].clone()
    };
    assert_eq!(latest().await, second["id"]);
    scene.client.delete(&path(&second)).await.good();
    assert_eq!(latest().await, first["id"]);
    assert_eq!(scene.client.get(RUNS).await.good().json()["total"], 1);
}

#[tokio::test]
async fn a_run_of_somebodys_own_process_cannot_be_stopped_from_here() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let run = scene.run("one", json!({})).await;
    scene.client.post(&format!("{}/stop", path(&run)), &json!(null)).await.refused(501);
    assert_eq!(scene.client.get(&path(&run)).await.good().json()["body"]["status"], "running", "nothing was written");
    scene.client.post(&format!("{}/refresh", path(&run)), &json!(null)).await.refused(501);
}

#[tokio::test]
async fn the_metadata_of_the_steps_comes_when_asked_for() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let run = scene.run("r", json!({})).await;
    let step = scene.step(&run).await;
    let metadata = |id: &Value, kind: &str, value: i64| {
        json!({
            "project": scene.project, "resources": [{ "id": id, "type": kind }], "values": { "rows": value }, "types": { "rows": "int" },
        })
    };
    scene.client.post("/api/v1/run-metadata", &metadata(&run["id"], "pipeline_run", 1)).await.good();
    scene.client.post("/api/v1/run-metadata", &metadata(&step["id"], "step_run", 8)).await.good();
    let path = format!("/api/v1/runs/{}", run["id"].as_str().expect("an id"));
    assert_eq!(scene.client.get(&path).await.good().json()["metadata"]["run_metadata"], json!({ "rows": 1 }));
    let all = json!({ "rows": 1, "train::rows": 8 });
    let read = scene.client.get(&format!("{path}?include_full_metadata=True")).await.good().json();
    assert_eq!(read["metadata"]["run_metadata"], all);
    let list = scene.client.get("/api/v1/runs?hydrate=true&include_full_metadata=true").await.good().json();
    assert_eq!(list["items"][0]["metadata"]["run_metadata"], all);
    let steps = scene.client.get(&format!("{path}/steps?hydrate=true")).await.good().json();
    assert_eq!((&steps["total"], &steps["items"][0]["metadata"]), (&json!(1), &Value::Null));
}

#[tokio::test]
async fn what_a_run_refers_to_must_exist() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({})).await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    // A placeholder waits: a wrong request must not take its place.
    let waiting = json!({ "status": "initializing", "orchestrator_run_id": null });
    scene.client.post("/api/v1/runs", &scene.run_request(&snapshot, "waiting", waiting)).await.good();
    let wrong = |name: &str, fields: Value| scene.run_request(&snapshot, name, fields);
    scene.client.post("/api/v1/runs", &wrong("a", json!({ "parent_run_id": nobody }))).await.refused(422);
    scene.client.post("/api/v1/runs", &wrong("b", json!({ "child_key": "k" }))).await.refused(422);
    let other = scene.snapshot(json!({})).await;
    for fields in [json!({ "original_run_id": nobody }), json!({ "parent_run_id": nobody, "child_key": "k" })] {
        scene.client.post("/api/v1/runs", &scene.run_request(&other, "c", fields)).await.refused(404);
    }
    assert_eq!(scene.client.get("/api/v1/runs").await.good().json()["total"], 1);
}
