//! Run Details without scripts: every value is there, nothing that was typed is lost, and a form runs once.

use darkroom::server::{db::launches, id::Id};
use scraper::{Html, Selector};
use serde_json::{Value, json};

use super::form::PageForm;
use crate::util::{Answer, Client, Scene, TestApp};

pub const RATE: &str = "p.steps.train.parameters.learning_rate";
const PROMPT: &str = "\nSay hello & goodbye to <name>.\n</textarea><b id=\"escaped\">bold</b>\n";

/// A named snapshot of a step with a parameter of each kind.
pub async fn page(scene: &Scene) -> String {
    let parameters = json!({
        "learning_rate": 0.1, "rows": 100, "shuffle": true, "kind": "tree", "since": "2026-01-31", "until": "2026-02-01T12:00:00",
        "seed": null, "layers": [8, 4], "labels": ["a", "b"], "prompt": PROMPT, "source": "",
        "modes": ["fast"], "weights": {"a": 1.5}, "optimizer": {"name": "adam", "momentum": 0.9}, "any": [1, 2],
    });
    let properties = json!({
        "learning_rate": {"type": "number"}, "rows": {"type": "integer"}, "shuffle": {"type": "boolean"},
        "kind": {"enum": ["tree", "linear"]}, "since": {"type": "string", "format": "date"},
        "until": {"type": "string", "format": "date-time"}, "seed": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "layers": {"type": "array", "items": {"type": "integer"}}, "labels": {"type": "array", "items": {"type": "string"}},
        "prompt": {"type": "string"}, "source": {"type": "string", "maxLength": 500},
        "modes": {"type": "array", "items": {"enum": ["fast", "slow", "exact"]}}, "any": {},
        "weights": {"type": "object", "additionalProperties": {"type": "number"}},
        "optimizer": {"type": "object", "properties": {"name": {"type": "string"}, "momentum": {"type": "number", "maximum": 1}}},
    });
    let mut request = scene.snapshot_request(json!({ "name": "daily" }));
    let step = &mut request["step_configurations"]["train"];
    step["spec"]["parameter_spec"] = json!({ "properties": properties });
    step["config"]["parameters"] = parameters.clone();
    step["step_config_overrides"]["parameters"] = parameters;
    let snapshot = scene.client.post("/api/v1/pipeline_snapshots", &request).await.good().json();
    format!("/projects/default/snapshots/{}/run", snapshot["id"].as_str().expect("an id"))
}

pub async fn form(client: &Client, path: &str) -> PageForm {
    PageForm::find(&client.get(path).await.good(), path, "launch")
}

#[track_caller]
pub fn again(answer: &Answer, status: u16, path: &str) -> PageForm {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    PageForm::find(answer, path.split('?').next().unwrap_or_default(), "launch")
}

async fn runs(scene: &Scene) -> Value {
    scene.client.get("/api/v1/runs").await.good().json()["total"].clone()
}

#[tokio::test]
async fn the_form_holds_every_value_and_sent_as_it_is_it_changes_nothing() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let form = form(&scene.client, &path).await;
    for (name, value) in [("learning_rate", "0.1"), ("rows", "100"), ("kind", "tree"), ("until", "2026-02-01T12:00:00"), ("prompt", PROMPT)]
    {
        assert_eq!(form.get(&format!("p.steps.train.parameters.{name}")), Some(value), "{name}");
    }
    assert_eq!(form.get("null.steps.train.parameters.seed"), Some("true"));
    assert_eq!(form.get("p.run_name"), Some("training-{date}-{time}"));
    let checked = form.send(&scene.client, "check").await;
    assert!(checked.text().contains("No changes"), "{}", checked.text());
    assert_eq!(again(&checked, 200, &path).get("yaml"), Some(""));
}

#[tokio::test]
async fn values_and_links_cannot_become_part_of_the_page() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let link = format!("{path}?p.steps.train.parameters.prompt=%3C%2Ftextarea%3E%3Cb%20id%3D%22escaped%22%3E");
    for path in [&path, &link] {
        let answer = scene.client.get(path).await.good();
        assert!(!answer.text().contains("<b id=\"escaped\">"), "{path}");
    }
    let linked = form(&scene.client, &link).await;
    assert_eq!(linked.get("p.steps.train.parameters.prompt"), Some("</textarea><b id=\"escaped\">"));
    let comment = "# </textarea> & &lt;\nrun_name: x\n";
    let sent = form(&scene.client, &path).await.with("yaml", comment).send(&scene.client, "check").await;
    assert_eq!(again(&sent, 200, &path).get("yaml"), Some(comment));
}

