//! Several values for fields of Run Details, without scripts: each combination is a run, all of them start or none.

use darkroom::{
    model::{launches::SweepView, payload},
    server::db::drafts::DraftRow,
};
use serde_json::Value;

use super::run_details::{again, form, page};
use crate::util::{Answer, Scene, TestApp};

const RATES: &str = "several.steps.train.parameters.learning_rate";
const KINDS: &str = "several.steps.train.parameters.kind";

async fn total(scene: &Scene, query: &str) -> Value {
    scene.client.get(&format!("/api/v1/runs?{query}")).await.good().json()["total"].clone()
}

/// The tag of the list that a launch leads to.
#[track_caller]
fn tag(answer: &Answer) -> String {
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.text());
    answer.header("location").strip_prefix("/projects/default/runs?tag=").expect("the list of a tag").to_owned()
}

#[tokio::test]
async fn each_combination_is_a_run_with_one_tag_and_once() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let typed = form(&scene.client, &path).await.with(RATES, "0.5, 0.01\n1e-3").choose(KINDS, "linear").with("p.run_name", "mine");
    let checked = typed.send(&scene.client, "check").await;
    let text = checked.text();
    for part in ["Launch 3 runs", "3 runs, with a tag that they share", "Python, all 3 runs", "for learning_rate, kind in product("] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let shown = again(&checked, 200, &path);
    assert_eq!((shown.get(RATES), shown.get(KINDS), total(&scene, "").await), (Some("0.5, 0.01\n1e-3"), Some("linear"), 0.into()));
    let launched = shown.send(&scene.client, "run").await;
    let tag = tag(&launched);
    assert!(tag.starts_with("sweep-"), "{tag}");
    for sent in [shown.send(&scene.client, "run").await, shown.send(&scene.client, "run").await] {
        assert_eq!(sent.header("location"), launched.header("location"));
    }
    assert_eq!((total(&scene, "").await, total(&scene, &format!("tags=equals:{tag}")).await), (3.into(), 3.into()));
    let list = scene.client.get(launched.header("location")).await.good().text();
    for name in ["mine-1", "mine-2", "mine-3"] {
        assert!(list.contains(name), "{name}: {list}");
    }
    let runs = scene.client.get("/api/v1/runs?name=mine-3&hydrate=true").await.good().json();
    let step = &runs["items"][0]["resources"]["snapshot"]["id"];
    let path_of_snapshot = format!("/api/v1/pipeline_snapshots/{}", step.as_str().expect("an id"));
    let snapshot = scene.client.get(&path_of_snapshot).await.good().json();
    let parameters = &snapshot["metadata"]["step_configurations"]["train"]["config"]["parameters"];
    assert_eq!((&parameters["learning_rate"], &parameters["kind"]), (&1e-3.into(), &"linear".into()));
    // Other values are other runs, all of them.
    let other = shown.with(RATES, "0.5 0.6").with("p.run_name", "yours").send(&scene.client, "run").await;
    assert_ne!(self::tag(&other), tag);
    assert_eq!(total(&scene, "").await, 5);
}

#[tokio::test]
async fn a_value_that_does_not_fit_starts_nothing_and_says_where() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let opened = form(&scene.client, &path).await;
    let wrong = opened.clone().with(RATES, "0.5, fast").send(&scene.client, "run").await;
    assert!(wrong.text().contains(&format!("id=\"{RATES}-error\"")), "{}", wrong.text());
    assert_eq!(again(&wrong, 422, &path).get(RATES), Some("0.5, fast"));
    let numbers: Vec<String> = (1..=21).map(|number| number.to_string()).collect();
    let many = opened.clone().with(RATES, &numbers.join(" ")).send(&scene.client, "run").await;
    assert!(many.text().contains("21 runs") && many.status.as_u16() == 422, "{}", many.text());
    // One value is a run as always, and a comma belongs to a text.
    let one = opened.with(RATES, "0.7").with("several.steps.train.parameters.optimizer.name", "a, b").send(&scene.client, "run").await;
    assert!(one.header("location").starts_with("/projects/default/runs/"), "{}", one.text());
    assert_eq!(total(&scene, "").await, 1);
}

#[tokio::test]
async fn a_queue_without_room_for_all_starts_none_and_keeps_the_values() {
    let app = TestApp::with(|config| config.max_queued_runs = 2).await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let full = form(&scene.client, &path).await.with(RATES, "1 2 3").send(&scene.client, "run").await;
    let kept = again(&full, 429, &path);
    assert_eq!((kept.get(RATES), total(&scene, "").await), (Some("1 2 3"), 0.into()));
    tag(&kept.with(RATES, "1 2").send(&scene.client, "run").await);
    assert_eq!(total(&scene, "").await, 2);
}

#[tokio::test]
async fn several_values_are_part_of_the_draft_and_end_with_the_launch() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let typed = form(&scene.client, &path).await.with(RATES, "0.5, 0.6");
    typed.send(&scene.client, "keep").await.good();
    let drafts = async || {
        let mut connection = app.state.db.read().await.expect("a connection");
        connection.find_all::<DraftRow>("1 = 1", Vec::new()).await.expect("the query works")
    };
    let id = drafts().await[0].id;
    let restored = again(&scene.client.get(&format!("{path}?draft={id}")).await, 200, &path);
    assert_eq!(restored.get(RATES), Some("0.5, 0.6"));
    let runs = restored.send(&scene.client, "runs").await.good().text();
    let shown: SweepView = payload::read(&runs).expect("what the page reads");
    assert!(shown.runs == 2 && shown.html.contains("2 runs, with a tag"), "{}", shown.html);
    tag(&restored.send(&scene.client, "run").await);
    assert!(drafts().await.is_empty(), "the launch is its end");
    restored.send(&scene.client, "keep").await.good();
    assert!(drafts().await.is_empty(), "a page that says so late is not believed");
}

#[tokio::test]
async fn runs_with_gpus_are_asked_about_all_at_once() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let text = "settings:\n  resources: {gpu_count: 1}\n";
    let asked = form(&scene.client, &path).await.with("yaml", text).with(RATES, "0.5 0.6").send(&scene.client, "run").await;
    let question = again(&asked, 200, &path);
    assert!(asked.text().contains("Launch 2 runs of daily?") && asked.text().contains("2 runs, with a tag"), "{}", asked.text());
    let text = asked.text();
    let button = text[text.find("confirm:").expect("a button")..].split('"').next().expect("its value").to_owned();
    tag(&question.send(&scene.client, &button).await);
    assert_eq!(total(&scene, "").await, 2);
}
