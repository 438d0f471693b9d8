//! `/run_wait_conditions`: asking, polling, answering, and what becomes of the run.

use serde_json::{Value, json};

use crate::util::{Scene, TestApp, shape};

const CONDITIONS: &str = "/api/v1/run_wait_conditions";

/// A running run of a dynamic pipeline.
async fn dynamic_run(scene: &Scene, name: &str) -> Value {
    let snapshot = scene.snapshot(json!({ "is_dynamic": true, "step_configurations": {} })).await;
    scene.client.post("/api/v1/runs", &scene.run_request(&snapshot, name, json!({}))).await.good().json()[0].clone()
}

fn request(scene: &Scene, run: &Value, fields: Value) -> Value {
    let mut request = json!({
        "project": scene.project, "run": run["id"], "name": "approval", "type": "external_input", "question": "Deploy?",
        "data_schema": { "type": "boolean" }, "metadata": { "cost": 3 },
    });
    request.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    request
}

fn path(condition: &Value) -> String {
    format!("{CONDITIONS}/{}", condition["id"].as_str().expect("an id"))
}

fn lease(mode: &str, expires: &str) -> Value {
    json!({ "poller_instance_id": "runner", "poller_lease_expires_at": expires, "mode": mode })
}

async fn status_of(scene: &Scene, run: &Value) -> (Value, Value) {
    let run = scene.client.get(&format!("/api/v1/runs/{}", run["id"].as_str().expect("an id"))).await.good().json();
    (run["body"]["status"].clone(), run["body"]["status_reason"].clone())
}

#[tokio::test]
async fn a_question_is_asked_once_and_shown_on_its_run() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let run = dynamic_run(&scene, "r").await;
    let made = scene.client.post(CONDITIONS, &request(&scene, &run, json!({}))).await.good().json();
    assert_eq!(
        shape(&made["body"]),
        json!({
            "created": "[time]", "updated": "[time]", "user_id": "[id]", "project_id": "[id]", "type": "external_input",
            "status": "pending", "last_polled_at": null, "poller_instance_id": null, "poller_lease_expires_at": null,
            "resolved_at": null, "resolved_by_user_id": null,
        })
    );
    assert_eq!(
        made["metadata"],
        json!({
            "question": "Deploy?", "run_metadata": { "cost": 3 }, "data_schema": { "type": "boolean" }, "resolution": null,
            "result": null,
        })
    );
    assert_eq!(made["resources"]["run"]["id"], run["id"]);
    assert_eq!(scene.client.get(&path(&made)).await.good().json(), made);
    let again = scene.client.post(CONDITIONS, &request(&scene, &run, json!({ "metadata": {} }))).await.good().json();
    assert_eq!(again["id"], made["id"], "a resumed run finds its question");
    scene.client.post(CONDITIONS, &request(&scene, &run, json!({ "question": "Really?" }))).await.refused(409);
    scene.client.post(CONDITIONS, &request(&scene, &run, json!({ "name": "second" }))).await.refused(403);
    let shown = scene.client.get(&format!("/api/v1/runs/{}", run["id"].as_str().expect("an id"))).await.good().json();
    assert_eq!(shown["resources"]["active_wait_condition"]["id"], made["id"]);
    let dag = scene.client.get(&format!("/api/v1/runs/{}/dag", run["id"].as_str().expect("an id"))).await.good().json();
    assert_eq!(
        shape(&dag["nodes"]),
        json!([{
            "node_id": "wait_condition/approval", "type": "wait_condition", "id": "[id]", "name": "approval",
            "metadata": { "status": "pending", "type": "external_input", "created_at": "[time]", "question": "Deploy?" },
        }])
    );
}

