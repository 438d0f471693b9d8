//! `/logs`, and the logs of runs and steps.

use darkroom::server::launch::queue::{self, NewLaunch};
use serde_json::{Value, json};

use crate::util::{Scene, TestApp};

const LOGS: &str = "/api/v1/logs";

/// A stream that a client registers before its run exists.
fn stream(scene: &Scene, source: &str, uri: &str) -> Value {
    let id = darkroom::server::id::Id::new().to_string();
    json!({ "project": scene.project, "id": id, "uri": uri, "source": source, "artifact_store_id": scene.artifact_store })
}

fn path(logs: &Value) -> String {
    format!("{LOGS}/{}", logs["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn a_stream_is_tied_to_one_run_once() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let request = stream(&scene, "client", "/nowhere/a.log");
    let made = scene.client.post(LOGS, &request).await.good().json();
    assert_eq!((&made["id"], &made["body"]["source"]), (&request["id"], &json!("client")));
    assert_eq!(made["metadata"]["artifact_store_id"], json!(scene.artifact_store));
    scene.client.post(LOGS, &request).await.refused(409);
    // Nobody's logs yet, so for nobody's eyes.
    scene.client.get(&path(&made)).await.refused(403);
    scene.client.get(&format!("{}/entries", path(&made))).await.refused(403);

    let (run, other) = (scene.run("r", json!({})).await, scene.run("s", json!({})).await);
    let mut events = app.state.events.subscribe();
    let tied = scene.client.put(&path(&made), &json!({ "pipeline_run_id": run["id"] })).await.good().json();
    assert_eq!(tied["body"]["pipeline_run_id"], run["id"]);
    let event = events.try_recv().expect("an event");
    assert_eq!((event.kind, json!(event.id)), ("logs", run["id"].clone()));
    scene.client.put(&path(&made), &json!({ "pipeline_run_id": run["id"] })).await.good();
    scene.client.put(&path(&made), &json!({ "pipeline_run_id": other["id"] })).await.refused(403);
    let read = scene.client.get(&format!("/api/v1/runs/{}", run["id"].as_str().expect("an id"))).await.good().json();
    assert_eq!(read["resources"]["log_collection"][0]["id"], made["id"]);
}

#[tokio::test]
async fn streams_are_checked() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let run = scene.run("r", json!({})).await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    let changed = |fields: Value| {
        let mut request = stream(&scene, "client", "/nowhere/a.log");
        request.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
        request
    };
    for (fields, status) in [
        (json!({ "artifact_store_id": null }), 422),
        (json!({ "artifact_store_id": nobody }), 404),
        (json!({ "pipeline_run_id": nobody }), 404),
        (json!({ "step_run_id": nobody }), 404),
        (json!({ "pipeline_run_id": run["id"], "step_run_id": scene.step(&run).await["id"] }), 422),
        (json!({ "project": nobody }), 404),
    ] {
        scene.client.post(LOGS, &changed(fields)).await.refused(status);
    }
    // The runner's stream has no store: this server keeps its text.
    scene.client.post(LOGS, &changed(json!({ "artifact_store_id": null, "source": "runner" }))).await.good();
    app.anonymous().get(&format!("{LOGS}/{nobody}")).await.refused(401);
}

#[tokio::test]
async fn entries_are_read_from_the_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = TestApp::with(|config| config.local_stores = Some(folder.path().to_owned())).await;
    let scene = Scene::new(app.admin().await).await;
    let file = folder.path().join(&scene.artifact_store).join("logs/step.log");
    std::fs::create_dir_all(file.parent().expect("a parent")).expect("a folder");
    let step = scene.step(&scene.run("r", json!({})).await).await;
    let request = {
        let mut request = stream(&scene, "step", file.to_str().expect("text"));
        request["step_run_id"] = step["id"].clone();
        request
    };
    let logs = scene.client.post(LOGS, &request).await.good().json();
    let entries = format!("{}/entries", path(&logs));
    // Registered before anything is written.
    assert_eq!(scene.client.get(&entries).await.good().json(), json!({ "items": [], "before": null, "after": null }));

    let line = r#"{"message": "loading", "name": "root", "level": 30, "timestamp": "2026-11-23T04:56:42.984740Z"}"#;
    std::fs::write(&file, format!("{line}\nplain text\n")).expect("a file");
    let read = scene.client.get(&entries).await.good().json();
    assert_eq!((&read["items"][0]["message"], &read["items"][0]["level"]), (&json!("loading"), &json!(30)));
    assert_eq!(read["items"][1]["message"], "plain text");
    let limited = scene.client.get(&format!("{entries}?limit=1&start=oldest")).await.good().json();
    assert_eq!(limited["items"].as_array().expect("items").len(), 1);
    for wrong in ["search=x", "level=ERROR", "before=1", "after=x", "before=1-1&after=1-1"] {
        scene.client.get(&format!("{entries}?{wrong}")).await.refused(400);
    }
    for wrong in ["limit=0", "start=middle", "level=loud", "since=x"] {
        scene.client.get(&format!("{entries}?{wrong}")).await.refused(422);
    }

    let of_step = format!("/api/v1/steps/{}/logs", step["id"].as_str().expect("an id"));
    for query in ["source=step".to_owned(), format!("logs_id={}", logs["id"].as_str().expect("an id"))] {
        assert_eq!(scene.client.get(&format!("{of_step}?{query}")).await.good().json()[1]["message"], "plain text");
    }
    scene.client.get(&of_step).await.refused(400);
    scene.client.get(&format!("{of_step}?source=step&logs_id=1")).await.refused(422);
    scene.client.get(&format!("{of_step}?source=other")).await.refused(404);
}

