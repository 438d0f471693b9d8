//! `darkroom import`: the database of a ZenML server, and what is there of it afterwards.

use std::path::{Path, PathBuf};

use darkroom::server::{
    db::{Connection, users},
    import::{self, report::Report},
    time::Timestamp,
};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use crate::util::{Answer, Client, TestApp};

/// Made by a real server; see the file.
const DATABASE: &str = include_str!("fixtures/zenml_0_98.sql");
/// What that server, and its users, had.
const ENCRYPTION_KEY: &str = "zenml-key";
const ADMIN_PASSWORD: &str = "Acceptance-1";
const KEY: &str = "ZENKEY_eyJpZCI6IjI3MTQyZTUyLWE2YzAtNDBjMS04YjM4LTFhZDM1NmFiNDk5NSIsImtleSI6ImMyNDUwNjQyODBiYjNkOTQ0YjE2YmYzYzNmMDRjMTNhNzFlOTlmZGUxN2ZiNjIwZWY5ZTA0NzUzMGVjNmY4NzcifQ==";
const ROTATED_KEY: &str = "ZENKEY_eyJpZCI6IjEyZGM3NWM4LTEzNGEtNDQxNi04OTYxLWMwYTA1NjVlYmJjNSIsImtleSI6IjM4MDc4NWRhNjQ3ZmUwMzk3NzllODZiMzg0NTY4ZjdkZjlmZDcwYjUxN2NhNDlmYjg0ZGU3ODA4NWRiYWUzNTQifQ==";

/// The file of such a server; `change` is SQL that is run on it.
async fn source(change: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("zenml.db");
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true).foreign_keys(false);
    let mut connection = options.connect().await.expect("a database");
    let sql = format!("begin; {DATABASE}; {change}; commit;");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.expect("the fixture is SQL");
    connection.close().await.expect("closed");
    (folder, path)
}

async fn take_over(app: &TestApp, path: &Path, dry_run: bool) -> anyhow::Result<Report> {
    let encryption_key = Some(ENCRYPTION_KEY.to_owned());
    import::run(path, &app.state.db, import::Options { dry_run, sealer: &app.state.keys.secrets, encryption_key }).await
}

/// A server that has taken the fixture over, and the report.
async fn imported(change: &str) -> (TestApp, Report) {
    let (_folder, path) = source(change).await;
    let mut app = TestApp::inactive(|_| {}).await;
    let report = take_over(&app, &path, false).await.expect("imported");
    app.restart().await;
    (app, report)
}

async fn total(client: &Client, path: &str) -> u64 {
    client.get(path).await.good().json()["total"].as_u64().expect("a total")
}

async fn read(app: &TestApp) -> Connection {
    app.state.db.read().await.expect("a connection")
}

async fn text(app: &TestApp, sql: &str) -> String {
    read(app).await.fetch_one::<(String,)>(sql, Vec::new()).await.expect("a row").0
}

#[tokio::test]
async fn everything_is_there_under_its_id() {
    let (app, report) = imported("").await;
    let left_behind: Vec<(&str, u64)> =
        report.tables.iter().filter(|table| table.skipped_count() > 0).map(|table| (table.table.as_str(), table.skipped_count())).collect();
    assert_eq!(left_behind, Vec::new());
    assert_eq!(report.tables.iter().map(|table| table.changed.len()).sum::<usize>(), 0, "{report}");
    let admin = app.admin().await;
    for (path, expected) in [
        ("/api/v1/projects", 2),
        ("/api/v1/users", 3),
        ("/api/v1/runs", 8),
        ("/api/v1/runs?status=completed", 6),
        ("/api/v1/runs?status=failed", 1),
        ("/api/v1/pipelines", 5),
        ("/api/v1/stacks", 3),
        ("/api/v1/schedules", 2),
        ("/api/v1/secrets", 2),
        ("/api/v1/triggers", 2),
        ("/api/v1/webhooks", 2),
        ("/api/v1/services", 1),
        ("/api/v1/deployments", 1),
        ("/api/v1/run_wait_conditions", 1),
        ("/api/v1/hook_invocations", 1),
    ] {
        assert_eq!(total(&admin, path).await, expected, "{path}");
    }
    // The other server's default project and settings are this server's.
    let project = admin.get("/api/v1/projects/default").await.good().json();
    assert_eq!(project["id"], app.state.server.default_project_id.to_string());
    assert_eq!(project["body"]["created"], "2026-11-24T12:11:14.825469");
    assert!(DATABASE.contains(&app.state.server.id.hex()));
}

