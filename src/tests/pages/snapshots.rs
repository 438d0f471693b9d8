//! The pages of snapshots without scripts: found, described, compared, named, taken off the list and put back.

use darkroom::server::time::Timestamp;
use scraper::{Html, Selector};
use serde_json::{Value, json};

use crate::util::{Answer, Client, Scene, TestApp};

const LIST: &str = "/projects/default/snapshots";

/// The texts of what a selector finds on a page.
pub fn texts(answer: &Answer, selector: &str) -> Vec<String> {
    let selector = Selector::parse(selector).expect("a selector");
    let page = Html::parse_document(&answer.text());
    page.select(&selector)
        .map(|element| element.text().collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

fn id(entity: &Value) -> String {
    entity["id"].as_str().expect("an id").to_owned()
}

fn path(snapshot: &Value) -> String {
    format!("{LIST}/{}", id(snapshot))
}

/// The names in the list at a URL.
async fn listed(client: &Client, query: &str) -> Vec<String> {
    texts(&client.get(&format!("{LIST}?{query}")).await.good(), "tbody th .snapshot-name a")
}

/// A run launched from a snapshot, as its runner reports it.
async fn launched(scene: &Scene, source: &Value, name: &str, status: &str) -> Value {
    let snapshot = scene.snapshot(json!({ "source_snapshot": source["id"], "step_configurations": {} })).await;
    let run = scene.client.post("/api/v1/runs", &scene.run_request(&snapshot, name, json!({}))).await.good().json()[0].clone();
    let update = json!({ "status": status, "end_time": "2026-11-23T04:53:18.000000" });
    scene.client.put(&format!("/api/v1/runs/{}", id(&run)), &update).await.good();
    run
}

#[tokio::test]
async fn the_list_is_filtered_by_what_the_url_says() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    scene.snapshot(json!({ "name": "nightly", "tags": ["team:ml"], "description": "# Every *night*" })).await;
    scene.snapshot(json!({ "name": "weekly" })).await;
    scene.snapshot(json!({})).await;
    let client = &scene.client;
    assert_eq!(listed(client, "").await, ["weekly", "nightly"]);
    assert_eq!(listed(client, "sort=asc:name").await, ["nightly", "weekly"]);
    assert_eq!(listed(client, "tag=team:ml").await, ["nightly"]);
    assert_eq!(listed(client, &format!("stack={}", scene.stack)).await.len(), 2);
    assert_eq!(listed(client, "stack=elsewhere&user=admin").await.len(), 0);
    assert_eq!(listed(client, "user=admin").await.len(), 2);
    assert_eq!(listed(client, "unnamed=true").await.len(), 3);
    assert_eq!(listed(client, "unused=30").await.len(), 0, "none is older than 30 days");
    let runnable = (listed(client, "status=runnable").await.len(), listed(client, "status=blocked").await.len());
    assert_eq!(runnable.0 + runnable.1, 2);
    let cards = client.get(&format!("{LIST}?view=cards")).await.good();
    assert_eq!(texts(&cards, ".snapshot-card h2"), ["weekly", "nightly"]);
    assert_eq!(texts(&cards, ".snapshot-card__text"), ["", "Every night"]);
    assert!(texts(&cards, ".snapshot-card__facts").iter().all(|facts| facts.ends_with("1 parameter")));
    let none = client.get(&format!("{LIST}?q=absent&user=admin")).await.good();
    assert_eq!(texts(&none, ".empty__title"), ["No snapshots match"]);
    assert!(none.text().contains("meets all 2 filters"), "{}", none.text());
}

#[tokio::test]
async fn what_nobody_ran_for_long_is_found_and_taken_off_the_list() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let (old, used) = (scene.snapshot(json!({ "name": "old" })).await, scene.snapshot(json!({ "name": "used" })).await);
    scene.snapshot(json!({ "name": "fresh" })).await;
    launched(&scene, &used, "run", "completed").await;
    let mut connection = app.state.db.begin().await.expect("a transaction");
    let sql = "update pipeline_snapshots set created = $1 where name in ('old', 'used')";
    let long_ago = Timestamp::parse("2020-01-01T00:00:00").expect("a time");
    connection.execute(sql, darkroom::args![long_ago]).await.expect("an update");
    connection.commit().await.expect("a commit");
    assert_eq!(listed(&scene.client, "unused=90").await, ["old"]);
    let page = scene.client.get(&format!("{LIST}?unused=90")).await.good();
    assert_eq!(texts(&page, "form[action$='/snapshots/remove'] button[type='submit']:not([form])"), ["Remove from list…"]);
    let question = scene.client.get(&format!("{LIST}/remove?id={}", id(&old))).await.good();
    assert_eq!(texts(&question, ".removal__list li"), ["old No run belongs to it; it stays under its id, without a name."]);
    let done = scene.client.form(&format!("{LIST}/remove"), &[("id", &id(&old))]).await;
    assert_eq!(done.status, 303);
    let list = scene.client.get(done.header("location")).await.good();
    assert!(list.text().contains("old is off the list"), "{}", list.text());
    assert_eq!(texts(&list, "tbody th .snapshot-name a"), ["fresh", "used"]);
    let hidden = Selector::parse("form[action$='/restore'] input").expect("a selector");
    let page = Html::parse_document(&list.text());
    let fields: Vec<(&str, &str)> = page.select(&hidden).filter_map(|field| Some((field.attr("name")?, field.attr("value")?))).collect();
    assert_eq!(scene.client.form(&format!("{LIST}/restore"), &fields).await.status, 303);
    assert!(listed(&scene.client, "").await.contains(&"old".to_owned()));
}

