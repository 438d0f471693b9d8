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
    post(json!({ "orchestrator": new })).await.refused(422);
    post(json!({ "orchestrator": [{ "flavor": "local" }, { "flavor": "local" }], "artifact_store": new })).await.refused(422);
    post(json!({ "orchestrator": [{ "flavor": "unknown" }], "artifact_store": new })).await.refused(400);
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

/// A stack whose new components reach their resources through its first service connector.
fn cloud_stack(name: &str, connector: Value, registry: Value) -> Value {
    json!({
        "name": name, "labels": { "team": "a", "size": 2 }, "service_connectors": [connector],
        "components": {
            "orchestrator": [{ "flavor": "local" }], "artifact_store": [{ "flavor": "local" }], "container_registry": [registry],
        },
    })
}

#[tokio::test]
async fn a_stack_is_made_with_its_components_and_connectors() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let docker = json!({ "type": "docker", "auth_method": "password", "configuration": { "username": "u", "password": "p" } });
    let registry = json!({ "flavor": "default", "configuration": { "uri": "docker.io/me" }, "service_connector_index": 0 });
    let stack = admin.post("/api/v1/stacks", &cloud_stack("mine", docker.clone(), registry.clone())).await.good().json();
    let registry_id = id(&stack["metadata"]["components"]["container_registry"][0]).to_owned();
    let component = admin.get(&format!("/api/v1/components/{registry_id}")).await.good().json();
    assert_eq!(component["metadata"]["labels"], json!({ "team": "a", "size": 2 }));
    assert_eq!(component["metadata"]["connector_resource_id"], "docker.io/me");
    let connector = admin.get("/api/v1/service_connectors?name=mine").await.good().json()["items"][0].clone();
    assert_eq!(component["metadata"]["connector"]["id"], connector["id"]);
    assert_eq!(connector["metadata"]["labels"], json!({ "size": "2", "team": "a" }));
    let existing = cloud_stack("other", connector["id"].clone(), registry.clone());
    let other = admin.post("/api/v1/stacks", &existing).await.good().json();
    assert_eq!(other["metadata"]["components"]["container_registry"][0]["name"], "other");
    admin
        .post(
            "/api/v1/components",
            &json!({ "name": "third", "type": "container_registry", "flavor": "default", "configuration": { "uri": "x" } }),
        )
        .await
        .good();
    let third = admin.post("/api/v1/stacks", &cloud_stack("third", docker, registry)).await.good().json();
    let name = third["metadata"]["components"]["container_registry"][0]["name"].as_str().expect("a name").to_owned();
    assert!(name.starts_with("third-") && name.len() == 10, "{name}");
}

#[tokio::test]
async fn connectors_that_do_not_fit_leave_nothing_behind() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let docker = json!({ "type": "docker", "auth_method": "password", "configuration": { "username": "u", "password": "p" } });
    let kubernetes =
        json!({ "type": "kubernetes", "auth_method": "token", "configuration": { "server": "s", "token": "t", "cluster_name": "c" } });
    let registry = |fields: Value| {
        let mut registry = json!({ "flavor": "default", "configuration": { "uri": "docker.io/me" }, "service_connector_index": 0 });
        registry.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
        registry
    };
    for (connector, registry, status, said) in [
        (docker.clone(), registry(json!({ "service_connector_index": 1 })), 422, "index 1"),
        (kubernetes, registry(json!({})), 400, "docker-registry"),
        (docker.clone(), registry(json!({ "configuration": {} })), 422, "uri"),
    ] {
        let (_, message) = admin.post("/api/v1/stacks", &cloud_stack("mine", connector, registry)).await.refused(status);
        assert!(message.contains(said), "{message}");
    }
    let mut stack = cloud_stack("mine", docker, registry(json!({})));
    stack["components"]["orchestrator"] = json!([{ "flavor": "local", "service_connector_index": 0 }]);
    assert!(admin.post("/api/v1/stacks", &stack).await.refused(400).1.contains("service connectors"));
    admin.post("/api/v1/stacks", &cloud_stack("mine", json!(app.state.server.id), registry(json!({})))).await.refused(404);
    assert_eq!(admin.get("/api/v1/service_connectors").await.good().json()["total"], 0);
    assert_eq!(admin.get("/api/v1/components").await.good().json()["total"], 3);
}