#[tokio::test]
async fn fields_go_into_the_text_and_the_text_into_the_fields() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let text = "# tried on Monday\nsteps:\n  train:\n    parameters:\n      rows: 7 # few\n";
    let sent = form(&scene.client, &path).await.with("yaml", text).with(RATE, "1e-4").send(&scene.client, "check").await;
    let form = again(&sent, 200, &path);
    assert_eq!(form.get("p.steps.train.parameters.rows"), Some("7"));
    let text = form.get("yaml").expect("the text");
    assert!(text.contains("# tried on Monday") && text.contains("rows: 7 # few") && text.contains("learning_rate: "), "{text}");
    let both = form.with("yaml", "run_name: a").with("p.run_name", "b").send(&scene.client, "run").await;
    let asked = again(&both, 422, &path);
    assert_eq!((asked.get("yaml"), asked.get("p.run_name")), (Some("run_name: a"), Some("b")));
    assert_eq!(runs(&scene).await, 0);
}

#[tokio::test]
async fn a_wrong_value_is_refused_and_kept() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let sent = form(&scene.client, &path).await.with(RATE, "fast").with("p.run_name", "mine").send(&scene.client, "run").await;
    assert!(sent.text().contains(&format!("id=\"{RATE}-error\"")), "the error stands at its field");
    let kept = again(&sent, 422, &path);
    assert_eq!((kept.get(RATE), kept.get("p.run_name")), (Some("fast"), Some("mine")));
    let text = "steps:\n  trian: {}\n";
    let sent = form(&scene.client, &path).await.with("yaml", text).with(RATE, "0.5").send(&scene.client, "run").await;
    assert!(sent.text().contains("Line 2"), "the error has its line");
    let kept = again(&sent, 422, &path);
    assert_eq!(kept.get(RATE), Some("0.5"));
    let sent = kept.with("yaml", "steps: [1").with("p.run_name", "mine").send(&scene.client, "run").await;
    let mended = again(&sent, 422, &path).with("yaml", "").send(&scene.client, "check").await;
    assert_eq!(again(&mended, 200, &path).get("p.run_name"), Some("mine"));
    assert_eq!(runs(&scene).await, 0);
}

#[tokio::test]
async fn a_form_runs_once_and_another_value_is_another_run() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let form = form(&scene.client, &path).await.with(RATE, "0.5");
    let first = form.send(&scene.client, "run").await;
    assert_eq!(first.status.as_u16(), 303, "{}", first.text());
    let location = first.header("location").to_owned();
    let run: Id = location.strip_prefix("/projects/default/runs/").expect("a run's page").parse().expect("an id");
    let row = launches::get(&mut app.state.db.read().await.expect("a connection"), run).await.expect("the query works");
    let row = row.expect("the launch is in the queue");
    assert_eq!(row.changed_paths, r#"["steps.train.parameters.learning_rate"]"#);
    let origin: Value = serde_json::from_str(&row.origin).expect("JSON");
    assert_eq!(origin["source"], "dashboard");
    let (second, third) = tokio::join!(form.send(&scene.client, "run"), form.send(&scene.client, "run"));
    assert_eq!((second.header("location"), third.header("location")), (location.as_str(), location.as_str()));
    assert_eq!(runs(&scene).await, 1);
    let other = form.with(RATE, "0.6").send(&scene.client, "run").await;
    assert_eq!(other.status.as_u16(), 303);
    assert_ne!(other.header("location"), location);
    assert_eq!(runs(&scene).await, 2);
}

#[tokio::test]
async fn a_file_is_loaded_with_a_report_and_runs_nothing() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let form = form(&scene.client, &path).await;
    let good =
        form.clone().with_file("train.yaml", "steps:\r\n  train:\r\n    parameters: {rows: 7}\r\n").send(&scene.client, "load").await;
    assert!(good.text().contains("It has 1 value that fit"), "{}", good.text());
    assert_eq!(again(&good, 200, &path).get("p.steps.train.parameters.rows"), Some("7"));
    let merged = again(&good, 200, &path).with_file("more.json", "{\"steps\": {\"train\": {\"parameters\": {\"shuffle\": false}}}}");
    let merged = merged.with("how", "merge").send(&scene.client, "load").await;
    let form_of_both = again(&merged, 200, &path);
    assert!(
        merged.text().contains("was merged")
            && form_of_both.get("yaml").is_some_and(|text| text.contains("rows: 7") && text.contains("shuffle: false"))
    );
    let undone = form_of_both.send(&scene.client, "undo").await;
    let text = "steps:\n  train:\n    parameters: {rows: 7}\n";
    assert_eq!(again(&undone, 200, &path).get("yaml"), Some(text));
    let bad = form.clone().with_file("train.yaml", "steps:\n  trian: {}\n").send(&scene.client, "load").await;
    assert!(bad.text().contains("1 unknown key") && bad.text().contains("Did you mean"), "{}", bad.text());
    for content in [vec![b'a'; 3 << 20], vec![0xff, 0xfe]] {
        let refused = form.clone().with(RATE, "0.5").with_file("train.yaml", content).send(&scene.client, "load").await;
        assert_eq!(again(&refused, 422, &path).get(RATE), Some("0.5"));
    }
    assert_eq!(runs(&scene).await, 0);
}