#[tokio::test]
async fn a_name_that_is_taken_meanwhile_cannot_be_given_back() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let first = scene.snapshot(json!({ "name": "nightly" })).await;
    scene.client.form(&format!("{LIST}/remove"), &[("id", &id(&first))]).await;
    scene.snapshot(json!({ "name": "nightly" })).await;
    let answer = scene.client.form(&format!("{LIST}/restore"), &[(&id(&first), "nightly")]).await;
    assert_eq!(answer.status, 409);
    assert_eq!(texts(&answer, "h1"), ["Snapshots"]);
    assert!(texts(&answer, ".error-panel__title")[0].contains("nightly"));
}

#[tokio::test]
async fn a_snapshot_is_described_without_anything_that_runs() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let description = "# Nightly\n\nTrains **all**.<script>alert(1)</script>";
    let snapshot = scene.snapshot(json!({ "name": "nightly", "description": description })).await;
    let page = scene.client.get(&path(&snapshot)).await.good();
    assert_eq!(texts(&page, ".markdown h3"), ["Nightly"]);
    assert_eq!(texts(&page, ".markdown strong"), ["all"]);
    assert!(texts(&page, ".markdown script").is_empty());
    assert_eq!(texts(&page, ".graph__node title"), ["Step train"]);
    let parameters = scene.client.get(&format!("{}?tab=parameters", path(&snapshot))).await.good();
    assert_eq!(texts(&parameters, "tbody th"), ["learning_rate"]);
    let none = scene.client.get(&format!("{}?tab=parameters&q=absent", path(&snapshot))).await.good();
    assert_eq!(texts(&none, ".empty__title"), ["No parameters match"]);
    let api = scene.client.get(&format!("{}?tab=api", path(&snapshot))).await.good();
    assert_eq!(texts(&api, "#examples ~ .section h3"), ["Python", "CLI", "curl", "GitHub Action"]);
    let template = scene.client.get(&format!("{}/template", path(&snapshot))).await.good();
    assert!(template.text().contains("learning_rate: 0.1"), "{}", template.text());
    assert_eq!(scene.client.get(&format!("{LIST}/00000000-0000-4000-8000-000000000000")).await.status, 404);
}

