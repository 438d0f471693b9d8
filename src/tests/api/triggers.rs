//! `/triggers`: what is stored, linked and refused. What happens when they fire is in `trigger_dispatches`.

use serde_json::{Value, json};

use crate::util::{Scene, TestApp, shape};

const TRIGGERS: &str = "/api/v1/triggers";

fn request(scene: &Scene, name: &str, fields: Value) -> Value {
    let mut request = json!({ "project": scene.project, "name": name, "type": "schedule", "cron_expression": "0 2 * * *" });
    request.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    request
}

fn event(scene: &Scene, name: &str, source: Value, events: Value) -> Value {
    json!({ "project": scene.project, "name": name, "type": "platform_event", "source_entity": source, "target_events": events })
}

fn path(trigger: &Value) -> String {
    format!("{TRIGGERS}/{}", trigger["id"].as_str().expect("an id"))
}

fn attachment(trigger: &Value, snapshot: &Value) -> String {
    format!("{}/pipeline_snapshots/{}", path(trigger), snapshot["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn a_schedule_trigger_is_made_read_and_changed() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let made = scene.client.post(TRIGGERS, &request(&scene, "nightly", json!({ "max_runs": 3 }))).await.good().json();
    assert_eq!(
        shape(&made["body"]),
        json!({
            "created": "[time]", "updated": "[time]", "user_id": "[id]", "project_id": "[id]", "name": "nightly", "active": true,
            "type": "schedule", "concurrency": "skip", "is_archived": false, "flavor": "native schedule", "cron_expression": "0 2 * * *",
            "interval": null, "end_time": null, "start_time": null, "run_once_start_time": null, "max_runs": 3, "next_occurrence": "[time]",
        })
    );
    assert_eq!(made.get("name"), None, "triggers have their name in the body only");
    assert_eq!(made["metadata"], json!({}));
    assert_eq!(made["resources"]["snapshot_dispatch_states"], json!({}));
    assert_eq!(scene.client.get(&path(&made)).await.good().json(), made);
    let mut update = request(&scene, "hourly", json!({ "cron_expression": null, "interval": 3600, "start_time": "2999-01-01T00:00:00Z" }));
    update["concurrency"] = json!("submit");
    let changed = scene.client.put(&path(&made), &update).await.good().json();
    assert_eq!((&changed["body"]["name"], &changed["body"]["concurrency"]), (&json!("hourly"), &json!("submit")));
    assert_eq!(changed["body"]["next_occurrence"], "2999-01-01T00:00:00");
    update["active"] = json!(false);
    let off = scene.client.put(&path(&made), &update).await.good().json();
    assert_eq!(off["body"]["next_occurrence"], Value::Null);
}

#[tokio::test]
async fn what_makes_no_trigger_is_refused() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let made = scene.client.post(TRIGGERS, &request(&scene, "nightly", json!({}))).await.good().json();
    scene.client.post(TRIGGERS, &request(&scene, "nightly", json!({}))).await.refused(409);
    for (fields, status) in [
        (json!({ "interval": 60 }), 422),
        (json!({ "cron_expression": null }), 422),
        (json!({ "cron_expression": "every night" }), 400),
        (json!({ "type": "other" }), 422),
        (json!({ "flavor": "webhook" }), 422),
        (json!({ "concurrency": "replace" }), 422),
    ] {
        scene.client.post(TRIGGERS, &request(&scene, "other", fields)).await.refused(status);
    }
    let source = |kind: &str, id: &str| json!({ "type": kind, "id": id });
    let own = source("pipeline", &scene.pipeline);
    for (source, events, status) in [
        (own.clone(), json!([]), 422),
        (own.clone(), json!(["completed"]), 422),
        (source("stack", &scene.stack), json!(["run_completed"]), 422),
        (source("pipeline_run", &scene.pipeline), json!(["completed"]), 404),
    ] {
        scene.client.post(TRIGGERS, &event(&scene, "other", source, events)).await.refused(status);
    }
    let (class, _) = scene.client.put(&path(&made), &event(&scene, "other", own, json!(["run_failed"]))).await.refused(403);
    assert_eq!(class, "IllegalOperationError");
    app.anonymous().get(TRIGGERS).await.refused(401);
}

#[tokio::test]
async fn snapshots_are_attached_replaced_and_detached() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let trigger = scene.client.post(TRIGGERS, &request(&scene, "nightly", json!({}))).await.good().json();
    let snapshot = scene.snapshot(json!({ "name": "daily" })).await;
    let faster = json!({ "steps": { "train": { "parameters": { "learning_rate": 0.5 } } } });
    scene.client.put(&attachment(&trigger, &snapshot), &faster).await.good();
    let read = scene.client.get(&path(&trigger)).await.good().json();
    assert_eq!(read["resources"]["snapshots"][0]["id"], snapshot["id"]);
    let executable = read["resources"]["executable_snapshots"][0].clone();
    assert_ne!(executable["id"], snapshot["id"]);
    let stored = scene.client.get(&format!("/api/v1/pipeline_snapshots/{}", executable["id"].as_str().expect("an id"))).await.good().json();
    assert_eq!(stored["metadata"]["step_configurations"]["train"]["config"]["parameters"], json!({ "learning_rate": 0.5 }));

    let total = async |query: String| scene.client.get(&query).await.good().json()["total"].clone();
    let (trigger_id, snapshot_id) = (trigger["id"].as_str().expect("an id"), snapshot["id"].as_str().expect("an id"));
    assert_eq!(total(format!("{TRIGGERS}?snapshot_id={snapshot_id}&is_archived=False")).await, 1);
    assert_eq!(total(format!("{TRIGGERS}?pipeline_id={}&type=schedule", scene.pipeline)).await, 1);
    assert_eq!(total(format!("{TRIGGERS}?snapshot_id={trigger_id}")).await, 0);
    assert_eq!(total(format!("{TRIGGERS}?type=webhook&logical_operator=or&name=nightly")).await, 0);
    assert_eq!(total(format!("/api/v1/pipeline_snapshots?trigger_id={trigger_id}")).await, 1);

    scene.client.put(&attachment(&trigger, &snapshot), &json!(null)).await.refused(403);
    scene.client.put(&format!("{}?allow_replace=true", attachment(&trigger, &snapshot)), &json!(null)).await.good();
    let replaced = scene.client.get(&path(&trigger)).await.good().json();
    assert_eq!(replaced["resources"]["snapshots"].as_array().expect("snapshots").len(), 1);
    assert_ne!(replaced["resources"]["executable_snapshots"][0]["id"], executable["id"]);
    scene.client.delete(&attachment(&trigger, &snapshot)).await.good();
    scene.client.delete(&attachment(&trigger, &snapshot)).await.refused(404);
}

