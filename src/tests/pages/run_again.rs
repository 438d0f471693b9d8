//! A run once more: with the same values, without what succeeded, on the newest snapshot; and values of earlier runs.

use serde_json::{Value, json};

use super::{
    form::PageForm,
    run_details::{RATE, again, form, page},
};
use crate::util::{Answer, Client, Scene, TestApp};

const ROWS: &str = "p.steps.train.parameters.rows";

fn id(value: &Value) -> &str {
    value["id"].as_str().expect("an id")
}

/// A run that a client started and ended, whose step `train` succeeded.
async fn ended_run(scene: &Scene, name: &str) -> Value {
    let run = scene.run(name, json!({})).await;
    let step = scene.step(&run).await;
    let version = scene.store("model", json!({})).await;
    scene.complete(&step, &version).await;
    let update = json!({ "status": "completed", "end_time": "2026-11-23T04:51:14.0" });
    scene.client.put(&format!("/api/v1/runs/{}", id(&run)), &update).await.good();
    run
}

/// The run that a form's answer leads to.
#[track_caller]
fn started(answer: &Answer) -> String {
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.text());
    answer.header("location").rsplit('/').next().expect("an id").to_owned()
}

async fn run(client: &Client, id: &str) -> Value {
    client.get(&format!("/api/v1/runs/{id}")).await.good().json()
}

fn page_of(run: &Value) -> String {
    format!("/projects/default/snapshots/{}/run", id(&run["resources"]["snapshot"]))
}

#[tokio::test]
async fn any_run_is_run_again_as_it_was_from_its_page() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let original = ended_run(&scene, "first").await;
    let shown = scene.client.get(&format!("/projects/default/runs/{}", id(&original))).await.good();
    let form = PageForm::find(&shown, &page_of(&original), "again");
    let new = started(&form.send(&scene.client, "run").await);
    let found = run(&scene.client, &new).await;
    assert_eq!(found["resources"]["original_run"]["id"], original["id"]);
    assert!(found["metadata"]["config"]["steps_to_skip"].as_array().is_none_or(Vec::is_empty), "{found}");
    assert_eq!(started(&form.send(&scene.client, "run").await), new, "a second click is the same run");
    assert!(shown.text().contains("Skip the step that succeeded"), "{}", shown.text());
}

#[tokio::test]
async fn a_replay_skips_what_succeeded_and_is_not_changed() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let original = ended_run(&scene, "first").await;
    let path = format!("{}?replay={}", page_of(&original), id(&original));
    let opened = form(&scene.client, &path).await;
    assert_eq!((opened.get("again"), opened.get("replay")), (Some("skip"), original["id"].as_str()));
    let skipping = started(&opened.send(&scene.client, "run").await);
    let found = run(&scene.client, &skipping).await;
    assert_eq!(found["metadata"]["config"]["steps_to_skip"], json!(["train"]));
    assert_eq!(found["resources"]["original_run"]["id"], original["id"]);

    let wrong = opened.clone().with(RATE, "fast").send(&scene.client, "run").await;
    let kept = again(&wrong, 422, &path);
    assert_eq!((kept.get("again"), kept.get("replay")), (Some("skip"), original["id"].as_str()));
    let changed = started(&kept.with(RATE, "0.5").send(&scene.client, "run").await);
    let found = run(&scene.client, &changed).await;
    assert!(found["metadata"]["config"]["steps_to_skip"].as_array().is_none_or(Vec::is_empty), "a changed step runs");

    // A replay says what it changes against its original, so the values of both make its own.
    let page = format!("{}?replay={changed}", page_of(&found));
    let third = form(&scene.client, &page).await.with("p.enable_cache", "false");
    let third = started(&third.send(&scene.client, "run").await);
    let edited = form(&scene.client, &format!("{}?from_run={third}", page_of(&original))).await;
    assert_eq!((edited.get(RATE), edited.get("p.enable_cache")), (Some("0.5"), Some("false")));

    let other = scene.snapshot(json!({})).await;
    let foreign = format!("/projects/default/snapshots/{}/run?replay={}", id(&other), id(&original));
    assert_eq!(scene.client.get(&foreign).await.status.as_u16(), 404);
}

#[tokio::test]
async fn values_of_a_run_go_over_the_newest_snapshot_as_far_as_they_fit() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let old = started(&form(&scene.client, &path).await.with(ROWS, "7").with(RATE, "0.5").send(&scene.client, "run").await);
    let newest = scene.snapshot(json!({ "name": "nightly" })).await;
    let shown = scene.client.get(&format!("/projects/default/runs/{old}")).await.good().text();
    let link = format!("/projects/default/snapshots/{}/run?from_run={old}", id(&newest));
    assert!(shown.contains(&link) && shown.contains("On the newest snapshot, nightly"), "{shown}");
    let answer = scene.client.get(&link).await.good();
    assert_eq!(PageForm::find(&answer, &link, "launch").get(RATE), Some("0.5"));
    assert!(answer.text().contains("no place for") && answer.text().contains("steps.train.parameters.rows"), "{}", answer.text());
}

#[tokio::test]
async fn a_value_of_an_earlier_run_is_taken_over_and_the_draft_kept() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let run = started(&form(&scene.client, &path).await.with(RATE, "0.5").send(&scene.client, "run").await);
    let answer = scene.client.get(&path).await.good();
    let action = format!("recent:{run}:steps.train.parameters.learning_rate");
    assert!(answer.text().contains(&format!("value=\"{action}\"")) && answer.text().contains("#1 …"), "{}", answer.text());
    let taken = form(&scene.client, &path).await.with(ROWS, "9").send(&scene.client, &action).await;
    let draft = again(&taken, 200, &path);
    assert_eq!((draft.get(RATE), draft.get(ROWS)), (Some("0.5"), Some("9")));
    let gone = draft.send(&scene.client, "recent:nothing:steps").await;
    assert_eq!(again(&gone, 404, &path).get(ROWS), Some("9"));
}
