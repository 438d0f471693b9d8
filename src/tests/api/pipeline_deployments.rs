//! `/pipeline_deployments`: snapshots under their old name.

use serde_json::json;

use crate::util::{Scene, TestApp};

const DEPLOYMENTS: &str = "/api/v1/pipeline_deployments";

#[tokio::test]
async fn snapshots_go_by_their_old_name_too() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let made = scene.client.post(DEPLOYMENTS, &scene.snapshot_request(json!({}))).await.good().json();
    let id = made["id"].as_str().expect("an id");
    let (old, new) = (format!("{DEPLOYMENTS}/{id}"), format!("/api/v1/pipeline_snapshots/{id}"));
    assert_eq!(scene.client.get(&old).await.good().json(), scene.client.get(&new).await.good().json());
    assert_eq!(scene.client.get(&format!("{DEPLOYMENTS}?named_only=true")).await.good().json()["total"], json!(0));
    assert_eq!(scene.client.get(DEPLOYMENTS).await.good().json()["items"][0]["id"], made["id"]);
    scene.client.put(&old, &json!({ "name": "n" })).await.refused(405);
    scene.client.delete(&old).await.good();
    scene.client.get(&new).await.refused(404);
    app.anonymous().get(DEPLOYMENTS).await.refused(401);
}

#[tokio::test]
async fn clients_get_only_what_they_can_read() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let made = scene.client.post(DEPLOYMENTS, &scene.snapshot_request(json!({}))).await.good().json();
    let path = format!("{DEPLOYMENTS}/{}", made["id"].as_str().expect("an id"));
    for (agent, keys) in [("zenml/0.81.0", vec!["spec", "config"]), ("zenml/0.85.0", vec!["spec", "config", "step_config_overrides"])] {
        let client = scene.client.with_header("user-agent", agent);
        let one = client.get(&path).await.good().json();
        let listed = client.get(&format!("{DEPLOYMENTS}?hydrate=true")).await.good().json()["items"][0].clone();
        for snapshot in [one, listed] {
            let step = snapshot["metadata"]["step_configurations"]["train"].as_object().expect("an object").clone();
            assert_eq!(step.keys().map(String::as_str).collect::<Vec<_>>(), keys, "{agent}");
        }
    }
}