#[tokio::test]
async fn usage_tells_who_ran_it_how_often_and_how_it_went() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({ "name": "nightly" })).await;
    let usage = format!("{}?tab=usage", path(&snapshot));
    assert_eq!(texts(&scene.client.get(&usage).await.good(), ".empty__title"), ["Not run yet"]);
    for (name, status) in [("one", "completed"), ("two", "failed"), ("three", "completed")] {
        launched(&scene, &snapshot, name, status).await;
    }
    let page = scene.client.get(&usage).await.good();
    let tiles = texts(&page, ".tiles dd");
    assert_eq!(tiles[..3], ["3", "3", "67 %"], "{tiles:?}");
    assert_eq!(texts(&page, "#people ~ .table-box tbody th"), ["admin"]);
    assert_eq!(texts(&page, ".chart__mark"), ["✕"]);
    assert_eq!(texts(&page, ".twin tbody tr").len(), 3, "the table beside the chart");
}

#[tokio::test]
async fn two_snapshots_are_compared_by_path() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let first = scene.snapshot(json!({ "name": "first" })).await;
    let mut request =
        scene.snapshot_request(json!({ "name": "second", "pipeline_configuration": { "name": "training", "enable_cache": false } }));
    let steps = request["step_configurations"].as_object_mut().expect("steps");
    for part in ["config", "step_config_overrides"] {
        steps["train"][part]["parameters"]["learning_rate"] = json!(0.2);
        steps["train"][part]["caching_parameters"] = json!({ "step_source": "changed" });
    }
    let mut added = steps["train"].clone();
    added["spec"]["upstream_steps"] = json!(["train"]);
    steps.insert("evaluate".to_owned(), added);
    let second = scene.client.post("/api/v1/pipeline_snapshots", &request).await.good().json();
    let compare = |a: &Value, b: &Value| format!("{LIST}/compare?a={}&b={}", id(a), id(b));
    let page = scene.client.get(&compare(&first, &second)).await.good();
    assert_eq!(texts(&page, "h1"), ["first → second"]);
    assert_eq!(texts(&page, "#parameters ~ .compare__table tbody tr"), ["steps.train.parameters.learning_rate 0.1 0.2"]);
    assert!(texts(&page, "#configuration ~ .compare__table tbody tr").contains(&"enable_cache not there false".to_owned()));
    assert_eq!(texts(&page, ".compare__steps li"), ["evaluate", "train"], "added; code changed");
    let same = scene.client.get(&compare(&first, &first)).await.good();
    assert!(same.text().contains("They run the same"), "{}", same.text());
    let choice = scene.client.get(&format!("{LIST}/compare")).await.good();
    assert_eq!(texts(&choice, ".empty__title"), ["Choose two snapshots"]);
    let history = scene.client.get(&format!("{}?tab=history", path(&second))).await.good();
    assert_eq!(texts(&history, "tbody td:last-child"), ["Diff to previous", "–"]);
    assert!(history.text().contains("Compare A with B"), "{}", history.text());
}

#[tokio::test]
async fn a_snapshot_gets_another_name_description_and_tags() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let holder = scene.snapshot(json!({ "name": "taken" })).await;
    launched(&scene, &holder, "run", "completed").await;
    let snapshot = scene.snapshot(json!({ "name": "mine", "description": "Old.", "tags": ["a", "b"] })).await;
    let edit = format!("{}/edit", path(&snapshot));
    let page = scene.client.get(&edit).await.good();
    assert!(page.text().contains("Old."), "{}", page.text());
    let refused = scene.client.form(&edit, &[("name", "taken"), ("description", "New."), ("tags", "b, c")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("Its run keeps it"), "what replacing does: {}", refused.text());
    assert!(refused.text().contains("New."), "nothing typed is lost");
    assert_eq!(scene.client.form(&edit, &[("name", " ")]).await.status, 422);
    let fields = [("name", "taken"), ("description", ""), ("tags", "b, c"), ("replace", "true")];
    assert_eq!(scene.client.form(&edit, &fields).await.status, 303);
    let read = |entity: &Value| format!("/api/v1/pipeline_snapshots/{}?hydrate=true", id(entity));
    let changed = scene.client.get(&read(&snapshot)).await.good().json();
    assert_eq!((&changed["name"], &changed["metadata"]["description"]), (&json!("taken"), &Value::Null));
    let tags: Vec<&str> = changed["resources"]["tags"].as_array().expect("tags").iter().filter_map(|tag| tag["name"].as_str()).collect();
    assert_eq!(tags, ["b", "c"]);
    assert_eq!(scene.client.get(&read(&holder)).await.good().json()["name"], Value::Null);
}

