//! `/service_accounts/{id}/api_keys`, and signing in with a key.

use serde_json::{Value, json};

use crate::util::{Client, TestApp, shape};

const ME: &str = "/api/v1/current-user";

/// An admin, and the path of a service account's keys.
async fn with_service_account(app: &TestApp) -> (Client, String) {
    let admin = app.admin().await;
    let made = admin.post("/api/v1/service_accounts", &json!({ "name": "ci-bot", "active": true })).await.good().json();
    let id = made["id"].as_str().expect("an id").to_owned();
    (admin, format!("/api/v1/service_accounts/{id}/api_keys"))
}

fn secret(answer: &Value) -> String {
    answer["body"]["key"].as_str().expect("the key is told").to_owned()
}

async fn log_in(app: &TestApp, key: &str) -> Client {
    let answer = app.anonymous().form("/api/v1/login", &[("grant_type", "zenml-api-key"), ("password", key)]).await.good();
    assert_eq!(answer.header("set-cookie"), "", "a program gets no cookie");
    app.bearer(answer.json()["access_token"].as_str().expect("a token"))
}

#[tokio::test]
async fn a_key_signs_in_directly_and_through_a_login() {
    let app = TestApp::new().await;
    let (admin, keys) = with_service_account(&app).await;
    let made = admin.post(&keys, &json!({ "name": "default", "description": "k" })).await.good().json();
    assert_eq!(
        shape(&made),
        json!({
            "body": {
                "created": "[time]", "updated": "[time]", "key": "[key]", "active": true,
                "service_account": {
                    "body": { "created": "[time]", "updated": "[time]", "full_name": "", "active": true, "avatar_url": null },
                    "metadata": null, "resources": null, "id": "[id]", "permission_denied": false, "name": "ci-bot",
                },
            },
            "metadata": { "description": "k", "retain_period_minutes": 0, "last_login": null, "last_rotated": null },
            "resources": null,
            "id": "[id]",
            "permission_denied": false,
            "name": "default",
        })
    );
    let key = secret(&made);
    assert_eq!(app.bearer(&key).get(ME).await.good().json()["name"], "ci-bot");
    assert_eq!(log_in(&app, &key).await.get(ME).await.good().json()["name"], "ci-bot");

    let read = admin.get(&format!("{keys}/default")).await.good().json();
    assert_eq!(read["body"]["key"], Value::Null, "told once");
    assert!(read["metadata"]["last_login"].is_string());
    assert_eq!(read["body"]["updated"], made["body"]["updated"], "using a key does not change it");
    // A key itself is no token that another could be made of.
    let (class, _) = app.bearer(&key).get("/api/v1/api_token").await.refused(401);
    assert_eq!(class, "AuthorizationException");
}

#[tokio::test]
async fn rotation_ends_the_old_key_and_its_tokens() {
    let app = TestApp::new().await;
    let (admin, keys) = with_service_account(&app).await;
    let old = secret(&admin.post(&keys, &json!({ "name": "default" })).await.good().json());
    let token = log_in(&app, &old).await;
    let rotated = admin.put(&format!("{keys}/default/rotate"), &json!({ "retain_period_minutes": 0 })).await.good().json();
    assert_eq!(rotated["metadata"], Value::Null, "as the reference server answers");
    let (class, message) = app.bearer(&old).get(ME).await.refused(401);
    assert!(class == "CredentialsNotValid" && message.contains("could not verify"), "{message}");
    let (class, message) = token.get(ME).await.refused(401);
    assert!(class == "CredentialsNotValid" && message.contains("generation"), "{message}");
    app.bearer(&secret(&rotated)).get(ME).await.good();
}

#[tokio::test]
async fn a_retained_key_counts_until_the_next_rotation() {
    let app = TestApp::new().await;
    let (admin, keys) = with_service_account(&app).await;
    let first = secret(&admin.post(&keys, &json!({ "name": "default" })).await.good().json());
    let token = log_in(&app, &first).await;
    let rotate = json!({ "retain_period_minutes": 60 });
    let second = secret(&admin.put(&format!("{keys}/default/rotate"), &rotate).await.good().json());
    for client in [&app.bearer(&first), &app.bearer(&second), &token, &log_in(&app, &first).await] {
        client.get(ME).await.good();
    }
    let late_token = log_in(&app, &first).await;
    admin.put(&format!("{keys}/default/rotate"), &rotate).await.good();
    app.bearer(&first).get(ME).await.refused(401);
    token.get(ME).await.refused(401);
    late_token.get(ME).await.refused(401);
    app.bearer(&second).get(ME).await.good();
}

