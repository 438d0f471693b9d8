//! What each role may do with pages and forms: every one of them is asked by every role.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use darkroom::{
    model::roles::{Action, Role},
    server::pages,
};
use serde_json::{Value, json};

use crate::util::{Answer, Scene, TestApp};

/// The forms and downloads, and what they need. Whoever adds one adds a line here.
const FORMS: &[(&str, &str, Action)] = &[
    ("POST", "/activate-server", Action::Open),
    ("POST", "/activate-user", Action::Open),
    ("POST", "/appearance", Action::Open),
    ("POST", "/devices/verify", Action::KeepAccount),
    ("POST", "/login", Action::Open),
    ("POST", "/logout", Action::Open),
    ("GET", "/projects/{project}", Action::Read),
    ("GET", "/projects/{project}/pipelines/{pipeline}/run", Action::Read),
    ("GET", "/projects/{project}/presets/{preset}/yaml", Action::Read),
    ("POST", "/projects/{project}/runs/{run}/answer", Action::Steer),
    ("POST", "/projects/{project}/runs/{run}/create-snapshot", Action::Edit),
    ("POST", "/projects/{project}/runs/{run}/delete", Action::Edit),
    ("POST", "/projects/{project}/runs/{run}/stop", Action::Steer),
    ("POST", "/projects/{project}/snapshots/remove", Action::Edit),
    ("POST", "/projects/{project}/snapshots/restore", Action::Edit),
    ("POST", "/projects/{project}/snapshots/{snapshot}/access", Action::Edit),
    ("GET", "/projects/{project}/snapshots/{snapshot}/code", Action::Read),
    ("POST", "/projects/{project}/snapshots/{snapshot}/edit", Action::Edit),
    ("POST", "/projects/{project}/snapshots/{snapshot}/form", Action::Edit),
    ("GET", "/projects/{project}/snapshots/{snapshot}/form/yaml", Action::Read),
    ("POST", "/projects/{project}/snapshots/{snapshot}/preset", Action::Edit),
    // Its buttons are asked one by one: `pages::proposals`.
    ("POST", "/projects/{project}/snapshots/{snapshot}/run", Action::Read),
    ("GET", "/projects/{project}/snapshots/{snapshot}/template", Action::Read),
    ("POST", "/settings/users", Action::Administer),
    ("POST", "/signup", Action::Open),
    ("POST", "/stacks/{stack}/protect", Action::Edit),
];

/// The pages that need more than a session.
const PAGES: &[(&str, Role)] = &[
    ("/projects/{project}/runs/{run}/create-snapshot", Role::Editor),
    ("/projects/{project}/snapshots/new", Role::Editor),
    ("/projects/{project}/snapshots/remove", Role::Editor),
    ("/projects/{project}/snapshots/{snapshot}/edit", Role::Editor),
    ("/settings/users", Role::Admin),
];

/// The pages that people without a session see.
const OPEN_PAGES: &[&str] = &["/activate-server", "/activate-user", "/login", "/signup"];