#[tokio::test]
async fn a_refused_launch_says_so_and_keeps_the_form() {
    let app = TestApp::with(|config| config.max_queued_runs = 1).await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    assert_eq!(form(&scene.client, &path).await.send(&scene.client, "run").await.status.as_u16(), 303);
    let full = form(&scene.client, &path).await.with(RATE, "0.5").send(&scene.client, "run").await;
    assert!(full.text().contains("Not started"), "{}", full.text());
    assert_eq!(again(&full, 429, &path).get(RATE), Some("0.5"));
    let secret = form(&scene.client, &path).await.with("yaml", "secrets: [token]\n").send(&scene.client, "run").await;
    assert!(secret.text().contains("line 1"), "{}", secret.text());
    again(&secret, 422, &path);
    let signed_out = form(&scene.client, &path).await.send(&app.anonymous(), "run").await;
    assert_eq!(signed_out.status.as_u16(), 401);
    assert!(signed_out.text().contains("Sign in again"), "{}", signed_out.text());
    let elsewhere = scene.client.with_header("origin", "https://example.com");
    assert_eq!(form(&scene.client, &path).await.send(&elsewhere, "run").await.status.as_u16(), 403);
    assert_eq!(runs(&scene).await, 1);
}

#[tokio::test]
async fn a_name_that_is_taken_and_a_full_queue_keep_every_value_and_say_what_to_do() {
    let app = TestApp::with(|config| config.max_queued_runs = 1).await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let text = "# kept\nrun_name: mine\n";
    let typed = form(&scene.client, &path).await.with("yaml", text).with(RATE, "0.5");
    assert_eq!(typed.send(&scene.client, "run").await.status.as_u16(), 303);
    let other = form(&scene.client, &path).await.with("yaml", text).with(RATE, "0.6");
    let full = other.send(&scene.client, "run").await;
    assert!(full.status.as_u16() == 409 || full.status.as_u16() == 429, "{}", full.text());
    let taken = match full.status.as_u16() {
        409 => full,
        _ => other.with("yaml", "# kept\nrun_name: other\n").send(&scene.client, "run").await,
    };
    let kept = again(&taken, taken.status.as_u16(), &path);
    assert_eq!(kept.get(RATE), Some("0.6"));
    assert!(kept.get("yaml").is_some_and(|text| text.starts_with("# kept")));
    assert!(taken.text().contains("already exists") && taken.text().contains("change "), "{}", taken.text());
    // With another name it is the queue that is full.
    let full = kept.with("p.run_name", "yours").send(&scene.client, "run").await;
    let kept = again(&full, 429, &path);
    assert_eq!((kept.get(RATE), kept.get("p.run_name")), (Some("0.6"), Some("yours")));
    assert_eq!(full.header("retry-after"), "30");
    assert!(full.text().contains("in about 30 seconds"), "{}", full.text());
    assert_eq!(runs(&scene).await, 1);
}

#[tokio::test]
async fn while_the_database_does_not_answer_the_form_is_carried_along_and_runs_once_afterwards() {
    let mut app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let text = "# kept </form>\nrun_name: mine\n";
    let typed = form(&scene.client, &path).await.with("yaml", text).with(RATE, "0.5");
    app.state.db.close().await;
    let away = typed.send(&scene.client, "run").await;
    assert_eq!((away.status.as_u16(), away.header("retry-after")), (503, "5"), "{}", away.text());
    let carried = PageForm::find(&away, &path, "launch-again");
    assert_eq!((carried.get("yaml"), carried.get(RATE), carried.get("key")), (Some(text), Some("0.5"), typed.get("key")));
    assert_eq!(carried.send(&scene.client, "run").await.status.as_u16(), 503, "still");
    app.restart().await;
    let client = app.admin().await;
    let first = carried.send(&client, "run").await;
    assert_eq!(first.status.as_u16(), 303, "{}", first.text());
    // The browser's Back, and again.
    for sent in [carried.send(&client, "run").await, typed.send(&client, "run").await] {
        assert_eq!(sent.header("location"), first.header("location"));
    }
    assert_eq!(client.get("/api/v1/runs").await.good().json()["total"], 1);
}