#[tokio::test]
async fn a_run_has_its_steps_configurations_and_metadata() {
    let (app, _) = imported("").await;
    let admin = app.admin().await;
    let runs = admin.get("/api/v1/runs?name=startswith:second-&hydrate=true").await.good().json();
    let run = &runs["items"][0];
    assert_eq!((&run["body"]["index"], &run["metadata"]["run_metadata"]["note"]), (&json!(2), &json!("kept")));
    assert_eq!(run["metadata"]["config"]["tags"], json!(["acceptance", "second"]));
    let id = run["id"].as_str().expect("an id");
    let steps = admin.get(&format!("/api/v1/steps?pipeline_run_id={id}&hydrate=true")).await.good().json();
    let trainer = steps["items"].as_array().expect("steps").iter().find(|step| step["name"] == "model_trainer").expect("the step");
    assert_eq!(trainer["metadata"]["config"]["parameters"]["learning_rate"], 0.5);
    assert_eq!(trainer["metadata"]["spec"]["upstream_steps"], json!(["data_loader"]));
    let version = admin.get("/api/v1/model_versions?name=first&hydrate=true").await.good().json();
    let services = &version["items"][0]["resources"]["services"];
    assert_eq!((&services["total"], &services["items"][0]["name"]), (&json!(1), &json!("predictions")));
    // Counters go on from where they were.
    let version = admin.get("/api/v1/artifact_versions?artifact=dataset&sort_by=desc:created").await.good().json();
    assert_eq!(version["items"][0]["body"]["version"], "2");
    assert_eq!(text(&app, "select cast(version_count as text) from artifacts where name = 'dataset'").await, "2");
    assert_eq!(text(&app, "select cast(version_count as text) from models where name = 'classifier'").await, "2");
    assert_eq!(text(&app, "select cast(run_count as text) from pipelines where name = 'training_pipeline'").await, "2");
}

async fn login(app: &TestApp, password: &str) -> Answer {
    app.anonymous().form("/api/v1/login", &[("username", "admin"), ("password", password)]).await
}

#[tokio::test]
async fn people_sign_in_with_their_passwords_which_are_hashed_anew() {
    let (app, _) = imported("").await;
    let before = app.account("admin").await;
    assert!(before.password_hash.as_deref().is_some_and(|hash| hash.starts_with("$2b$")));
    login(&app, "wrong").await.refused(401);
    assert_eq!(app.account("admin").await.password_hash, before.password_hash);
    let token = login(&app, ADMIN_PASSWORD).await.good().json()["access_token"].as_str().expect("a token").to_owned();
    let after = app.account("admin").await;
    assert!(after.password_hash.as_deref().is_some_and(|hash| hash.starts_with("$argon2id$")));
    assert_eq!(after.password_changed_at, before.password_changed_at);
    app.bearer(&token).get("/api/v1/current-user").await.good();
    login(&app, ADMIN_PASSWORD).await.good();
    login(&app, "wrong").await.refused(401);
}

#[tokio::test]
async fn api_keys_count_still_also_rotated_ones() {
    let (app, _) = imported("").await;
    for (key, name) in [(KEY, "night"), (ROTATED_KEY, "old")] {
        let hash = format!("select key_hash from api_keys where name = '{name}'");
        assert!(text(&app, &hash).await.starts_with("$2b$"));
        for _ in 0..2 {
            assert_eq!(app.bearer(key).get("/api/v1/current-user").await.good().json()["name"], "robot");
            assert_eq!(text(&app, &hash).await.len(), 64, "a SHA-256 in hexadecimal");
        }
    }
    app.anonymous().form("/api/v1/login", &[("password", KEY)]).await.good();
    // Another key's secret does not fit, whichever form the hash has.
    let (id, secret) = (decoded(ROTATED_KEY)["id"].clone(), decoded(KEY)["key"].clone());
    app.bearer(&encoded(&json!({ "id": id, "key": secret }))).get("/api/v1/current-user").await.refused(401);
}