/// What paths are about.
struct Objects(Vec<(&'static str, String)>);

impl Objects {
    async fn new(app: &TestApp) -> Self {
        let scene = Scene::new(app.admin().await).await;
        let id = |object: &Value| object["id"].as_str().expect("an id").to_owned();
        let (snapshot, run) = (scene.snapshot(json!({ "name": "daily" })).await, scene.run("first", json!({})).await);
        Self(vec![
            ("{project}", "default".to_owned()),
            ("{pipeline}", scene.pipeline.clone()),
            ("{snapshot}", id(&snapshot)),
            ("{run}", id(&run)),
            ("{stack}", scene.stack.clone()),
            ("{component}", scene.artifact_store.clone()),
        ])
    }

    /// A path with the objects in the place of its parameters.
    fn path(&self, path: &str) -> String {
        self.0.iter().fold(path.to_owned(), |path, (parameter, id)| path.replace(parameter, id)).replace(['{', '}'], "")
    }
}

/// Whether the page, or the page that answers a form, is the one that says which role it takes.
fn is_refused(answer: &Answer) -> bool {
    let text = answer.text();
    let refused = text.contains(">Not allowed<") && text.contains("An admin can change that");
    assert!(!refused || (answer.status == StatusCode::FORBIDDEN && text.contains("takes the role")), "{text}");
    refused
}

fn leads_to_sign_in(answer: &Answer) -> bool {
    answer.header("location").starts_with("/login")
}

#[tokio::test]
async fn every_form_and_download_lets_in_the_roles_that_it_should_and_no_others() {
    let app = TestApp::new().await;
    let objects = Objects::new(&app).await;
    let needs: Vec<(String, &str, Action)> =
        pages::routes(&app.state).needs.into_iter().map(|(method, path, action)| (method.to_string(), path, action)).collect();
    let expected: Vec<(String, &str, Action)> = FORMS.iter().map(|(method, path, action)| ((*method).to_owned(), *path, *action)).collect();
    assert_eq!(needs, expected);

    for role in Role::ALL {
        let client = app.with_role(&format!("the-{role}"), role).await;
        for (method, path, action) in FORMS {
            let method: Method = method.parse().expect("a method");
            let form = "application/x-www-form-urlencoded";
            let answer = client.send(method, &objects.path(path), Some(form), Body::empty()).await;
            assert_eq!(is_refused(&answer), !role.may(*action), "{path} as {role} gave {}: {}", answer.status, answer.text());
        }
    }
    for (method, path, action) in FORMS.iter().filter(|(.., action)| *action != Action::Open) {
        let (method, form) = (method.parse().expect("a method"), "multipart/form-data; boundary=end");
        let answer = app.anonymous().send(method, &objects.path(path), Some(form), Body::from("--end--\r\n")).await;
        // The form of a launch comes with the sign-in page, so that nothing typed is lost.
        assert!(
            leads_to_sign_in(&answer) || (answer.status == StatusCode::UNAUTHORIZED && path.ends_with("/run")),
            "{path}, which is to {action:?}, gave {}: {}",
            answer.status,
            answer.text()
        );
    }
}

#[tokio::test]
async fn every_page_lets_in_the_roles_that_it_should_and_no_others() {
    let app = TestApp::new().await;
    let objects = Objects::new(&app).await;
    let needed = |path: &str| PAGES.iter().find(|(page, _)| *page == path).map_or(Role::Viewer, |(_, role)| *role);
    let paths: Vec<&str> = pages::paths().collect();
    assert!(paths.len() > 20 && PAGES.iter().all(|(page, _)| paths.contains(page)), "{paths:?}");
    for role in Role::ALL {
        let client = app.with_role(&format!("the-{role}"), role).await;
        for path in &paths {
            let answer = client.get(&objects.path(path)).await;
            assert_eq!(is_refused(&answer), role < needed(path), "{path} as {role} gave {}: {}", answer.status, answer.text());
        }
    }
    for path in paths {
        let answer = app.anonymous().get(&objects.path(path)).await;
        assert_eq!(leads_to_sign_in(&answer), !OPEN_PAGES.contains(&path), "{path} gave {}: {}", answer.status, answer.text());
    }
}

#[tokio::test]
async fn a_refused_form_says_who_can_change_that_and_leads_back() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({ "name": "daily" })).await;
    let page = format!("/projects/default/snapshots/{}", snapshot["id"].as_str().expect("an id"));
    let viewer = app.with_role("vera", Role::Viewer).await.with_header("referer", &format!("http://127.0.0.1:8080{page}"));
    let answer = viewer.form(&format!("{page}/edit"), &[("name", "mine")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let text = answer.text();
    assert!(text.contains("takes the role editor; yours is viewer. An admin can change that: admin."), "{text}");
    assert!(text.contains(&format!("href=\"{page}\"")), "a way back: {text}");
    let kept = scene.client.get(&format!("/api/v1/pipeline_snapshots/{}", snapshot["id"].as_str().expect("an id"))).await.good().json();
    assert_eq!(kept["name"], "daily");
}
