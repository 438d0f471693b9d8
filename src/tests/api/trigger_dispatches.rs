//! Triggers that fire: once, whoever is there to fire them, and only when they should.

use darkroom::server::{launch::triggers, start, time::Timestamp};
use serde_json::{Value, json};

use crate::util::{Scene, TestApp};

const TRIGGERS: &str = "/api/v1/triggers";

/// A trigger with the snapshot `daily` attached.
async fn attached(scene: &Scene, fields: Value) -> Value {
    let mut request = json!({ "project": scene.project, "name": "nightly", "type": "schedule" });
    request.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    let trigger = scene.client.post(TRIGGERS, &request).await.good().json();
    let snapshot = scene.snapshot(json!({ "name": "daily" })).await;
    let (trigger_id, snapshot_id) = (trigger["id"].as_str().expect("an id"), snapshot["id"].as_str().expect("an id"));
    scene.client.put(&format!("{TRIGGERS}/{trigger_id}/pipeline_snapshots/{snapshot_id}"), &json!(null)).await.good();
    trigger
}

async fn read(scene: &Scene, trigger: &Value) -> Value {
    scene.client.get(&format!("{TRIGGERS}/{}", trigger["id"].as_str().expect("an id"))).await.good().json()
}

/// How the last firing for the only attached snapshot went.
async fn state(scene: &Scene, trigger: &Value) -> Value {
    let states = read(scene, trigger).await["resources"]["snapshot_dispatch_states"].clone();
    states.as_object().expect("states").values().next().cloned().unwrap_or_default()
}

async fn runs(scene: &Scene, trigger: &Value) -> Vec<Value> {
    let path = format!("/api/v1/runs?hydrate=true&sort_by=asc:created&trigger_id={}", trigger["id"].as_str().expect("an id"));
    scene.client.get(&path).await.good().json()["items"].as_array().expect("runs").clone()
}

async fn pass_at(app: &TestApp, time: &str) {
    triggers::pass(&app.state, Timestamp::parse(time).expect("a time")).await.expect("the pass works");
}

async fn pass(app: &TestApp) {
    triggers::pass(&app.state, Timestamp::now()).await.expect("the pass works");
}

async fn finish(scene: &Scene, run: &Value, status: &str) {
    scene.client.put(&format!("/api/v1/runs/{}", run["id"].as_str().expect("an id")), &json!({ "status": status })).await.good();
}

async fn stop(scene: &Scene, run: &Value) {
    scene.client.post(&format!("/api/v1/runs/{}/stop", run["id"].as_str().expect("an id")), &json!(null)).await.good();
}

fn hourly() -> Value {
    json!({ "interval": 3600, "start_time": "2999-01-01T00:00:00" })
}

#[tokio::test]
async fn a_due_schedule_launches_as_its_owner_and_is_named_by_the_run() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let trigger = attached(&scene, hourly()).await;
    pass_at(&app, "2998-12-31T23:59:59").await;
    assert_eq!(runs(&scene, &trigger).await.len(), 0);
    pass_at(&app, "2999-01-01T00:00:00").await;
    pass_at(&app, "2999-01-01T00:00:01").await;
    let runs = runs(&scene, &trigger).await;
    assert_eq!(runs.len(), 1);
    let run = scene.client.get(&format!("/api/v1/runs/{}", runs[0]["id"].as_str().expect("an id"))).await.good().json();
    assert_eq!(run["resources"]["trigger"]["id"], trigger["id"]);
    assert_eq!(run["resources"]["user"]["name"], "admin");
    assert_eq!(run["resources"]["source_snapshot"]["name"], "daily");
    let page = scene.client.get(&format!("/projects/default/runs/{}", run["id"].as_str().expect("an id"))).await.good();
    assert!(page.text().contains("Started by trigger nightly"));
    let now = read(&scene, &trigger).await;
    assert_eq!(now["body"]["next_occurrence"], "2999-01-01T01:00:00");
    assert_eq!(now["resources"]["latest_run"]["id"], run["id"]);
    assert_eq!(state(&scene, &trigger).await["last_status"], "SUCCESS");
}

