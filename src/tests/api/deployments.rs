//! `/deployments`.

use serde_json::{Value, json};

use crate::util::{Scene, TestApp, shape};

const DEPLOYMENTS: &str = "/api/v1/deployments";

async fn deployer(scene: &Scene) -> Value {
    scene.client.get("/api/v1/components?type=deployer").await.good().json()["items"][0].clone()
}

async fn request(scene: &Scene, name: &str, snapshot: &Value) -> Value {
    json!({
        "project": scene.project, "name": name, "snapshot_id": snapshot["id"], "deployer_id": deployer(scene).await["id"],
        "auth_key": "secret", "tags": ["blue", { "name": "green", "color": "green" }],
    })
}

fn path(deployment: &Value) -> String {
    format!("{DEPLOYMENTS}/{}", deployment["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn a_deployment_is_made_read_changed_and_deleted() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({ "name": "serving" })).await;
    let made = scene.client.post(DEPLOYMENTS, &request(&scene, "d", &snapshot).await).await.good().json();
    assert_eq!(
        shape(&made["body"]),
        json!({ "created": "[time]", "updated": "[time]", "user_id": "[id]", "project_id": "[id]", "url": null, "status": "unknown" })
    );
    assert_eq!(made["metadata"], json!({ "deployment_metadata": {}, "auth_key": "secret" }));
    let resources = &made["resources"];
    assert_eq!(
        [&resources["snapshot"]["id"], &resources["pipeline"]["name"], &resources["stack"]["name"], &resources["deployer"]["name"]],
        [&snapshot["id"], &json!("training"), &json!("default"), &json!("default")]
    );
    assert_eq!(scene.client.get(&path(&made)).await.good().json(), made);
    let update = json!({
        "status": "running", "url": "http://127.0.0.1:8000", "deployment_metadata": { "pid": 1 }, "auth_key": null,
        "remove_tags": ["blue"],
    });
    let changed = scene.client.put(&path(&made), &update).await.good().json();
    assert_eq!((&changed["body"]["status"], &changed["body"]["url"]), (&json!("running"), &json!("http://127.0.0.1:8000")));
    assert_eq!(changed["metadata"], json!({ "deployment_metadata": { "pid": 1 }, "auth_key": "secret" }));
    assert_eq!(changed["resources"]["tags"].as_array().expect("tags").len(), 1);
    scene.client.delete(&path(&made)).await.good();
    scene.client.get(&path(&made)).await.refused(404);
}

#[tokio::test]
async fn a_snapshot_shows_its_deployment_and_outlives_it() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let (deployed, other) = (scene.snapshot(json!({ "name": "a" })).await, scene.snapshot(json!({ "name": "b" })).await);
    let made = scene.client.post(DEPLOYMENTS, &request(&scene, "d", &deployed).await).await.good().json();
    let snapshot = format!("/api/v1/pipeline_snapshots/{}", deployed["id"].as_str().expect("an id"));
    assert_eq!(scene.client.get(&snapshot).await.good().json()["resources"]["deployment"]["name"], "d");
    for (query, id) in [("deployed=true", &deployed["id"]), ("deployed=false", &other["id"])] {
        let page = scene.client.get(&format!("/api/v1/pipeline_snapshots?{query}")).await.good().json();
        assert_eq!((&page["total"], &page["items"][0]["id"]), (&json!(1), id), "{query}");
    }
    let page = scene.client.get("/api/v1/pipeline_snapshots?sort_by=desc:deployment").await.good().json();
    assert_eq!(page["items"][0]["id"], deployed["id"]);
    scene.client.delete(&snapshot).await.good();
    let left = scene.client.get(&path(&made)).await.good().json();
    assert_eq!((&left["resources"]["snapshot"], &left["resources"]["pipeline"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn a_deployed_snapshot_keeps_its_runs_configuration_when_its_name_is_taken() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let deployed = scene.snapshot(json!({ "name": "a" })).await;
    scene.client.post(DEPLOYMENTS, &request(&scene, "d", &deployed).await).await.good();
    scene.snapshot(json!({ "name": "a", "replace": true })).await;
    let path = format!("/api/v1/pipeline_snapshots/{}", deployed["id"].as_str().expect("an id"));
    assert_eq!(scene.client.get(&path).await.good().json()["name"], Value::Null, "archived, not deleted");
}

#[tokio::test]
async fn runs_of_a_deployment_are_found_by_it() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({})).await;
    let made = scene.client.post(DEPLOYMENTS, &request(&scene, "d", &snapshot).await).await.good().json();
    let trigger = json!({ "trigger_info": { "step_run_id": null, "deployment_id": made["id"] } });
    let run = scene.client.post("/api/v1/runs", &scene.run_request(&snapshot, "r", trigger)).await.good().json()[0].clone();
    assert_eq!(run["metadata"]["trigger_info"], json!({ "step_run_id": null, "deployment_id": made["id"] }));
    let query = format!("/api/v1/runs?triggered_by_deployment_id={}", made["id"].as_str().expect("an id"));
    assert_eq!(scene.client.get(&query).await.good().json()["total"], json!(1));
}

#[tokio::test]
async fn lists_filter_and_sort() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    for name in ["one", "two"] {
        let snapshot = scene.snapshot(json!({ "name": name })).await;
        scene.client.post(DEPLOYMENTS, &request(&scene, name, &snapshot).await).await.good();
    }
    let list = async |query: &str| scene.client.get(&format!("{DEPLOYMENTS}?{query}")).await.good().json();
    assert_eq!(list("pipeline=training&tags=blue&user=admin").await["total"], json!(2));
    assert_eq!(list("name=contains:n&status=unknown").await["total"], json!(1));
    assert_eq!(list("sort_by=desc:snapshot").await["items"][0]["name"], "two");
    assert_eq!(list("sort_by=pipeline&pipeline=other").await["total"], json!(0));
}

#[tokio::test]
async fn bad_deployments_are_refused() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({})).await;
    let good = request(&scene, "d", &snapshot).await;
    let made = scene.client.post(DEPLOYMENTS, &good).await.good().json();
    scene.client.post(DEPLOYMENTS, &good).await.refused(409);
    let nobody = json!("00000000-0000-4000-8000-000000000000");
    for (field, value) in [("snapshot_id", &nobody), ("deployer_id", &nobody), ("deployer_id", &json!(scene.artifact_store))] {
        let mut body = good.clone();
        body["name"] = json!("other");
        body[field] = value.clone();
        scene.client.post(DEPLOYMENTS, &body).await.refused(404);
    }
    scene.client.put(&path(&made), &json!({ "snapshot_id": nobody })).await.refused(404);
    scene.client.put(&path(&made), &json!({ "status": "asleep" })).await.refused(422);
    app.anonymous().get(DEPLOYMENTS).await.refused(401);
}

#[tokio::test]
async fn a_token_of_a_deployment_counts_as_long_as_the_deployment_exists() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({})).await;
    let made = scene.client.post(DEPLOYMENTS, &request(&scene, "d", &snapshot).await).await.good().json();
    let other = scene.client.post(DEPLOYMENTS, &request(&scene, "e", &snapshot).await).await.good().json();
    let ask =
        |deployment: &Value| format!("/api/v1/api_token?token_type=workload&deployment_id={}", deployment["id"].as_str().expect("an id"));
    let token = scene.client.get(&ask(&made)).await.good().json();
    let deployed = app.bearer(token.as_str().expect("a token"));
    deployed.get(&path(&made)).await.good();
    deployed.get(&ask(&made)).await.good();
    deployed.get(&ask(&other)).await.refused(401);
    scene.client.delete(&path(&made)).await.good();
    deployed.get(&path(&other)).await.refused(401);
}
