//! `/code_repositories`.

use serde_json::{Value, json};

use crate::util::{Scene, TestApp, shape};

const REPOSITORIES: &str = "/api/v1/code_repositories";

fn request(scene: &Scene, name: &str) -> Value {
    let source = json!({ "module": "zenml.integrations.github", "attribute": "GitHubCodeRepository", "type": "internal" });
    json!({ "project": scene.project, "name": name, "config": { "owner": "o" }, "source": source, "description": "d" })
}

#[tokio::test]
async fn a_repository_is_made_read_changed_and_deleted() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let made = scene.client.post(REPOSITORIES, &request(&scene, "repo")).await.good().json();
    assert_eq!(made["metadata"], json!({ "config": { "owner": "o" }, "description": "d" }));
    assert_eq!(shape(&made["body"]["source"]["attribute"]), "GitHubCodeRepository");
    let path = format!("{REPOSITORIES}/{}", made["id"].as_str().expect("an id"));
    assert_eq!(scene.client.get(&path).await.good().json(), made);
    let changed = scene.client.put(&path, &json!({ "config": { "owner": "p" }, "source": "my.module.Repo" })).await.good().json();
    assert_eq!(changed["metadata"], json!({ "config": { "owner": "p" }, "description": "d" }));
    assert_eq!(changed["body"]["source"], json!({ "module": "my.module", "attribute": "Repo", "type": "unknown" }));
    let page = scene.client.get(&format!("{REPOSITORIES}?name=repo")).await.good().json();
    assert_eq!((&page["total"], &page["items"][0]["metadata"]), (&json!(1), &Value::Null));
    scene.client.delete(&path).await.good();
    scene.client.get(&path).await.refused(404);
}

#[tokio::test]
async fn bad_repositories_are_refused() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let good = request(&scene, "repo");
    scene.client.post(REPOSITORIES, &good).await.good();
    scene.client.post(REPOSITORIES, &good).await.refused(409);
    for (field, value) in [("config", json!([])), ("source", json!({ "attribute": "x" })), ("name", json!("x".repeat(256)))] {
        let mut body = request(&scene, "other");
        body[field] = value;
        scene.client.post(REPOSITORIES, &body).await.refused(422);
    }
    app.anonymous().get(REPOSITORIES).await.refused(401);
}
