//! `/webhooks`: what is stored, who may deliver, and the runs that deliveries start.

use axum::{body::Body, http::Method};
use darkroom::server::{launch::triggers, time::Timestamp};
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::util::{Answer, Scene, TestApp, shape};

const WEBHOOKS: &str = "/api/v1/webhooks";

fn request(scene: &Scene, fields: Value) -> Value {
    let mut request = json!({ "project": scene.project, "name": "ci", "webhook_type": "custom" });
    request.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    request
}

fn id(value: &Value) -> &str {
    value["id"].as_str().expect("an id")
}

/// Delivers a body, signed with a secret, with the headers of custom webhooks.
async fn deliver(app: &TestApp, webhook: &Value, secret: &str, delivery: &str, body: &str) -> Answer {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(body.as_bytes());
    let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    let client = app.anonymous().with_header("x-zenml-event", "deployed").with_header("x-zenml-delivery", delivery);
    let path = format!("{WEBHOOKS}/custom/{}/events", id(webhook));
    client
        .with_header("x-zenml-signature-256", &signature)
        .send(Method::POST, &path, Some("application/json"), Body::from(body.to_owned()))
        .await
}

async fn stats(scene: &Scene, webhook: &Value) -> Value {
    scene.client.get(&format!("{WEBHOOKS}/{}", id(webhook))).await.good().json()["metadata"]["stats"].clone()
}

#[tokio::test]
async fn a_webhook_is_made_with_a_secret_that_is_shown_once() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let made = scene.client.post(WEBHOOKS, &request(&scene, json!({}))).await.good().json();
    assert_eq!(made["secret"].as_str().expect("a secret").len(), 64);
    let address = made["body"]["endpoint_url"].as_str().expect("an address");
    assert!(address.ends_with(&format!("/api/v1/webhooks/custom/{}/events", id(&made))), "{address}");
    assert_eq!(shape(&made["metadata"]["stats"]["received_count"]), 0);
    let path = format!("{WEBHOOKS}/{}", id(&made));
    let read = scene.client.get(&path).await.good();
    assert!(!read.text().contains(made["secret"].as_str().expect("a secret")));
    assert_eq!(read.json().get("secret"), None);
    let given = scene.client.post(WEBHOOKS, &request(&scene, json!({ "name": "own", "secret": "mine" }))).await.good().json();
    assert_eq!(given["secret"], Value::Null);
    assert_eq!(scene.client.get("/api/v1/secrets").await.good().json()["total"], 0, "nobody sees the secrets of webhooks");
    let changed = scene.client.put(&path, &json!({ "active": false })).await.good().json();
    assert_eq!((&changed["name"], &changed["body"]["active"]), (&json!("ci"), &json!(false)));
    assert_eq!(scene.client.get(&format!("{WEBHOOKS}?webhook_type=custom&active=true")).await.good().json()["total"], 1);
    for (fields, status) in
        [(json!({}), 409), (json!({ "name": "x", "webhook_type": "mail" }), 422), (json!({ "name": "x", "secret": "" }), 422)]
    {
        scene.client.post(WEBHOOKS, &request(&scene, fields)).await.refused(status);
    }
    app.anonymous().get(WEBHOOKS).await.refused(401);
    scene.client.delete(&path).await.good();
    scene.client.get(&path).await.refused(404);
}

#[tokio::test]
async fn only_signed_deliveries_count() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let webhook = scene.client.post(WEBHOOKS, &request(&scene, json!({ "secret": "s3cret" }))).await.good().json();
    assert_eq!(deliver(&app, &webhook, "s3cret", "d1", "{}").await.status, 202);
    deliver(&app, &webhook, "guess", "d2", "{}").await.refused(401);
    deliver(&app, &webhook, "s3cret", "d3", "[]").await.refused(400);
    let counted = stats(&scene, &webhook).await;
    let counts = ["received_count", "accepted_count", "auth_failed_count", "invalid_payload_count"].map(|key| counted[key].clone());
    assert_eq!(counts, [json!(3), json!(1), json!(1), json!(1)]);
    assert!(counted["last_error_summary"].as_str().expect("a summary").contains("object"));

    let path = format!("{WEBHOOKS}/{}", id(&webhook));
    let rotated = scene.client.put(&format!("{path}/secret"), &json!({})).await.good().json();
    deliver(&app, &webhook, "s3cret", "d4", "{}").await.refused(401);
    let secret = rotated["secret"].as_str().expect("a secret");
    assert_eq!(deliver(&app, &webhook, secret, "d5", "{}").await.status, 202);
    scene.client.put(&path, &json!({ "active": false })).await.good();
    deliver(&app, &webhook, secret, "d6", "{}").await.refused(409);
    let nobody = json!({ "id": "00000000-0000-4000-8000-000000000000" });
    deliver(&app, &nobody, secret, "d7", "{}").await.refused(404);
    app.anonymous().post(&format!("{WEBHOOKS}/github/{}/events", id(&webhook)), &json!({})).await.refused(400);
    app.anonymous().post(&format!("{WEBHOOKS}/slack/{}/events", id(&webhook)), &json!({})).await.refused(404);
    app.anonymous().post(&format!("{WEBHOOKS}/mail/{}/events", id(&webhook)), &json!({})).await.refused(404);
}