#[tokio::test]
async fn values_with_parts_have_controls_of_their_own() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let form = form(&scene.client, &path).await;
    let at = |name: &str| format!("p.steps.train.parameters.{name}");
    assert_eq!((form.get(&at("layers")), form.get(&at("optimizer.momentum"))), (Some("8, 4"), Some("0.9")));
    assert_eq!(
        (form.get("key.steps.train.parameters.weights"), form.get("value.steps.train.parameters.weights")),
        (Some("a"), Some("1.5"))
    );
    let form = form.with(&at("layers"), "16 8").with(&at("optimizer.momentum"), "0.5").choose(&at("modes"), "exact");
    let sent = form.with("value.steps.train.parameters.weights", "2.5").send(&scene.client, "check").await;
    assert!(sent.text().contains("Read as a list of 2"), "what a field that takes anything is read as");
    let form = again(&sent, 200, &path);
    let expected = "steps:\n  train:\n    parameters:\n      layers: [16, 8]\n      modes: [fast, exact]\n      optimizer:\n        momentum: 0.5\n      weights:\n        a: 2.5\n";
    let mut lines: Vec<&str> = form.get("yaml").expect("the text").lines().collect();
    let mut expected: Vec<&str> = expected.lines().collect();
    lines.sort_unstable();
    expected.sort_unstable();
    assert_eq!(lines, expected);
    assert_eq!(runs(&scene).await, 0);
}

#[tokio::test]
async fn commands_write_out_and_clear_the_text() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let text = "# mine\nbogus: 1\nsteps:\n  train:\n    parameters:\n      rows: 7\n      lr: 1\n";
    let form = form(&scene.client, &path).await.with("yaml", text);
    let cleared = form.send(&scene.client, "clear").await;
    assert!(cleared.text().contains("Removed: ") && cleared.text().contains("steps.train.parameters.lr"), "{}", cleared.text());
    let form = again(&cleared, 200, &path);
    assert_eq!(form.get("yaml"), Some("# mine\nsteps:\n  train:\n    parameters:\n      rows: 7\n"));
    assert_eq!(again(&form.send(&scene.client, "required").await, 200, &path).get("yaml"), form.get("yaml"), "nothing is missing");
    let all = again(&form.send(&scene.client, "expand").await, 200, &path);
    assert!(all.get("yaml").is_some_and(|text| text.starts_with("# mine\n") && text.contains("rows: 7") && text.contains("momentum: 0.9")));
}

#[tokio::test]
async fn the_url_says_which_views_are_shown() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    for (mode, hidden) in [("form", 1), ("yaml", 1), ("split", 0), ("nonsense", 0)] {
        let answer = scene.client.get(&format!("{path}?mode={mode}")).await.good();
        let page = Html::parse_document(&answer.text());
        let views = Selector::parse(".launch__view[hidden]").expect("a selector");
        assert_eq!(page.select(&views).count(), hidden, "{mode}");
    }
}

const RETRIES: &str = "p.steps.train.retry.max_retries";

#[tokio::test]
async fn options_of_the_run_and_of_steps_are_typed_like_parameters() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let first = form(&scene.client, &path).await;
    assert_eq!((first.get(RETRIES), first.get("p.settings.resources.cpu_count")), (None, Some("")), "nobody asked for those of the step");
    // The choice of a step sends the form: what was typed is there afterwards, and its options stay with every answer.
    let typed = first.with("p.settings.resources.cpu_count", "2").with("p.model.name", "churn").with("options", "train");
    let shown = again(&typed.send(&scene.client, "check").await, 200, &path);
    assert_eq!((shown.get(RETRIES), shown.get("options")), (Some(""), Some("train")));
    let shown = shown.with("key.environment", "LEVEL").with("value.environment", "debug").with("p.success_hook_source", "hooks.notify");
    let refused = again(&shown.with(RETRIES, "often").send(&scene.client, "run").await, 422, &path);
    assert_eq!(refused.get(RETRIES), Some("often"));
    let answer = refused.with(RETRIES, "3").send(&scene.client, "run").await;
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.text());
    let id: Id = answer.header("location").rsplit('/').next().expect("a run").parse().expect("an id");
    let mut connection = app.state.db.read().await.expect("a connection");
    let launch = launches::get(&mut connection, id).await.expect("launches").expect("the launch");
    let asked: Value = serde_json::from_str(&launch.run_configuration).expect("JSON");
    let expected = json!({
        "settings": { "resources": { "cpu_count": 2 } }, "model": { "name": "churn" }, "environment": { "LEVEL": "debug" },
        "success_hook_source": "hooks.notify", "steps": { "train": { "retry": { "max_retries": 3 } } },
    });
    assert_eq!(asked, expected, "only what was set");
}

#[tokio::test]
async fn a_link_shows_the_options_that_it_sets_or_names() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let named = form(&scene.client, &format!("{path}?options=train&options=nothing")).await;
    assert_eq!((named.get(RETRIES), named.get("options")), (Some(""), Some("train")));
    let set = form(&scene.client, &format!("{path}?p.steps.train.enable_cache=false&p.steps.train.retry.max_retries=never")).await;
    assert_eq!((set.get(RETRIES), set.get("p.steps.train.enable_cache")), (Some("never"), Some("false")), "what cannot be read too");
}
