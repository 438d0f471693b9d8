//! `/users` and `/current-user`.

use darkroom::server::db::users::OWNED_TABLES;
use serde_json::{Value, json};

use crate::util::{PASSWORD, TestApp, shape};

const USERS: &str = "/api/v1/users";
const ME: &str = "/api/v1/current-user";

#[tokio::test]
async fn the_current_user_is_shown_with_what_is_private() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let own = admin.get(ME).await.good().json();
    assert_eq!(
        shape(&own),
        json!({
            "body": {
                "created": "[time]", "updated": "[time]", "active": true, "activation_token": null, "full_name": "",
                "email_opted_in": null, "is_service_account": false, "is_admin": true, "default_project_id": null, "avatar_url": null,
            },
            "metadata": {
                "role": "admin", "password_changed_at": "[time]", "email": null, "external_user_id": null, "user_metadata": {}, "oidc_claims": {},
            },
            "resources": null,
            "id": "[id]",
            "permission_denied": false,
            "name": "admin",
        })
    );
    let body = json!({ "full_name": "The Admin", "email": "a@example.com", "is_admin": false, "active": false });
    let updated = admin.put(ME, &body).await.good().json();
    assert_eq!(updated["body"]["full_name"], "The Admin");
    assert_eq!(updated["body"]["is_admin"], true, "rights are not changed here");
    assert_eq!(updated["metadata"]["email"], Value::Null, "only reading shows what is private");
    assert_eq!(admin.get(ME).await.good().json()["metadata"]["email"], "a@example.com");
    // Null clears, a missing field stays.
    admin.put(ME, &json!({ "email": null })).await.good();
    let own = admin.get(ME).await.good().json();
    assert_eq!((&own["metadata"]["email"], &own["body"]["full_name"]), (&Value::Null, &json!("The Admin")));
}

#[tokio::test]
async fn an_account_with_a_password_is_active_at_once() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let body = json!({ "name": "ann", "full_name": "Ann", "is_admin": false, "password": "ann's password", "active": false });
    let made = admin.post(USERS, &body).await.good().json();
    assert_eq!((&made["body"]["active"], &made["body"]["activation_token"]), (&json!(true), &Value::Null));
    app.anonymous().form("/api/v1/login", &[("username", "ann"), ("password", "ann's password")]).await.good();
    let (class, _) = admin.post(USERS, &json!({ "name": "ann", "is_admin": false })).await.refused(409);
    assert_eq!(class, "EntityExistsError");
    // A service account may have the same name.
    admin.post("/api/v1/service_accounts", &json!({ "name": "ann", "active": true })).await.good();
}

#[tokio::test]
async fn an_account_without_a_password_waits_for_its_activation() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let made = admin.post(USERS, &json!({ "name": "bob", "is_admin": false, "active": true })).await.good().json();
    assert_eq!(made["body"]["active"], false);
    let token = made["body"]["activation_token"].as_str().expect("a token").to_owned();
    assert_eq!(admin.get(&format!("{USERS}/bob")).await.good().json()["body"]["activation_token"], Value::Null, "told once");

    let path = format!("{USERS}/{}/activate", made["id"].as_str().expect("an id"));
    let wrong = json!({ "activation_token": "bad", "password": "bob's password" });
    let refused = app.anonymous().put(&path, &wrong).await.refused(401);
    assert_eq!(refused.0, "CredentialsNotValid");
    let ghost = app.anonymous().put(&format!("{USERS}/ghost/activate"), &wrong).await.refused(401);
    assert_eq!(ghost.0, refused.0, "it is not told which accounts exist");
    app.anonymous().put(&path, &json!({})).await.refused(401);
    app.anonymous().put(&path, &json!({ "activation_token": token })).await.refused(400);

    let right =
        json!({ "activation_token": token, "password": "bob's password", "full_name": "Bob", "email": "b@example.com", "is_admin": true });
    let activated = app.anonymous().put(&path, &right).await.good().json();
    assert_eq!((&activated["body"]["active"], &activated["body"]["is_admin"]), (&json!(true), &json!(false)));
    app.anonymous().form("/api/v1/login", &[("username", "bob"), ("password", "bob's password")]).await.good();
    app.anonymous().put(&path, &right).await.refused(401);
}