#[tokio::test]
async fn only_dynamic_runs_wait() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let run = scene.run("r", json!({})).await;
    let (class, _) = scene.client.post(CONDITIONS, &request(&scene, &run, json!({}))).await.refused(403);
    assert_eq!(class, "IllegalOperationError");
    let nobody = json!({ "run": "00000000-0000-4000-8000-000000000000" });
    scene.client.post(CONDITIONS, &request(&scene, &run, nobody)).await.refused(404);
    app.anonymous().get(CONDITIONS).await.refused(401);
}

#[tokio::test]
async fn an_answer_reaches_the_process_that_polls() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let run = dynamic_run(&scene, "r").await;
    let made = scene.client.post(CONDITIONS, &request(&scene, &run, json!({}))).await.good().json();
    let polled = scene.client.put(&path(&made), &lease("refresh", "2100-01-01T00:00:00")).await.good().json();
    assert_eq!(polled, json!("pending"));
    let resolve = format!("{}/resolve", path(&made));
    for wrong in [json!({ "resolution": "continue", "result": "yes" }), json!({ "resolution": "continue" })] {
        let (class, message) = scene.client.put(&resolve, &wrong).await.refused(400);
        assert_eq!(class, "ValueError");
        assert!(message.contains("does not match expected schema"), "{message}");
    }
    let other = app.user("reviewer").await;
    let resolved = other.put(&resolve, &json!({ "resolution": "continue", "result": true })).await.good().json();
    assert_eq!(resolved["body"]["status"], "resolved");
    assert_ne!(resolved["body"]["resolved_by_user_id"], resolved["body"]["user_id"]);
    assert_eq!((&resolved["metadata"]["resolution"], &resolved["metadata"]["result"]), (&json!("continue"), &json!(true)));
    scene.client.put(&resolve, &json!({ "resolution": "continue", "result": true })).await.refused(403);
    let polled = scene.client.put(&path(&made), &lease("refresh", "2100-01-01T00:00:00")).await.good().json();
    assert_eq!(polled, json!("resolved"));
    assert_eq!(status_of(&scene, &run).await.0, "running", "its process goes on by itself");
    let shown = scene.client.get(&format!("/api/v1/runs/{}", run["id"].as_str().expect("an id"))).await.good().json();
    assert_eq!(shown["resources"]["active_wait_condition"], Value::Null);
}

#[tokio::test]
async fn a_run_that_nobody_waits_for_is_paused_and_goes_on_when_answered() {
    // Packages of the test's snapshot need a Python, which this server looks for only when it starts the run.
    let app = TestApp::with(|config| config.runner_python = Some("/usr/bin/python3".into())).await;
    let scene = Scene::new(app.admin().await).await;
    let run = dynamic_run(&scene, "r").await;
    let made = scene.client.post(CONDITIONS, &request(&scene, &run, json!({}))).await.good().json();
    scene.client.put(&path(&made), &lease("finalize", "2100-01-01T00:00:00")).await.good();
    assert_eq!(status_of(&scene, &run).await, (json!("paused"), json!("Waiting for input.")));
    scene.client.put(&format!("{}/resolve", path(&made)), &json!({ "resolution": "continue", "result": true })).await.good();
    let (status, reason) = status_of(&scene, &run).await;
    match status.as_str() {
        Some("resuming") => assert_eq!(reason, "Automatically resuming run from server."),
        _ => assert_eq!((status, reason), (json!("paused"), json!("Waiting for manual resume."))),
    }
}

#[tokio::test]
async fn an_answer_before_the_first_poll_leaves_the_run_running() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let run = dynamic_run(&scene, "r").await;
    let made = scene.client.post(CONDITIONS, &request(&scene, &run, json!({}))).await.good().json();
    let answer = json!({ "resolution": "continue", "result": true });
    let resolved = scene.client.put(&format!("{}/resolve", path(&made)), &answer).await.good().json();
    assert_eq!(resolved["resources"]["run"]["body"]["status"], "running");
    assert_eq!(status_of(&scene, &run).await, (json!("running"), Value::Null));
}

