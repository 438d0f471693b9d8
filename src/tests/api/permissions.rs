//! What each role may do over REST: every route is asked by every role, and a run does its work whatever its owner's role is.

use std::collections::BTreeSet;

use axum::{body::Body, http::Method};
use darkroom::{
    model::roles::{Action, Role},
    server::{
        api::{
            self,
            routes::{Described, Method as RouteMethod},
        },
        db::{stored::Changes, users::UserRow},
    },
};
use serde_json::{Value, json};

use crate::util::{Answer, Client, Scene, TestApp};

/// Which role each route needs. Whoever adds a route adds a line here.
const TABLE: &str = include_str!("../fixtures/roles_of_routes.txt");

fn name(method: RouteMethod) -> Method {
    match method {
        RouteMethod::Get => Method::GET,
        RouteMethod::Post => Method::POST,
        RouteMethod::Put => Method::PUT,
        RouteMethod::Patch => Method::PATCH,
        RouteMethod::Delete => Method::DELETE,
    }
}

fn line(route: &Described) -> String {
    let needs = match route.action.role() {
        None => "open".to_owned(),
        Some(role) if route.action.is_work_of_a_run() && role > Role::Viewer => format!("{role} or a run"),
        Some(role) => role.to_string(),
    };
    format!("{} {}: {needs}", name(route.method), route.path)
}

#[test]
fn the_routes_need_the_roles_of_the_table() {
    let routes = api::routes();
    let is: BTreeSet<String> = routes.described().iter().map(line).collect();
    let expected: BTreeSet<String> = TABLE.lines().map(str::to_owned).collect();
    let (new, gone): (Vec<_>, Vec<_>) = (is.difference(&expected).collect(), expected.difference(&is).collect());
    assert!(new.is_empty() && gone.is_empty(), "not in the table: {new:#?}\nonly in the table: {gone:#?}");
}

async fn ask(client: &Client, route: &Described) -> Answer {
    let path = route.path.replace("{id}", "c6df0e38-512d-4f0a-87f6-d03095fe9931").replace(['{', '}', '*'], "");
    client.send(name(route.method), &format!("/api/v1{path}"), Some("application/json"), Body::from("{}")).await
}

/// Why the role, or the lack of an account, is no good for a route; none where the answer is about something else.
fn refusal(answer: &Answer) -> Option<&'static str> {
    let text = answer.text();
    match answer.status.as_u16() {
        401 if text.contains("Not authenticated") => Some("nobody"),
        403 if text.contains("takes the role") => Some("role"),
        _ => None,
    }
}

