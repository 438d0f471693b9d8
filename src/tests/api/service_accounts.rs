//! `/service_accounts`.

use serde_json::{Value, json};

use crate::util::{TestApp, shape};

const ACCOUNTS: &str = "/api/v1/service_accounts";

#[tokio::test]
async fn a_service_account_is_made_read_changed_and_deleted() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let made = admin.post(ACCOUNTS, &json!({ "name": "ci-bot", "description": "d", "active": true })).await.good().json();
    assert_eq!(
        shape(&made),
        json!({
            "body": { "created": "[time]", "updated": "[time]", "full_name": "", "active": true, "avatar_url": null },
            "metadata": { "description": "d", "role": "editor", "external_user_id": null },
            "resources": null,
            "id": "[id]",
            "permission_denied": false,
            "name": "ci-bot",
        })
    );
    let id = made["id"].as_str().expect("an id");
    assert_eq!(admin.get(&format!("{ACCOUNTS}/{id}")).await.good().json(), made);
    assert_eq!(admin.get(&format!("{ACCOUNTS}/ci-bot?hydrate=False")).await.good().json()["metadata"], Value::Null);
    let page = admin.get(&format!("{ACCOUNTS}?name=ci-bot")).await.good().json();
    assert_eq!((&page["total"], &page["items"][0]["metadata"]), (&json!(1), &Value::Null));

    let changed =
        admin.put(&format!("{ACCOUNTS}/{id}"), &json!({ "description": "d2", "active": false, "full_name": null })).await.good().json();
    assert_eq!((&changed["metadata"]["description"], &changed["body"]["active"]), (&json!("d2"), &json!(false)));
    assert_eq!(admin.delete(&format!("{ACCOUNTS}/ci-bot")).await.good().text(), "null");
    admin.get(&format!("{ACCOUNTS}/{id}")).await.refused(404);
}

#[tokio::test]
async fn as_an_account_it_is_shown_like_a_user() {
    let app = TestApp::new().await;
    let robot = app.service_account("robot").await;
    let own = robot.get("/api/v1/current-user").await.good().json();
    assert_eq!((&own["body"]["is_service_account"], &own["body"]["is_admin"]), (&json!(true), &json!(false)));
    // Reached as a user by its id, not by its name; not among users.
    let id = own["id"].as_str().expect("an id");
    robot.get(&format!("/api/v1/users/{id}")).await.good();
    app.admin().await.get("/api/v1/users/robot").await.refused(404);
    assert_eq!(app.admin().await.get("/api/v1/users").await.good().json()["total"], 1);
    robot.put("/api/v1/current-user", &json!({ "full_name": "x" })).await.refused(404);
}

#[tokio::test]
async fn only_admins_make_and_change_service_accounts() {
    let app = TestApp::new().await;
    let robot = app.service_account("robot").await;
    for client in [&robot, &app.user("ann").await] {
        client.get(&format!("{ACCOUNTS}/robot")).await.good();
        client.post(ACCOUNTS, &json!({ "name": "x", "active": true })).await.refused(403);
        client.put(&format!("{ACCOUNTS}/robot"), &json!({ "active": false })).await.refused(403);
        client.delete(&format!("{ACCOUNTS}/robot")).await.refused(403);
    }
    app.anonymous().get(ACCOUNTS).await.refused(401);
}

#[tokio::test]
async fn bad_input_is_refused() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    app.service_account("robot").await;
    assert_eq!(admin.post(ACCOUNTS, &json!({ "name": "robot", "active": true })).await.refused(409).0, "EntityExistsError");
    admin.post(ACCOUNTS, &json!({ "name": "second", "active": true })).await.good();
    admin.put(&format!("{ACCOUNTS}/second"), &json!({ "name": "robot" })).await.refused(409);
    admin.post(ACCOUNTS, &json!({ "name": "third" })).await.refused(422);
    admin.get(&format!("{ACCOUNTS}/admin")).await.refused(404);
    admin.delete(&format!("{ACCOUNTS}/nobody")).await.refused(404);
}

#[tokio::test]
async fn one_that_owns_something_stays() {
    let app = TestApp::new().await;
    let (admin, robot) = (app.admin().await, app.service_account("robot").await);
    let project = admin.get("/api/v1/projects/default").await.good().json()["id"].clone();
    robot.post("/api/v1/pipelines", &json!({ "name": "training", "project": project })).await.good();
    admin.delete(&format!("{ACCOUNTS}/robot")).await.refused(403);
}
