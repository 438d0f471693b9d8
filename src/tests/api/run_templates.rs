//! `/run_templates`.

use serde_json::{Value, json};

use crate::util::{Scene, TestApp, shape};

const TEMPLATES: &str = "/api/v1/run_templates";

fn request(scene: &Scene, name: &str, snapshot: &Value) -> Value {
    json!({ "project": scene.project, "name": name, "description": "d", "source_snapshot_id": snapshot["id"], "tags": ["t"] })
}

fn path(template: &Value) -> String {
    format!("{TEMPLATES}/{}", template["id"].as_str().expect("an id"))
}

async fn snapshot_of(scene: &Scene, snapshot: &Value, query: &str) -> Value {
    scene.client.get(&format!("/api/v1/pipeline_snapshots/{}{query}", snapshot["id"].as_str().expect("an id"))).await.good().json()
}

#[tokio::test]
async fn a_template_is_made_from_a_snapshot_read_changed_and_deleted() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({})).await;
    let made = scene.client.post(TEMPLATES, &request(&scene, "nightly", &snapshot)).await.good().json();
    let source = snapshot_of(&scene, &snapshot, "?include_config_schema=true").await;
    assert_eq!((&source["name"], &source["metadata"]["description"]), (&json!("nightly"), &json!("d")), "the snapshot takes the name over");
    assert_eq!(
        shape(&made["body"]),
        json!({
            "created": "[time]", "updated": "[time]", "user_id": "[id]", "project_id": "[id]", "hidden": false,
            "runnable": source["body"]["runnable"],
        })
    );
    for key in ["config_template", "config_schema", "pipeline_spec"] {
        assert_eq!(made["metadata"][key], source["metadata"][key], "{key}");
    }
    assert!(made["metadata"]["config_schema"].is_object());
    assert_eq!(made["resources"]["source_snapshot"]["id"], snapshot["id"]);
    assert_eq!((&made["resources"]["pipeline"]["name"], &made["resources"]["latest_run_id"]), (&json!("training"), &Value::Null));
    assert_eq!(scene.client.get(&path(&made)).await.good().json(), made);
    let update = json!({ "name": "daily", "hidden": true, "add_tags": ["u"], "remove_tags": ["t"] });
    let changed = scene.client.put(&path(&made), &update).await.good().json();
    assert_eq!((&changed["name"], &changed["body"]["hidden"]), (&json!("daily"), &json!(true)));
    assert_eq!(changed["resources"]["tags"][0]["name"], "u");
    scene.client.delete(&path(&made)).await.good();
    scene.client.get(&path(&made)).await.refused(404);
    assert_eq!(snapshot_of(&scene, &snapshot, "").await["name"], "nightly");
}

#[tokio::test]
async fn names_are_unique_for_templates_and_for_their_snapshots() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let (one, two) = (scene.snapshot(json!({})).await, scene.snapshot(json!({ "name": "taken" })).await);
    scene.client.post(TEMPLATES, &request(&scene, "a", &one)).await.good();
    scene.client.post(TEMPLATES, &request(&scene, "a", &two)).await.refused(409);
    scene.client.post(TEMPLATES, &request(&scene, "taken", &one)).await.refused(409);
    let mut hidden = request(&scene, "taken", &one);
    hidden["hidden"] = json!(true);
    scene.client.post(TEMPLATES, &hidden).await.good();
    assert_eq!(snapshot_of(&scene, &one, "").await["name"], "a", "a hidden template renames nothing");
    let nobody = json!({ "id": "00000000-0000-4000-8000-000000000000" });
    scene.client.post(TEMPLATES, &request(&scene, "b", &nobody)).await.refused(404);
    app.anonymous().get(TEMPLATES).await.refused(401);
}

#[tokio::test]
async fn clients_of_old_name_the_snapshot_a_deployment() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({})).await;
    let old = json!({ "project": scene.project, "name": "old", "source_deployment_id": snapshot["id"] });
    let made = scene.client.post(TEMPLATES, &old).await.good().json();
    assert_eq!(made["resources"]["source_snapshot"]["id"], snapshot["id"]);
}

#[tokio::test]
async fn a_template_launches_its_snapshot_and_shows_its_latest_run() {
    let app = TestApp::with(|config| config.runner_python = Some("/usr/bin/python3".into())).await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({})).await;
    let made = scene.client.post(TEMPLATES, &request(&scene, "nightly", &snapshot)).await.good().json();
    let launch = format!("{}/runs", path(&made));
    let unknown = json!({ "steps": { "trian": {} } });
    let (_, message) = scene.client.post(&launch, &unknown).await.refused(400);
    assert!(message.contains("train"), "{message}");
    let run = scene.client.post(&launch, &json!({ "steps": { "train": { "parameters": { "learning_rate": 0.5 } } } })).await.good().json();
    assert_eq!(run["metadata"]["template_id"], made["id"]);
    assert_eq!(run["resources"]["source_snapshot"]["id"], snapshot["id"]);
    let shown = scene.client.get(&path(&made)).await.good().json();
    assert_eq!(shown["resources"]["latest_run_id"], run["id"]);
    let query = format!("/api/v1/runs?template_id={}", made["id"].as_str().expect("an id"));
    assert_eq!(scene.client.get(&query).await.good().json()["total"], json!(1));
    scene.client.delete(&path(&made)).await.good();
    let kept = scene.client.get(&format!("/api/v1/runs/{}", run["id"].as_str().expect("an id"))).await.good().json();
    assert_eq!(kept["metadata"]["template_id"], Value::Null);
}

#[tokio::test]
async fn a_template_without_its_snapshot_runs_no_more() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({})).await;
    let made = scene.client.post(TEMPLATES, &request(&scene, "nightly", &snapshot)).await.good().json();
    scene.client.delete(&format!("/api/v1/pipeline_snapshots/{}", snapshot["id"].as_str().expect("an id"))).await.good();
    let left = scene.client.get(&path(&made)).await.good().json();
    assert_eq!((&left["body"]["runnable"], &left["resources"]["source_snapshot"]), (&json!(false), &Value::Null));
    scene.client.post(&format!("{}/runs", path(&made)), &json!({})).await.refused(400);
}

#[tokio::test]
async fn templates_are_listed_by_what_their_snapshot_is() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({})).await;
    scene.client.post(TEMPLATES, &request(&scene, "nightly", &snapshot)).await.good();
    for (query, total) in [
        ("pipeline=training", 1),
        ("stack=default&hidden=false", 1),
        ("hidden=true", 0),
        ("name=nightly&tags=t&sort_by=desc:tags", 1),
        ("pipeline=other", 0),
    ] {
        let page = scene.client.get(&format!("{TEMPLATES}?{query}")).await.good().json();
        assert_eq!(page["total"], json!(total), "{query}");
    }
    let query = format!("{TEMPLATES}?pipeline_id={}&stack_id={}", scene.pipeline, scene.stack);
    assert_eq!(scene.client.get(&query).await.good().json()["total"], json!(1));
}