#[tokio::test]
async fn a_new_snapshot_begins_with_the_choice_of_a_run() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let run = scene.run("of-today", json!({})).await;
    let choice = scene.client.get(&format!("{LIST}/new")).await.good();
    assert!(texts(&choice, "select#run option")[0].starts_with("#1 of-today · Running · training"));
    let page = scene.client.get(&format!("{LIST}/new?run=&run_id={}", id(&run))).await.good();
    assert_eq!(texts(&page, "#readiness").len(), 1, "whether the run's build can run here");
    let action = format!("/projects/default/runs/{}/create-snapshot", id(&run));
    assert!(page.text().contains(&action), "{}", page.text());
    let made = scene.client.form(&action, &[("name", "nightly"), ("description", "Of *today*.")]).await;
    assert_eq!(made.status, 303);
    assert_eq!(texts(&scene.client.get(made.header("location")).await.good(), ".markdown em"), ["today"]);
    assert_eq!(scene.client.get(&format!("{LIST}/new?run=nothing")).await.status, 404);
}

#[tokio::test]
async fn a_snapshot_becomes_a_preset_of_its_pipeline() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({ "name": "nightly" })).await;
    let list = scene.client.get(LIST).await.good().text();
    assert!(list.contains(&format!("formaction=\"{}/preset\"", path(&snapshot))), "{list}");
    for name in ["nightly", "nightly 2"] {
        let made = scene.client.form(&format!("{}/preset", path(&snapshot)), &[]).await;
        assert_eq!(made.status.as_u16(), 303, "{}", made.text());
        let shown = scene.client.get(made.header("location")).await.good().text();
        assert!(shown.contains(&format!("preset {name}")), "{shown}");
    }
    let presets = scene.client.get("/api/v1/presets?name=nightly&hydrate=true").await.good().json();
    assert!(presets.to_string().contains("learning_rate: 0.1"), "{presets}");
    let none = scene.client.form(&format!("{LIST}/00000000000000000000000000000000/preset"), &[]).await;
    assert_eq!(none.status.as_u16(), 404);
}

#[tokio::test]
async fn a_history_of_one_says_what_would_stand_there() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let only = scene.snapshot(json!({ "name": "first" })).await;
    let history = scene.client.get(&format!("{}?tab=history", path(&only))).await.good();
    assert!(history.text().contains("With the second one"), "{}", history.text());
    assert_eq!((texts(&history, "input[type=radio]").len(), history.text().contains("Compare A with B")), (0, false));
}

#[tokio::test]
async fn the_list_is_sorted_by_the_last_run() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let old = scene.snapshot(json!({ "name": "old" })).await;
    let new = scene.snapshot(json!({ "name": "new" })).await;
    scene.snapshot(json!({ "name": "never" })).await;
    launched(&scene, &new, "first", "completed").await;
    launched(&scene, &old, "second", "completed").await;
    assert_eq!(listed(&scene.client, "view=table&sort=desc:latest_run").await, ["old", "new", "never"]);
    assert_eq!(listed(&scene.client, "view=table&sort=asc:latest_run").await, ["never", "new", "old"]);
    let page = scene.client.get(&format!("{LIST}?view=table&sort=desc:latest_run")).await.good();
    assert_eq!(texts(&page, "th[aria-sort=descending]"), ["Last run"]);
    let sorted = scene.client.get("/api/v1/pipeline_snapshots?named_only=true&sort_by=desc:latest_run").await.good().json();
    assert_eq!(sorted["items"][0]["id"], old["id"]);
}
