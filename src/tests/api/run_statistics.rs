//! Statistics of runs: groups, numbers, filters and what is refused.

use serde_json::{Value, json};

use crate::util::{Client, Scene, TestApp};

async fn statistics(client: &Client, body: Value) -> Value {
    client.post("/api/v1/runs/statistics", &body).await.good().json()
}

/// A finished run of ten seconds with one step and one artifact, and one that runs.
async fn two_runs(scene: &Scene) -> (Value, Value) {
    let first = scene.run("first", json!({ "tags": ["night"] })).await;
    let step = scene.step(&first).await;
    scene.complete(&step, &scene.store("model", json!({})).await).await;
    (first, scene.run("second", json!({})).await)
}

#[tokio::test]
async fn runs_are_counted_in_groups() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let (first, _) = two_runs(&scene).await;
    let all = statistics(&scene.client, json!({ "filter": {} })).await;
    assert_eq!(all, json!({ "groups": [{ "group_keys": {}, "metrics": {}, "run_count": 2 }], "truncated": false }));

    let groupings = json!([{ "name": "s", "type": "status" }, { "name": "p", "type": "pipeline" }]);
    let by_status = statistics(&scene.client, json!({ "filter": {}, "groupings": groupings })).await;
    let pipeline = &first["resources"]["pipeline"]["id"];
    let keys: Vec<&Value> = by_status["groups"].as_array().expect("groups").iter().map(|group| &group["group_keys"]).collect();
    assert_eq!(keys, [&json!({ "s": "completed", "p": pipeline }), &json!({ "s": "running", "p": pipeline })]);

    for (granularity, bucket) in [("hour", "2026-11-23 04:00:00"), ("day", "2026-11-23"), ("week", "2026-11-23"), ("month", "2026-11-01")] {
        let groupings = json!([{ "name": "t", "type": "time", "granularity": granularity }]);
        let found = statistics(&scene.client, json!({ "filter": {}, "groupings": groupings })).await;
        assert_eq!(found["groups"], json!([{ "group_keys": { "t": bucket }, "metrics": {}, "run_count": 2 }]));
    }
    for kind in ["snapshot", "source_snapshot", "stack", "user", "trigger", "tag"] {
        let found = statistics(&scene.client, json!({ "filter": {}, "groupings": [{ "name": "k", "type": kind }] })).await;
        assert!(found["groups"][0]["run_count"].is_number(), "{kind}: {found}");
    }
    let largest = json!({ "filter": {}, "groupings": groupings, "max_groups": 1 });
    assert_eq!(statistics(&scene.client, largest).await["truncated"], true);
}

#[tokio::test]
async fn numbers_are_of_the_runs_of_a_group() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let (first, _) = two_runs(&scene).await;
    let metadata = json!({
        "project": scene.project, "resources": [{ "id": first["id"], "type": "pipeline_run" }], "values": { "loss": 0.5, "kind": "a" },
        "types": { "loss": "float", "kind": "str" },
    });
    scene.client.post("/api/v1/run-metadata", &metadata).await.good();
    let metric = |name: &str, source: &str| json!({ "name": name, "source": source, "aggregation": "max" });
    let loss = json!({ "name": "loss", "source": "metadata", "metadata_key": "loss", "aggregation": "avg" });
    let no_number = json!({ "name": "kind", "source": "metadata", "metadata_key": "kind", "aggregation": "sum" });
    let metrics = [metric("steps", "step_count"), metric("cached", "cached_step_count"), metric("made", "output_artifact_count")];
    let body = json!({
        "filter": { "status": ["completed"], "in_progress": false, "name": null },
        "groupings": [{ "name": "k", "type": "metadata", "metadata_key": "kind" }],
        "metrics": [metrics[0], metrics[1], metrics[2], loss, no_number, metric("seconds", "duration")],
    });
    let group = statistics(&scene.client, body).await["groups"][0].clone();
    assert_eq!((&group["group_keys"], &group["run_count"]), (&json!({ "k": "a" }), &json!(1)));
    let found = &group["metrics"];
    assert_eq!((&found["steps"], &found["cached"], &found["made"]), (&json!(1.0), &json!(0.0), &json!(1.0)));
    assert_eq!((&found["loss"], &found["kind"]), (&json!(0.5), &Value::Null));
    assert!(found["seconds"].as_f64().expect("a number") > 0.0);
}

#[tokio::test]
async fn wrong_requests_are_refused() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let twice = json!([{ "name": "a", "type": "user" }, { "name": "a", "type": "stack" }]);
    let time = |name: &str| json!({ "name": name, "type": "time", "granularity": "day" });
    for (body, status) in [
        (json!({}), 422),
        (json!({ "filter": {}, "groupings": [{ "name": "a", "type": "colour" }] }), 422),
        (json!({ "filter": {}, "groupings": twice }), 422),
        (json!({ "filter": {}, "groupings": [time("a"), time("b")] }), 422),
        (json!({ "filter": {}, "max_groups": 0 }), 422),
        (json!({ "filter": { "project": "nowhere" } }), 404),
    ] {
        scene.client.post("/api/v1/runs/statistics", &body).await.refused(status);
    }
    app.anonymous().post("/api/v1/runs/statistics", &json!({ "filter": {} })).await.refused(401);
}