#[tokio::test]
async fn a_delivery_starts_the_attached_snapshots_once() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let webhook = scene.client.post(WEBHOOKS, &request(&scene, json!({ "secret": "s3cret" }))).await.good().json();
    let target = json!({ "type": "dynamic", "event_type": "deployed", "filters": { "stage": "oneof:[\"prod\"]" } });
    let trigger = json!({
        "project": scene.project, "name": "on-deploy", "type": "webhook", "webhook_id": webhook["id"],
        "configuration": { "target_events": [target] }, "concurrency": "submit",
    });
    let trigger = scene.client.post("/api/v1/triggers", &trigger).await.good().json();
    assert_eq!(trigger["body"]["webhook_id"], webhook["id"]);
    assert_eq!(trigger["resources"]["webhook"]["name"], "ci");
    let snapshot = scene.snapshot(json!({ "name": "daily" })).await;
    scene.client.put(&format!("/api/v1/triggers/{}/pipeline_snapshots/{}", id(&trigger), id(&snapshot)), &json!(null)).await.good();

    let prod = r#"{"stage":"prod"}"#;
    for (delivery, body) in [("d1", r#"{"stage":"test"}"#), ("d2", prod), ("d2", prod), ("d3", prod)] {
        assert_eq!(deliver(&app, &webhook, "s3cret", delivery, body).await.status, 202);
    }
    triggers::pass(&app.state, Timestamp::now()).await.expect("the pass works");
    let runs = scene.client.get(&format!("/api/v1/runs?hydrate=true&trigger_id={}", id(&trigger))).await.good().json();
    assert_eq!(runs["total"], 2, "d1 does not match, and d2 came twice");
    let upstream = &runs["items"][0]["metadata"]["trigger_execution_info"]["webhook_upstream_event"]["custom"];
    assert_eq!(upstream, &json!({ "webhook_id": webhook["id"], "delivery_id": "d2", "event_type": "deployed", "event": null }));
    let raw = format!("{WEBHOOKS}/{}/events/raw?delivery_id=", id(&webhook));
    assert_eq!(scene.client.get(&format!("{raw}d2")).await.good().json(), json!({ "body": { "stage": "prod" } }));
    scene.client.get(&format!("{raw}d1")).await.refused(404);
    app.anonymous().get(&format!("{raw}d2")).await.refused(401);

    scene.client.delete(&format!("{WEBHOOKS}/{}", id(&webhook))).await.refused(403);
    scene.client.delete(&format!("/api/v1/triggers/{}", id(&trigger))).await.good();
    scene.client.delete(&format!("{WEBHOOKS}/{}", id(&webhook))).await.good();
    let archived = scene.client.get(&format!("/api/v1/triggers/{}", id(&trigger))).await.good().json();
    assert_eq!(archived["body"]["webhook_id"], Value::Null);
}

#[tokio::test]
async fn triggers_of_webhooks_are_checked_by_the_kind_of_webhook() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let webhook = scene.client.post(WEBHOOKS, &request(&scene, json!({ "webhook_type": "github" }))).await.good().json();
    let request = |configuration: Value| json!({ "project": scene.project, "name": "push", "type": "webhook", "webhook_id": webhook["id"], "configuration": configuration });
    for bad in
        [json!({}), json!({ "target_events": [{ "type": "fork" }] }), json!({ "target_events": [{ "type": "push", "author": "a" }] })]
    {
        scene.client.post("/api/v1/triggers", &request(bad)).await.refused(422);
    }
    let trigger = scene.client.post("/api/v1/triggers", &request(json!({ "target_events": [{ "type": "push" }] }))).await.good().json();
    let target = json!({ "type": "push", "repo": null, "branch": null, "actor": null });
    assert_eq!(trigger["body"]["configuration"], json!({ "target_events": [target] }));
    let path = format!("/api/v1/triggers/{}", id(&trigger));
    let mut update =
        json!({ "name": "push", "type": "webhook", "active": false, "configuration": { "target_events": [{ "type": "push" }] } });
    scene.client.put(&path, &update).await.refused(422);
    update["concurrency"] = json!("submit");
    let changed = scene.client.put(&path, &update).await.good().json();
    assert_eq!((&changed["body"]["active"], &changed["body"]["webhook_id"]), (&json!(false), &webhook["id"]));
    assert_eq!(scene.client.get(&format!("/api/v1/triggers?webhook_id={}", id(&webhook))).await.good().json()["total"], 1);
}
