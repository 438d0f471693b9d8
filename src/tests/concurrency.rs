//! Many clients writing at once: nothing is lost, and nobody is turned away.

use std::{collections::BTreeSet, sync::Arc};

use futures::future::join_all;
use serde_json::{Value, json};

use crate::util::{Scene, TestApp};

const CLIENTS: usize = 50;

fn id(value: &Value) -> &str {
    value["id"].as_str().expect("an id")
}

/// Runs one task for each client at the same time, and gives what they return.
async fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    scene: &Arc<Scene>,
    work: impl Fn(Arc<Scene>, usize) -> F,
) -> Vec<T> {
    let tasks: Vec<_> = (0..CLIENTS).map(|client| tokio::spawn(work(scene.clone(), client))).collect();
    join_all(tasks).await.into_iter().map(|task| task.expect("the client's requests succeed")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn clients_that_write_at_once_lose_nothing() {
    let app = TestApp::new().await;
    let scene = Arc::new(Scene::new(app.admin().await).await);
    let shared = scene.run("shared", json!({})).await;
    let shared_path = format!("/api/v1/runs/{}", id(&shared));
    at_once(&scene, |scene, client| {
        let (shared, shared_path) = (shared.clone(), shared_path.clone());
        async move {
            let run = scene.run(&format!("run-{client}"), json!({})).await;
            let step = scene.step(&run).await;
            scene.client.put(&shared_path, &json!({ "add_tags": [format!("tag-{client}")] })).await.good();
            let version = scene.store("dataset", json!({ "tags": ["made at once"] })).await;
            scene.complete(&step, &version).await;
            let metadata = json!({
                "project": scene.project, "resources": [{ "id": shared["id"], "type": "pipeline_run" }],
                "values": { format!("key-{client}"): client }, "types": { format!("key-{client}"): "int" },
            });
            scene.client.post("/api/v1/run-metadata", &metadata).await.good();
            let end = json!({ "status": "completed" });
            scene.client.put(&format!("/api/v1/runs/{}", id(&run)), &end).await.good();
            scene.client.get("/api/v1/runs?sort_by=desc:created&hydrate=true").await.good();
        }
    })
    .await;
    let read = async |path: &str| scene.client.get(path).await.good().json();

    let runs = read("/api/v1/runs?size=100").await;
    let indexes: BTreeSet<i64> =
        runs["items"].as_array().expect("items").iter().map(|run| run["body"]["index"].as_i64().expect("an index")).collect();
    assert_eq!(indexes, (1..=CLIENTS as i64 + 1).collect(), "each run has an index of its own");
    assert_eq!(read("/api/v1/runs?status=completed").await["total"], CLIENTS, "the counter of completed runs");
    assert_eq!(read("/api/v1/runs?status=running").await["total"], 1, "the counter of running runs");
    assert_eq!(read("/api/v1/steps?status=completed").await["total"], CLIENTS);

    let versions = read("/api/v1/artifact_versions?artifact=dataset&size=100").await;
    let numbers: BTreeSet<String> =
        versions["items"].as_array().expect("items").iter().map(|v| v["body"]["version"].as_str().expect("a version").to_owned()).collect();
    assert_eq!(numbers, (1..=CLIENTS).map(|number| number.to_string()).collect(), "each version has a number of its own");
    assert_eq!(read("/api/v1/artifact_versions?tags=made at once".replace(' ', "%20").as_str()).await["total"], CLIENTS);

    let shared = read(&shared_path).await;
    assert_eq!(shared["resources"]["tags"].as_array().expect("tags").len(), CLIENTS, "no tag was lost");
    assert_eq!(shared["metadata"]["run_metadata"].as_object().expect("metadata").len(), CLIENTS, "no metadata was lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn clients_that_start_the_same_run_at_once_share_it() {
    let app = TestApp::new().await;
    let scene = Arc::new(Scene::new(app.admin().await).await);
    let snapshot = scene.snapshot(json!({})).await;
    let answers = at_once(&scene, |scene, _| {
        let request = scene.run_request(&snapshot, "same", json!({}));
        async move { scene.client.post("/api/v1/runs", &request).await.good().json() }
    })
    .await;
    let ids: BTreeSet<&str> = answers.iter().map(|answer| id(&answer[0])).collect();
    assert_eq!(ids.len(), 1, "one run for all");
    assert_eq!(answers.iter().filter(|answer| answer[1] == true).count(), 1, "one client made it");

    // Two ways to end it: one of them holds, for the run and for the counters.
    let path = format!("/api/v1/runs/{}", id(&answers[0][0]));
    at_once(&scene, |scene, client| {
        let status = if client % 2 == 0 { "completed" } else { "failed" };
        let (path, end) = (path.clone(), json!({ "status": status }));
        async move {
            let answer = scene.client.put(&path, &end).await;
            assert!(!answer.status.is_server_error(), "{}", answer.text());
        }
    })
    .await;
    let status = scene.client.get(&path).await.good().json()["body"]["status"].as_str().expect("a status").to_owned();
    for other in ["completed", "failed", "running"] {
        let total = scene.client.get(&format!("/api/v1/runs?status={other}")).await.good().json()["total"].clone();
        assert_eq!(total, u32::from(other == status), "{other} runs, where the run is {status}");
    }
}
