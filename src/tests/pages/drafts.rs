//! Drafts of Run Details on the server: kept with each post, told to their user alone, restored, discarded, done by a launch.

use darkroom::{
    args,
    server::{db::drafts::DraftRow, launch::upkeep},
};
use serde_json::json;

use super::{
    form::PageForm,
    run_details::{RATE, again, form, page},
};
use crate::util::{Answer, Client, PASSWORD, Scene, TestApp};

const TEXT: &str = "# tried on Monday\nsteps:\n  train:\n    parameters:\n      rows: 7 # few\n";

async fn drafts(app: &TestApp) -> Vec<DraftRow> {
    let mut connection = app.state.db.read().await.expect("a connection");
    connection.find_all("1 = 1 order by typed desc", args![]).await.expect("the query works")
}

/// The form of the draft that a page's URL names.
async fn restored(client: &Client, path: &str, id: &str) -> PageForm {
    again(&client.get(&format!("{path}?draft={id}")).await, 200, path)
}

/// What a page sends while somebody types.
async fn kept(client: &Client, form: &PageForm) -> Answer {
    form.send(client, "keep").await.good()
}

#[tokio::test]
async fn what_was_typed_comes_back_with_its_layers() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let preset = json!({ "pipeline": scene.pipeline, "name": "small", "configuration": "enable_cache: false" });
    scene.client.post("/api/v1/presets", &preset).await.good();
    let opened = form(&scene.client, &format!("{path}?preset=small")).await;
    let text = format!("{}{TEXT}", opened.get("yaml").expect("the text"));
    // Something that is no number cannot go into the text, and is kept all the same.
    let checked = opened.with("yaml", &text).with(RATE, "fast").send(&scene.client, "check").await;
    let id = again(&checked, 200, &path).get("draft").expect("its id").to_owned();
    assert!(checked.text().contains("Draft kept"), "{}", checked.text());

    let offered = scene.client.get(&path).await.good().text();
    assert!(offered.contains("Restore your draft?") && offered.contains(&format!("?draft={id}")), "{offered}");
    let form = restored(&scene.client, &path, &id).await;
    assert_eq!((form.get("yaml"), form.get(RATE)), (Some(text.as_str()), Some("fast")));
    let shown = scene.client.get(&format!("{path}?draft={id}")).await.text();
    assert!(shown.contains("preset small") && !shown.contains("Restore your draft?"), "{shown}");

    let launched = form.with(RATE, "0.5").send(&scene.client, "run").await;
    assert_eq!(launched.status.as_u16(), 303, "{}", launched.text());
    assert!(drafts(&app).await.is_empty(), "a launch is the end of its draft");
    let gone = scene.client.get(&format!("{path}?draft={id}")).await.good().text();
    assert!(gone.contains("not there any more"), "{gone}");
}

#[tokio::test]
async fn a_page_keeps_its_draft_while_somebody_types() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let opened = form(&scene.client, &path).await;
    kept(&scene.client, &opened).await;
    assert!(drafts(&app).await.is_empty(), "nothing was typed");
    let typed = opened.with("yaml", TEXT);
    for rate in ["0.8", "0.9"] {
        kept(&scene.client, &typed.clone().with(RATE, rate)).await;
    }
    let stored = drafts(&app).await;
    assert_eq!((stored.len(), stored[0].revision), (1, 2), "the page goes on with its own draft");
    assert!(stored[0].configuration.contains("learning_rate: 0.9"), "{}", stored[0].configuration);
    // What was launched is no draft: a page that says so late is not believed.
    assert_eq!(typed.send(&scene.client, "run").await.status.as_u16(), 303);
    kept(&scene.client, &typed).await;
    assert!(drafts(&app).await.is_empty());
    kept(&scene.client, &typed.with(RATE, "0.7")).await;
    assert_eq!(drafts(&app).await.len(), 1, "what was typed since is one");
}

#[tokio::test]
async fn two_pages_do_not_write_over_each_other() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let first = form(&scene.client, &path).await.with("yaml", TEXT);
    kept(&scene.client, &first).await;
    let id = drafts(&app).await[0].id.to_string();
    let second = restored(&scene.client, &path, &id).await;
    kept(&scene.client, &second.clone().with(RATE, "0.2")).await;
    assert_eq!(drafts(&app).await.len(), 1, "the second page goes on with it");
    kept(&scene.client, &first.with(RATE, "0.3")).await;
    let texts: Vec<String> = drafts(&app).await.into_iter().map(|draft| draft.configuration).collect();
    assert_eq!(texts.len(), 2, "{texts:?}");
    for rate in ["0.2", "0.3"] {
        assert!(texts.iter().any(|text| text.contains(&format!("learning_rate: {rate}"))), "{rate}: {texts:?}");
    }
}

#[tokio::test]
async fn a_draft_is_its_users_alone() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let typed = form(&scene.client, &path).await.with("yaml", TEXT);
    kept(&scene.client, &typed).await;
    let id = drafts(&app).await[0].id.to_string();
    let ann = app.user("ann").await;
    let page = ann.get(&path).await.good().text();
    assert!(!page.contains("Restore your draft?"), "{page}");
    let page = ann.get(&format!("{path}?draft={id}")).await.good().text();
    assert!(page.contains("not there any more") && !page.contains("tried on Monday"), "{page}");
    // A page of one account in the session of another: neither's draft changes.
    assert_eq!(typed.send(&ann, "keep").await.status.as_u16(), 401);
    let other = form(&ann, &path).await.with("draft", &id).with("yaml", "run_name: ann's\n");
    kept(&ann, &other).await;
    assert_eq!(form(&ann, &path).await.send(&ann, &format!("discard:{id}")).await.status.as_u16(), 200);
    let stored = drafts(&app).await;
    assert_eq!(stored.len(), 2);
    assert!(stored.iter().any(|draft| draft.id.to_string() == id && draft.configuration == TEXT));
}

