//! `/artifact_versions`.

use serde_json::{Value, json};

use crate::util::{Scene, TestApp, shape};

const VERSIONS: &str = "/api/v1/artifact_versions";

fn path(object: &Value) -> String {
    format!("{VERSIONS}/{}", object["id"].as_str().expect("an id"))
}

/// The versions a list gives, in its order.
async fn listed(scene: &Scene, query: &str) -> Vec<String> {
    let page = scene.client.get(&format!("{VERSIONS}?{query}")).await.good().json();
    let items = page["items"].as_array().expect("items");
    items.iter().map(|item| item["body"]["version"].as_str().expect("a version").to_owned()).collect()
}

#[tokio::test]
async fn a_batch_is_made_in_order_or_not_at_all() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let fields = json!({
        "metadata": { "rows": 20, "share": 0.5 }, "tags": ["raw"], "content_hash": "abc",
        "visualizations": [{ "type": "json", "uri": "/nowhere/data.json" }],
    });
    let batch = [scene.artifact_version("dataset", fields), scene.artifact_version("dataset", json!({}))];
    let made = scene.client.post(&format!("{VERSIONS}/batch"), &batch).await.good().json();
    assert_eq!((&made[0]["body"]["version"], &made[1]["body"]["version"]), (&json!("1"), &json!("2")));
    assert_eq!(made[0]["body"]["artifact"]["name"], "dataset");
    assert_eq!(made[0]["body"]["materializer"]["attribute"], "BuiltInMaterializer");
    assert_eq!(made[0]["metadata"]["run_metadata"].to_string(), r#"{"rows":20,"share":0.5}"#);
    assert_eq!(
        shape(&made[0]["metadata"]["visualizations"][0]["body"]),
        json!({ "created": "[time]", "updated": "[time]", "type": "json", "uri": "/nowhere/data.json" })
    );
    assert_eq!(scene.client.get(&path(&made[0])).await.good().json(), made[0]);

    let half = [scene.artifact_version("dataset", json!({})), scene.artifact_version("dataset", json!({ "version": "1" }))];
    scene.client.post(&format!("{VERSIONS}/batch"), &half).await.refused(409);
    assert_eq!(listed(&scene, "artifact=dataset").await, ["1", "2"]);
}

#[tokio::test]
async fn versions_are_numbered_after_the_highest_number() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    for version in [json!(null), json!("final"), json!(7), json!(null)] {
        scene.store("a", json!({ "version": version })).await;
    }
    assert_eq!(listed(&scene, "artifact=a&sort_by=created").await, ["1", "final", "7", "8"]);
    assert_eq!(listed(&scene, "artifact=a&version_number=gte:7").await, ["7", "8"]);
    assert_eq!(listed(&scene, "version=final&version=7&logical_operator=or").await, ["final", "7"]);
}

#[tokio::test]
async fn many_at_once_get_numbers_of_their_own() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let made = futures::future::join_all((0..12).map(|_| scene.store("a", json!({})))).await;
    let mut numbers: Vec<i64> = made.iter().map(|v| v["body"]["version"].as_str().expect("text").parse().expect("a number")).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_producer_is_the_oldest_completed_step() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let (run, version) = (scene.run("r1", json!({})).await, scene.store("a", json!({})).await);
    let step = scene.step(&run).await;
    assert_eq!(scene.client.get(&path(&version)).await.good().json()["resources"]["producer_step_run_id"], Value::Null);
    scene.complete(&step, &version).await;
    let later = scene.run("r2", json!({})).await;
    scene.complete(&scene.step(&later).await, &version).await;

    let read = scene.client.get(&path(&version)).await.good().json();
    let producer = (&read["resources"]["producer_step_run_id"], &read["resources"]["producer_pipeline_run_id"]);
    assert_eq!(producer, (&step["id"], &run["id"]));
    for value in ["r1", run["id"].as_str().expect("an id")] {
        assert_eq!(listed(&scene, &format!("pipeline_run={value}")).await, ["1"]);
    }
    assert!(listed(&scene, "pipeline_run=r3").await.is_empty());
}

#[tokio::test]
async fn what_runs_use_is_neither_deleted_nor_pruned() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let (used, unused) = (scene.store("a", json!({})).await, scene.store("a", json!({ "tags": ["t"] })).await);
    scene.store("b", json!({})).await;
    scene.complete(&scene.step(&scene.run("r", json!({})).await).await, &used).await;
    assert_eq!(listed(&scene, "artifact=a&only_unused=True").await, ["2"]);
    scene.client.delete(&path(&used)).await.refused(400);
    assert_eq!(scene.client.delete(&path(&unused)).await.good().text(), "null");
    scene.client.get(&path(&unused)).await.refused(404);

    scene.client.delete(&format!("{VERSIONS}?only_versions=false")).await.refused(422);
    scene.client.delete(&format!("{VERSIONS}?project_name_or_id=default&only_versions=false")).await.good();
    let artifacts = scene.client.get("/api/v1/artifacts").await.good().json();
    assert_eq!((&artifacts["total"], &artifacts["items"][0]["name"]), (&json!(1), &json!("a")));
    assert_eq!(artifacts["items"][0]["resources"]["latest_version_name"], "1");
}

#[tokio::test]
async fn filters_find_by_tag_metadata_and_type() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    scene.store("a", json!({ "metadata": { "accuracy": 0.5, "kind": "small" } })).await;
    scene.store("a", json!({ "metadata": { "accuracy": 0.75 }, "tags": ["good"], "type": "ModelArtifact" })).await;
    for (query, expected) in [
        ("tags=good", vec!["2"]),
        ("tags=startswith:go", vec!["2"]),
        ("tags=isnull:", vec!["1"]),
        ("run_metadata=accuracy:0.5", vec!["1"]),
        ("run_metadata=kind:small", vec!["1"]),
        ("run_metadata=accuracy:gt:0.6", vec!["2"]),
        ("type=ModelArtifact", vec!["2"]),
        ("data_type=contains:builtins&sort_by=desc:created", vec!["2", "1"]),
        ("artifact=nothing", vec![]),
    ] {
        assert_eq!(listed(&scene, query).await, expected, "{query}");
    }
    scene.client.get(&format!("{VERSIONS}?run_metadata=nocolon")).await.refused(422);
    scene.client.get(&format!("{VERSIONS}?sort_by=password")).await.refused(422);
}

#[tokio::test]
async fn bad_requests_are_refused_and_leave_nothing() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    for (fields, status) in [
        (json!({ "artifact_id": nobody }), 422),
        (json!({ "artifact_name": null }), 422),
        (json!({ "artifact_name": null, "artifact_id": nobody }), 404),
        (json!({ "artifact_store_id": nobody }), 404),
        (json!({ "project": nobody }), 404),
        (json!({ "type": "Nonsense" }), 422),
        (json!({ "materializer": 3 }), 422),
        (json!({ "version": "" }), 400),
        (json!({ "metadata": { "nothing": null } }), 422),
        (json!({ "visualizations": [{ "type": "video", "uri": "x" }] }), 422),
        (json!({ "uri": "x".repeat(65_536) }), 422),
    ] {
        scene.client.post(VERSIONS, &scene.artifact_version("a", fields)).await.refused(status);
    }
    assert_eq!(scene.client.get("/api/v1/artifacts").await.good().json()["total"], 0);
    app.anonymous().get(VERSIONS).await.refused(401);
}
