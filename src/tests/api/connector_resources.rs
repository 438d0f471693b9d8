//! What service connectors give access to, with a stand-in for the Python that asks them.

use std::{fs, os::unix::fs::PermissionsExt as _};

use serde_json::{Value, json};

use crate::util::TestApp;

const CONNECTORS: &str = "/api/v1/service_connectors";

/// A server whose runners' Python is this shell script; what it is asked is in the file `questions` beside it.
async fn app_with(script: &str) -> (TestApp, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let python = folder.path().join("python");
    let here = folder.path().display();
    fs::write(&python, format!("#!/bin/sh\ncat > {here}/questions\necho \"$*\" > {here}/arguments\n{script}\n")).expect("written");
    fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).expect("executable");
    (TestApp::with(|config| config.runner_python = Some(python)).await, folder)
}

fn docker(name: &str) -> Value {
    json!({ "name": name, "connector_type": "docker", "auth_method": "password", "configuration": { "username": "u", "password": "hunter2" } })
}

fn questions(folder: &tempfile::TempDir) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.path().join("questions")).expect("asked")).expect("JSON")
}

#[tokio::test]
async fn a_stored_connector_is_asked_with_its_secrets() {
    let (app, folder) = app_with(r#"echo '[{"answer": {"resources": []}}]'"#).await;
    let admin = app.admin().await;
    let connector = admin.post(CONNECTORS, &docker("hub")).await.good().json();
    let path = format!("{CONNECTORS}/{}", connector["id"].as_str().expect("an id"));
    let answer = admin.put(&format!("{path}/verify?resource_type=docker-registry&list_resources=false"), &json!(null)).await.good();
    assert_eq!(answer.json(), json!({ "resources": [] }));
    let asked = questions(&folder)[0].clone();
    assert_eq!(
        (&asked["operation"], &asked["resource_type"], &asked["list_resources"]),
        (&json!("verify"), &json!("docker-registry"), &json!(false))
    );
    assert_eq!(asked["connector"]["metadata"]["configuration"], json!({ "username": "u", "password": "hunter2" }));
    assert_eq!((&asked["connector"]["body"]["connector_type"], &asked["connector"]["id"]), (&json!("docker"), &connector["id"]));
    assert!(!fs::read_to_string(folder.path().join("arguments")).expect("arguments").contains("hunter2"));
    admin.get(&format!("{path}/client?resource_id=x")).await.good();
    let asked = questions(&folder)[0].clone();
    assert_eq!((&asked["operation"], &asked["resource_id"]), (&json!("client"), &json!("x")));
    assert!(fs::read_dir(app.state.launching.data_dir.join("connectors")).expect("a folder").next().is_none(), "nothing is left behind");
}

#[tokio::test]
async fn a_request_is_asked_before_it_is_stored() {
    let (app, folder) = app_with(r#"echo '[{"answer": {"resources": []}}]'"#).await;
    let admin = app.admin().await;
    let mut request = docker("hub");
    request["connector_type"] = json!({ "connector_type": "docker" });
    admin.post(&format!("{CONNECTORS}/verify"), &request).await.good();
    assert_eq!(questions(&folder)[0]["connector"], docker("hub"));
    assert_eq!(questions(&folder)[0]["list_resources"], true);
    assert_eq!(admin.get(CONNECTORS).await.good().json()["total"], 0);
    admin.post(&format!("{CONNECTORS}/verify"), &json!({ "name": "x" })).await.refused(422);
    request["connector_type"] = json!("mine");
    assert!(admin.post(&format!("{CONNECTORS}/verify"), &request).await.refused(501).1.contains("mine"));
    app.anonymous().post(&format!("{CONNECTORS}/verify"), &request).await.refused(401);
}

#[tokio::test]
async fn refusals_keep_their_class() {
    for (class, status, expected) in [
        ("ValueError", 400, "ValueError"),
        ("NotImplementedError", 501, "NotImplementedError"),
        ("AuthorizationException", 401, "AuthorizationException"),
        ("", 400, "ValueError"),
    ] {
        let (app, _folder) = app_with(&format!(r#"echo '[{{"error": "{class}", "message": "said"}}]'"#)).await;
        let refused = app.admin().await.post(&format!("{CONNECTORS}/verify"), &docker("hub")).await.refused(status);
        assert_eq!(refused, (expected.to_owned(), "said".to_owned()));
    }
}

#[tokio::test]
async fn without_a_python_that_could_ask_the_reason_is_told() {
    let (app, _folder) = app_with("echo \"secret traceback\" >&2; echo \"ModuleNotFoundError: No module named 'zenml'\" >&2; exit 1").await;
    let (class, message) = app.admin().await.post(&format!("{CONNECTORS}/verify"), &docker("hub")).await.refused(501);
    assert!(class == "NotImplementedError" && message.contains("No module named 'zenml'") && !message.contains("traceback"), "{message}");
    let app = TestApp::with(|config| config.runner_python = Some("/nowhere/python".into())).await;
    let (_, message) = app.admin().await.post(&format!("{CONNECTORS}/verify"), &docker("hub")).await.refused(501);
    assert!(message.contains("/nowhere/python"), "{message}");
}

#[tokio::test]
async fn of_several_connectors_each_says_what_it_can() {
    let (app, _folder) = app_with(
        r#"echo '[{"answer": {"name": "hub"}}, {"error": "ValueError", "message": "no"}, {"error": "NotImplementedError", "message": "absent"}]'"#,
    )
    .await;
    let admin = app.admin().await;
    let types = |name: &str, kind: &str| json!({ "name": name, "connector_type": kind, "auth_method": "token", "resource_types": ["thing"], "resource_id": null, "configuration": {} });
    admin.post(CONNECTORS, &docker("hub")).await.good();
    admin.post(CONNECTORS, &docker("refused")).await.good();
    admin.post(CONNECTORS, &types("own", "mine")).await.good();
    let kubernetes = json!({
        "name": "cluster", "connector_type": "kubernetes", "auth_method": "token", "resource_id": "c",
        "configuration": { "server": "s", "token": "t", "cluster_name": "c" },
    });
    admin.post(CONNECTORS, &kubernetes).await.good();
    let found = admin.get(&format!("{CONNECTORS}/resources")).await.good().json();
    let names: Vec<&str> = found.as_array().expect("a list").iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["hub", "own", "cluster"]);
    assert!(found[1]["resources"][0]["error"].as_str().expect("an error").contains("mine"));
    assert_eq!(found[2]["resources"][0], json!({ "resource_type": "kubernetes-cluster", "resource_ids": ["c"], "error": null }));
}

#[tokio::test]
async fn the_parts_of_a_full_stack_are_offered() {
    let (app, _folder) = app_with(
        r#"echo '[{"answer": {"resources": [
            {"resource_type": "s3-bucket", "resource_ids": ["s3://a"], "error": null},
            {"resource_type": "kubernetes-cluster", "resource_ids": ["k"], "error": null},
            {"resource_type": "docker-registry", "resource_ids": ["r"], "error": null}]}}]'"#,
    )
    .await;
    let admin = app.admin().await;
    let keys = json!({ "aws_access_key_id": "k", "aws_secret_access_key": "s", "region": "eu" });
    let connector = json!({ "name": "cloud", "connector_type": "aws", "auth_method": "secret-key", "configuration": keys });
    let connector = admin.post(CONNECTORS, &connector).await.good().json();
    let component = json!({
        "name": "bucket", "type": "artifact_store", "flavor": "s3", "configuration": { "path": "s3://a" }, "connector": connector["id"],
    });
    admin.post("/api/v1/components", &component).await.good();
    let path = format!("{CONNECTORS}/full_stack_resources");
    let id = connector["id"].as_str().expect("an id");
    let found = admin.post(&format!("{path}?connector_uuid={id}"), &json!(null)).await.good().json();
    let store = &found["components_resources_info"]["artifact_store"][0];
    assert_eq!((&store["flavor"], &store["accessible_by_service_connector"]), (&json!("s3"), &json!(["s3://a"])));
    assert_eq!(store["connected_through_service_connector"][0]["name"], "bucket");
    assert_eq!(found["components_resources_info"]["orchestrator"][0]["flavor"], "kubernetes");
    let info = json!({ "type": "aws", "auth_method": "secret-key", "configuration": keys });
    let found = admin.post(&path, &info).await.good().json();
    assert_eq!(found["components_resources_info"]["container_registry"][0]["required_configuration"], json!({ "uri": "URI" }));
    admin.post(&path, &json!(null)).await.refused(400);
    admin.post(&format!("{path}?connector_uuid={id}"), &info).await.refused(400);
}