fn decoded(key: &str) -> Value {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let text = STANDARD.decode(key.strip_prefix("ZENKEY_").expect("a key")).expect("base64");
    serde_json::from_slice(&text).expect("JSON")
}

fn encoded(key: &Value) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    format!("ZENKEY_{}", STANDARD.encode(key.to_string()))
}

#[tokio::test]
async fn secrets_are_sealed_with_this_servers_key() {
    let (app, _) = imported("").await;
    let admin = app.admin().await;
    let secrets = admin.get("/api/v1/secrets?name=database").await.good().json();
    let secret = admin.get(&format!("/api/v1/secrets/{}", secrets["items"][0]["id"].as_str().expect("an id"))).await.good().json();
    assert_eq!(secret["body"]["values"], json!({ "user": "u", "password": "pässword ✓" }));
    assert!(text(&app, "select sealed from secret_values limit 1").await.starts_with("aes-256-gcm:"));
}

#[tokio::test]
async fn secrets_that_cannot_be_read_are_reported() {
    let (_folder, path) = source("").await;
    let app = TestApp::inactive(|_| {}).await;
    for (key, reason) in [(None, "set ZENML_SECRETS_STORE_ENCRYPTION_KEY"), (Some("wrong".to_owned()), "encrypted with another key")] {
        let options = import::Options { dry_run: true, sealer: &app.state.keys.secrets, encryption_key: key };
        let report = import::run(&path, &app.state.db, options).await.expect("tried");
        let secrets = report.table("secret").expect("a table");
        assert_eq!(secrets.imported, 0);
        assert!(secrets.skipped[0].reason.contains(reason), "{}", secrets.skipped[0].reason);
        // What used them is there, without them.
        let connectors = report.table("service_connector").expect("a table");
        assert_eq!((connectors.imported, connectors.changed.len()), (1, 1));
    }
}

#[tokio::test]
async fn a_dry_run_stores_nothing() {
    let (_folder, path) = source("").await;
    let app = TestApp::inactive(|_| {}).await;
    let tried = take_over(&app, &path, true).await.expect("tried");
    assert!(!users::any(&mut read(&app).await).await.expect("read"));
    let done = take_over(&app, &path, false).await.expect("the defaults are there still");
    assert_eq!(tried.imported(), done.imported());
    assert!(users::any(&mut read(&app).await).await.expect("read"));
}

#[tokio::test]
async fn a_database_that_is_in_use_is_left_alone() {
    let (_folder, path) = source("").await;
    let app = TestApp::new().await;
    let error = take_over(&app, &path, false).await.expect_err("refused");
    assert!(error.to_string().contains("it has accounts"), "{error}");
    app.admin().await.get("/api/v1/current-user").await.good();
    // Nor can an import be repeated.
    let (app, _) = imported("").await;
    take_over(&app, &path, false).await.expect_err("refused");
}

#[tokio::test]
async fn other_files_are_refused_with_what_to_do() {
    let app = TestApp::inactive(|_| {}).await;
    let (_folder, older) = source("update alembic_version set version_num = '0.94.2'").await;
    let error = take_over(&app, &older, false).await.expect_err("refused").to_string();
    assert!(error.contains("ZenML 0.94.2") && error.contains("start a ZenML 0.98.0 server once on the copy"), "{error}");
    let folder = tempfile::tempdir().expect("a folder");
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "hello").expect("written");
    let error = take_over(&app, &text, false).await.expect_err("refused").to_string();
    assert!(error.contains("not a SQLite database of a ZenML server"), "{error}");
    let error = take_over(&app, &folder.path().join("missing.db"), false).await.expect_err("refused").to_string();
    assert!(error.contains("is not a file"), "{error}");
}

