//! `/tags` and `/tag_resources`.

use serde_json::{Value, json};

use crate::util::{Scene, TestApp, shape};

const TAGS: &str = "/api/v1/tags";
const LINKS: &str = "/api/v1/tag_resources";

async fn tag(scene: &Scene, name: &str, exclusive: bool) -> Value {
    scene.client.post(TAGS, &json!({ "name": name, "color": "blue", "exclusive": exclusive })).await.good().json()
}

fn link(tag: &Value, resource: &Value, resource_type: &str) -> Value {
    json!({ "tag_id": tag["id"], "resource_id": resource["id"], "resource_type": resource_type })
}

/// The names of the tags on an artifact version.
async fn tags_of(scene: &Scene, version: &Value) -> Vec<String> {
    let path = format!("/api/v1/artifact_versions/{}", version["id"].as_str().expect("an id"));
    let read = scene.client.get(&path).await.good().json();
    let tags = read["resources"]["tags"].as_array().expect("tags");
    tags.iter().map(|tag| tag["name"].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn a_tag_is_made_read_changed_and_deleted() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let made = tag(&scene, "alpha", false).await;
    assert_eq!(
        shape(&made["body"]),
        json!({ "created": "[time]", "updated": "[time]", "user_id": "[id]", "color": "blue", "exclusive": false })
    );
    let path = format!("{TAGS}/{}", made["id"].as_str().expect("an id"));
    let version = scene.store("a", json!({ "tags": ["alpha", "made on the way"] })).await;
    assert_eq!(scene.client.get(&path).await.good().json()["metadata"]["tagged_count"], 1);
    let page = scene.client.get(&format!("{TAGS}?resource_type=artifact_version&color=blue")).await.good().json();
    assert!(page["items"].as_array().expect("items").iter().any(|tag| tag["name"] == "alpha"));
    let changed = scene.client.put(&path, &json!({ "name": "omega", "color": "red" })).await.good().json();
    assert_eq!((&changed["name"], &changed["body"]["color"]), (&json!("omega"), &json!("red")));
    assert_eq!(tags_of(&scene, &version).await, ["made on the way", "omega"]);
    scene.client.delete(&path).await.good();
    assert_eq!(tags_of(&scene, &version).await, ["made on the way"]);
    scene.client.get(&path).await.refused(404);
    scene.client.get(&format!("{TAGS}/alpha")).await.refused(422);
}

#[tokio::test]
async fn names_and_colors_are_checked() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    tag(&scene, "taken", false).await;
    let other = tag(&scene, "other", false).await;
    let path = format!("{TAGS}/{}", other["id"].as_str().expect("an id"));
    for (body, status) in [
        (json!({ "name": "taken" }), 409),
        (json!({ "name": "12345678123456781234567812345678" }), 422),
        (json!({ "name": "a\tb" }), 400),
        (json!({ "name": "x", "color": "pink" }), 422),
    ] {
        scene.client.post(TAGS, &body).await.refused(status);
        scene.client.put(&path, &body).await.refused(status);
    }
    app.anonymous().get(TAGS).await.refused(401);
}

#[tokio::test]
async fn links_are_made_once_and_taken_off() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let (tag, version) = (tag(&scene, "t", false).await, scene.store("a", json!({})).await);
    let link = link(&tag, &version, "artifact_version");
    let made = scene.client.post(LINKS, &link).await.good().json();
    assert_eq!(shape(&made["body"]["resource_type"]), "artifact_version");
    assert_eq!(scene.client.post(&format!("{LINKS}/batch"), &[&link, &link]).await.good().json(), json!([made, made]));
    assert_eq!(scene.client.delete_with(LINKS, &link).await.good().text(), "null");
    assert_eq!(scene.client.delete_with(&format!("{LINKS}/batch"), &[&link]).await.good().text(), "null");
    assert!(tags_of(&scene, &version).await.is_empty());

    let nobody = json!({ "id": "00000000-0000-4000-8000-000000000000" });
    let batch = [link, self::link(&tag, &nobody, "pipeline_run")];
    scene.client.post(&format!("{LINKS}/batch"), &batch).await.refused(404);
    assert!(tags_of(&scene, &version).await.is_empty(), "all links or none");
    scene.client.post(LINKS, &self::link(&nobody, &version, "artifact_version")).await.refused(404);
    scene.client.post(LINKS, &self::link(&tag, &version, "spaceship")).await.refused(422);
}

#[tokio::test]
async fn an_exclusive_tag_moves_within_its_artifact() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let exclusive = tag(&scene, "best", true).await;
    let (first, second) = (scene.store("a", json!({})).await, scene.store("a", json!({})).await);
    let elsewhere = scene.store("b", json!({ "tags": ["best"] })).await;
    for version in [&first, &second] {
        scene.client.post(LINKS, &link(&exclusive, version, "artifact_version")).await.good();
    }
    assert!(tags_of(&scene, &first).await.is_empty());
    assert_eq!((tags_of(&scene, &second).await, tags_of(&scene, &elsewhere).await), (vec!["best".to_owned()], vec!["best".to_owned()]));
    let pipeline = json!({ "id": scene.pipeline });
    scene.client.post(LINKS, &link(&exclusive, &pipeline, "pipeline")).await.refused(400);
}

#[tokio::test]
async fn a_tag_in_use_becomes_exclusive_only_without_conflict() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let tag = tag(&scene, "best", false).await;
    let path = format!("{TAGS}/{}", tag["id"].as_str().expect("an id"));
    let versions = [scene.store("a", json!({ "tags": ["best"] })).await, scene.store("a", json!({ "tags": ["best"] })).await];
    scene.client.put(&path, &json!({ "exclusive": true })).await.refused(400);
    scene.client.delete_with(LINKS, &link(&tag, &versions[0], "artifact_version")).await.good();
    assert_eq!(scene.client.put(&path, &json!({ "exclusive": true })).await.good().json()["body"]["exclusive"], true);
}
