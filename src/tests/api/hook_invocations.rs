//! `/hook_invocations`.

use serde_json::{Value, json};

use crate::util::{Scene, TestApp, shape};

const HOOKS: &str = "/api/v1/hook_invocations";

fn request(scene: &Scene, run: &Value, fields: Value) -> Value {
    let mut request = json!({
        "project": scene.project, "pipeline_run_id": run["id"], "hook_type": "run_success", "name": "alert", "status": "completed",
        "start_time": "2026-11-23T04:51:11", "source": "hooks.alert",
    });
    request.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    request
}

#[tokio::test]
async fn an_invocation_is_recorded_with_its_outputs_and_logs_and_deleted() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let run = scene.run("r", json!({})).await;
    let step = scene.step(&run).await;
    let version = scene.store("report", json!({})).await;
    let logs = json!({ "project": scene.project, "source": "hook", "artifact_store_id": scene.artifact_store, "uri": "/nowhere", "pipeline_run_id": run["id"] });
    let logs = scene.client.post("/api/v1/logs", &logs).await.good().json();
    let fields = json!({
        "id": "c6df0e38-512d-4f0a-87f6-d03095fe9931", "step_run_id": step["id"], "logs_id": logs["id"],
        "outputs": { "report": [version["id"]] }, "exception_info": { "traceback": "t" },
    });
    let made = scene.client.post(HOOKS, &request(&scene, &run, fields.clone())).await.good().json();
    assert_eq!(
        shape(&made["body"]),
        json!({
            "created": "[time]", "updated": "[time]", "user_id": "[id]", "project_id": "[id]", "hook_type": "run_success",
            "status": "completed", "start_time": "[time]", "end_time": null, "pipeline_run_id": "[id]", "step_run_id": "[id]",
        })
    );
    assert_eq!(made["metadata"], json!({ "source": "hooks.alert", "exception_info": { "traceback": "t" } }));
    assert_eq!(made["resources"]["outputs"]["report"][0]["id"], version["id"]);
    assert_eq!(made["resources"]["log_collection"][0]["id"], logs["id"]);
    assert_eq!((&made["id"], &made["name"]), (&fields["id"], &json!("alert")));
    let path = format!("{HOOKS}/{}", made["id"].as_str().expect("an id"));
    assert_eq!(scene.client.get(&path).await.good().json(), made);
    scene.client.post(HOOKS, &request(&scene, &run, json!({ "id": made["id"] }))).await.refused(409);
    scene.client.delete(&path).await.good();
    scene.client.get(&path).await.refused(404);
    let logs = scene.client.get(&format!("/api/v1/logs/{}", logs["id"].as_str().expect("an id"))).await.good().json();
    assert_eq!(logs["body"]["hook_invocation_id"], Value::Null);
}

#[tokio::test]
async fn invocations_are_listed_by_run_and_go_with_it() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let (one, other) = (scene.run("one", json!({})).await, scene.run("other", json!({})).await);
    for hook in ["run_start", "run_success"] {
        scene.client.post(HOOKS, &request(&scene, &one, json!({ "hook_type": hook }))).await.good();
    }
    scene.client.post(HOOKS, &request(&scene, &other, json!({ "name": null }))).await.good();
    let total = async |query: &str| scene.client.get(&format!("{HOOKS}?{query}")).await.good().json()["total"].clone();
    let run = one["id"].as_str().expect("an id");
    assert_eq!(total(&format!("pipeline_run_id={run}")).await, json!(2));
    assert_eq!(total(&format!("pipeline_run_id={run}&hook_type=startswith:run_st")).await, json!(1));
    assert_eq!(total("name=isnull:&sort_by=desc:start_time").await, json!(1));
    scene.client.delete(&format!("/api/v1/runs/{run}")).await.good();
    assert_eq!(total("status=completed").await, json!(1));
}

#[tokio::test]
async fn what_does_not_exist_cannot_be_named() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let run = scene.run("r", json!({})).await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    for fields in [
        json!({ "pipeline_run_id": nobody }),
        json!({ "step_run_id": nobody }),
        json!({ "outputs": { "a": [nobody] } }),
        json!({ "project": nobody }),
    ] {
        scene.client.post(HOOKS, &request(&scene, &run, fields)).await.refused(404);
    }
    scene.client.post(HOOKS, &request(&scene, &run, json!({ "hook_type": "lunch" }))).await.refused(422);
    app.anonymous().get(HOOKS).await.refused(401);
}
