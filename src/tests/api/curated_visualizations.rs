//! `/curated_visualizations`, and where they show.

use serde_json::{Value, json};

use crate::util::{Scene, TestApp, shape};

const CURATED: &str = "/api/v1/curated_visualizations";

/// The visualizations of an artifact version that has two.
async fn visualizations(scene: &Scene) -> Vec<Value> {
    let files = json!([{ "type": "html", "uri": "/nowhere/a.html" }, { "type": "csv", "uri": "/nowhere/b.csv" }]);
    let version = scene.store("report", json!({ "visualizations": files })).await;
    version["metadata"]["visualizations"].as_array().expect("visualizations").clone()
}

fn request(scene: &Scene, shown: &Value, resource_type: &str, resource: &Value, fields: Value) -> Value {
    let mut request = json!({
        "project": scene.project, "artifact_visualization_id": shown["id"], "resource_type": resource_type, "resource_id": resource,
    });
    request.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    request
}

fn path(curated: &Value) -> String {
    format!("{CURATED}/{}", curated["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn a_visualization_is_picked_changed_and_taken_away() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let shown = visualizations(&scene).await;
    let pipeline = json!(scene.pipeline);
    let fields = json!({ "display_name": "Report", "display_order": 2 });
    let made = scene.client.post(CURATED, &request(&scene, &shown[0], "pipeline", &pipeline, fields)).await.good().json();
    assert_eq!(
        shape(&made["body"]),
        json!({
            "created": "[time]", "updated": "[time]", "user_id": null, "project_id": "[id]", "artifact_visualization_id": "[id]",
            "artifact_version_id": "[id]", "display_name": "Report", "display_order": 2, "layout_size": "full_width",
            "resource_id": "[id]", "resource_type": "pipeline",
        })
    );
    assert_eq!((&made["metadata"], &made["resources"]["artifact_visualization"]["id"]), (&json!({}), &shown[0]["id"]));
    let bare = scene.client.get(&format!("{}?hydrate=false", path(&made))).await.good().json();
    assert_eq!((&bare["metadata"], &bare["resources"]), (&Value::Null, &Value::Null));
    let second = scene.client.post(CURATED, &request(&scene, &shown[1], "pipeline", &pipeline, json!({}))).await.good().json();
    scene.client.put(&path(&second), &json!({ "display_order": 2 })).await.refused(409);
    scene.client.put(&path(&second), &json!({ "display_order": 1, "layout_size": "half_width" })).await.good();
    let show = async || {
        let pipeline = scene.client.get(&format!("/api/v1/pipelines/{}", scene.pipeline)).await.good().json();
        let shown = pipeline["resources"]["visualizations"].as_array().expect("a list").clone();
        shown.iter().map(|one| one["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(show().await, [second["id"].clone(), made["id"].clone()], "in their order");
    let changed = scene.client.put(&path(&made), &json!({ "display_order": null, "display_name": null })).await.good().json();
    assert_eq!((&changed["body"]["display_order"], &changed["body"]["display_name"]), (&Value::Null, &Value::Null));
    scene.client.delete(&path(&made)).await.good();
    scene.client.get(&path(&made)).await.refused(404);
    assert_eq!(show().await, [second["id"].clone()]);
}

#[tokio::test]
async fn it_shows_on_everything_it_can_be_picked_for_and_goes_with_it() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let shown = visualizations(&scene).await;
    let run = scene.run("r", json!({})).await;
    let snapshot = scene.snapshot(json!({})).await;
    let model = scene.client.post("/api/v1/models", &json!({ "project": scene.project, "name": "m" })).await.good().json();
    let deployer = scene.client.get("/api/v1/components?type=deployer").await.good().json()["items"][0]["id"].clone();
    let deployment = json!({ "project": scene.project, "name": "d", "snapshot_id": snapshot["id"], "deployer_id": deployer });
    let deployment = scene.client.post("/api/v1/deployments", &deployment).await.good().json();
    for (kind, list, resource) in [
        ("pipeline_run", "runs", &run),
        ("deployment", "deployments", &deployment),
        ("pipeline_snapshot", "pipeline_snapshots", &snapshot),
        ("model", "models", &model),
    ] {
        let made = scene.client.post(CURATED, &request(&scene, &shown[0], kind, &resource["id"], json!({}))).await.good().json();
        let resource_path = format!("/api/v1/{list}/{}", resource["id"].as_str().expect("an id"));
        let read = scene.client.get(&resource_path).await.good().json();
        assert_eq!(read["resources"]["visualizations"][0]["id"], made["id"], "{kind}");
        scene.client.delete(&resource_path).await.good();
        scene.client.get(&path(&made)).await.refused(404);
    }
    scene.client.post(CURATED, &request(&scene, &shown[0], "project", &json!(scene.project), json!({}))).await.good();
}

#[tokio::test]
async fn bad_picks_are_refused() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let shown = visualizations(&scene).await;
    let pipeline = json!(scene.pipeline);
    let nobody = json!("00000000-0000-4000-8000-000000000000");
    let first = request(&scene, &shown[0], "pipeline", &pipeline, json!({ "display_order": 1 }));
    scene.client.post(CURATED, &first).await.good();
    scene.client.post(CURATED, &first).await.refused(409);
    scene.client.post(CURATED, &request(&scene, &shown[1], "pipeline", &pipeline, json!({ "display_order": 1 }))).await.refused(409);
    scene.client.post(CURATED, &request(&scene, &shown[1], "model", &nobody, json!({}))).await.refused(404);
    scene.client.post(CURATED, &request(&scene, &json!({ "id": nobody }), "pipeline", &pipeline, json!({}))).await.refused(404);
    scene.client.post(CURATED, &request(&scene, &shown[1], "stack", &pipeline, json!({}))).await.refused(422);
    let other = scene.client.post("/api/v1/projects", &json!({ "name": "other" })).await.good().json();
    let elsewhere = request(&scene, &shown[1], "project", &other["id"], json!({}));
    scene.client.post(CURATED, &elsewhere).await.refused(403);
    app.anonymous().post(CURATED, &first).await.refused(401);
}
