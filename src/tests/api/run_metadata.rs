//! `/run-metadata`, and what is read back.

use serde_json::{Value, json};

use crate::util::{Scene, TestApp};

const METADATA: &str = "/api/v1/run-metadata";

fn request(scene: &Scene, resources: Value, values: Value) -> Value {
    let kind = |value: &Value| match value {
        Value::Object(_) => "dict",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        _ => "float",
    };
    let types: Value = values.as_object().expect("an object").iter().map(|(key, value)| (key.clone(), json!(kind(value)))).collect();
    json!({ "project": scene.project, "resources": resources, "values": values, "types": types })
}

#[tokio::test]
async fn objects_are_merged_and_other_values_replaced() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let run = scene.run("r", json!({})).await;
    let resources = json!([{ "id": run["id"], "type": "pipeline_run" }]);
    for values in [json!({ "m": { "a": 1, "b": 1 }, "x": 1.5 }), json!({ "m": { "b": 2 }, "x": 2.5 })] {
        assert_eq!(scene.client.post(METADATA, &request(&scene, resources.clone(), values)).await.good().text(), "null");
    }
    let path = format!("/api/v1/runs/{}", run["id"].as_str().expect("an id"));
    let read = scene.client.get(&path).await.good().json();
    assert_eq!(read["metadata"]["run_metadata"], json!({ "m": { "a": 1, "b": 2 }, "x": 2.5 }));
    let page = scene.client.get("/api/v1/runs?run_metadata=x:2.5").await.good().json();
    assert_eq!((&page["total"], &page["items"][0]["id"]), (&json!(1), &run["id"]));
}

#[tokio::test]
async fn one_request_may_name_several_resources() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let step = scene.step(&scene.run("r", json!({})).await).await;
    let version = scene.store("a", json!({ "metadata": { "first": 1 } })).await;
    let resources = json!([{ "id": step["id"], "type": "step_run" }, { "id": version["id"], "type": "artifact_version" }]);
    let mut body = request(&scene, resources, json!({ "z": 1, "a": "text" }));
    body["publisher_step_id"] = step["id"].clone();
    scene.client.post(METADATA, &body).await.good();
    let read = async |path: &str, object: &Value| {
        let path = format!("/api/v1/{path}/{}", object["id"].as_str().expect("an id"));
        scene.client.get(&path).await.good().json()["metadata"]["run_metadata"].to_string()
    };
    assert_eq!(read("steps", &step).await, r#"{"z":1,"a":"text"}"#);
    assert_eq!(read("artifact_versions", &version).await, r#"{"first":1,"z":1,"a":"text"}"#);
    scene.client.post(METADATA, &request(&scene, json!([]), json!({ "x": 1 }))).await.good();
}

#[tokio::test]
async fn bad_requests_are_refused_whole() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let run = scene.run("r", json!({})).await;
    let resources = json!([{ "id": run["id"], "type": "pipeline_run" }]);
    let good = request(&scene, resources.clone(), json!({ "x": 1 }));
    let changed = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    let stranger = json!([resources[0], { "id": run["id"], "type": "step_run" }]);
    for (body, status) in [
        (request(&scene, resources.clone(), json!({ "a:b": 1 })), 422),
        (changed("types", json!({})), 422),
        (changed("types", json!({ "x": "complex" })), 422),
        (changed("resources", json!([{ "id": run["id"], "type": "nonsense" }])), 422),
        (changed("resources", stranger), 404),
        (changed("stack_component_id", run["id"].clone()), 404),
    ] {
        scene.client.post(METADATA, &body).await.refused(status);
    }
    let path = format!("/api/v1/runs/{}", run["id"].as_str().expect("an id"));
    assert_eq!(scene.client.get(&path).await.good().json()["metadata"]["run_metadata"], json!({}));
    app.anonymous().post(METADATA, &good).await.refused(401);
}