#[tokio::test]
async fn what_is_lost_is_named_with_what_hung_on_it() {
    // A server without foreign keys once deleted an artifact, and left a step that says nothing; a run's user is gone.
    let change = "delete from artifact where name = 'trained_model';
                  update step_run set status = 'nonsense' where name = 'raise_if';
                  update pipeline_run set user_id = 'd0000000000000000000000000000000' where name = 'waiting'";
    let (app, report) = imported(change).await;
    let versions = report.table("artifact_version").expect("a table");
    assert_eq!((versions.skipped.len(), versions.skipped_count()), (1, 2), "{report}");
    assert!(versions.skipped[0].reason.contains("it belongs to the artifact"), "{report}");
    let steps = report.table("step_run").expect("a table");
    assert!(steps.skipped[0].reason.contains("its `status` is `nonsense`"), "{report}");
    // Inputs, outputs and metadata of what is lost are named as well.
    assert_eq!(report.table("step_run_output_artifact").expect("a table").skipped_count(), 2);
    assert!(report.table("run_metadata_resource").expect("a table").skipped_count() > 0);
    // Whose something was is no reason to lose it.
    let runs = report.table("pipeline_run").expect("a table");
    assert_eq!((runs.skipped_count(), runs.changed.len()), (0, 1), "{report}");
    let run = app.admin().await.get("/api/v1/runs?name=waiting").await.good().json();
    assert_eq!(run["items"][0]["body"]["user_id"], Value::Null);
    assert!(Timestamp::parse(run["items"][0]["body"]["created"].as_str().expect("a time")).is_some());
}

/// Rows that the server of the fixture had none of.
const RARE: &str = "
    insert into code_reference select 'a0000000000000000000000000000001', created, updated, project_id, id, 'abc', 'src' from code_repository;
    insert into run_template
        select 'a0000000000000000000000000000002', created, updated, 'template', 0, 'old', user_id, project_id, id
        from pipeline_snapshot where name = 'training';
    insert into trigger_snapshot
        select t.id, s.id, s.created, '{\"last_status\": \"nonsense\"}' from \"trigger\" t, pipeline_snapshot s
        where t.name = 'once' and s.name = 'training';
    insert into trigger_execution
        select t.id, r.id, r.created, null from \"trigger\" t, pipeline_run r where t.name = 'once' and r.name = 'waiting';
    insert into pipeline_run_output
        select 'a0000000000000000000000000000003', v.created, v.updated, 'result', 0, r.id, v.id
        from pipeline_run r, artifact_version v join artifact a on a.id = v.artifact_id
        where r.name = 'waiting' and a.name = 'handmade' and v.version = 'named';
    insert into hook_invocation_output_artifact
        select 'note', h.id, v.id from hook_invocation h, artifact_version v where v.version = 'named';
    insert into auth_devices (id, created, updated, client_id, user_code, device_code, status, failed_auth_attempts, trusted_device, user_id)
        select 'a0000000000000000000000000000004', created, updated, 'a0000000000000000000000000000005', '$2b$x', '$2b$y', 'active', 0, 1, id
        from \"user\" where name = 'admin';";

#[tokio::test]
async fn what_is_rare_comes_along() {
    let (app, report) = imported(RARE).await;
    assert_eq!(report.tables.iter().map(|table| table.skipped_count()).sum::<u64>(), 0, "{report}");
    for (table, rows) in [
        ("code_references", 1),
        ("run_templates", 1),
        ("trigger_snapshots", 1),
        ("trigger_executions", 1),
        ("pipeline_run_outputs", 1),
        ("hook_invocation_outputs", 1),
        ("devices", 1),
        ("stack_secrets", 1),
    ] {
        let count = read(&app).await.count(&format!("select count(*) from {table}"), Vec::new()).await.expect("counted");
        assert_eq!(count, rows, "{table}");
    }
    let admin = app.admin().await;
    // A note on the last firing that says nothing is left out, and the trigger can be read.
    let triggers = admin.get("/api/v1/triggers?name=once&hydrate=true").await.good().json();
    assert_eq!(triggers["total"], 1);
    let device = admin.get("/api/v1/devices").await.good().json();
    assert_eq!(device["items"][0]["body"]["status"], "active");
}