#[tokio::test]
async fn cursors_lead_through_a_log_that_is_longer_than_an_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = TestApp::with(|config| config.local_stores = Some(folder.path().to_owned())).await;
    let scene = Scene::new(app.admin().await).await;
    let file = folder.path().join(&scene.artifact_store).join("run.log");
    std::fs::create_dir_all(file.parent().expect("a parent")).expect("a folder");
    let lines: String = (0..60_000).map(|number| format!("line {number}\n")).collect();
    std::fs::write(&file, lines).expect("a file");
    let mut request = stream(&scene, "client", file.to_str().expect("text"));
    request["pipeline_run_id"] = scene.run("r", json!({})).await["id"].clone();
    let logs = scene.client.post(LOGS, &request).await.good().json();
    let read = async |query: &str| scene.client.get(&format!("{}/entries{query}", path(&logs))).await.good().json();
    let ends = |page: &Value| {
        let items = page["items"].as_array().expect("items");
        (items.len(), items[0]["message"].clone(), items[items.len() - 1]["message"].clone())
    };

    let first = read("").await;
    assert_eq!(ends(&first), (50_000, json!("line 0"), json!("line 49999")));
    assert_eq!(first["before"], Value::Null);
    let rest = read(&format!("?after={}", first["after"].as_str().expect("a cursor"))).await;
    assert_eq!(ends(&rest), (10_000, json!("line 50000"), json!("line 59999")));
    assert_eq!(rest["after"], Value::Null);
    let newest = read("?start=newest&limit=10").await;
    assert_eq!(ends(&newest), (10, json!("line 59990"), json!("line 59999")));
    let before = read(&format!("?limit=5&before={}", newest["before"].as_str().expect("a cursor"))).await;
    assert_eq!(ends(&before), (5, json!("line 59985"), json!("line 59989")));
}

#[tokio::test]
async fn the_runners_stream_is_what_the_runner_printed() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let run = scene.run("r", json!({})).await;
    let missing = format!("/api/v1/runs/{}/logs", scene.run("without", json!({})).await["id"].as_str().expect("an id"));
    scene.client.get(&format!("{missing}?source=runner")).await.refused(400);
    scene.client.get(&format!("{missing}?source=client")).await.refused(404);
    let mut request = stream(&scene, "runner", "");
    request["artifact_store_id"] = Value::Null;
    request["pipeline_run_id"] = run["id"].clone();
    scene.client.post(LOGS, &request).await.good();
    let path = format!("/api/v1/runs/{}/logs?source=runner", run["id"].as_str().expect("an id"));
    // A run that this server did not launch.
    assert_eq!(scene.client.get(&path).await.good().json(), json!([]));

    let id = run["id"].as_str().expect("an id").parse().expect("an id");
    let launch = NewLaunch { run: id, takes_slot: true, run_configuration: "{}", changed_paths: "[]", origin: "{}", request_key: None };
    let mut connection = app.state.db.begin().await.expect("a transaction");
    queue::enqueue(&mut connection, &app.state, launch).await.expect("there is room");
    connection.commit().await.expect("committed");
    let folder = app.state.launching.run_folder(id);
    std::fs::create_dir_all(folder.path()).expect("the run's folder");
    std::fs::write(folder.log(), "1764000000.500000 40 broken\n1764000001.500000 25 of its own level\nplain\n").expect("the log");
    let entries = scene.client.get(&path).await.good().json();
    let read: Vec<_> =
        entries.as_array().expect("entries").iter().map(|entry| (entry["message"].clone(), entry["level"].clone())).collect();
    assert_eq!(read, [(json!("broken"), json!(40)), (json!("of its own level"), json!(20)), (json!("plain"), json!(20))]);
    assert_eq!(entries[0]["timestamp"], "2025-11-24T16:00:00.500000Z");
}

#[tokio::test]
async fn a_log_outside_of_its_store_is_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = TestApp::with(|config| config.local_stores = Some(folder.path().join("stores"))).await;
    let scene = Scene::new(app.admin().await).await;
    std::fs::create_dir_all(folder.path().join("stores").join(&scene.artifact_store)).expect("the store");
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "secret").expect("a file");
    let run = scene.run("r", json!({})).await;
    let run_path = format!("/api/v1/runs/{}/logs?source=client", run["id"].as_str().expect("an id"));
    for uri in [secret.clone(), folder.path().join("stores").join(&scene.artifact_store).join("../../secret")] {
        let mut request = stream(&scene, "client", uri.to_str().expect("text"));
        request["pipeline_run_id"] = run["id"].clone();
        scene.client.post(LOGS, &request).await.good();
        scene.client.get(&run_path).await.refused(403);
    }
}