#[tokio::test]
async fn inactive_keys_and_accounts_do_not_sign_in() {
    let app = TestApp::new().await;
    let (admin, keys) = with_service_account(&app).await;
    let key = secret(&admin.post(&keys, &json!({ "name": "default" })).await.good().json());
    let token = log_in(&app, &key).await;
    let account = "/api/v1/service_accounts/ci-bot";
    for (path, off) in [(format!("{keys}/default"), true), (account.to_owned(), true), (account.to_owned(), false)] {
        admin.put(&path, &json!({ "active": !off })).await.good();
        if off {
            assert!(app.bearer(&key).get(ME).await.refused(401).1.contains("not active"));
            token.get(ME).await.refused(401);
            app.anonymous().form("/api/v1/login", &[("password", &key)]).await.refused(401);
            admin.put(&format!("{keys}/default"), &json!({ "active": true })).await.good();
        }
    }
    app.bearer(&key).get(ME).await.good();
    assert_eq!(admin.delete(&format!("{keys}/default")).await.good().text(), "null");
    app.bearer(&key).get(ME).await.refused(401);
    token.get(ME).await.refused(401);
}

#[tokio::test]
async fn keys_are_listed_renamed_and_kept_apart() {
    let app = TestApp::new().await;
    let (admin, keys) = with_service_account(&app).await;
    for name in ["one", "two"] {
        admin.post(&keys, &json!({ "name": name, "description": name })).await.good();
    }
    assert_eq!(admin.post(&keys, &json!({ "name": "one" })).await.refused(409).0, "EntityExistsError");
    admin.put(&format!("{keys}/one"), &json!({ "name": "two" })).await.refused(409);
    admin.put(&format!("{keys}/one"), &json!({ "name": "first", "description": "d" })).await.good();
    let page = admin.get(&format!("{keys}?sort_by=desc:name")).await.good().json();
    assert_eq!((&page["total"], &page["items"][0]["name"]), (&json!(2), &json!("two")));
    assert_eq!(page["items"][0]["body"]["key"], Value::Null);

    let other = admin.post("/api/v1/service_accounts", &json!({ "name": "other", "active": true })).await.good().json();
    let others = format!("/api/v1/service_accounts/{}/api_keys", other["id"].as_str().expect("an id"));
    let id = page["items"][0]["id"].as_str().expect("an id");
    assert_eq!(admin.get(&format!("{others}/{id}")).await.refused(404).0, "KeyError");
    admin.post(&others, &json!({ "name": "two" })).await.good();
}

#[tokio::test]
async fn only_admins_reach_keys_and_bad_input_is_refused() {
    let app = TestApp::new().await;
    let (admin, keys) = with_service_account(&app).await;
    admin.post(&keys, &json!({ "name": "one" })).await.good();
    let ann = app.user("ann").await;
    ann.post(&keys, &json!({ "name": "x" })).await.refused(403);
    ann.put(&format!("{keys}/one"), &json!({ "active": false })).await.refused(403);
    ann.put(&format!("{keys}/one/rotate"), &json!({})).await.refused(403);
    ann.delete(&format!("{keys}/one")).await.refused(403);
    app.anonymous().get(&keys).await.refused(401);

    admin.post(&keys, &json!({})).await.refused(422);
    admin.put(&format!("{keys}/one/rotate"), &json!({ "retain_period_minutes": -1 })).await.refused(400);
    admin.get(&format!("{keys}/nope")).await.refused(404);
    admin.get("/api/v1/service_accounts/ci-bot/api_keys/one").await.refused(422);
    admin.get("/api/v1/service_accounts/921e9788-5b3f-4c63-a1c4-c99cd93c1388/api_keys").await.refused(404);
}