#[tokio::test]
async fn deactivation_gives_a_token_to_come_back_with() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.admin().await, app.user("ann").await);
    let off = admin.put(&format!("{USERS}/ann/deactivate"), &json!({})).await.good().json();
    assert_eq!(off["body"]["active"], false);
    ann.get(ME).await.refused(401);
    let body = json!({ "activation_token": off["body"]["activation_token"], "password": "a new one" });
    app.anonymous().put(&format!("{USERS}/ann/activate"), &body).await.good();
    app.anonymous().form("/api/v1/login", &[("username", "ann"), ("password", "a new one")]).await.good();

    admin.put(&format!("{USERS}/admin/deactivate"), &json!({})).await.refused(403);
    app.user("eve").await.put(&format!("{USERS}/ann/deactivate"), &json!({})).await.refused(403);
    admin.put(&format!("{USERS}/nobody/deactivate"), &json!({})).await.refused(404);
}

#[tokio::test]
async fn a_password_is_changed_only_by_its_owner_who_knows_it() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    app.user("ann").await;
    let new = |old: Option<&str>| json!({ "password": "a new one", "old_password": old });
    assert_eq!(admin.put(ME, &new(None)).await.refused(403).0, "IllegalOperationError");
    assert_eq!(admin.put(ME, &new(Some("wrong"))).await.refused(403).1, "The current password is incorrect.");
    assert!(admin.put(&format!("{USERS}/ann"), &new(Some(PASSWORD))).await.refused(403).1.contains("other users"));
    admin.put(ME, &json!({ "password": "", "old_password": PASSWORD })).await.refused(400);
    admin.put(&format!("{USERS}/admin"), &new(Some(PASSWORD))).await.good();
    app.anonymous().form("/api/v1/login", &[("username", "admin"), ("password", "a new one")]).await.good();
}

#[tokio::test]
async fn whoever_is_no_admin_sees_and_changes_only_themselves() {
    let app = TestApp::new().await;
    let ann = app.user("ann").await;
    let page = ann.get(USERS).await.good().json();
    assert_eq!((&page["total"], &page["items"][0]["name"]), (&json!(1), &json!("ann")));
    assert_eq!(page["items"][0]["metadata"], Value::Null);
    ann.get(&format!("{USERS}/ann?hydrate=false")).await.good();
    assert_eq!(ann.get(&format!("{USERS}/admin")).await.refused(403).0, "IllegalOperationError");
    ann.post(USERS, &json!({ "name": "x", "is_admin": true })).await.refused(403);
    ann.put(&format!("{USERS}/admin"), &json!({ "full_name": "x" })).await.refused(403);
    ann.delete(&format!("{USERS}/admin")).await.refused(403);
    ann.put(&format!("{USERS}/ann"), &json!({ "is_admin": true })).await.refused(403);
    ann.put(&format!("{USERS}/ann"), &json!({ "active": false })).await.refused(403);
    ann.put(&format!("{USERS}/ann"), &json!({ "full_name": "Ann", "is_admin": false })).await.good();
}

#[tokio::test]
async fn admins_give_and_take_rights() {
    let app = TestApp::new().await;
    let (admin, _) = (app.admin().await, app.user("ann").await);
    assert_eq!(admin.get(USERS).await.good().json()["total"], 2);
    assert_eq!(admin.get(&format!("{USERS}?name=startswith:an")).await.good().json()["total"], 1);
    admin.put(&format!("{USERS}/admin"), &json!({ "is_admin": false })).await.refused(403);
    assert_eq!(admin.put(&format!("{USERS}/ann"), &json!({ "is_admin": true })).await.good().json()["body"]["is_admin"], true);
    admin.put(&format!("{USERS}/ann"), &json!({ "email": "x@example.com" })).await.refused(403);
    admin.put(&format!("{USERS}/ann"), &json!({ "name": "admin" })).await.refused(409);
    admin.put(&format!("{USERS}/ann"), &json!({ "is_admin": false, "name": "anna" })).await.good();
    admin.get(&format!("{USERS}/anna")).await.good();
}

