//! `/secrets`: scopes, merging of values, and that values show up nowhere but in single objects.

use darkroom::{
    args,
    server::{config::Config, start},
};
use serde_json::{Value, json};

use crate::util::{TestApp, config, shape};

const SECRETS: &str = "/api/v1/secrets";

fn path(secret: &Value) -> String {
    format!("{SECRETS}/{}", secret["id"].as_str().expect("an id"))
}

fn names(page: &Value) -> Vec<&str> {
    page["items"].as_array().expect("items").iter().map(|item| item["name"].as_str().expect("a name")).collect()
}

#[tokio::test]
async fn values_are_in_single_objects_and_in_nothing_else() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let request = json!({ "name": "aws", "values": { "key": "AKIA", "token": "s3cr3t-value", "unset": null } });
    let made = admin.with_header("idempotency-key", "6e2b9f52-5c67-4ac5-8d5c-3b1a2f1c0d11").post(SECRETS, &request).await.good().json();
    assert_eq!(made["body"]["values"], json!({ "key": "AKIA", "token": "s3cr3t-value" }));
    assert_eq!(
        (&made["body"]["private"], &made["metadata"], &made["resources"]["user"]["name"]),
        (&json!(false), &json!({}), &json!("admin"))
    );
    assert_eq!(admin.get(&path(&made)).await.good().json(), made);
    assert_eq!(admin.get(&format!("{}?hydrate=false", path(&made))).await.good().json()["metadata"], Value::Null);
    let page = admin.get(&format!("{SECRETS}?hydrate=true")).await.good();
    assert!(!page.text().contains("s3cr3t-value"));
    assert_eq!(page.json()["items"][0]["body"]["values"], json!({}));
    let mut connection = app.state.db.read().await.expect("a connection");
    for (sql, rows) in [("select sealed from secret_values", 1), ("select body from idempotent_requests", 1)] {
        let stored: Vec<(String,)> = connection.fetch_all(sql, args![]).await.expect("rows");
        assert_eq!(stored.len(), rows, "{sql}");
        assert!(stored.iter().all(|(text,)| !text.contains("s3cr3t-value") && text.starts_with("aes-256-gcm:")));
    }
}

#[tokio::test]
async fn an_update_replaces_values_or_merges_them() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let secret = admin.post(SECRETS, &json!({ "name": "s", "values": { "a": "1", "b": "2" } })).await.good().json();
    let values = async |query: &str, body: Value| {
        admin.put(&format!("{}{query}", path(&secret)), &body).await.good().json()["body"]["values"].clone()
    };
    assert_eq!(values("?patch_values=true", json!({ "values": { "b": null, "c": "3" } })).await, json!({ "a": "1", "c": "3" }));
    assert_eq!(values("?patch_values=true", json!({ "name": "t" })).await, json!({ "a": "1", "c": "3" }));
    assert_eq!(values("", json!({ "values": { "d": "4", "e": null } })).await, json!({ "d": "4" }));
    assert_eq!(values("", json!({})).await, json!({ "d": "4" }));
    assert_eq!(admin.get(&path(&secret)).await.good().json()["name"], "t");
}

#[tokio::test]
async fn names_are_unique_among_public_secrets_and_for_each_owner_of_private_ones() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.admin().await, app.user("ann").await);
    let public = admin.post(SECRETS, &json!({ "name": "s" })).await.good().json();
    assert_eq!(ann.post(SECRETS, &json!({ "name": "s" })).await.refused(409).0, "EntityExistsError");
    let private = ann.post(SECRETS, &json!({ "name": "s", "private": true })).await.good().json();
    assert!(ann.post(SECRETS, &json!({ "name": "s", "private": true })).await.refused(409).1.contains("ann"));
    admin.post(SECRETS, &json!({ "name": "s", "private": true })).await.good();
    ann.put(&path(&private), &json!({ "private": false })).await.refused(409);
    ann.put(&path(&private), &json!({ "name": "t", "private": false })).await.good();
    admin.put(&path(&public), &json!({ "private": true })).await.refused(409);
    admin.put(&path(&public), &json!({ "name": "t" })).await.refused(409);
}

#[tokio::test]
async fn private_secrets_are_their_owners() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.admin().await, app.user("ann").await);
    let mine = admin.post(SECRETS, &json!({ "name": "mine", "private": true, "values": { "a": "1" } })).await.good().json();
    let public = admin.post(SECRETS, &json!({ "name": "public" })).await.good().json();
    assert_eq!(names(&ann.get(SECRETS).await.good().json()), ["public"]);
    assert_eq!(names(&admin.get(SECRETS).await.good().json()), ["mine", "public"]);
    assert_eq!(names(&ann.get(&format!("{SECRETS}?name=mine&private=true&logical_operator=or")).await.good().json()), Vec::<&str>::new());
    ann.get(&path(&mine)).await.refused(404);
    ann.put(&path(&mine), &json!({ "values": { "a": "2" } })).await.refused(404);
    ann.delete(&path(&mine)).await.refused(404);
    ann.put(&path(&public), &json!({ "values": { "a": "2" } })).await.good();
    assert_eq!(ann.put(&path(&public), &json!({ "private": true })).await.refused(403).0, "IllegalOperationError");
    ann.delete(&path(&public)).await.good();
}