#[tokio::test]
async fn two_servers_on_one_database_fire_once() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let mut fields = hourly();
    fields["concurrency"] = json!("submit");
    let trigger = attached(&scene, fields).await;
    let other = start::open((*app.state.config).clone()).await.expect("a second server opens");
    for hour in 0..4 {
        let now = Timestamp::parse(&format!("2999-01-01T0{hour}:00:00")).expect("a time");
        let (own, others) = tokio::join!(triggers::pass(&app.state, now), triggers::pass(&other, now));
        own.and(others).expect("both pass");
        pass_at(&app, &now.to_string()).await;
        assert_eq!(runs(&scene, &trigger).await.len(), hour + 1);
    }
    other.db.close().await;
}

#[tokio::test]
async fn of_missed_times_the_newest_fires_unless_it_is_too_old() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let trigger =
        attached(&scene, json!({ "cron_expression": "0 2 * * *", "start_time": "2999-01-01T00:00:00", "concurrency": "submit" })).await;
    pass_at(&app, "2999-01-05T02:30:00").await;
    assert_eq!(runs(&scene, &trigger).await.len(), 1);
    assert_eq!(read(&scene, &trigger).await["body"]["next_occurrence"], "2999-01-06T02:00:00");
    pass_at(&app, "2999-01-09T12:00:00").await;
    assert_eq!(runs(&scene, &trigger).await.len(), 1, "ten hours late");
    assert_eq!(read(&scene, &trigger).await["body"]["next_occurrence"], "2999-01-10T02:00:00");
}

#[tokio::test]
async fn a_running_run_keeps_the_next_from_starting_unless_it_may() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let mut fields = hourly();
    fields["max_runs"] = json!(2);
    let trigger = attached(&scene, fields).await;
    pass_at(&app, "2999-01-01T00:00:00").await;
    pass_at(&app, "2999-01-01T01:00:00").await;
    assert_eq!(state(&scene, &trigger).await["last_status"], "SKIPPED_CONCURRENCY");
    stop(&scene, &runs(&scene, &trigger).await[0]).await;
    pass_at(&app, "2999-01-01T02:00:00").await;
    assert_eq!(runs(&scene, &trigger).await.len(), 2);
    stop(&scene, &runs(&scene, &trigger).await[1]).await;
    pass_at(&app, "2999-01-01T03:00:00").await;
    let state = state(&scene, &trigger).await;
    assert_eq!((&state["last_status"], &state["last_status_details"]["max_runs"]), (&json!("SKIPPED_MAX_RUNS"), &json!(2)));
    assert_eq!(runs(&scene, &trigger).await.len(), 2);
}

#[tokio::test]
async fn a_trigger_that_is_off_or_whose_owner_is_off_starts_nothing() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let trigger = attached(&scene, hourly()).await;
    let path = format!("{TRIGGERS}/{}", trigger["id"].as_str().expect("an id"));
    let mut update = hourly();
    update["name"] = json!("nightly");
    update["type"] = json!("schedule");
    update["active"] = json!(false);
    scene.client.put(&path, &update).await.good();
    pass_at(&app, "2999-01-01T00:00:00").await;
    update["active"] = json!(true);
    update["next_occurrence"] = json!("2999-01-01T01:00:00");
    scene.client.put(&path, &update).await.good();
    let mut connection = app.state.db.begin().await.expect("a transaction");
    connection.execute("update triggers set user_id = null", Vec::new()).await.expect("the owner is gone");
    connection.commit().await.expect("committed");
    pass_at(&app, "2999-01-01T01:00:00").await;
    let failed = state(&scene, &trigger).await;
    assert_eq!((&failed["last_status"], &failed["last_error_type"]), (&json!("ERROR"), &json!("ValueError")));
    assert_eq!(runs(&scene, &trigger).await.len(), 0);
    scene.client.delete(&format!("{path}/dispatch_state")).await.good();
    assert_eq!(state(&scene, &trigger).await, Value::Null);
}