#[tokio::test]
async fn only_what_can_be_launched_is_attached() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let trigger = scene.client.post(TRIGGERS, &request(&scene, "nightly", json!({}))).await.good().json();
    let unnamed = scene.snapshot(json!({})).await;
    scene.client.put(&attachment(&trigger, &unnamed), &json!(null)).await.refused(403);
    let snapshot = scene.snapshot(json!({ "name": "daily" })).await;
    let (_, message) = scene.client.put(&attachment(&trigger, &snapshot), &json!({ "steps": { "trian": {} } })).await.refused(400);
    assert!(message.contains("train"), "{message}");
    let with_secret = json!({ "secrets": ["token"] });
    scene.client.put(&attachment(&trigger, &snapshot), &with_secret).await.refused(400);
    let nobody = json!({ "id": "00000000-0000-4000-8000-000000000000" });
    scene.client.put(&attachment(&trigger, &nobody), &json!(null)).await.refused(404);
    scene.client.put(&attachment(&nobody, &snapshot), &json!(null)).await.refused(404);
    assert_eq!(scene.client.get(&path(&trigger)).await.good().json()["resources"]["snapshots"], json!([]));
    scene.client.post("/api/v1/secrets", &json!({ "name": "token", "values": { "key": "value" } })).await.good();
    scene.client.put(&attachment(&trigger, &snapshot), &with_secret).await.good();
}

#[tokio::test]
async fn a_snapshot_that_loses_its_name_is_detached() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let trigger = scene.client.post(TRIGGERS, &request(&scene, "nightly", json!({}))).await.good().json();
    let attached = async || {
        let read = scene.client.get(&path(&trigger)).await.good().json();
        read["resources"]["snapshots"].as_array().expect("snapshots").len()
    };
    for change in ["unnamed", "replaced", "deleted"] {
        let snapshot = scene.snapshot(json!({ "name": change })).await;
        let own = format!("/api/v1/pipeline_snapshots/{}", snapshot["id"].as_str().expect("an id"));
        scene.client.put(&attachment(&trigger, &snapshot), &json!(null)).await.good();
        assert_eq!(attached().await, 1, "{change}");
        match change {
            "unnamed" => drop(scene.client.put(&own, &json!({ "name": false })).await.good()),
            "replaced" => drop(scene.snapshot(json!({ "name": change, "replace": true })).await),
            _ => drop(scene.client.delete(&own).await.good()),
        }
        assert_eq!(attached().await, 0, "{change}");
    }
}

#[tokio::test]
async fn an_archived_trigger_is_off_for_good_and_its_name_free() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let trigger = scene.client.post(TRIGGERS, &request(&scene, "nightly", json!({}))).await.good().json();
    let snapshot = scene.snapshot(json!({ "name": "daily" })).await;
    scene.client.put(&attachment(&trigger, &snapshot), &json!(null)).await.good();
    scene.client.delete(&path(&trigger)).await.good();
    let archived = scene.client.get(&path(&trigger)).await.good().json();
    assert_eq!((&archived["body"]["is_archived"], &archived["body"]["next_occurrence"]), (&json!(true), &Value::Null));
    assert!(archived["body"]["name"].as_str().expect("a name").starts_with("nightly_("));
    assert_eq!(archived["resources"]["snapshots"], json!([]));
    scene.client.put(&path(&trigger), &request(&scene, "again", json!({}))).await.refused(403);
    scene.client.put(&attachment(&trigger, &snapshot), &json!(null)).await.refused(403);
    scene.client.delete(&path(&trigger)).await.refused(403);
    scene.client.post(TRIGGERS, &request(&scene, "nightly", json!({}))).await.good();
    assert_eq!(scene.client.get(TRIGGERS).await.good().json()["total"], 1);
    assert_eq!(scene.client.get(&format!("{TRIGGERS}?is_archived=true")).await.good().json()["total"], 1);
    scene.client.delete(&format!("{}?soft=false", path(&trigger))).await.good();
    scene.client.get(&path(&trigger)).await.refused(404);
}

#[tokio::test]
async fn the_events_of_each_source_are_told_to_anybody() {
    let app = TestApp::new().await;
    let client = app.anonymous();
    for (source, first) in [("pipeline", "run_completed"), ("pipeline_snapshot", "run_completed"), ("pipeline_run", "completed")] {
        let events = client.get(&format!("/api/v1/supported-events?source_type={source}")).await.good().json();
        assert_eq!(events[0]["value"], first);
    }
    client.get("/api/v1/supported-events?source_type=stack").await.refused(422);
}