#[tokio::test]
async fn lists_are_filtered_and_sorted() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    for (name, private) in [("b", true), ("a", false), ("c", false)] {
        admin.post(SECRETS, &json!({ "name": name, "private": private })).await.good();
    }
    for (query, expected) in [
        ("sort_by=desc:name", vec!["c", "b", "a"]),
        ("private=true", vec!["b"]),
        ("name=oneof:%5B%22a%22,%22b%22%5D&sort_by=name", vec!["a", "b"]),
        ("user=admin&size=1&page=2&sort_by=name", vec!["b"]),
        ("user=nobody&sort_by=user", vec![]),
        ("private=0&sort_by=desc:private", vec!["c", "a"]),
    ] {
        let page = admin.get(&format!("{SECRETS}?{query}")).await.good().json();
        let mut found = names(&page);
        if query.starts_with("private=0") {
            // Equal but for their ids, which break the tie.
            found.sort_by(|a, b| b.cmp(a));
        }
        assert_eq!(found, expected, "{query}");
    }
    admin.get(&format!("{SECRETS}?private=contains:x")).await.refused(422);
    admin.get(&format!("{SECRETS}?sort_by=values")).await.refused(422);
}

#[tokio::test]
async fn bad_secrets_are_refused() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    for body in [
        json!({}),
        json!({ "name": "x".repeat(256) }),
        json!({ "name": "s", "values": { "a": 1 } }),
        json!({ "name": "s", "values": null }),
    ] {
        admin.post(SECRETS, &body).await.refused(422);
    }
    let large = json!({ "name": "s", "values": { "a": "x".repeat(64 * 1024) } });
    assert!(admin.post(SECRETS, &large).await.refused(400).1.contains("64 KiB"));
    let secret = admin.post(SECRETS, &json!({ "name": "s", "values": { "a": "x".repeat(60 * 1024) } })).await.good().json();
    let more = json!({ "values": { "b": "x".repeat(5 * 1024) } });
    admin.put(&format!("{}?patch_values=true", path(&secret)), &more).await.refused(400);
    assert_eq!(shape(&admin.get(&path(&secret)).await.good().json())["body"]["values"].as_object().expect("values").len(), 1);
    app.anonymous().get(SECRETS).await.refused(401);
    for operation in ["backup", "restore"] {
        let path = format!("/api/v1/secrets_operations/{operation}");
        assert_eq!(admin.put(&path, &json!(null)).await.refused(501).0, "NotImplementedError");
        app.user(operation).await.put(&path, &json!(null)).await.refused(403);
    }
    assert!(admin.get(&format!("{SECRETS}/{}", app.state.server.id)).await.refused(404).1.contains("Unable to get secret"));
}

#[tokio::test]
async fn stacks_and_components_use_secrets_until_they_are_deleted() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.admin().await, app.user("ann").await);
    let secret = admin.post(SECRETS, &json!({ "name": "s" })).await.good().json();
    let other = admin.post(SECRETS, &json!({ "name": "o", "private": true })).await.good().json();
    let store = json!({
        "name": "disk", "type": "artifact_store", "flavor": "local", "configuration": {}, "environment": { "A": "1" }, "secrets": ["s", secret["id"]],
    });
    let component = admin.post("/api/v1/components", &store).await.good().json();
    assert_eq!(component["metadata"]["secrets"], json!([secret["id"]]));
    let component_path = format!("/api/v1/components/{}", component["id"].as_str().expect("an id"));
    let orchestrators = admin.get("/api/v1/components?type=orchestrator").await.good().json();
    let stack = json!({
        "name": "st", "secrets": ["s"],
        "components": { "orchestrator": [orchestrators["items"][0]["id"]], "artifact_store": [component["id"]] },
    });
    let stack = admin.post("/api/v1/stacks", &stack).await.good().json();
    let stack_path = format!("/api/v1/stacks/{}", stack["id"].as_str().expect("an id"));
    let both = admin.put(&stack_path, &json!({ "add_secrets": ["o"] })).await.good().json();
    assert_eq!(both["metadata"]["secrets"], json!([other["id"], secret["id"]]));
    let one = admin.put(&component_path, &json!({ "remove_secrets": ["s"] })).await.good().json();
    assert_eq!(one["metadata"]["secrets"], json!([]));
    ann.put(&stack_path, &json!({ "add_secrets": ["o"] })).await.refused(404);
    admin.put(&stack_path, &json!({ "add_secrets": ["nothing"] })).await.refused(404);
    admin.delete(&path(&secret)).await.good();
    assert_eq!(admin.get(&stack_path).await.good().json()["metadata"]["secrets"], json!([other["id"]]));
}

#[tokio::test]
async fn a_server_with_another_key_does_not_start() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    admin.post(SECRETS, &json!({ "name": "s", "values": { "a": "1" } })).await.good();
    let folder = tempfile::tempdir().expect("a folder");
    let opened = start::open(Config { database_url: Some(app.state.config.database_url()), ..config(folder.path()) }).await;
    assert!(opened.is_err_and(|error| format!("{error:#}").contains("key for secrets")));
    let key = Some(app.state.config.data_dir.join("secrets.key"));
    let same = Config { database_url: Some(app.state.config.database_url()), secrets_key_file: key, ..config(folder.path()) };
    start::open(same).await.expect("the same key opens");
}
