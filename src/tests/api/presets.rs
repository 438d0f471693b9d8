//! `/presets`.

use serde_json::{Value, json};

use crate::util::{Scene, TestApp};

const PRESETS: &str = "/api/v1/presets";
const TEXT: &str = "# for the small machine\nsteps:\n  trainer:\n    parameters:\n      lr: 1e-3\n";

fn request(scene: &Scene, name: &str) -> Value {
    json!({ "pipeline": scene.pipeline, "name": name, "configuration": TEXT })
}

async fn made(scene: &Scene, body: &Value) -> String {
    let preset = scene.client.post(PRESETS, body).await.good().json();
    format!("{PRESETS}/{}", preset["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn a_preset_is_made_read_changed_and_deleted() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let made = scene.client.post(PRESETS, &request(&scene, "small")).await.good().json();
    assert_eq!(made["metadata"], json!({ "configuration": TEXT }), "as it was written, comments and all");
    let path = format!("{PRESETS}/{}", made["id"].as_str().expect("an id"));
    let changed = scene.client.put(&path, &json!({ "description": "for tests", "configuration": "{}" })).await.good().json();
    assert_eq!((&changed["name"], &changed["body"]["description"]), (&json!("small"), &json!("for tests")));
    assert_eq!(changed["metadata"]["configuration"], "{}");
    let page = scene.client.get(&format!("{PRESETS}?pipeline=training&name=startswith:sm")).await.good().json();
    assert_eq!((&page["total"], &page["items"][0]["metadata"]), (&json!(1), &Value::Null));
    scene.client.delete(&path).await.good();
    scene.client.get(&path).await.refused(404);
}

#[tokio::test]
async fn what_cannot_be_used_is_refused() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let good = request(&scene, "small");
    scene.client.post(PRESETS, &good).await.good();
    scene.client.post(PRESETS, &good).await.refused(409);
    let cases =
        [("configuration", "steps: [", 400), ("configuration", "- a list", 400), ("name", " ", 400), ("name", &"x".repeat(256), 422)];
    for (field, value, status) in cases {
        let mut body = request(&scene, "other");
        body[field] = json!(value);
        scene.client.post(PRESETS, &body).await.refused(status);
    }
    app.anonymous().get(PRESETS).await.refused(401);
}

#[tokio::test]
async fn a_private_preset_is_its_owners_alone() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let other = app.user("other").await;
    let mut mine = request(&scene, "mine");
    mine["private"] = json!(true);
    let private = made(&scene, &mine).await;
    let shared = made(&scene, &request(&scene, "ours")).await;
    assert_eq!(other.get(PRESETS).await.good().json()["total"], 1);
    other.get(&private).await.refused(404);
    other.get(&shared).await.good();
    other.put(&shared, &json!({ "name": "theirs" })).await.refused(403);
    other.delete(&shared).await.refused(403);
    // Two people may give their private presets one name.
    other.post(PRESETS, &mine).await.good();
    scene.client.post(PRESETS, &mine).await.refused(409);
}