#[tokio::test]
async fn a_run_whose_process_stopped_polling_is_paused() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let run = dynamic_run(&scene, "r").await;
    let made = scene.client.post(CONDITIONS, &request(&scene, &run, json!({}))).await.good().json();
    scene.client.put(&path(&made), &lease("refresh", "2020-01-01T00:00:00")).await.good();
    scene.client.put(&format!("{}/resolve", path(&made)), &json!({ "resolution": "continue", "result": true })).await.good();
    assert_eq!(status_of(&scene, &run).await, (json!("paused"), json!("Waiting for manual resume.")));
}

#[tokio::test]
async fn an_abort_stops_the_run() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let run = dynamic_run(&scene, "r").await;
    let fields = json!({ "data_schema": null });
    let made = scene.client.post(CONDITIONS, &request(&scene, &run, fields)).await.good().json();
    let resolve = format!("{}/resolve", path(&made));
    scene.client.put(&resolve, &json!({ "resolution": "continue", "result": 1 })).await.refused(403);
    let resolved = scene.client.put(&resolve, &json!({ "resolution": "abort", "result": 1 })).await.good().json();
    assert_eq!((&resolved["metadata"]["resolution"], &resolved["metadata"]["result"]), (&json!("abort"), &Value::Null));
    assert_eq!(status_of(&scene, &run).await, (json!("stopped"), json!("Wait condition was aborted.")));
    let late = scene.client.put(&path(&made), &lease("finalize", "2100-01-01T00:00:00")).await.good().json();
    assert_eq!(late, json!("resolved"));
    scene.client.put(&format!("{CONDITIONS}/nobody/resolve"), &json!({ "resolution": "abort" })).await.refused(422);
}

#[tokio::test]
async fn a_run_that_is_being_stopped_does_not_pause() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let run = dynamic_run(&scene, "r").await;
    let made = scene.client.post(CONDITIONS, &request(&scene, &run, json!({}))).await.good().json();
    let run_path = format!("/api/v1/runs/{}", run["id"].as_str().expect("an id"));
    scene.client.put(&run_path, &json!({ "status": "stopping" })).await.good();
    scene.client.put(&path(&made), &lease("abandon", "2100-01-01T00:00:00")).await.good();
    assert_eq!(status_of(&scene, &run).await.0, "stopping");
}

#[tokio::test]
async fn a_paused_run_can_be_stopped() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let run = dynamic_run(&scene, "r").await;
    let made = scene.client.post(CONDITIONS, &request(&scene, &run, json!({}))).await.good().json();
    scene.client.put(&path(&made), &lease("finalize", "2100-01-01T00:00:00")).await.good();
    scene.client.post(&format!("/api/v1/runs/{}/stop", run["id"].as_str().expect("an id")), &json!({})).await.good();
    assert_eq!(status_of(&scene, &run).await.0, "stopped");
}

#[tokio::test]
async fn conditions_are_listed_by_run_status_and_metadata() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    for name in ["one", "two"] {
        let run = dynamic_run(&scene, name).await;
        scene.client.post(CONDITIONS, &request(&scene, &run, json!({}))).await.good();
    }
    let list = async |query: &str| scene.client.get(&format!("{CONDITIONS}?{query}")).await.good().json();
    let first = list("pipeline_run=one").await["items"][0].clone();
    scene.client.put(&format!("{}/resolve", path(&first)), &json!({ "resolution": "abort" })).await.good();
    for (query, total) in [
        ("status=pending", 1),
        ("resolution=abort&resolved_by=admin", 1),
        ("run_metadata=cost:3", 2),
        ("name=startswith:app&sort_by=desc:resolved_at", 2),
        ("pipeline_run=three", 0),
    ] {
        assert_eq!(list(query).await["total"], json!(total), "{query}");
    }
    scene.client.get(&format!("{CONDITIONS}?sort_by=nothing")).await.refused(422);
}