#[tokio::test]
async fn every_route_lets_in_the_roles_that_it_should_and_no_others() {
    let app = TestApp::new().await;
    let mut callers = vec![(None, app.anonymous())];
    for role in Role::ALL {
        callers.push((Some(role), app.with_role(&format!("the-{role}"), role).await));
    }
    let mut wrong = Vec::new();
    for route in api::routes().described() {
        for (role, client) in &callers {
            let answer = ask(client, route).await;
            let expected = match (route.action.role(), role) {
                (None, _) => None,
                (Some(_), None) => Some("nobody"),
                (Some(least), Some(role)) => (*role < least).then_some("role"),
            };
            if refusal(&answer) != expected {
                wrong.push(format!("{} as {role:?} gave {}: {}", line(route), answer.status, answer.text()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_refusal_says_which_role_it_takes_and_who_can_give_it() {
    let app = TestApp::new().await;
    let viewer = app.with_role("vera", Role::Viewer).await;
    let (class, message) = viewer.post("/api/v1/projects", &json!({ "name": "vision" })).await.refused(403);
    assert_eq!(class, "IllegalOperationError");
    assert_eq!(message, "To change things takes the role editor; yours is viewer. An admin can change that: admin.");
}

#[tokio::test]
async fn the_description_says_the_role_of_each_operation() {
    let app = TestApp::new().await;
    let document = app.anonymous().get("/openapi.json").await.good().json();
    for route in api::routes().described() {
        let path = format!("/api/v1{}", route.path.replace("{*", "{"));
        let operation = &document["paths"][&path][name(route.method).as_str().to_lowercase()];
        let said = operation["description"].as_str().unwrap_or_default();
        match route.action.role() {
            Some(role) => assert!(said.contains(&format!("`{role}`")), "{}: {said}", line(route)),
            None => assert_eq!(said, "", "{}", line(route)),
        }
        assert!(operation["responses"]["403"].is_object(), "{}", line(route));
    }
}

/// A run that somebody launched, with a client that acts as they do and one that has the run's token.
async fn launched(app: &TestApp, role: Role) -> (Scene, Value, Client, Client) {
    let scene = Scene::new(app.admin().await).await;
    let snapshot = scene.snapshot(json!({ "name": "daily" })).await;
    let owner = app.with_role("olga", Role::Operator).await;
    let path = format!("/api/v1/pipeline_snapshots/{}/runs", snapshot["id"].as_str().expect("an id"));
    let run = owner.post(&path, &json!({})).await.good().json();
    set_role(app, "olga", role).await;
    let id = app.account("olga").await.id;
    let run_id = run["id"].as_str().expect("an id").parse().expect("an id");
    let process = app.bearer(&app.token(id, |claims| claims.pipeline_run_id = Some(run_id)));
    (scene, run, owner, process)
}

async fn set_role(app: &TestApp, name: &str, role: Role) {
    let id = app.account(name).await.id;
    let mut connection = app.state.db.begin().await.expect("a connection");
    connection.update::<UserRow>(id, Changes::new().set("role", role)).await.expect("updated");
    connection.commit().await.expect("committed");
}

#[tokio::test]
async fn a_run_does_its_work_whatever_the_role_of_its_owner() {
    let app = TestApp::new().await;
    for role in [Role::Operator, Role::Viewer] {
        let app = if role == Role::Operator { &app } else { &TestApp::new().await };
        let (scene, run, owner, process) = launched(app, role).await;
        let id = run["id"].as_str().expect("an id");
        let token = format!("/api/v1/api_token?token_type=workload&pipeline_run_id={id}");
        process.get(&token).await.good();
        let (_, message) = owner.get(&token).await.refused(403);
        assert!(message.contains("takes the role editor"), "or anybody could make a run of themselves: {message}");
        let step = json!({
            "project": scene.project, "name": "train", "pipeline_run_id": run["id"], "status": "running",
            "start_time": "2026-11-23T04:51:12.495710", "inputs": {}, "outputs": {},
        });
        owner.post("/api/v1/steps", &step).await.refused(403);
        let made = process.post("/api/v1/steps", &step).await.good().json();
        let artifact = scene.artifact_version("model", json!({}));
        owner.post("/api/v1/artifact_versions", &artifact).await.refused(403);
        let artifact = process.post("/api/v1/artifact_versions", &artifact).await.good().json();
        let done = json!({ "status": "completed", "end_time": "2026-11-23T04:51:13.0", "outputs": { "output": [artifact["id"]] } });
        process.put(&format!("/api/v1/steps/{}", made["id"].as_str().expect("an id")), &done).await.good();
        // It is a run, not an editor.
        process.post("/api/v1/projects", &json!({ "name": "vision" })).await.refused(403);
    }
}

#[tokio::test]
async fn an_operator_stops_their_own_runs_only() {
    let app = TestApp::new().await;
    let (scene, run, olga, _) = launched(&app, Role::Operator).await;
    let other = scene.run("of-the-admin", json!({})).await;
    let stop = |run: &Value| format!("/api/v1/runs/{}/stop?graceful=true", run["id"].as_str().expect("an id"));
    let (_, message) = olga.post(&stop(&other), &json!(null)).await.refused(403);
    assert!(message.starts_with("Somebody else started this run"), "{message}");
    olga.post(&stop(&run), &json!(null)).await.good();
}

#[tokio::test]
async fn a_new_role_counts_at_once() {
    let app = TestApp::new().await;
    let ann = app.user("ann").await;
    ann.post("/api/v1/projects", &json!({ "name": "one" })).await.good();
    set_role(&app, "ann", Role::Viewer).await;
    ann.post("/api/v1/projects", &json!({ "name": "two" })).await.refused(403);
    ann.get("/api/v1/projects").await.good();
}

#[tokio::test]
async fn secrets_are_seen_by_viewers_and_their_values_are_not() {
    let app = TestApp::new().await;
    let secret = json!({ "name": "token", "values": { "key": "a secret value" } });
    let secret = app.admin().await.post("/api/v1/secrets", &secret).await.good().json();
    let viewer = app.with_role("vera", Role::Viewer).await;
    let list = viewer.get("/api/v1/secrets").await.good();
    assert!(list.text().contains("token") && !list.text().contains("a secret value"));
    viewer.get(&format!("/api/v1/secrets/{}", secret["id"].as_str().expect("an id"))).await.refused(403);

    let connector = json!({
        "name": "hub", "connector_type": "docker", "auth_method": "password", "resource_types": ["docker-registry"],
        "configuration": { "username": "u", "password": "a secret password" },
    });
    let connector = app.admin().await.post("/api/v1/service_connectors", &connector).await.good().json();
    let one = format!("/api/v1/service_connectors/{}", connector["id"].as_str().expect("an id"));
    for path in ["/api/v1/service_connectors?hydrate=true", &one] {
        assert!(!viewer.get(path).await.good().text().contains("a secret password"), "{path}");
        assert!(app.user(&format!("ed{}", path.len())).await.get(path).await.good().text().contains("a secret password"), "{path}");
    }
}

#[tokio::test]
async fn an_operator_has_private_presets_and_shares_none() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let olga = app.with_role("olga", Role::Operator).await;
    let preset =
        |name: &str, private: bool| json!({ "pipeline": scene.pipeline, "name": name, "private": private, "configuration": "steps: {}" });
    let (_, message) = olga.post("/api/v1/presets", &preset("fast", false)).await.refused(403);
    assert!(message.contains("private"), "{message}");
    let made = olga.post("/api/v1/presets", &preset("fast", true)).await.good().json();
    let path = format!("/api/v1/presets/{}", made["id"].as_str().expect("an id"));
    olga.put(&path, &json!({ "private": false })).await.refused(403);
    olga.put(&path, &json!({ "description": "mine" })).await.good();
}

#[tokio::test]
async fn roles_are_given_over_rest() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let made = admin.post("/api/v1/users", &json!({ "name": "olga", "is_admin": false, "role": "operator" })).await.good().json();
    assert_eq!((&made["metadata"]["role"], &made["body"]["is_admin"]), (&json!("operator"), &json!(false)));
    let ann = admin.post("/api/v1/users", &json!({ "name": "ann", "is_admin": false })).await.good().json();
    assert_eq!(ann["metadata"]["role"], "editor", "what clients of ZenML take every account for");
    let (_, message) = admin.post("/api/v1/users", &json!({ "name": "eve", "is_admin": true, "role": "viewer" })).await.refused(400);
    assert!(message.contains("contradict"), "{message}");
    admin.post("/api/v1/users", &json!({ "name": "eve", "is_admin": false, "role": "owner" })).await.refused(422);

    let role_after = async |update: Value| {
        let changed = admin.put("/api/v1/users/olga", &update).await.good().json();
        (changed["metadata"]["role"].as_str().expect("a role").to_owned(), changed["body"]["is_admin"] == true)
    };
    assert_eq!(role_after(json!({ "is_admin": false })).await, ("operator".to_owned(), false), "it was none");
    assert_eq!(role_after(json!({ "role": "viewer" })).await, ("viewer".to_owned(), false));
    assert_eq!(role_after(json!({ "is_admin": true })).await, ("admin".to_owned(), true));
    assert_eq!(role_after(json!({ "is_admin": false })).await, ("editor".to_owned(), false));
    admin.put("/api/v1/users/admin", &json!({ "role": "viewer" })).await.refused(403);
    app.user("bob").await.put("/api/v1/users/bob", &json!({ "role": "admin" })).await.refused(403);
    app.user("cleo").await.put("/api/v1/current-user", &json!({ "role": "admin" })).await.good();
    assert_eq!(app.account("cleo").await.role, Role::Editor, "rights are not changed there");

    let account = json!({ "name": "ci", "active": true, "role": "operator" });
    let account = admin.post("/api/v1/service_accounts", &account).await.good().json();
    assert_eq!(account["metadata"]["role"], "operator");
    let changed = admin.put("/api/v1/service_accounts/ci", &json!({ "role": "viewer" })).await.good().json();
    assert_eq!(changed["metadata"]["role"], "viewer");
}

#[test]
fn no_action_is_without_a_route() {
    let routes = api::routes();
    for action in Action::ALL {
        assert!(routes.described().iter().any(|route| route.action == action), "{action:?}");
    }
}
