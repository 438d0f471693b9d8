//! What a token or an API key must still be for a request to count.

use darkroom::{
    model::{roles::Role, status::ExecutionStatus},
    server::{
        db::{
            pipeline_runs::PipelineRunRow,
            server_settings::{self, ServerSettingsRow},
            stored::Changes,
            users::UserRow,
        },
        id::Id,
        time::Timestamp,
    },
};
use serde_json::{Value, json};

use crate::util::{Answer, Client, Scene, TestApp};

const ME: &str = "/api/v1/current-user";

#[tokio::test]
async fn without_credentials_the_client_is_told_to_sign_in() {
    let app = TestApp::new().await;
    for client in [app.anonymous(), app.anonymous().with_header("authorization", "Basic YWRtaW46eA==")] {
        let answer = client.get(ME).await;
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        assert_eq!(answer.refused(401), (String::new(), "Not authenticated".to_owned()));
    }
}

#[tokio::test]
async fn bad_credentials_are_a_list_with_the_class() {
    let app = TestApp::new().await;
    let (mut other_server, mut expired) = (Id::new(), 0.0);
    let admin = app.account("admin").await.id;
    let foreign = app.token(admin, |claims| std::mem::swap(&mut claims.iss, &mut other_server));
    let expired_token = app.token(admin, |claims| claims.exp = Some(std::mem::take(&mut expired)));
    let signature = app.token(admin, |_| {}).rsplit_once('.').map(|(head, _)| format!("{head}.AAAA")).expect("a JWT");
    for credential in ["garbage", "ZENKEY_bad", &foreign, &expired_token, &signature, &app.token(Id::new(), |_| {})] {
        let answer = app.bearer(credential).get(ME).await;
        assert_eq!(answer.header("www-authenticate"), "", "the class is enough");
        assert_eq!(answer.refused(401).0, "CredentialsNotValid", "{credential}");
    }
}

#[tokio::test]
async fn a_change_of_password_ends_earlier_tokens() {
    let app = TestApp::new().await;
    let before = app.admin().await;
    before.get(ME).await.good();
    let passwords = json!({ "password": "another one", "old_password": crate::util::PASSWORD });
    before.put(ME, &passwords).await.good();
    let (class, message) = before.get(ME).await.refused(401);
    assert!(class == "CredentialsNotValid" && message.contains("password"), "{message}");
    app.admin().await.get(ME).await.good();
}

#[tokio::test]
async fn an_inactive_account_has_no_tokens() {
    let app = TestApp::new().await;
    let user = app.user("ann").await;
    user.get(ME).await.good();
    app.admin().await.put("/api/v1/users/ann", &json!({ "active": false })).await.good();
    assert!(user.get(ME).await.refused(401).1.contains("not active"));
}

#[tokio::test]
async fn claims_of_others_do_not_count() {
    let app = TestApp::new().await;
    let admin = app.account("admin").await.id;
    let some = Some(Id::new());
    for token in [
        app.token(admin, |claims| claims.api_key_id = some),
        app.token(admin, |claims| claims.device_id = some),
        app.token(admin, |claims| claims.pipeline_run_id = some),
        app.token(admin, |claims| claims.schedule_id = some),
        app.token(admin, |claims| claims.deployment_id = some),
    ] {
        assert_eq!(app.bearer(&token).get(ME).await.refused(401).0, "CredentialsNotValid");
    }
}

#[tokio::test]
async fn using_the_server_is_noted() {
    let app = TestApp::new().await;
    let long_ago = Timestamp::parse("2020-01-01T00:00:00").expect("a time");
    let mut connection = app.state.db.begin().await.expect("a transaction");
    let settings = server_settings::get(&mut connection).await.expect("settings");
    let changes = Changes::new().set("last_user_activity", long_ago);
    connection.update::<ServerSettingsRow>(settings.id, changes).await.expect("updated");
    connection.commit().await.expect("committed");

    app.admin().await.get(ME).await.good();
    // It is written beside the request.
    for _ in 0..100 {
        let info = app.anonymous().get("/api/v1/info").await.good().json();
        if info["last_user_activity"] != json!("2020-01-01T00:00:00") {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the activity was not noted");
}

#[tokio::test]
async fn rights_are_those_of_the_account_now() {
    let app = TestApp::new().await;
    let ann = app.user("ann").await;
    ann.get("/api/v1/users/admin").await.refused(403);
    let mut connection = app.state.db.begin().await.expect("a transaction");
    let id = app.account("ann").await.id;
    connection.update::<UserRow>(id, Changes::new().set("role", Role::Admin)).await.expect("updated");
    connection.commit().await.expect("committed");
    ann.get("/api/v1/users/admin").await.good();
}

/// A workload token for a run, asked for by a client.
async fn workload_token(client: &Client, run: &Value) -> Answer {
    let id = run["id"].as_str().expect("an id");
    client.get(&format!("/api/v1/api_token?token_type=workload&pipeline_run_id={id}")).await
}

fn bearer(app: &TestApp, token: &Answer) -> Client {
    app.bearer(token.json().as_str().expect("a bare string"))
}

#[tokio::test]
async fn a_runs_token_reaches_that_run_and_its_children() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let (first, second) = (scene.run("first", json!({})).await, scene.run("second", json!({})).await);
    let runner = bearer(&app, &workload_token(&scene.client, &first).await.good());
    assert_eq!(runner.get(ME).await.good().json()["name"], "admin");

    workload_token(&runner, &first).await.good();
    runner.get("/api/v1/api_token?token_type=workload").await.good();
    assert_eq!(workload_token(&runner, &second).await.refused(401).0, "AuthorizationException");
    // A generic token keeps the scope.
    let generic = bearer(&app, &runner.get("/api/v1/api_token").await.good());
    assert_eq!(workload_token(&generic, &second).await.refused(401).0, "AuthorizationException");

    let child = json!({
        "project": scene.project, "name": "child", "snapshot": first["resources"]["snapshot"]["id"], "status": "running",
        "parent_run_id": first["id"], "child_key": "c", "orchestrator_environment": {},
    });
    let child = scene.client.post("/api/v1/runs", &child).await.good().json()[0].clone();
    let child_runner = bearer(&app, &workload_token(&runner, &child).await.good());
    assert_eq!(workload_token(&child_runner, &first).await.refused(401).0, "AuthorizationException");
}

#[tokio::test]
async fn a_runs_token_ends_an_hour_after_the_run() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let run = scene.run("first", json!({})).await;
    let runner = bearer(&app, &workload_token(&scene.client, &run).await.good());
    let id: Id = run["id"].as_str().and_then(|text| text.parse().ok()).expect("an id");
    for (minutes_ago, status) in [(0, 200), (59, 200), (61, 401)] {
        let mut connection = app.state.db.begin().await.expect("a transaction");
        let end = Timestamp::now().plus_seconds(-60 * minutes_ago);
        let ended = Changes::new().set("in_progress", false).set("status", ExecutionStatus::Failed).set("end_time", end);
        connection.update::<PipelineRunRow>(id, ended).await.expect("updated");
        connection.commit().await.expect("committed");
        assert_eq!(runner.get(ME).await.status, status, "{minutes_ago} minutes after the end");
    }
    let (class, message) = workload_token(&scene.client, &run).await.refused(400);
    assert!(class == "ValueError" && message.contains("has ended"), "{message}");
}