fn flavor(name: &str) -> Value {
    json!({
        "name": name, "type": "orchestrator", "config_schema": { "properties": { "size": { "type": "integer" } } },
        "source": "mine.MyOrchestratorFlavor", "integration": null,
    })
}

#[tokio::test]
async fn a_custom_flavor_is_made_changed_and_deleted() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let made = admin.post("/api/v1/flavors", &flavor("own_engine")).await.good().json();
    assert_eq!((&made["body"]["display_name"], &made["body"]["is_custom"]), (&json!("Own Engine"), &json!(true)));
    assert_eq!(admin.post("/api/v1/flavors", &flavor("own_engine")).await.refused(409).0, "EntityExistsError");
    let path = format!("/api/v1/flavors/{}", id(&made));
    let update = json!({ "name": "engine", "docs_url": "https://d", "config_schema": { "properties": {} }, "integration": "x" });
    let changed = admin.put(&path, &update).await.good().json();
    assert_eq!((&changed["name"], &changed["body"]["integration"]), (&json!("engine"), &json!("x")));
    assert_eq!(changed["metadata"]["docs_url"], "https://d");
    assert_eq!(admin.put(&path, &json!({ "docs_url": null })).await.good().json()["metadata"]["docs_url"], Value::Null);
    admin.put(&path, &json!({ "name": "local" })).await.refused(409);
    admin.put(&path, &json!({ "type": "engine" })).await.refused(422);
    let component = json!({ "name": "e", "type": "orchestrator", "flavor": "engine", "configuration": {} });
    let component = admin.post("/api/v1/components", &component).await.good().json();
    admin.put(&path, &json!({ "name": "other" })).await.refused(403);
    admin.put(&path, &json!({ "source": "mine.Other" })).await.good();
    admin.delete(&path).await.refused(403);
    admin.delete(&format!("/api/v1/components/{}", id(&component))).await.good();
    admin.delete(&path).await.good();
    admin.get(&path).await.refused(404);
    let mut large = flavor("large");
    large["config_schema"] = json!({ "x": "y".repeat(65_536) });
    admin.post("/api/v1/flavors", &large).await.refused(400);
}

#[tokio::test]
async fn built_in_flavors_come_back() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let total = admin.get("/api/v1/flavors?size=1").await.good().json()["total"].clone();
    let found = admin.get("/api/v1/flavors?name=kubernetes&type=orchestrator").await.good().json();
    admin.delete(&format!("/api/v1/flavors/{}", id(&found["items"][0]))).await.good();
    let answer = admin.send(axum::http::Method::PATCH, "/api/v1/flavors/sync", None, axum::body::Body::empty()).await.good();
    assert_eq!(answer.text(), "null");
    assert_eq!(admin.get("/api/v1/flavors?size=1").await.good().json()["total"], total);
}

#[tokio::test]
async fn a_flavor_with_the_name_of_a_removed_built_in_one_stays() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let found = admin.get("/api/v1/flavors?name=kubernetes&type=orchestrator").await.good().json();
    admin.delete(&format!("/api/v1/flavors/{}", id(&found["items"][0]))).await.good();
    let own = admin.post("/api/v1/flavors", &flavor("kubernetes")).await.good().json();
    admin.send(axum::http::Method::PATCH, "/api/v1/flavors/sync", None, axum::body::Body::empty()).await.good();
    let found = admin.get("/api/v1/flavors?name=kubernetes&type=orchestrator").await.good().json();
    assert_eq!((&found["total"], &found["items"][0]["id"]), (&json!(1), &own["id"]));
}
