//! The device flow, and `/devices`.

use darkroom::server::{
    db::{devices::DeviceRow, stored::Changes},
    id::Id,
    time::Timestamp,
};
use serde_json::{Value, json};

use crate::util::{Answer, TestApp, shape};

const CLIENT: &str = "527be891-5800-4f8e-ae31-336c0908d768";

/// The answer of `/device_authorization`.
async fn authorize(app: &TestApp) -> Value {
    let client = app.anonymous().with_header("user-agent", "Host/vm ZenML/0.98.0 Python/3.11.7 OS/Linux");
    client.form("/api/v1/device_authorization", &[("client_id", CLIENT)]).await.good().json()
}

/// The id in the link that is shown to the person.
fn device_id(authorization: &Value) -> String {
    let link = authorization["verification_uri_complete"].as_str().expect("a link");
    let (_, rest) = link.split_once("device_id=").expect("an id");
    rest.split('&').next().expect("an id").to_owned()
}

async fn poll(app: &TestApp, device_code: &Value) -> Answer {
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", CLIENT),
        ("device_code", device_code.as_str().expect("a code")),
    ];
    app.anonymous().form("/api/v1/login", &fields).await
}

fn verification(authorization: &Value) -> Value {
    json!({ "user_code": authorization["user_code"], "trusted_device": true })
}

#[tokio::test]
async fn a_person_confirms_a_device_and_its_client_gets_a_token() {
    let app = TestApp::new().await;
    let started = authorize(&app).await;
    assert_eq!(started["verification_uri"], "http://127.0.0.1:8080/devices/verify");
    assert_eq!((&started["expires_in"], &started["interval"]), (&json!(300), &json!(5)));
    let pending = poll(&app, &started["device_code"]).await;
    let body = pending.json();
    assert_eq!(pending.refused(400).1, "authorization_pending");
    assert_eq!(body["error_uri"], Value::Null);

    let path = format!("/api/v1/devices/{}", device_id(&started));
    let admin = app.admin().await;
    let user_code = started["user_code"].as_str().expect("a code");
    let shown = admin.get(&format!("{path}?user_code={user_code}")).await.good().json();
    assert_eq!(
        shape(&shown),
        json!({
            "body": {
                "created": "[time]", "updated": "[time]", "user_id": null, "client_id": "[id]", "expires": "[time]",
                "trusted_device": false, "status": "pending", "os": "Linux", "ip_address": null, "hostname": "vm",
            },
            "metadata": {
                "python_version": "3.11.7", "zenml_version": "0.98.0", "city": "", "region": "", "country": "",
                "failed_auth_attempts": 0, "last_login": null,
            },
            "resources": { "user": null },
            "id": "[id]",
            "permission_denied": false,
        })
    );
    let verified = admin.put(&format!("{path}/verify"), &verification(&started)).await.good().json();
    assert_eq!(verified["body"]["status"], "verified");
    assert_eq!(verified["resources"]["user"]["name"], "admin");

    let answer = poll(&app, &started["device_code"]).await.good();
    assert_eq!(answer.header("set-cookie"), "", "a program gets no cookie");
    let client = app.bearer(answer.json()["access_token"].as_str().expect("a token"));
    assert_eq!(client.get("/api/v1/current-user").await.good().json()["name"], "admin");
    let mine = client.get("/api/v1/devices").await.good().json();
    assert_eq!(mine["items"][0]["body"]["status"], "active");
    assert_eq!(mine["items"][0]["body"]["expires"], Value::Null);
    // The code counts once.
    assert_eq!(poll(&app, &started["device_code"]).await.refused(400).1, "expired_token");
    assert!(admin.get("/api/v1/onboarding_state").await.good().json().as_array().expect("a list").contains(&json!("device_verified")));
}

#[tokio::test]
async fn three_wrong_user_codes_lock_a_device() {
    let app = TestApp::new().await;
    let started = authorize(&app).await;
    let path = format!("/api/v1/devices/{}", device_id(&started));
    let admin = app.admin().await;
    assert_eq!(admin.get(&format!("{path}?user_code=wrong")).await.refused(404).0, "KeyError");
    let wrong = json!({ "user_code": "wrong" });
    for message in ["invalid user code", "invalid user code", "locked"] {
        let (class, told) = admin.put(&format!("{path}/verify"), &wrong).await.refused(400);
        assert!(class == "ValueError" && told.contains(message), "{told}");
    }
    assert!(admin.put(&format!("{path}/verify"), &verification(&started)).await.refused(400).1.contains("not pending"));
    assert_eq!(poll(&app, &started["device_code"]).await.refused(400).1, "access_denied");
}

