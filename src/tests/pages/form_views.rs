//! Form views without scripts: the owner makes one, and others get nothing but it.

use darkroom::model::roles::Role;
use serde_json::{Value, json};

use super::{
    form::PageForm,
    run_details::{RATE, again, form, page},
};
use crate::util::{Answer, Client, Scene, TestApp};

const ROWS: &str = "p.steps.train.parameters.rows";
const STEP: &str = "steps.train.parameters";

/// Run Details of a snapshot with a view of two fields, one of them locked; and the snapshot's id.
async fn with_view(scene: &Scene) -> (String, String) {
    let path = page(scene).await;
    let id = path.split('/').nth(4).expect("an id").to_owned();
    let view = json!({ "intro": "For **everybody**.<script>alert(1)</script>", "fields": [
        { "path": format!("{STEP}.rows"), "label": "Number of rows", "help": "More is *slower*.", "minimum": 10, "maximum": 500, "value": 200 },
        { "path": format!("{STEP}.kind"), "label": "Model", "locked": true, "value": "linear" },
    ] });
    scene.client.put(&format!("/api/v1/pipeline_snapshots/{id}/form_view"), &view).await.good();
    (path, id)
}

async fn launched(client: &Client, answer: &Answer) -> Value {
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.text());
    let run = answer.header("location").rsplit('/').next().expect("a run").to_owned();
    let run = client.get(&format!("/api/v1/runs/{run}")).await.good().json();
    let snapshot = run["resources"]["snapshot"]["id"].as_str().expect("a snapshot");
    let snapshot = client.get(&format!("/api/v1/pipeline_snapshots/{snapshot}")).await.good().json();
    snapshot["metadata"]["step_configurations"]["train"]["config"]["parameters"].clone()
}

#[tokio::test]
async fn others_get_nothing_but_the_form() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let (path, _) = with_view(&scene).await;
    let other = app.with_role("other", Role::Operator).await;
    let shown = other.get(&format!("{path}?mode=yaml&fields=all")).await.good();
    for said in ["Number of rows", "<em>slower</em>", "<strong>everybody</strong>", "at least 10, at most 500", "linear", "fixed"] {
        assert!(shown.text().contains(said), "{said} in {}", shown.text());
    }
    for left_out in ["<script>alert", "Load a .yaml file", "Scaffold required", "Show all", RATE] {
        assert!(!shown.text().contains(left_out), "{left_out}");
    }
    let opened = form(&other, &path).await;
    assert_eq!((opened.get(ROWS), opened.get("yaml"), opened.get(RATE)), (Some("200"), Some(""), None));
    let run = opened.send(&other, "run").await;
    let parameters = launched(&other, &run).await;
    assert_eq!((&parameters["rows"], &parameters["kind"], &parameters["learning_rate"]), (&json!(200), &json!("linear"), &json!(0.1)));
    let wrong = form(&other, &path).await.with(ROWS, "501").send(&other, "run").await;
    assert!(wrong.text().contains("Must be at most 500, not 501"), "{}", wrong.text());
    let kept = again(&wrong, 422, &path);
    assert_eq!(launched(&other, &kept.with(ROWS, "500").send(&other, "run").await).await["rows"], 500);
}

