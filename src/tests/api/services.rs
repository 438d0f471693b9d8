//! `/services`.

use serde_json::{Value, json};

use crate::util::{Scene, TestApp, shape};

const SERVICES: &str = "/api/v1/services";

fn request(scene: &Scene, fields: Value) -> Value {
    let mut request = json!({
        "project": scene.project, "name": "s", "service_type": { "type": "model-serving", "flavor": "mlflow" },
        "config": { "model_uri": "/m", "pipeline_name": "training" }, "labels": { "team": "a" },
        "status": { "state": "active", "last_error": "" }, "endpoint": {}, "prediction_url": "http://127.0.0.1/predict",
    });
    request.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    request
}

#[tokio::test]
async fn a_service_is_made_read_changed_and_deleted() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let run = scene.run("r", json!({})).await;
    let made = scene.client.post(SERVICES, &request(&scene, json!({ "pipeline_run_id": run["id"] }))).await.good().json();
    assert_eq!(
        shape(&made["body"]),
        json!({
            "created": "[time]", "updated": "[time]", "user_id": "[id]", "project_id": "[id]", "labels": { "team": "a" }, "state": "active",
            "service_type": { "type": "model-serving", "flavor": "mlflow", "name": "", "description": "", "logo_url": "" },
        })
    );
    assert_eq!(
        made["metadata"],
        json!({
            "service_source": null, "admin_state": null, "config": { "model_uri": "/m", "pipeline_name": "training" },
            "status": { "state": "active", "last_error": "" }, "endpoint": null, "prediction_url": "http://127.0.0.1/predict",
            "health_check_url": null,
        })
    );
    assert_eq!(made["resources"]["pipeline_run"]["id"], run["id"]);
    let path = format!("{SERVICES}/{}", made["id"].as_str().expect("an id"));
    assert_eq!(scene.client.get(&path).await.good().json(), made);
    let update = json!({ "status": { "state": "inactive" }, "labels": {}, "admin_state": "inactive", "prediction_url": null });
    let changed = scene.client.put(&path, &update).await.good().json();
    assert_eq!((&changed["body"]["state"], &changed["body"]["labels"]), (&json!("inactive"), &Value::Null));
    assert_eq!(changed["metadata"]["prediction_url"], made["metadata"]["prediction_url"]);
    scene.client.delete(&format!("/api/v1/runs/{}", run["id"].as_str().expect("an id"))).await.good();
    assert_eq!(scene.client.get(&path).await.good().json()["resources"]["pipeline_run"], Value::Null);
    scene.client.delete(&path).await.good();
    scene.client.get(&path).await.refused(404);
}

#[tokio::test]
async fn configurations_are_unique_and_names_are_not() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    scene.client.post(SERVICES, &request(&scene, json!({}))).await.good();
    scene.client.post(SERVICES, &request(&scene, json!({ "name": "other" }))).await.refused(409);
    scene.client.post(SERVICES, &request(&scene, json!({ "config": {} }))).await.good();
    let page = scene.client.get(&format!("{SERVICES}?name=s&flavor=mlflow&running=true&sort_by=desc:name")).await.good().json();
    assert_eq!(page["total"], json!(2), "`running` filters nothing in ZenML either");
    let page = scene.client.get(&format!("{SERVICES}?pipeline_name=training")).await.good().json();
    assert_eq!(page["total"], json!(1));
}

#[tokio::test]
async fn bad_services_are_refused() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let nobody = json!("00000000-0000-4000-8000-000000000000");
    for field in ["model_version_id", "pipeline_run_id", "project"] {
        let mut body = request(&scene, json!({}));
        body[field] = nobody.clone();
        scene.client.post(SERVICES, &body).await.refused(404);
    }
    for fields in [json!({ "service_type": { "flavor": "x" } }), json!({ "admin_state": "asleep" }), json!({ "config": null })] {
        scene.client.post(SERVICES, &request(&scene, fields)).await.refused(422);
    }
    app.anonymous().get(SERVICES).await.refused(401);
}
