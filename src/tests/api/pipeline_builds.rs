//! `/pipeline_builds`.

use serde_json::{Value, json};

use crate::util::{Scene, TestApp};

const BUILDS: &str = "/api/v1/pipeline_builds";

fn request(scene: &Scene) -> Value {
    json!({
        "project": scene.project, "pipeline": scene.pipeline, "stack": scene.stack, "is_local": false, "contains_code": true,
        "images": { "train.step_operator": { "image": "b" }, "orchestrator": { "image": "a", "contains_code": false, "other": 1 } },
        "zenml_version": "0.98.0", "python_version": "3.11.7", "duration": 90,
    })
}

#[tokio::test]
async fn a_build_is_made_read_and_deleted() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let made = scene.client.post(BUILDS, &request(&scene)).await.good().json();
    assert_eq!((&made["metadata"]["pipeline"]["name"], &made["metadata"]["stack"]["name"]), (&json!("training"), &json!("default")));
    assert_eq!(
        made["metadata"]["images"].to_string(),
        json!({
            "train.step_operator": {
                "image": "b", "dockerfile": null, "requirements": null, "settings_checksum": null, "contains_code": true,
                "requires_code_download": false,
            },
            "orchestrator": {
                "image": "a", "dockerfile": null, "requirements": null, "settings_checksum": null, "contains_code": false,
                "requires_code_download": false,
            },
        })
        .to_string()
    );
    let path = format!("{BUILDS}/{}", made["id"].as_str().expect("an id"));
    assert_eq!(scene.client.get(&path).await.good().json(), made);
    scene.client.delete(&path).await.good();
    scene.client.get(&path).await.refused(404);
}

#[tokio::test]
async fn builds_are_filtered() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    scene.client.post(BUILDS, &request(&scene)).await.good();
    let (pipeline, store) = (&scene.pipeline, &scene.artifact_store);
    for (query, total) in [
        (format!("pipeline_id={pipeline}"), 1),
        (format!("container_registry_id={store}"), 0),
        ("is_local=False&contains_code=True&duration=gte:90".to_owned(), 1),
        ("is_local=True".to_owned(), 0),
        ("zenml_version=startswith:0.98&python_version=oneof:[\"3.11.7\"]".to_owned(), 1),
    ] {
        let query = query.replace('"', "%22").replace('[', "%5B").replace(']', "%5D");
        assert_eq!(scene.client.get(&format!("{BUILDS}?{query}")).await.good().json()["total"], total, "{query}");
    }
}

#[tokio::test]
async fn what_a_build_names_must_exist() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    for (field, value, status) in [
        ("pipeline", json!(nobody), 404),
        ("stack", json!(nobody), 404),
        ("project", json!(nobody), 404),
        ("images", json!({ "orchestrator": { "dockerfile": "" } }), 422),
        ("is_local", json!(null), 422),
    ] {
        let mut body = request(&scene);
        body[field] = value;
        scene.client.post(BUILDS, &body).await.refused(status);
    }
    app.anonymous().get(BUILDS).await.refused(401);
}