#[tokio::test]
async fn what_is_sent_besides_the_form_is_refused_told_and_left_out() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let (path, _) = with_view(&scene).await;
    let other = app.with_role("other", Role::Operator).await;
    let text = "enable_cache: false\nsteps:\n  train:\n    parameters:\n      rows: 20\n      learning_rate: 9\n      kind: tree\n";
    let sent = form(&other, &path).await.with("yaml", text).send(&other, "run").await;
    for said in ["Not started", "enable_cache", "steps.train.parameters.learning_rate", "steps.train.parameters.kind"] {
        assert!(sent.text().contains(said), "{said} in {}", sent.text());
    }
    let left = again(&sent, 403, &path);
    assert_eq!(left.get(ROWS), Some("20"));
    let parameters = launched(&other, &left.send(&other, "run").await).await;
    assert_eq!((&parameters["rows"], &parameters["learning_rate"]), (&json!(20), &json!(0.1)));
    let file = form(&other, &path).await.with_file("run.yaml", "enable_cache: false\n").send(&other, "load").await;
    assert_eq!(again(&file, 403, &path).get("yaml"), Some(""));
    let link = other.get(&format!("{path}?{RATE}=0.7&{ROWS}=30")).await.good();
    assert!(link.text().contains("does not offer") && link.text().contains("steps.train.parameters.learning_rate"), "{}", link.text());
    assert_eq!(again(&link, 200, &path).get(ROWS), Some("30"));
    let configuration = json!({ "steps": { "train": { "parameters": { "rows": 40, "learning_rate": 0.7 } } } }).to_string();
    let preset = json!({ "pipeline": scene.pipeline, "name": "fast", "configuration": configuration });
    scene.client.post("/api/v1/presets", &preset).await.good();
    let laid = other.get(&format!("{path}?preset=fast")).await.good();
    assert!(laid.text().contains("no place for"), "{}", laid.text());
    let laid = again(&laid, 200, &path);
    assert_eq!((laid.get(ROWS), laid.get("yaml").is_some_and(|text| text.contains("learning_rate"))), (Some("40"), false));
    // The owner's run, again with its values: only those that the form offers.
    let own = form(&scene.client, &format!("{path}?fields=all")).await.with(RATE, "0.9").with(ROWS, "50").send(&scene.client, "run").await;
    let run = own.header("location").rsplit('/').next().expect("a run").to_owned();
    let from = again(&other.get(&format!("{path}?from_run={run}")).await.good(), 200, &path);
    assert_eq!((from.get(ROWS), from.get("yaml").is_some_and(|text| text.contains("learning_rate"))), (Some("50"), false));
}

#[tokio::test]
async fn who_may_edit_the_snapshot_sees_the_form_first_and_all_fields_on_demand() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let (path, _) = with_view(&scene).await;
    let first = scene.client.get(&path).await.good();
    assert!(first.text().contains("Show all "), "{}", first.text());
    let opened = again(&first, 200, &path);
    assert_eq!((opened.get(ROWS), opened.get(RATE)), (Some("200"), None));
    assert_eq!(launched(&scene.client, &opened.clone().send(&scene.client, "run").await).await["rows"], 200, "as it is shown, it runs");
    // All fields: what was typed in the form is kept, and so is what it started with.
    let typed = opened.with(ROWS, "300").sent_to(&format!("{path}?fields=all"));
    let answer = typed.send(&scene.client, "check").await;
    let all = again(&answer, 200, &path);
    assert_eq!((all.get(ROWS), all.get(RATE)), (Some("300"), Some("0.1")));
    assert!(answer.text().contains("Show the form"), "{}", answer.text());
    let plain = form(&scene.client, &format!("{path}?fields=all")).await;
    assert_eq!(plain.get(ROWS), Some("100"), "the snapshot's own value");
    let beyond = form(&scene.client, &path).await.with(ROWS, "9999").send(&scene.client, "run").await;
    assert_eq!(launched(&scene.client, &beyond).await["rows"], 9999, "its limits are for others");
}

async fn editor(client: &Client, path: &str) -> PageForm {
    PageForm::find(&client.get(path).await.good(), path, "form-view__form")
}

#[track_caller]
fn edited(answer: &Answer, status: u16, path: &str) -> PageForm {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    PageForm::find(answer, path, "form-view__form")
}

