//! Launches that are asked about: of what is protected, and with GPUs. Without scripts.

use serde_json::{Value, json};

use super::{
    form::PageForm,
    run_details::{RATE, again, form, page},
};
use crate::util::{Answer, Scene, TestApp};

const GPUS: &str = "steps:\n  train:\n    settings:\n      resources:\n        gpu_count: 2\n";

async fn runs(scene: &Scene) -> Value {
    scene.client.get("/api/v1/runs").await.good().json()["total"].clone()
}

/// The value of the button that answers the question of a page.
#[track_caller]
fn button(answer: &Answer) -> String {
    let text = answer.text();
    let start = text.find("confirm:").unwrap_or_else(|| panic!("nothing is asked: {text}"));
    text[start..].split('"').next().unwrap_or_default().to_owned()
}

/// Ticks or clears "Protected" in the form of a snapshot.
async fn protect(scene: &Scene, path: &str, protected: bool) {
    let edit = path.replace("/run", "/edit");
    let fields: &[(&str, &str)] = if protected { &[("name", "daily"), ("protected", "true")] } else { &[("name", "daily")] };
    let answer = scene.client.form(&edit, fields).await;
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.text());
}

#[tokio::test]
async fn gpus_are_asked_about_with_what_changes_and_run_once() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let typed = form(&scene.client, &path).await.with("yaml", GPUS).with(RATE, "0.5");
    let asked = typed.send(&scene.client, "run").await;
    let question = again(&asked, 200, &path);
    let text = asked.text();
    for part in ["Launch daily?", "It asks for GPUs: ", "the stack ", "2 changes against the snapshot", "becomes"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!((question.get("key"), question.get(RATE)), (typed.get("key"), Some("0.5")));
    assert_eq!(runs(&scene).await, 0);
    // What is changed now is asked about again.
    let other = question.clone().with(RATE, "0.6").send(&scene.client, &button(&asked)).await;
    assert!(button(&other) != button(&asked) && other.text().contains("0.6"));
    assert_eq!(runs(&scene).await, 0);
    let launched = question.send(&scene.client, &button(&asked)).await;
    assert_eq!(launched.status.as_u16(), 303, "{}", launched.text());
    // The second click, the browser's Back, and Back once more.
    for sent in [question.send(&scene.client, &button(&asked)).await, typed.send(&scene.client, "run").await] {
        assert_eq!(sent.header("location"), launched.header("location"));
    }
    assert_eq!(runs(&scene).await, 1);
}

#[tokio::test]
async fn a_protected_snapshot_asks_in_the_browser_and_not_over_rest() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    protect(&scene, &path, true).await;
    let shown = scene.client.get(&path.replace("/run", "")).await.good().text();
    assert!(shown.contains("Protected"), "{shown}");
    let texts = PageForm::find(&scene.client.get(&path.replace("/run", "/edit")).await.good(), &path, "stack");
    assert_eq!(texts.get("protected"), Some("true"));
    let asked = form(&scene.client, &path).await.send(&scene.client, "run").await;
    let question = again(&asked, 200, &path);
    assert!(asked.text().contains("This snapshot is protected.") && asked.text().contains("it runs as saved"), "{}", asked.text());
    let launched = question.send(&scene.client, &button(&asked)).await;
    assert_eq!(launched.status.as_u16(), 303, "{}", launched.text());
    // A run of it is asked about too when it is run again.
    let run = launched.header("location").rsplit('/').next().expect("an id").to_owned();
    let snapshot = scene.client.get(&format!("/api/v1/runs/{run}")).await.good().json()["resources"]["snapshot"]["id"].clone();
    let replay = format!("/projects/default/snapshots/{}/run?replay={run}", snapshot.as_str().expect("an id"));
    let asked = PageForm::find(&scene.client.get(&replay).await.good(), replay.split('?').next().expect("a path"), "launch");
    assert!(asked.send(&scene.client, "run").await.text().contains("This snapshot is protected."));
    let id = path.split('/').nth(4).expect("an id");
    scene.client.post(&format!("/api/v1/pipeline_snapshots/{id}/runs"), &json!({})).await.good();
    assert_eq!(runs(&scene).await, 2);
    protect(&scene, &path, false).await;
    assert_eq!(form(&scene.client, &path).await.send(&scene.client, "run").await.status.as_u16(), 303);
}

#[tokio::test]
async fn protection_goes_with_the_name() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    protect(&scene, &path, true).await;
    let next = scene.snapshot(json!({ "name": "daily", "replace": true })).await;
    let path = format!("/projects/default/snapshots/{}/run", next["id"].as_str().expect("an id"));
    let asked = form(&scene.client, &path).await.send(&scene.client, "run").await;
    assert!(asked.text().contains("This snapshot is protected."), "{}", asked.text());
    // Another one takes the name by its form, without the tick.
    let other = scene.snapshot(json!({})).await;
    let path = format!("/projects/default/snapshots/{}/run", other["id"].as_str().expect("an id"));
    let renamed = scene.client.form(&path.replace("/run", "/edit"), &[("name", "daily"), ("replace", "true")]).await;
    assert_eq!(renamed.status.as_u16(), 303, "{}", renamed.text());
    let asked = form(&scene.client, &path).await.send(&scene.client, "run").await;
    assert!(asked.text().contains("This snapshot is protected."), "{}", asked.text());
}

#[tokio::test]
async fn a_protected_stack_asks_for_every_snapshot_on_it() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let stack = format!("/stacks/{}", scene.stack);
    assert_eq!(scene.client.form(&format!("{stack}/protect"), &[("protected", "true")]).await.header("location"), stack);
    assert!(scene.client.get(&stack).await.good().text().contains("Stop asking"));
    let asked = form(&scene.client, &path).await.send(&scene.client, "run").await;
    assert!(asked.text().contains("is protected.") && asked.text().contains("The stack "), "{}", asked.text());
    assert_eq!(runs(&scene).await, 0);
    scene.client.form(&format!("{stack}/protect"), &[("protected", "false")]).await;
    assert_eq!(form(&scene.client, &path).await.send(&scene.client, "run").await.status.as_u16(), 303);
}