#[tokio::test]
async fn an_account_that_owns_something_stays() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.admin().await, app.user("ann").await);
    app.user("bob").await;
    let project = admin.get("/api/v1/projects/default").await.good().json()["id"].clone();
    ann.post("/api/v1/pipelines", &json!({ "name": "training", "project": project })).await.good();
    let (class, message) = admin.delete(&format!("{USERS}/ann")).await.refused(403);
    assert!(class == "IllegalOperationError" && message.contains("pipelines"), "{message}");
    assert_eq!(admin.delete(&format!("{USERS}/bob")).await.good().text(), "null");
    admin.get(&format!("{USERS}/bob")).await.refused(404);
    admin.delete(&format!("{USERS}/admin")).await.refused(403);
}

#[tokio::test]
async fn every_table_with_an_owner_is_asked_before_an_account_is_deleted() {
    let app = TestApp::new().await;
    let mut connection = app.state.db.read().await.expect("a connection");
    let sql = if app.state.db.kind() == "sqlite" {
        "select m.name from sqlite_master m join pragma_table_info(m.name) c on c.name = 'user_id' where m.type = 'table' order by m.name"
    } else {
        "select table_name::text from information_schema.columns where column_name = 'user_id' and table_schema = 'public' order by 1"
    };
    let tables: Vec<(String,)> = connection.fetch_all(sql, Vec::new()).await.expect("the schema");
    let tables: Vec<&str> = tables
        .iter()
        .map(|(name,)| name.as_str())
        .filter(|name| !["devices", "drafts", "idempotent_requests", "proposals", "snapshot_runners"].contains(name))
        .collect();
    assert_eq!(tables, OWNED_TABLES);
}

#[tokio::test]
async fn the_email_question_is_answered_by_oneself() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.admin().await, app.user("ann").await);
    let answer = json!({ "email": "ann@example.com", "email_opted_in": true });
    assert_eq!(admin.put(&format!("{USERS}/ann/email-opt-in"), &answer).await.refused(401).0, "AuthorizationException");
    let updated = ann.put(&format!("{USERS}/ann/email-opt-in"), &answer).await.good().json();
    assert_eq!(updated["body"]["email_opted_in"], true);
    assert_eq!(ann.get(ME).await.good().json()["metadata"]["email"], "ann@example.com");
}

#[tokio::test]
async fn bad_input_names_the_field() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let long = "x".repeat(256);
    for (body, status, field) in [
        (json!({ "name": "eve" }), 422, "is_admin"),
        (json!({ "is_admin": true }), 422, "name"),
        (json!({ "name": "", "is_admin": true }), 400, "name"),
        (json!({ "name": long, "is_admin": true }), 422, "name"),
        (json!({ "name": "eve", "is_admin": true, "full_name": long }), 422, "full_name"),
        (json!({ "name": "eve", "is_admin": true, "email": long }), 422, "email"),
        (json!({ "name": "eve", "is_admin": true, "password": long }), 400, "password"),
        (json!([]), 422, ""),
    ] {
        let (class, message) = admin.post(USERS, &body).await.refused(status);
        assert!(class == "ValueError" && message.contains(field), "{body} gave {message}");
    }
    admin.put(ME, &json!({ "default_project_id": "921e9788-5b3f-4c63-a1c4-c99cd93c1388" })).await.refused(404);
    assert_eq!(admin.get(&format!("{USERS}/nope")).await.refused(404).0, "KeyError");
    admin.get(&format!("{USERS}?sort_by=password_hash")).await.refused(422);
}

#[tokio::test]
async fn opting_in_needs_an_address() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    admin.put("/api/v1/current-user", &json!({ "email_opted_in": true })).await.refused(422);
    admin.put("/api/v1/current-user", &json!({ "email_opted_in": true, "email": null })).await.refused(422);
    let answered = admin.put("/api/v1/current-user", &json!({ "email_opted_in": true, "email": "a@example.com" })).await.good().json();
    assert_eq!(answered["body"]["email_opted_in"], true);
}