#[tokio::test]
async fn drafts_are_discarded_and_limited_and_go_in_time() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    for n in 0..7 {
        kept(&scene.client, &form(&scene.client, &path).await.with("yaml", &format!("run_name: n{n}\n"))).await;
    }
    let stored = drafts(&app).await;
    assert_eq!(stored.len(), 5, "the oldest went");
    assert!(stored.iter().all(|draft| !draft.configuration.contains("n0") && !draft.configuration.contains("n1")));
    // One that is offered, with something typed on the page meanwhile.
    let (shown, other) = (stored[0].id.to_string(), stored[1].id.to_string());
    let page = restored(&scene.client, &path, &shown).await.with(RATE, "0.4");
    let after = page.send(&scene.client, &format!("discard:{other}")).await;
    assert_eq!(again(&after, 200, &path).get(RATE), Some("0.4"));
    // The one that is shown: the form starts anew.
    let after = page.send(&scene.client, &format!("discard:{shown}")).await;
    assert_eq!((after.status.as_u16(), after.header("location")), (303, path.as_str()));
    assert_eq!(drafts(&app).await.len(), 3);

    let mut connection = app.state.db.begin().await.expect("a transaction");
    let old = darkroom::server::time::Timestamp::now().plus_seconds(-31 * 86_400);
    connection.execute("update drafts set typed = $1", args![old]).await.expect("changed");
    connection.commit().await.expect("committed");
    assert!(!scene.client.get(&path).await.text().contains("Restore your draft?"), "what is over is not offered");
    upkeep::tidy_drafts(&app.state).await.expect("tidied");
    assert!(drafts(&app).await.is_empty());
}

#[tokio::test]
async fn what_is_too_large_or_secret_is_not_kept() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let mut request = scene.snapshot_request(json!({ "name": "secretive" }));
    let step = &mut request["step_configurations"]["train"];
    step["spec"]["parameter_spec"] =
        json!({ "properties": { "token": { "type": "string", "format": "password" }, "rows": { "type": "integer" } } });
    for part in ["config", "step_config_overrides"] {
        step[part]["parameters"] = json!({ "token": "", "rows": 1 });
    }
    let snapshot = scene.client.post("/api/v1/pipeline_snapshots", &request).await.good().json();
    let path = format!("/projects/default/snapshots/{}/run", snapshot["id"].as_str().expect("an id"));
    let typed =
        form(&scene.client, &path).await.with("p.steps.train.parameters.token", "hunter2").with("p.steps.train.parameters.rows", "3");
    let checked = typed.send(&scene.client, "check").await;
    let page = again(&checked, 200, &path);
    assert_eq!(page.get("p.steps.train.parameters.token"), Some("hunter2"), "the page itself has it still");
    let stored = drafts(&app).await;
    assert!(stored[0].configuration.contains("rows: 3") && !format!("{stored:?}").contains("hunter2"), "{stored:?}");
    let broken = page.with("yaml", "token: hunter2\n- [").send(&scene.client, "check").await;
    assert!(broken.text().contains("Not kept as a draft"), "{}", broken.text());
    assert!(!format!("{:?}", drafts(&app).await).contains("hunter2"));

    let path = super::run_details::page(&scene).await;
    let long = format!("# {}\n", "x".repeat(1 << 20));
    let checked = form(&scene.client, &path).await.with("yaml", &long).send(&scene.client, "check").await;
    assert!(checked.text().contains("Not kept as a draft"), "the page says so");
    assert_eq!(drafts(&app).await.len(), 1);
}

#[tokio::test]
async fn nothing_is_lost_when_the_session_ends_while_somebody_types() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let typed = form(&scene.client, &path).await.with("yaml", TEXT).with(RATE, "0.5");
    for action in ["keep", "run"] {
        let refused = typed.send(&app.anonymous(), action).await;
        assert_eq!(refused.status.as_u16(), 401, "{action}");
    }
    let refused = typed.send(&app.anonymous(), "run").await;
    let sign_in = PageForm::find(&refused, "/login", "session-card__form");
    let fields = |password: &str| {
        let of = |name: &str| sign_in.get(name).unwrap_or_default().to_owned();
        [("username", "admin".to_owned()), ("password", password.to_owned()), ("redirect", of("redirect")), ("typed", of("typed"))]
    };
    let send = |password: &'static str| {
        let fields = fields(password);
        let client = app.anonymous();
        async move { client.form("/login", &fields.each_ref().map(|(name, value)| (*name, value.as_str()))).await }
    };
    let wrong = send("wrong").await;
    assert_eq!(PageForm::find(&wrong, "/login", "session-card__form").get("typed"), sign_in.get("typed"), "a wrong password loses nothing");
    let signed_in = send(PASSWORD).await;
    let location = signed_in.header("location").to_owned();
    assert!(signed_in.status.as_u16() == 303 && location.starts_with(&format!("{path}?draft=")), "{location}");
    let back = again(&scene.client.get(&location).await, 200, &path);
    assert_eq!(back.get(RATE), Some("0.5"));
    assert!(back.get("yaml").is_some_and(|text| text.starts_with("# tried on Monday")));
    assert_eq!(scene.client.get("/api/v1/runs").await.good().json()["total"], 0, "nothing was started");
}
