//! `/service_connectors` and `/service_connector_types`.

use darkroom::args;
use serde_json::{Value, json};

use crate::util::{Client, TestApp};

const CONNECTORS: &str = "/api/v1/service_connectors";

fn path(connector: &Value) -> String {
    format!("{CONNECTORS}/{}", connector["id"].as_str().expect("an id"))
}

fn docker(name: &str) -> Value {
    json!({ "name": name, "connector_type": "docker", "auth_method": "password", "configuration": { "username": "u", "password": "hunter2" } })
}

async fn registry(client: &Client, connector: &Value) -> Value {
    let component = json!({
        "name": "registry", "type": "container_registry", "flavor": "default", "configuration": { "uri": "docker.io/me" },
        "connector": connector["id"], "connector_resource_id": "docker.io/me",
    });
    client.post("/api/v1/components", &component).await.good().json()
}

#[tokio::test]
async fn what_is_secret_in_a_configuration_is_stored_encrypted() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let made = admin.post(CONNECTORS, &docker("hub")).await.good().json();
    assert_eq!(
        made["metadata"],
        json!({ "configuration": { "username": "u", "password": "hunter2" }, "expiration_seconds": null, "labels": {} })
    );
    assert_eq!(made["body"]["connector_type"]["connector_type"], "docker");
    assert_eq!(made["body"]["resource_types"], json!(["docker-registry"]));
    assert_eq!(admin.get(&path(&made)).await.good().json(), made);
    assert_eq!(admin.get(&format!("{}?hydrate=false", path(&made))).await.good().json()["metadata"], made["metadata"]);
    let without = admin.get(&format!("{}?expand_secrets=false", path(&made))).await.good().json();
    assert_eq!(without["metadata"]["configuration"], json!({}));
    let page = admin.get(&format!("{CONNECTORS}?expand_secrets=false")).await.good().json();
    assert_eq!((&page["total"], &page["items"][0]["metadata"]), (&json!(1), &Value::Null));
    assert_eq!(admin.get("/api/v1/secrets").await.good().json()["total"], 0, "its secret is nobody's");
    let mut connection = app.state.db.read().await.expect("a connection");
    let (secret, configuration): (String, String) =
        connection.fetch_one("select secret_id, configuration from service_connectors", args![]).await.expect("a row");
    assert_eq!(configuration, "{}");
    admin.get(&format!("/api/v1/secrets/{secret}")).await.refused(404);
    admin.delete(&path(&made)).await.good();
    assert_eq!(connection.count("select count(*) from secrets", args![]).await.expect("a count"), 0);
}

#[tokio::test]
async fn a_connector_is_checked_against_its_type() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    admin.post(CONNECTORS, &docker("hub")).await.good();
    assert_eq!(admin.post(CONNECTORS, &docker("hub")).await.refused(409).0, "EntityExistsError");
    for (field, value) in [
        ("auth_method", json!("nope")),
        ("resource_types", json!(["nope"])),
        ("configuration", json!({ "username": "u" })),
        ("configuration", json!({ "username": "u", "password": 1 })),
    ] {
        let mut body = docker("other");
        body[field] = value;
        assert_eq!(admin.post(CONNECTORS, &body).await.refused(400).0, "ValueError", "{field}");
    }
    admin.post(CONNECTORS, &docker(&"x".repeat(256))).await.refused(422);
    admin.post(CONNECTORS, &json!({ "name": "x" })).await.refused(422);
    let bucket = json!({
        "name": "bucket", "connector_type": { "connector_type": "aws" }, "auth_method": "secret-key", "resource_types": ["s3-bucket"],
        "configuration": { "aws_access_key_id": "k", "aws_secret_access_key": "s", "region": "eu", "unknown": 1 }, "resource_id": "s3://b",
    });
    let bucket = admin.post(CONNECTORS, &bucket).await.good().json();
    assert_eq!((&bucket["body"]["supports_instances"], &bucket["body"]["resource_id"]), (&json!(true), &json!("s3://b")));
    let configuration = json!({ "region": "eu", "aws_access_key_id": "k", "aws_secret_access_key": "s" });
    assert_eq!(bucket["metadata"]["configuration"], configuration);
    let own = json!({ "name": "own", "connector_type": "mine", "auth_method": "token", "resource_types": ["a", "b"], "configuration": { "token": "t", "port": 1 } });
    let own = admin.post(CONNECTORS, &own).await.good().json();
    assert_eq!((&own["body"]["connector_type"], &own["body"]["resource_types"]), (&json!("mine"), &json!(["a", "b"])));
    let without = admin.get(&format!("{}?expand_secrets=false", path(&own))).await.good().json();
    assert_eq!(without["metadata"]["configuration"], json!({ "port": 1 }), "texts of unknown types are secret");
}