#[tokio::test]
async fn an_owner_makes_a_view_step_by_step() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let (client, launch) = (&scene.client, page(&scene).await);
    let path = launch.replace("/run", "/form");
    let rest = format!("/api/v1/pipeline_snapshots/{}/form_view", path.split('/').nth(4).expect("an id"));
    let empty = editor(client, &path).await;
    assert_eq!(again_count(&empty), 0);
    edited(&empty.clone().send(client, "save").await, 422, &path);
    let chosen = empty.choose("add", &format!("{STEP}.rows")).choose("add", &format!("{STEP}.learning_rate"));
    let added = edited(&chosen.with("intro", "Hello.").send(client, "add").await, 200, &path);
    assert_eq!(
        (added.get("fields.0.path"), added.get("fields.1.path")),
        (Some("steps.train.parameters.rows"), Some("steps.train.parameters.learning_rate"))
    );
    let typed = added.with("fields.0.label", "Rows").with("fields.1.maximum", "1").with("fields.1.label", "rows");
    let moved = edited(&typed.send(client, "up:1").await, 200, &path);
    assert_eq!((moved.get("fields.0.maximum"), moved.get("fields.1.label"), moved.get("intro")), (Some("1"), Some("Rows"), Some("Hello.")));
    let refused = moved.with("fields.0.minimum", "low").with("fields.1.maximum", "50").send(client, "save").await;
    for said in ["Write a number", "called the same", "which is outside of these limits"] {
        assert!(refused.text().contains(said), "{said} in {}", refused.text());
    }
    let kept = edited(&refused, 422, &path);
    assert_eq!((kept.get("fields.0.minimum"), kept.get("fields.1.maximum")), (Some("low"), Some("50")));
    client.get(&rest).await.refused(404);
    let good =
        kept.with("fields.0.minimum", "").with("fields.0.label", "Rate").with("fields.1.value", "30").choose("fields.1.locked", "true");
    let saved = good.send(client, "save").await;
    assert_eq!((saved.status.as_u16(), saved.header("location")), (303, format!("{path}?saved=1").as_str()), "{}", saved.text());
    let stored = client.get(&rest).await.good().json()["form_view"].clone();
    assert_eq!(
        stored,
        json!({ "intro": "Hello.", "fields": [
        { "path": format!("{STEP}.learning_rate"), "label": "Rate", "maximum": 1 },
        { "path": format!("{STEP}.rows"), "label": "Rows", "value": 30, "locked": true, "maximum": 50 },
    ] })
    );
    let opened = client.get(&format!("{path}?saved=1")).await.good();
    assert!(opened.text().contains("Saved") && opened.text().contains("As others see it"), "{}", opened.text());
    // As a file, and back.
    let file = client.get(&format!("{path}/yaml")).await.good();
    assert!(file.text().starts_with("intro: Hello.\nfields:"), "{}", file.text());
    let other = file.text().replace("Hello.", "From git.");
    let loaded = edited(&editor(client, &path).await.with_file("form.yaml", other).send(client, "load").await, 200, &path);
    assert_eq!((loaded.get("intro"), loaded.get("fields.1.value")), (Some("From git."), Some("30")));
    let broken = editor(client, &path).await.with_file("form.yaml", "fields:\n- path: a\n  maxmum: 1\n").send(client, "load").await;
    assert!(broken.text().contains("maxmum"), "{}", broken.text());
    assert_eq!(edited(&broken, 422, &path).get("intro"), Some("Hello."));
    let fewer = edited(&editor(client, &path).await.send(client, "remove:0").await, 200, &path);
    assert_eq!((fewer.get("fields.0.label"), again_count(&fewer)), (Some("Rows"), 1));
    assert_eq!(editor(client, &path).await.send(client, "delete").await.status.as_u16(), 303);
    client.get(&rest).await.refused(404);
}

fn again_count(form: &PageForm) -> usize {
    form.get("count").expect("a count").parse().expect("a number")
}

#[tokio::test]
async fn others_see_the_view_and_cannot_change_it() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let (path, id) = with_view(&scene).await;
    let (path, other) = (path.replace("/run", "/form"), app.with_role("other", Role::Operator).await);
    let shown = other.get(&path).await.good();
    assert!(shown.text().contains("Number of rows") && !shown.text().contains("form-view__form"), "{}", shown.text());
    let sent = editor(&scene.client, &path).await.with("intro", "Mine.").send(&other, "save").await;
    assert_eq!(sent.status.as_u16(), 403);
    // A view of another snapshot: what this one lacks is told, and the page is there.
    let view =
        json!({ "fields": [{ "path": "steps.gone.parameters.x", "label": "Gone", "maximum": 3, "value": [1] }, { "path": "run_name" }] });
    scene.client.put(&format!("/api/v1/pipeline_snapshots/{id}/form_view"), &view).await.good();
    let told = scene.client.get(&path).await.good();
    assert!(told.text().contains("The snapshot has no value steps.gone.parameters.x"), "{}", told.text());
    let saved = editor(&scene.client, &path).await.send(&scene.client, "save").await;
    assert_eq!(saved.status.as_u16(), 303, "{}", saved.text());
    let stored = scene.client.get(&format!("/api/v1/pipeline_snapshots/{id}/form_view")).await.good().json();
    assert_eq!(stored["form_view"], view, "nothing of it is lost");
    form(&other, &path.replace("/form", "/run")).await;
}

