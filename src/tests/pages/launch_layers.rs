//! What a draft of Run Details can start from: presets, an earlier run, a link; and what it tells about it.

use darkroom::server::{db::launches, id::Id};
use serde_json::{Value, json};

use super::run_details::{RATE, again, form, page};
use crate::util::{Answer, Scene, TestApp};

const ROWS: &str = "p.steps.train.parameters.rows";

async fn preset(scene: &Scene, name: &str, parameters: Value) -> Answer {
    let configuration = json!({ "steps": { "train": { "parameters": parameters } } }).to_string();
    let body = json!({ "pipeline": scene.pipeline, "name": name, "configuration": configuration });
    scene.client.post("/api/v1/presets", &body).await.good()
}

#[tokio::test]
async fn presets_stack_in_their_order_below_what_is_typed() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    preset(&scene, "slow", json!({ "learning_rate": 0.01, "rows": 5 })).await;
    let fast = preset(&scene, "fast", json!({ "learning_rate": 0.9 })).await.json();
    let answer = scene.client.get(&format!("{path}?preset=slow,fast&{ROWS}=6")).await.good();
    let opened = again(&answer, 200, &path);
    assert_eq!((opened.get(RATE), opened.get(ROWS)), (Some("0.9"), Some("6")));
    for said in ["preset fast", "the link", "preset slow"] {
        assert!(answer.text().contains(said), "{said}");
    }
    // By its button, over a draft with something typed in it.
    let action = format!("preset:{}", fast["id"].as_str().expect("an id"));
    let sent = form(&scene.client, &path).await.with(ROWS, "7").with(RATE, "0.5").send(&scene.client, &action).await;
    let applied = again(&sent, 200, &path);
    assert_eq!((applied.get(RATE), applied.get(ROWS)), (Some("0.9"), Some("7")));
    let launched = applied.send(&scene.client, "run").await;
    assert_eq!(launched.status.as_u16(), 303, "{}", launched.text());
    let run: Id = launched.header("location").rsplit('/').next().expect("a run").parse().expect("an id");
    let row = launches::get(&mut app.state.db.read().await.expect("a connection"), run).await.expect("the query works");
    let origin: Value = serde_json::from_str(&row.expect("a launch").origin).expect("JSON");
    assert_eq!(origin["layers"], json!([{ "kind": "preset", "name": "fast" }]));
    assert_eq!(scene.client.get(&format!("{path}?preset=unknown")).await.status.as_u16(), 404);
}

#[tokio::test]
async fn a_draft_is_saved_as_a_preset_taken_home_and_deleted() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let text = "# for the small machine\nsteps:\n  train:\n    parameters:\n      rows: 9\n";
    let draft = form(&scene.client, &path).await.with("yaml", text);
    let nameless = draft.send(&scene.client, "save-preset").await;
    assert_eq!(again(&nameless, 422, &path).get("yaml"), Some(text));
    let saved = draft.clone().with("preset_name", "small").send(&scene.client, "save-preset").await;
    assert_eq!(again(&saved, 200, &path).get("yaml"), Some(text));
    let twice = draft.with("preset_name", "small").send(&scene.client, "save-preset").await;
    assert!(twice.text().contains("has a preset named"), "{}", twice.text());
    again(&twice, 409, &path);
    let made = scene.client.get("/api/v1/presets").await.good().json();
    let id = made["items"][0]["id"].as_str().expect("one preset").to_owned();
    let file = scene.client.get(&format!("/projects/default/presets/{id}/yaml")).await.good();
    assert_eq!((file.text().as_str(), file.header("content-disposition")), (text, "attachment; filename=\"small.yaml\""));
    let deleted = form(&scene.client, &path).await.send(&scene.client, &format!("delete-preset:{id}")).await;
    again(&deleted, 200, &path);
    assert_eq!(scene.client.get("/api/v1/presets").await.good().json()["total"], 0);
}

#[tokio::test]
async fn a_run_starts_again_with_its_values() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let text = "# kept\nenable_cache: false\nsteps:\n  train:\n    parameters:\n      rows: 9\n";
    let launched = form(&scene.client, &path).await.with("yaml", text).send(&scene.client, "run").await;
    let location = launched.header("location").to_owned();
    let run = location.rsplit('/').next().expect("a run").to_owned();
    let page_of_run = scene.client.get(&location).await.good().text();
    assert!(page_of_run.contains(&format!("/run?from_run={run}")), "the run's page leads there");
    let again = form(&scene.client, &format!("{path}?from_run={run}")).await;
    assert_eq!((again.get(ROWS), again.get("p.enable_cache")), (Some("9"), Some("false")));
    assert_eq!(scene.client.get(&format!("{path}?from_run=nothing")).await.status.as_u16(), 404);
}

#[tokio::test]
async fn a_draft_is_shown_as_code_and_as_a_link_back() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let sent = form(&scene.client, &path).await.with(ROWS, "11").send(&scene.client, "check").await.text();
    assert!(sent.contains("trigger_pipeline") && sent.contains("zenml pipeline snapshot run daily"), "{sent}");
    assert!(sent.contains("steps.train.parameters.rows=11"), "{sent}");
}

#[tokio::test]
async fn each_layer_can_be_taken_out_and_what_was_typed_stays() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    preset(&scene, "slow", json!({ "learning_rate": 0.01, "rows": 5 })).await;
    preset(&scene, "fast", json!({ "learning_rate": 0.9 })).await;
    let asked = scene.client.get(&format!("{path}?preset=slow,fast&p.run_name=mine")).await.good();
    assert!(asked.text().contains("formaction=\"?preset=slow&amp;p.run_name=mine\""), "{}", asked.text());
    let opened = again(&asked, 200, &path).with("p.enable_cache", "false");
    // Without the upper one the lower one counts again.
    let answer = opened.send(&scene.client, "without:1").await;
    assert!(!answer.text().contains("values of preset fast") && answer.text().contains("you (1)"), "{}", answer.text());
    let without = again(&answer, 200, &path);
    assert_eq!((without.get(RATE), without.get(ROWS), without.get("p.run_name")), (Some("0.01"), Some("5"), Some("mine")));
    let without = again(&without.send(&scene.client, "without:0").await, 200, &path);
    assert_eq!((without.get(RATE), without.get(ROWS), without.get("p.enable_cache")), (Some("0.1"), Some("100"), Some("false")));
    let untyped = again(&without.send(&scene.client, "without:you").await, 200, &path);
    assert_eq!((untyped.get("p.enable_cache"), untyped.get("p.run_name")), (Some(""), Some("mine")), "the link is not what was typed");
    let none = again(&untyped.send(&scene.client, "without:0").await, 200, &path);
    assert_eq!((none.get("yaml"), none.get("p.run_name")), (Some(""), Some("training-{date}-{time}")));
    // A text that nobody can read is left alone, but for its way out.
    let broken = none.clone().with("yaml", "steps: [");
    let kept = again(&opened.with("yaml", "steps: [").send(&scene.client, "without:0").await, 422, &path);
    assert_eq!(kept.get("yaml"), Some("steps: ["));
    assert_eq!(again(&broken.send(&scene.client, "without:you").await, 200, &path).get("yaml"), Some(""));
}