#[tokio::test]
async fn lists_are_filtered_by_type_resource_and_labels() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let mut labelled = docker("labelled");
    labelled["labels"] = json!({ "a": "b", "c": "it's \"d\"" });
    labelled["resource_id"] = json!("docker.io/x");
    admin.post(CONNECTORS, &docker("plain")).await.good();
    admin.post(CONNECTORS, &labelled).await.good();
    for (query, expected) in [
        ("resource_type=docker-registry&sort_by=name", vec!["labelled", "plain"]),
        ("resource_type=Docker-registry", vec![]),
        ("resource_type=docker", vec![]),
        ("resource_id=contains:docker", vec!["labelled"]),
        ("labels_str=%7B%22a%22:%22b%22%7D", vec!["labelled"]),
        ("labels_str=%7B%22a%22:null%7D", vec!["labelled"]),
        ("labels_str=a%3Db,c", vec!["labelled"]),
        ("labels_str=a%3D", vec![]),
        ("labels_str=b", vec![]),
        ("connector_type=contains:dock&name=plain", vec!["plain"]),
        ("auth_method=token", vec![]),
        ("user=admin&sort_by=desc:connector_type&name=plain", vec!["plain"]),
    ] {
        let page = admin.get(&format!("{CONNECTORS}?{query}")).await.good().json();
        let names: Vec<&str> = page["items"].as_array().expect("items").iter().filter_map(|item| item["name"].as_str()).collect();
        assert_eq!(names, expected, "{query}");
        assert_eq!(page["total"], expected.len(), "{query}");
    }
    admin.get(&format!("{CONNECTORS}?labels_str=[1]")).await.refused(422);
    admin.get(&format!("{CONNECTORS}?sort_by=labels")).await.refused(422);
}

#[tokio::test]
async fn an_update_replaces_the_configuration_the_labels_the_resource_and_the_expiration() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let mut body = docker("hub");
    body.as_object_mut().expect("an object").extend(
        json!({ "labels": { "a": "b" }, "resource_id": "docker.io/x", "expiration_seconds": 9, "expires_at": "2030-01-01T00:00:00", "description": "d" })
            .as_object()
            .expect("an object")
            .clone(),
    );
    let made = admin.post(CONNECTORS, &body).await.good().json();
    let renamed = admin.put(&path(&made), &json!({ "name": "hub2" })).await.good().json();
    assert_eq!(
        (&renamed["name"], &renamed["body"]["resource_id"], &renamed["body"]["description"]),
        (&json!("hub2"), &Value::Null, &json!("d"))
    );
    assert_eq!(
        renamed["metadata"],
        json!({ "configuration": made["metadata"]["configuration"], "expiration_seconds": null, "labels": { "a": "b" } })
    );
    assert_eq!(renamed["body"]["expires_at"], made["body"]["expires_at"]);
    let update = json!({ "configuration": { "username": "v", "password": "p", "registry": "r" }, "labels": {} });
    let changed = admin.put(&path(&made), &update).await.good().json();
    assert_eq!(changed["metadata"]["configuration"], json!({ "registry": "r", "username": "v", "password": "p" }));
    assert_eq!(changed["metadata"]["labels"], json!({}));
    admin.post(CONNECTORS, &docker("taken")).await.good();
    admin.put(&path(&made), &json!({ "name": "taken" })).await.refused(409);
    admin.put(&path(&made), &json!({ "configuration": { "username": "v" } })).await.refused(400);
    admin.put(&path(&made), &json!({ "auth_method": "nope" })).await.refused(400);
}

#[tokio::test]
async fn a_connector_in_use_keeps_what_it_gives_access_to() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let connector = admin.post(CONNECTORS, &docker("hub")).await.good().json();
    let component = registry(&admin, &connector).await;
    assert_eq!(component["metadata"]["connector_resource_id"], "docker.io/me");
    assert_eq!(
        (&component["metadata"]["connector"]["name"], &component["metadata"]["connector"]["body"]["connector_type"]),
        (&json!("hub"), &json!("docker"))
    );
    let found = admin.get(&format!("/api/v1/components?connector_id={}", connector["id"].as_str().expect("an id"))).await.good().json();
    assert_eq!(found["items"][0]["id"], component["id"]);
    for change in [
        json!({ "connector_type": "oauth2" }),
        json!({ "auth_method": "x" }),
        json!({ "resource_types": ["x"] }),
        json!({ "resource_id": "x" }),
    ] {
        assert!(admin.put(&path(&connector), &change).await.refused(403).1.contains("cannot be changed"), "{change}");
    }
    admin.put(&path(&connector), &json!({ "configuration": { "username": "u", "password": "new" } })).await.good();
    assert!(admin.delete(&path(&connector)).await.refused(403).1.contains("1 stack components"));
    let component_path = format!("/api/v1/components/{}", component["id"].as_str().expect("an id"));
    let kept = admin.put(&component_path, &json!({ "connector": connector["id"], "connector_resource_id": "q" })).await.good().json();
    assert_eq!(kept["metadata"]["connector_resource_id"], "q");
    let cleared = admin.put(&component_path, &json!({ "name": "registry2", "connector_resource_id": "z" })).await.good().json();
    assert_eq!((&cleared["metadata"]["connector"], &cleared["metadata"]["connector_resource_id"]), (&Value::Null, &Value::Null));
    admin.delete(&path(&connector)).await.good();
    admin.delete(&path(&connector)).await.refused(404);
    admin.put(&component_path, &json!({ "connector": connector["id"] })).await.refused(404);
}

#[tokio::test]
async fn the_types_are_listed_whole() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let types = "/api/v1/service_connector_types";
    let all = admin.get(types).await.good().json();
    assert_eq!(all.as_array().expect("a list").len(), 7);
    let found = admin.get(&format!("{types}?resource_type=kubernetes-cluster&auth_method=token")).await.good().json();
    let names: Vec<&str> = found.as_array().expect("a list").iter().filter_map(|kind| kind["connector_type"].as_str()).collect();
    assert_eq!(names, ["kubernetes"]);
    let kubernetes = admin.get(&format!("{types}/kubernetes")).await.good().json();
    assert_eq!(kubernetes["resource_types"][0]["resource_type"], "kubernetes-cluster");
    admin.get(&format!("{types}/nope")).await.refused(404);
    app.anonymous().get(types).await.refused(401);
}
