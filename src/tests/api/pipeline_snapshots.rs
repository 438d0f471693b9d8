//! `/pipeline_snapshots`: names, what is stored and merged, lists, deleting and pruning.

use serde_json::{Value, json};

use crate::util::{Scene, TestApp};

const SNAPSHOTS: &str = "/api/v1/pipeline_snapshots";

fn path(snapshot: &Value) -> String {
    format!("{SNAPSHOTS}/{}", snapshot["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn a_name_is_used_once_in_a_pipeline() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let first = scene.snapshot(json!({ "name": "daily" })).await;
    let (class, message) = scene.client.post(SNAPSHOTS, &scene.snapshot_request(json!({ "name": "daily" }))).await.refused(409);
    assert_eq!(class, "EntityExistsError");
    assert!(message.contains("`replace`"), "{message}");
    // Nothing refers to the first one: it goes.
    scene.snapshot(json!({ "name": "daily", "replace": true })).await;
    scene.client.get(&path(&first)).await.refused(404);
}

#[tokio::test]
async fn a_replaced_snapshot_that_was_run_stays_without_its_name() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let first = scene.snapshot(json!({ "name": "daily" })).await;
    scene.client.post("/api/v1/runs", &scene.run_request(&first, "one", json!({}))).await.good();
    scene.snapshot(json!({ "name": "daily", "replace": true })).await;
    assert_eq!(scene.client.get(&path(&first)).await.good().json()["name"], Value::Null);
}

#[tokio::test]
async fn names_are_kept_changed_and_removed() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({ "name": "daily", "description": "first", "tags": ["a"] })).await;
    let change = async |update: Value| scene.client.put(&path(&snapshot), &update).await.good().json();
    let kept = change(json!({ "name": null, "description": "", "add_tags": ["b"], "remove_tags": ["a", "unknown"] })).await;
    assert_eq!((&kept["name"], &kept["metadata"]["description"]), (&json!("daily"), &json!("first")));
    assert_eq!(kept["resources"]["tags"].as_array().expect("tags").len(), 1);
    assert_eq!(change(json!({ "name": "nightly" })).await["name"], "nightly");
    assert_eq!(change(json!({ "name": false })).await["name"], Value::Null);
    scene.client.put(&path(&snapshot), &json!({ "name": true })).await.refused(422);
    scene.client.put(&path(&snapshot), &json!({ "name": "a\nb" })).await.refused(400);
}

#[tokio::test]
async fn steps_keep_their_order_and_get_what_the_pipeline_passes_on() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let step = |name: &str| {
        let source = json!({ "module": "training", "attribute": name, "type": "internal" });
        let overrides = json!({ "name": name, "settings": { "resources": { "cpu_count": 2 } }, "extra": {} });
        json!({ "spec": { "source": source, "upstream_steps": [], "invocation_id": name }, "step_config_overrides": overrides })
    };
    let snapshot = scene
        .snapshot(json!({
            "pipeline_configuration": { "name": "training", "settings": { "resources": { "cpu_count": 1, "memory": "1GB" } } },
            "step_configurations": { "zebra": step("zebra"), "ant": step("ant") },
        }))
        .await;
    let steps = snapshot["metadata"]["step_configurations"].as_object().expect("steps");
    assert_eq!(steps.keys().collect::<Vec<_>>(), ["zebra", "ant"]);
    assert_eq!(steps["ant"]["config"]["settings"]["resources"], json!({ "cpu_count": 2, "memory": "1GB" }));
    assert_eq!(steps["ant"]["step_config_overrides"]["settings"]["resources"], json!({ "cpu_count": 2 }));
    let only = scene.client.get(&format!("{}?step_configuration_filter=ant", path(&snapshot))).await.good().json();
    assert_eq!(only["metadata"]["step_configurations"].as_object().expect("steps").keys().collect::<Vec<_>>(), ["ant"]);
}

#[tokio::test]
async fn references_must_be_of_the_same_project() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    for field in ["stack", "pipeline", "build", "source_snapshot", "schedule", "template"] {
        let (_, message) = scene.client.post(SNAPSHOTS, &scene.snapshot_request(json!({ field: nobody }))).await.refused(404);
        assert!(message.contains(nobody), "{message}");
    }
    let other = scene.client.post("/api/v1/projects", &json!({ "name": "other" })).await.good().json();
    scene.client.post(SNAPSHOTS, &scene.snapshot_request(json!({ "project": other["id"] }))).await.refused(404);
}

#[tokio::test]
async fn lists_filter_by_name_and_refuse_pages_beyond_the_end() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    scene.snapshot(json!({})).await;
    scene.snapshot(json!({ "name": "daily", "tags": ["prod"] })).await;
    let total = async |query: &str| scene.client.get(&format!("{SNAPSHOTS}?{query}")).await.good().json()["total"].clone();
    assert_eq!(total("").await, 2);
    assert_eq!(total("named_only=True").await, 1);
    assert_eq!(total("name=contains:ail&pipeline=training&tags=prod").await, 1);
    assert_eq!(total("name=nothing&logical_operator=or&tags=prod").await, 1);
    assert_eq!(total("runnable=True&named_only=True").await, 1);
    scene.client.get(&format!("{SNAPSHOTS}?page=2")).await.refused(400);
    scene.client.get(&format!("{SNAPSHOTS}?sort_by=desc:nothing")).await.refused(422);
}

#[tokio::test]
async fn the_schema_of_a_configuration_comes_when_asked_for() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({ "name": "daily" })).await;
    assert_eq!(snapshot["metadata"]["config_schema"], Value::Null);
    let asked = scene.client.get(&format!("{}?include_config_schema=true", path(&snapshot))).await.good().json();
    let metadata = &asked["metadata"];
    assert_eq!(metadata["config_template"]["steps"]["train"]["parameters"], json!({ "learning_rate": 0.1 }));
    assert_eq!(metadata["config_schema"]["required"], json!(["steps"]));
}

#[tokio::test]
async fn deleting_takes_the_runs_along_and_out_of_the_totals() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({ "name": "daily" })).await;
    let run = scene.client.post("/api/v1/runs", &scene.run_request(&snapshot, "one", json!({}))).await.good().json()[0].clone();
    scene.client.delete(&path(&snapshot)).await.good();
    scene.client.get(&format!("/api/v1/runs/{}", run["id"].as_str().expect("an id"))).await.refused(404);
    assert_eq!(scene.client.get("/api/v1/runs").await.good().json()["total"], 0);
    let pipeline = scene.client.get(&format!("/api/v1/pipelines/{}", scene.pipeline)).await.good().json();
    assert_eq!(pipeline["resources"]["latest_run_id"], Value::Null);
}

#[tokio::test]
async fn pruning_spares_what_has_a_name_or_a_run() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    scene.snapshot(json!({ "name": "daily" })).await;
    let unused = scene.snapshot(json!({})).await;
    scene.run("one", json!({})).await;
    let prune = |apply: bool| json!({ "project": scene.project, "older_than": "2999-01-01T00:00:00", "apply": apply });
    let counted = scene.client.post(&format!("{SNAPSHOTS}/prune"), &prune(false)).await.good().json();
    assert_eq!(counted, json!({ "snapshot_count": 1, "task_id": null }));
    scene.client.post(&format!("{SNAPSHOTS}/prune"), &prune(true)).await.good();
    scene.client.get(&path(&unused)).await.refused(404);
    assert_eq!(scene.client.get(SNAPSHOTS).await.good().json()["total"], 2);
}