#[tokio::test]
async fn several_values_and_proposals_are_no_way_around_it() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let (path, _) = with_view(&scene).await;
    let other = app.with_role("other", Role::Operator).await;
    let runs = async || scene.client.get("/api/v1/runs").await.good().json()["total"].as_u64();
    let before = runs().await;
    let hidden = form(&other, &path).await.choose("several.steps.train.parameters.learning_rate", "0.5, 0.7").send(&other, "run").await;
    assert!(!hidden.status.is_redirection(), "a field that the form does not offer: {}", hidden.status);
    let beyond = form(&other, &path).await.with("several.steps.train.parameters.rows", "20, 501").send(&other, "run").await;
    assert!(beyond.status.as_u16() == 422 && beyond.text().contains("Must be at most 500"), "{}: {}", beyond.status, beyond.text());
    assert_eq!(runs().await, before);
    let within = form(&other, &path).await.with("several.steps.train.parameters.rows", "20, 30").send(&other, "run").await;
    assert_eq!((within.status.as_u16(), runs().await), (303, before.map(|total| total + 2)), "{}", within.text());

    // What the owner proposes may hold more than the form, but who launches it is bound by the form.
    let text = "steps:\n  train:\n    parameters:\n      rows: 40\n      learning_rate: 9\n";
    let opened = again(&scene.client.get(&format!("{path}?propose=1")).await, 200, &path);
    let proposed = opened.with("yaml", text).with("propose_for", &app.account("other").await.id.to_string());
    let proposed = proposed.send(&scene.client, "propose").await;
    assert_eq!(proposed.status.as_u16(), 303, "{}", proposed.text());
    let shown = other.get(proposed.header("location")).await.good();
    let launched_by_other = again(&shown, 200, &path).send(&other, "run").await;
    assert_eq!(launched(&other, &launched_by_other).await["learning_rate"], 0.1, "it was left out");
}

#[tokio::test]
async fn a_new_snapshot_offers_what_was_chosen() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let run = scene.run("first", json!({})).await;
    let path = format!("/projects/default/runs/{}/create-snapshot", run["id"].as_str().expect("an id"));
    let shown = scene.client.get(&path).await.good();
    assert!(shown.text().contains("expose.steps.train.parameters.learning_rate"), "{}", shown.text());
    let none = scene.client.form(&path, &[("name", "small"), ("expose", "chosen"), ("description", "typed")]).await;
    assert_eq!(none.status.as_u16(), 422);
    assert!(none.text().contains("Choose at least one value") && none.text().contains("typed"), "{}", none.text());
    let fields = [("name", "small"), ("expose", "chosen"), ("expose.steps.train.parameters.learning_rate", "true")];
    let made = scene.client.form(&path, &fields).await;
    assert_eq!(made.status.as_u16(), 303, "{}", made.text());
    let id = made.header("location").rsplit('/').next().expect("a snapshot").to_owned();
    let view = scene.client.get(&format!("/api/v1/pipeline_snapshots/{id}/form_view")).await.good().json();
    assert_eq!(view["form_view"], json!({ "fields": [{ "path": "steps.train.parameters.learning_rate" }] }));
    let all = scene.client.form(&path, &[("name", "whole"), ("expose", "all"), ("expose.run_name", "true")]).await;
    let id = all.header("location").rsplit('/').next().expect("a snapshot").to_owned();
    scene.client.get(&format!("/api/v1/pipeline_snapshots/{id}/form_view")).await.refused(404);
}