#[tokio::test]
async fn three_wrong_device_codes_lock_a_device() {
    let app = TestApp::new().await;
    let started = authorize(&app).await;
    let path = format!("/api/v1/devices/{}/verify", device_id(&started));
    app.admin().await.put(&path, &verification(&started)).await.good();
    for _ in 0..3 {
        assert_eq!(poll(&app, &json!("wrong")).await.refused(400).1, "access_denied");
    }
    assert_eq!(poll(&app, &started["device_code"]).await.refused(400).1, "access_denied");
}

#[tokio::test]
async fn confirmation_must_come_in_time() {
    let app = TestApp::new().await;
    let started = authorize(&app).await;
    let id: Id = device_id(&started).parse().expect("an id");
    let mut connection = app.state.db.begin().await.expect("a transaction");
    let past = Timestamp::now().plus_seconds(-1);
    connection.update::<DeviceRow>(id, Changes::new().set("expires", past)).await.expect("updated");
    connection.commit().await.expect("committed");

    let path = format!("/api/v1/devices/{id}/verify");
    assert!(app.admin().await.put(&path, &verification(&started)).await.refused(400).1.contains("expired"));
    assert_eq!(poll(&app, &started["device_code"]).await.refused(400).1, "expired_token");
}

#[tokio::test]
async fn a_device_is_its_owners_alone() {
    let app = TestApp::new().await;
    let started = authorize(&app).await;
    let path = format!("/api/v1/devices/{}", device_id(&started));
    let (ann, admin) = (app.user("ann").await, app.admin().await);
    ann.put(&format!("{path}/verify"), &verification(&started)).await.good();
    let token = poll(&app, &started["device_code"]).await.good().json()["access_token"].as_str().expect("a token").to_owned();
    let client = app.bearer(&token);
    client.get("/api/v1/current-user").await.good();

    admin.get(&path).await.refused(404);
    admin.put(&path, &json!({ "locked": true })).await.refused(404);
    admin.delete(&path).await.refused(404);
    assert_eq!(admin.get("/api/v1/devices").await.good().json()["total"], 0);

    assert_eq!(ann.put(&path, &json!({ "locked": true })).await.good().json()["body"]["status"], "locked");
    assert!(client.get("/api/v1/current-user").await.refused(401).1.contains("not active"));
    assert_eq!(ann.put(&path, &json!({ "locked": false })).await.good().json()["body"]["status"], "active");
    client.get("/api/v1/current-user").await.good();
    assert_eq!(ann.get("/api/v1/devices?status=active&hydrate=true").await.good().json()["total"], 1);
    assert_eq!(ann.delete(&path).await.good().text(), "null");
    client.get("/api/v1/current-user").await.refused(401);
}

#[tokio::test]
async fn signing_in_again_ends_the_devices_earlier_sign_in() {
    let app = TestApp::new().await;
    let first = authorize(&app).await;
    let verify = |started: &Value| format!("/api/v1/devices/{}/verify", device_id(started));
    app.user("ann").await.put(&verify(&first), &verification(&first)).await.good();
    let token = poll(&app, &first["device_code"]).await.good().json()["access_token"].as_str().expect("a token").to_owned();

    let second = authorize(&app).await;
    assert_eq!(device_id(&second), device_id(&first), "one device for each client");
    app.bearer(&token).get("/api/v1/current-user").await.refused(401);
    // On the same machine, somebody else may sign in now.
    app.admin().await.put(&verify(&second), &verification(&second)).await.good();
    poll(&app, &second["device_code"]).await.good();
}

#[tokio::test]
async fn bad_requests_say_what_is_wrong() {
    let app = TestApp::new().await;
    let (class, message) = app.anonymous().form("/api/v1/device_authorization", &[("client_id", "nouuid")]).await.refused(422);
    assert!(class == "ValueError" && message.contains("client_id"), "{message}");
    let admin = app.admin().await;
    admin.get("/api/v1/devices/nouuid").await.refused(422);
    admin.get(&format!("/api/v1/devices/{CLIENT}")).await.refused(404);
    admin.put(&format!("/api/v1/devices/{CLIENT}/verify"), &json!({ "user_code": "x" })).await.refused(404);
    admin.put(&format!("/api/v1/devices/{CLIENT}/verify"), &json!({})).await.refused(422);
    app.anonymous().get("/api/v1/devices").await.refused(401);
}
