//! `/schedules`: stored for orchestrators, never fired here.

use serde_json::{Value, json};

use crate::util::{Scene, TestApp, shape};

const SCHEDULES: &str = "/api/v1/schedules";

fn request(scene: &Scene, name: &str, fields: Value) -> Value {
    let mut request = json!({
        "project": scene.project, "name": name, "active": true, "cron_expression": "0 2 * * *", "catchup": false,
        "orchestrator_id": null, "pipeline_id": scene.pipeline,
    });
    request.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    request
}

fn path(schedule: &Value) -> String {
    format!("{SCHEDULES}/{}", schedule["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn a_schedule_is_made_read_and_changed() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let fields = json!({ "cron_expression": null, "start_time": "2026-11-23T06:00:00+02:00", "interval_second": "PT1M30S" });
    let made = scene.client.post(SCHEDULES, &request(&scene, "nightly", fields)).await.good().json();
    assert_eq!(
        shape(&made["body"]),
        json!({
            "created": "[time]", "updated": "[time]", "user_id": "[id]", "project_id": "[id]", "active": true, "cron_expression": null,
            "start_time": "[time]", "end_time": null, "interval_second": "PT1M30S", "catchup": false, "run_once_start_time": null,
            "is_archived": false,
        })
    );
    assert_eq!(made["body"]["start_time"], "2026-11-23T04:00:00");
    assert_eq!(made["metadata"], json!({ "orchestrator_id": null, "pipeline_id": scene.pipeline, "run_metadata": {} }));
    assert_eq!(made["resources"]["user"]["name"], "admin");
    assert_eq!(scene.client.get(&path(&made)).await.good().json(), made);
    let changed = scene.client.put(&path(&made), &json!({ "cron_expression": "0 3 * * *", "active": false })).await.good().json();
    assert_eq!((&changed["body"]["cron_expression"], &changed["body"]["active"]), (&json!("0 3 * * *"), &json!(false)));
    assert_eq!(changed["name"], "nightly");
}

#[tokio::test]
async fn what_makes_no_schedule_is_refused() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    scene.client.post(SCHEDULES, &request(&scene, "nightly", json!({}))).await.good();
    scene.client.post(SCHEDULES, &request(&scene, "nightly", json!({}))).await.refused(409);
    for fields in [json!({}), json!({ "start_time": "2026-11-23T06:00:00" }), json!({ "interval_second": 60 })] {
        let mut body = request(&scene, "other", fields);
        body["cron_expression"] = Value::Null;
        scene.client.post(SCHEDULES, &body).await.refused(422);
    }
    let nobody = "00000000-0000-4000-8000-000000000000";
    for field in ["orchestrator_id", "pipeline_id"] {
        let (_, message) = scene.client.post(SCHEDULES, &request(&scene, "other", json!({ field: nobody }))).await.refused(404);
        assert!(message.contains(nobody), "{message}");
    }
    app.anonymous().get(SCHEDULES).await.refused(401);
}

#[tokio::test]
async fn lists_filter_and_sort() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    scene.client.post(SCHEDULES, &request(&scene, "a", json!({ "interval_second": 60, "start_time": "2026-11-23T06:00:00" }))).await.good();
    scene.client.post(SCHEDULES, &request(&scene, "b", json!({ "active": false, "pipeline_id": null }))).await.good();
    let names = async |query: &str| {
        let page = scene.client.get(&format!("{SCHEDULES}?{query}")).await.good().json();
        page["items"].as_array().expect("items").iter().map(|item| item["name"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("sort_by=desc:name").await, ["b", "a"]);
    assert_eq!(names("active=false").await, ["b"]);
    assert_eq!(names(&format!("pipeline_id={}", scene.pipeline)).await, ["a"]);
    assert_eq!(names("interval_second=gte:60&start_time=lt:2027-01-01%2000:00:00").await, ["a"]);
    assert_eq!(names("is_archived=true").await, Vec::<String>::new());
}

#[tokio::test]
async fn snapshots_and_their_runs_name_their_schedule() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let schedule = scene.client.post(SCHEDULES, &request(&scene, "nightly", json!({}))).await.good().json();
    let snapshot = scene.snapshot(json!({ "schedule": schedule["id"] })).await;
    assert_eq!(snapshot["resources"]["schedule"]["id"], schedule["id"]);
    let run = scene.client.post("/api/v1/runs", &scene.run_request(&snapshot, "one", json!({}))).await.good().json()[0].clone();
    assert_eq!(run["resources"]["schedule"]["name"], "nightly");
    for list in ["pipeline_snapshots", "runs"] {
        let found = scene.client.get(&format!("/api/v1/{list}?schedule_id={}", schedule["id"].as_str().expect("an id"))).await;
        assert_eq!(found.good().json()["total"], 1, "{list}");
    }
    let metadata = json!({
        "project": scene.project, "resources": [{ "id": schedule["id"], "type": "schedule" }], "values": { "workflow": "w" },
        "types": { "workflow": "str" },
    });
    scene.client.post("/api/v1/run-metadata", &metadata).await.good();
    let read = scene.client.get(&path(&schedule)).await.good().json();
    assert_eq!(read["metadata"]["run_metadata"], json!({ "workflow": "w" }));
    scene.client.delete(&path(&schedule)).await.refused(422);
    scene.client.delete(&format!("{}?soft=false", path(&schedule))).await.good();
    scene.client.get(&path(&schedule)).await.refused(404);
    let run = scene.client.get(&format!("/api/v1/runs/{}", run["id"].as_str().expect("an id"))).await.good().json();
    assert_eq!(run["resources"]["schedule"], Value::Null);
}

#[tokio::test]
async fn an_archived_schedule_is_off_for_good_and_its_name_free() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let schedule = scene.client.post(SCHEDULES, &request(&scene, "nightly", json!({}))).await.good().json();
    scene.client.delete(&format!("{}?soft=true", path(&schedule))).await.good();
    let archived = scene.client.get(&path(&schedule)).await.good().json();
    assert_eq!((&archived["body"]["is_archived"], &archived["body"]["active"]), (&json!(true), &json!(false)));
    assert!(archived["name"].as_str().expect("a name").starts_with("nightly_"));
    scene.client.put(&path(&schedule), &json!({ "active": true })).await.refused(403);
    scene.client.post(SCHEDULES, &request(&scene, "nightly", json!({}))).await.good();
}

#[tokio::test]
async fn a_token_of_a_schedule_counts_while_it_is_active() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let schedule = scene.client.post(SCHEDULES, &request(&scene, "nightly", json!({}))).await.good().json();
    let asked = format!("/api/v1/api_token?token_type=workload&schedule_id={}", schedule["id"].as_str().expect("an id"));
    let token = scene.client.get(&asked).await.good().json();
    let client = app.bearer(token.as_str().expect("a bare string"));
    client.get("/api/v1/current-user").await.good();
    scene.client.put(&path(&schedule), &json!({ "active": false })).await.good();
    client.get("/api/v1/current-user").await.refused(401);
    scene.client.get(&asked).await.refused(400);
}
