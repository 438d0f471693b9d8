//! `/info`, `/settings`, `/activate` and the like, and the first start.

use std::collections::BTreeSet;

use darkroom::server::start::FirstStart;
use serde_json::{Value, json};

use crate::util::{PASSWORD, Scene, TestApp, shape};

#[tokio::test]
async fn info_tells_clients_how_to_sign_in() {
    let app = TestApp::new().await;
    let info = app.anonymous().get("/api/v1/info").await.good().json();
    assert_eq!(
        shape(&info),
        json!({
            "id": "[id]", "name": "Darkroom", "version": "0.98.0", "active": true, "debug": false, "deployment_type": "other",
            "database_type": if app.state.db.kind() == "sqlite" { "sqlite" } else { "other" },
            "secrets_store_type": "sql", "auth_scheme": "OAUTH2_PASSWORD_BEARER", "server_url": "http://127.0.0.1:8080",
            "dashboard_url": "", "analytics_enabled": false, "metadata": {}, "last_user_activity": "[time]",
            "pro_dashboard_url": null, "pro_api_url": null, "pro_organization_id": null, "pro_organization_name": null,
            "pro_workspace_id": null, "pro_workspace_name": null,
        })
    );
    assert_eq!(app.anonymous().get("/api/v1/version").await.good().json(), "0.98.0");
}

#[tokio::test]
async fn settings_are_read_by_all_and_changed_by_admins() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.admin().await, app.user("ann").await);
    let settings = ann.get("/api/v1/settings").await.good().json();
    assert_eq!(
        shape(&settings),
        json!({
            "body": {
                "server_id": "[id]", "server_name": "Darkroom", "logo_url": null, "active": true, "enable_analytics": false,
                "display_announcements": true, "display_updates": true, "last_user_activity": "[time]", "updated": "[time]",
            },
            "metadata": {},
            "resources": {},
        })
    );
    assert_eq!(ann.get("/api/v1/settings?hydrate=false").await.good().json()["metadata"], Value::Null);
    ann.put("/api/v1/settings", &json!({})).await.good();
    assert_eq!(ann.put("/api/v1/settings", &json!({ "display_updates": true })).await.refused(403).0, "IllegalOperationError");
    let body = json!({ "server_name": "lab", "logo_url": "https://example.com/l.png", "display_announcements": false });
    let changed = admin.put("/api/v1/settings", &body).await.good().json();
    assert_eq!((&changed["body"]["server_name"], &changed["body"]["display_announcements"]), (&json!("lab"), &json!(false)));
    assert_eq!(app.anonymous().get("/api/v1/info").await.good().json()["name"], "lab");
    admin.put("/api/v1/settings", &json!({ "server_name": "" })).await.refused(400);
    app.anonymous().get("/api/v1/settings").await.refused(401);
}

#[tokio::test]
async fn statistics_load_and_onboarding() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let statistics = admin.get("/api/v1/statistics").await.good().json();
    assert_eq!((&statistics["stacks"], &statistics["projects"]), (&json!(1), &json!(1)));
    let load = admin.get("/api/v1/load-info").await.good().json();
    assert!(load["threads"].as_u64().is_some_and(|threads| threads > 0), "{load}");
    // The default project counts.
    assert_eq!(admin.get("/api/v1/onboarding_state").await.good().json(), json!(["project_created"]));
    for path in ["statistics", "load-info", "onboarding_state"] {
        app.anonymous().get(&format!("/api/v1/{path}")).await.refused(401);
    }
}

#[tokio::test]
async fn a_step_of_the_onboarding_stays_reached() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let components = json!({ "orchestrator": [{ "flavor": "kubernetes" }], "artifact_store": [{ "flavor": "local" }] });
    let stack = admin.post("/api/v1/stacks", &json!({ "name": "cluster", "components": components })).await.good().json();
    let scene = Scene::new(admin.clone()).await;
    let run = scene.run("first", json!({})).await;
    let step = scene.step(&run).await;
    scene.complete(&step, &scene.store("data", json!({})).await).await;
    for (path, object) in [("stacks", &stack), ("runs", &run)] {
        admin.delete(&format!("/api/v1/{path}/{}", object["id"].as_str().expect("an id"))).await.good();
    }
    let reached = admin.get("/api/v1/onboarding_state").await.good().json();
    let reached: BTreeSet<&str> = reached.as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    assert_eq!(reached, BTreeSet::from(["pipeline_run", "project_created", "stack_with_remote_orchestrator_created"]));
}

/// The token in a printed set-up link.
fn token(start: &FirstStart) -> String {
    match start {
        FirstStart::SetUpLink(link) => link.split_once("token=").expect("a token").1.to_owned(),
        other => panic!("no link but {other:?}"),
    }
}

#[tokio::test]
async fn a_server_without_admins_is_set_up_once_with_its_link() {
    let app = TestApp::inactive(|_| {}).await;
    let outdated = token(&app.first_start().await);
    let current = token(&app.first_start().await);
    assert_eq!(app.anonymous().get("/api/v1/info").await.good().json()["active"], false);
    let request = |token: &str| json!({ "admin_username": "root", "admin_password": PASSWORD, "server_name": "lab", "setup_token": token });
    for wrong in ["", "wrong", &outdated] {
        let (class, message) = app.anonymous().put("/api/v1/activate", &request(wrong)).await.refused(403);
        assert!(class == "IllegalOperationError" && message.contains("set-up link"), "{message}");
    }
    let path = format!("/api/v1/activate?token={current}");
    let (_, message) = app.anonymous().put(&path, &json!({ "server_name": "lab" })).await.refused(400);
    assert!(message.contains("admin_username"), "{message}");
    app.anonymous().put(&path, &json!({ "admin_username": "root", "admin_password": "" })).await.refused(400);
    assert_eq!(app.anonymous().get("/api/v1/info").await.good().json()["active"], false, "nothing was done by halves");

    let admin = app.anonymous().put("/api/v1/activate", &request(&current)).await.good().json();
    assert_eq!((&admin["name"], &admin["body"]["is_admin"]), (&json!("root"), &json!(true)));
    let info = app.anonymous().get("/api/v1/info").await.good().json();
    assert_eq!((&info["active"], &info["name"]), (&json!(true), &json!("lab")));
    app.anonymous().form("/api/v1/login", &[("username", "root"), ("password", PASSWORD)]).await.good();
    assert_eq!(app.anonymous().put("/api/v1/activate", &request(&current)).await.refused(403).1, "The server is already active.");
    assert_eq!(app.first_start().await, FirstStart::Active);
}

#[tokio::test]
async fn the_demo_makes_an_admin_with_a_password_that_is_shown_once() {
    let app = TestApp::inactive(|config| config.demo = true).await;
    let FirstStart::AdminMadeWithPassword(password) = app.first_start().await else { panic!("no password") };
    app.anonymous().form("/api/v1/login", &[("username", "admin"), ("password", &password)]).await.good();
    assert_eq!(app.first_start().await, FirstStart::Active);
}