#[tokio::test]
async fn a_firing_waits_for_room_in_the_queue() {
    let app = TestApp::with(|config| config.max_queued_runs = 1).await;
    let scene = Scene::new(app.admin().await).await;
    let trigger = attached(&scene, hourly()).await;
    let other = scene.snapshot(json!({ "name": "other" })).await;
    let launch = format!("/api/v1/pipeline_snapshots/{}/runs", other["id"].as_str().expect("an id"));
    let waiting = scene.client.post(&launch, &json!(null)).await.good().json();
    pass_at(&app, "2999-01-01T00:00:00").await;
    assert_eq!(runs(&scene, &trigger).await.len(), 0);
    stop(&scene, &waiting).await;
    pass_at(&app, "2999-01-01T00:00:01").await;
    assert_eq!(runs(&scene, &trigger).await.len(), 1);
}

#[tokio::test]
async fn the_end_of_a_run_starts_what_waits_for_it() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    // Runs of another pipeline than the attached one's: events must not lead back to where they came from.
    let upstream = scene.client.post("/api/v1/pipelines", &json!({ "project": scene.project, "name": "upstream" })).await.good().json();
    let source = json!({ "type": "pipeline", "id": upstream["id"] });
    let trigger = attached(
        &scene,
        json!({ "type": "platform_event", "source_entity": source, "target_events": ["run_failed"], "concurrency": "submit" }),
    )
    .await;
    let snapshot = scene.snapshot(json!({ "pipeline": upstream["id"], "is_dynamic": true, "step_configurations": {} })).await;
    for (name, status) in [("good", "completed"), ("bad", "failed")] {
        let run = scene.client.post("/api/v1/runs", &scene.run_request(&snapshot, name, json!({}))).await.good().json()[0].clone();
        finish(&scene, &run, status).await;
        pass(&app).await;
    }
    let runs = runs(&scene, &trigger).await;
    assert_eq!(runs.len(), 1);
    let info = &runs[0]["metadata"]["trigger_execution_info"];
    let upstream_run = scene.client.get("/api/v1/runs?name=bad").await.good().json()["items"][0].clone();
    assert_eq!((&info["upstream_run_id"], &info["upstream_pipeline_ids"]), (&upstream_run["id"], &json!([upstream["id"]])));
    assert_eq!(runs[0]["resources"]["trigger"]["body"]["type"], "platform_event");
}

#[tokio::test]
async fn events_that_lead_back_start_nothing() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let source = json!({ "type": "pipeline", "id": scene.pipeline });
    let trigger = attached(&scene, json!({ "type": "platform_event", "source_entity": source, "target_events": ["run_failed"] })).await;
    let run = scene.run("one", json!({})).await;
    finish(&scene, &run, "failed").await;
    pass(&app).await;
    assert_eq!(state(&scene, &trigger).await["last_status"], "SKIPPED_TRIGGER_CYCLE");
    assert_eq!(runs(&scene, &trigger).await.len(), 0);
}

#[tokio::test]
async fn a_run_and_a_snapshot_have_events_of_their_own() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let upstream = scene.client.post("/api/v1/pipelines", &json!({ "project": scene.project, "name": "upstream" })).await.good().json();
    let snapshot = scene.snapshot(json!({ "pipeline": upstream["id"] })).await;
    let run = scene.client.post("/api/v1/runs", &scene.run_request(&snapshot, "one", json!({}))).await.good().json()[0].clone();
    let mut request = json!({
        "project": scene.project, "name": "run", "type": "platform_event", "concurrency": "submit",
        "source_entity": { "type": "pipeline_run", "id": run["id"] }, "target_events": ["completed", "failed"],
    });
    let of_run = attached(&scene, request.clone()).await;
    request["source_entity"] = json!({ "type": "pipeline_snapshot", "id": snapshot["id"] });
    request["target_events"] = json!(["run_completed", "run_failed"]);
    request["name"] = json!("snapshot");
    let of_snapshot = scene.client.post(TRIGGERS, &request).await.good().json();
    let daily = scene.client.get("/api/v1/pipeline_snapshots?name=daily").await.good().json()["items"][0]["id"].clone();
    let attach = format!("{TRIGGERS}/{}/pipeline_snapshots/{}", of_snapshot["id"].as_str().expect("an id"), daily.as_str().expect("an id"));
    scene.client.put(&attach, &json!(null)).await.good();
    finish(&scene, &run, "failed").await;
    pass(&app).await;
    assert_eq!(runs(&scene, &of_run).await.len(), 1);
    assert_eq!(runs(&scene, &of_snapshot).await.len(), 1);
}
