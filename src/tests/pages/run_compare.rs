//! Two runs beside each other.

use serde_json::{Value, json};

use super::snapshots::texts;
use crate::util::{Scene, TestApp};

const COMPARE: &str = "/projects/default/runs/compare";

/// A completed run with this setting, whose step logged this accuracy.
async fn run(scene: &Scene, name: &str, enable_cache: bool, accuracy: f64) -> String {
    let run = scene.run(name, json!({ "enable_cache": enable_cache })).await;
    let step = scene.step(&run).await;
    let metadata = json!({
        "project": scene.project, "resources": [{ "id": step["id"], "type": "step_run" }],
        "values": { "accuracy": accuracy, "rows": 5 }, "types": { "accuracy": "float", "rows": "int" },
    });
    scene.client.post("/api/v1/run-metadata", &metadata).await.good();
    scene.complete(&step, &scene.store("model", json!({})).await).await;
    id(&run)
}

fn id(entity: &Value) -> String {
    entity["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn two_runs_are_compared_with_what_they_measured() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let (first, second) = (run(&scene, "first", true, 0.5).await, run(&scene, "second", false, 0.75).await);
    let page = scene.client.get(&format!("{COMPARE}?a={first}&b={second}")).await.good();
    assert_eq!(texts(&page, "h1"), ["#1 first → #2 second"]);
    assert_eq!(texts(&page, "#metadata ~ .compare__table tbody tr"), ["train.accuracy 0.5 0.75"], "rows are the same");
    assert_eq!(texts(&page, "#configuration ~ .compare__table tbody tr"), ["enable_cache true false"]);
    assert_eq!(texts(&page, "#steps ~ .compare__table tbody th"), ["train"]);
    assert!(texts(&page, "#what ~ .compare__table tbody tr").contains(&"Status Completed Completed".to_owned()));
    let same = scene.client.get(&format!("{COMPARE}?a={first}&b={first}")).await.good();
    assert!(same.text().contains("They ran the same"), "{}", same.text());
}

#[tokio::test]
async fn a_run_is_compared_with_the_one_before_it() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let (first, second) = (run(&scene, "first", true, 0.5).await, run(&scene, "second", true, 0.75).await);
    let page = scene.client.get(&format!("{COMPARE}?b={second}")).await.good();
    assert_eq!(texts(&page, "h1"), ["#1 first → #2 second"]);
    let detail = scene.client.get(&format!("/projects/default/runs/{second}")).await.good();
    assert!(detail.text().contains(&format!("/runs/compare?b={second}")), "the way to it");
    let nothing_before = scene.client.get(&format!("{COMPARE}?b={first}")).await.good();
    assert_eq!(texts(&nothing_before, ".empty__title"), ["Choose a run to compare with"]);
    let choice = scene.client.get(COMPARE).await.good();
    assert_eq!(texts(&choice, ".empty__title"), ["Choose two runs"]);
    assert_eq!(scene.client.get(&format!("{COMPARE}?b=nothing")).await.status, 404);
}
