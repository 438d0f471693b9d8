//! `/models`.

use serde_json::json;

use crate::util::{Scene, TestApp, shape};

const MODELS: &str = "/api/v1/models";

#[tokio::test]
async fn a_model_is_made_read_changed_and_deleted() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let request = json!({ "project": scene.project, "name": "m", "license": "MIT", "tags": ["t"], "save_models_to_registry": false });
    let made = scene.client.post(MODELS, &request).await.good().json();
    assert_eq!(
        made["metadata"],
        json!({
            "license": "MIT", "description": null, "audience": null, "use_cases": null, "limitations": null, "trade_offs": null,
            "ethics": null, "save_models_to_registry": false,
        })
    );
    assert_eq!(shape(&made["body"]), json!({ "created": "[time]", "updated": "[time]", "user_id": "[id]", "project_id": "[id]" }));
    let path = format!("{MODELS}/{}", made["id"].as_str().expect("an id"));
    assert_eq!(scene.client.get(&path).await.good().json(), made);
    let changed = scene.client.put(&path, &json!({ "description": "d", "license": null, "add_tags": ["u"] })).await.good().json();
    assert_eq!((&changed["metadata"]["description"], &changed["metadata"]["license"]), (&json!("d"), &json!("MIT")));
    assert_eq!(changed["resources"]["tags"].as_array().expect("tags").len(), 2);
    scene.client.delete(&path).await.good();
    scene.client.get(&path).await.refused(404);
}

#[tokio::test]
async fn names_are_unique_and_texts_limited() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let request = |name: &str| json!({ "project": scene.project, "name": name, "description": "x" });
    scene.client.post(MODELS, &request("m")).await.good();
    let other = scene.client.post(MODELS, &request("n")).await.good().json();
    scene.client.post(MODELS, &request("m")).await.refused(409);
    scene.client.put(&format!("{MODELS}/{}", other["id"].as_str().expect("an id")), &json!({ "name": "m" })).await.refused(409);
    scene.client.post(MODELS, &request("")).await.refused(400);
    let long = json!({ "project": scene.project, "name": "o", "ethics": "x".repeat(65_536) });
    scene.client.post(MODELS, &long).await.refused(422);
    app.anonymous().get(MODELS).await.refused(401);
}

#[tokio::test]
async fn lists_show_and_sort_by_the_latest_version() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    for name in ["first", "second"] {
        scene.client.post(MODELS, &json!({ "project": scene.project, "name": name })).await.good();
    }
    let first = scene.client.get(&format!("{MODELS}?name=first")).await.good().json()["items"][0].clone();
    for name in [json!(null), json!("champion")] {
        let version = json!({ "project": scene.project, "model": first["id"], "name": name });
        scene.client.post("/api/v1/model_versions", &version).await.good();
    }
    let page = scene.client.get(&format!("{MODELS}?sort_by=desc:latest_version")).await.good().json();
    assert_eq!((&page["items"][0]["name"], &page["items"][0]["resources"]["latest_version_name"]), (&json!("first"), &json!("champion")));
    assert_eq!(page["items"][1]["resources"]["latest_version_id"], json!(null));
    let versions = scene.client.get(&format!("{MODELS}/first/model_versions?sort_by=desc:number")).await.good().json();
    assert_eq!((&versions["total"], &versions["items"][1]["name"]), (&json!(2), &json!("1")));
    scene.client.get(&format!("{MODELS}/third/model_versions")).await.refused(404);
}
