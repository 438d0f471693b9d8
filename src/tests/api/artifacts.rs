//! `/artifacts`.

use serde_json::{Value, json};

use crate::util::{Scene, TestApp, shape};

const ARTIFACTS: &str = "/api/v1/artifacts";

#[tokio::test]
async fn an_artifact_is_made_read_renamed_and_deleted() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let admin = &scene.client;
    let made = admin.post(ARTIFACTS, &json!({ "project": scene.project, "name": "dataset", "tags": ["b", "a"] })).await.good().json();
    assert_eq!(shape(&made["metadata"]), json!({ "has_custom_name": false }));
    let tags: Vec<&Value> = made["resources"]["tags"].as_array().expect("tags").iter().map(|tag| &tag["name"]).collect();
    assert_eq!(tags, ["a", "b"]);
    let path = format!("{ARTIFACTS}/{}", made["id"].as_str().expect("an id"));
    assert_eq!(admin.get(&path).await.good().json(), made);

    let changed = admin.put(&path, &json!({ "name": "rows", "remove_tags": ["a", "unknown"] })).await.good().json();
    assert_eq!((&changed["name"], &changed["metadata"]["has_custom_name"]), (&json!("rows"), &json!(true)));
    assert_eq!(changed["resources"]["tags"].as_array().expect("tags").len(), 1);
    assert_eq!(admin.delete(&path).await.good().text(), "null");
    admin.get(&path).await.refused(404);
}

#[tokio::test]
async fn lists_show_and_sort_by_the_latest_version() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    for name in ["first", "second", "first"] {
        scene.store(name, json!({})).await;
    }
    let page = scene.client.get(&format!("{ARTIFACTS}?sort_by=desc:latest_version")).await.good().json();
    let latest = |n: usize| (page["items"][n]["name"].clone(), page["items"][n]["resources"]["latest_version_name"].clone());
    assert_eq!((latest(0), latest(1)), ((json!("first"), json!("2")), (json!("second"), json!("1"))));
    let page = scene.client.get(&format!("{ARTIFACTS}?has_custom_name=False")).await.good().json();
    assert_eq!(page["total"], 0);
}

#[tokio::test]
async fn names_are_unique_and_one_line() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let request = |name: &str| json!({ "project": scene.project, "name": name });
    let other = scene.client.post(ARTIFACTS, &request("other")).await.good().json();
    scene.client.post(ARTIFACTS, &request("taken")).await.good();
    assert_eq!(scene.client.post(ARTIFACTS, &request("taken")).await.refused(409).0, "EntityExistsError");
    scene.client.put(&format!("{ARTIFACTS}/{}", other["id"].as_str().expect("an id")), &json!({ "name": "taken" })).await.refused(409);
    scene.client.post(ARTIFACTS, &request("two\nlines")).await.refused(400);
    app.anonymous().get(ARTIFACTS).await.refused(401);
}
