//! `/stacks`, `/components` and `/flavors`: composition, defaults, what is in use.

use serde_json::{Value, json};

use crate::util::TestApp;

fn id(value: &Value) -> &str {
    value["id"].as_str().expect("an id")
}

#[tokio::test]
async fn a_stack_is_made_of_existing_and_new_components() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let store = json!({ "name": "disk", "type": "artifact_store", "flavor": "local", "configuration": { "path": "/tmp/disk" } });
    let store = admin.post("/api/v1/components", &store).await.good().json();
    assert_eq!(store["metadata"]["configuration"], json!({ "path": "/tmp/disk" }));
    let stack = json!({ "name": "mine", "components": { "artifact_store": [id(&store)], "orchestrator": [{ "flavor": "local" }] } });
    let stack = admin.post("/api/v1/stacks", &stack).await.good().json();
    assert_eq!(stack["metadata"]["components"]["orchestrator"][0]["name"], "mine");
    // In use: it stays.
    admin.delete(&format!("/api/v1/components/{}", id(&store))).await.refused(403);
    admin.delete(&format!("/api/v1/stacks/{}", id(&stack))).await.good();
    admin.delete(&format!("/api/v1/components/{}", id(&store))).await.good();
}

#[tokio::test]
async fn stacks_that_cannot_work_are_refused() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let new = json!([{ "flavor": "local" }]);
    let post = async |components: Value| admin.post("/api/v1/stacks", &json!({ "name": "mine", "components": components })).await;
    post(json!({ "orchestrator": new })).await.refused(400);
    post(json!({ "orchestrator": [{ "flavor": "local" }, { "flavor": "local" }], "artifact_store": new })).await.refused(400);
    post(json!({ "orchestrator": [{ "flavor": "unknown" }], "artifact_store": new })).await.refused(404);
    post(json!({ "engine": new })).await.refused(422);
    assert_eq!(admin.get("/api/v1/components").await.good().json()["total"], 3, "what was refused left no components");
    let unknown_key = json!({ "name": "disk", "type": "artifact_store", "flavor": "local", "configuration": { "pth": "/" } });
    assert!(admin.post("/api/v1/components", &unknown_key).await.refused(400).1.contains("path"));
}

#[tokio::test]
async fn the_default_stack_is_as_clients_expect_it_and_stays() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let stacks = admin.get("/api/v1/stacks?name=default&hydrate=true").await.good().json();
    let stack = &stacks["items"][0];
    let components = admin.get(&format!("/api/v1/components?stack_id={}&hydrate=true", id(stack))).await.good().json();
    let flavors: Vec<&Value> =
        components["items"].as_array().expect("components").iter().map(|c| &c["resources"]["flavor"]["name"]).collect();
    assert_eq!(flavors, ["local", "local", "local"]);
    admin.put(&format!("/api/v1/stacks/{}", id(stack)), &json!({ "name": "x" })).await.refused(403);
    admin.delete(&format!("/api/v1/stacks/{}", id(stack))).await.refused(403);
    admin.put(&format!("/api/v1/components/{}", id(&components["items"][0])), &json!({ "name": "x" })).await.refused(403);
    let local = admin.get("/api/v1/flavors?name=local&type=orchestrator&hydrate=true").await.good().json();
    assert_eq!(local["items"][0]["body"]["source"], "zenml.orchestrators.local.local_orchestrator.LocalOrchestratorFlavor");
}
