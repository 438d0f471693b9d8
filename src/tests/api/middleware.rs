//! What happens around every request.

use axum::{Router, body::Body, http::Method, routing::get};
use darkroom::server::middleware;
use serde_json::json;

use crate::util::{Client, TestApp};

const PROJECTS: &str = "/api/v1/projects";

#[tokio::test]
async fn every_answer_has_a_request_id() {
    let app = TestApp::new().await;
    let anonymous = app.anonymous();
    assert_eq!(anonymous.with_header("x-request-id", "fe45a392").get("/api/v1/info").await.header("x-request-id"), "fe45a392");
    let answer = anonymous.with_header("x-request-id", "two words").get("/api/v1/current-user").await;
    assert_eq!(answer.header("x-request-id").len(), 8, "an id that could forge a log line is replaced");
    assert_eq!(anonymous.get("/nowhere").await.header("x-request-id").len(), 8);
}

#[tokio::test]
async fn answers_carry_security_headers() {
    let app = TestApp::with(|config| config.public_url = Some("https://darkroom.example.com".to_owned())).await;
    let answer = app.anonymous().get("/api/v1/info").await;
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("server"), app.state.server.id.to_string());
    assert_eq!(answer.header("strict-transport-security"), "max-age=63072000");
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval';"), "{policy}");
    assert_eq!(answer.header("access-control-allow-origin"), "", "no site may read our answers");
}

#[tokio::test]
async fn unknown_paths_answer_as_the_reference_server() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    assert_eq!(admin.get("/api/v1/nope").await.refused(404).1, "Not Found");
    assert_eq!(admin.post("/api/v1/nope", &json!({})).await.refused(405).1, "Method Not Allowed");
    assert_eq!(admin.delete("/api/v1/users").await.refused(405).1, "Method Not Allowed");
    assert_eq!(app.anonymous().get("/health").await.good().text(), "ok");
    assert_eq!(app.anonymous().get("/ready").await.good().text(), "ok");
}

#[tokio::test]
async fn large_bodies_and_uploads_are_refused() {
    let app = TestApp::with(|config| config.max_body_mib = 1).await;
    let admin = app.admin().await;
    let large = json!({ "name": "x".repeat(1024 * 1024), "is_admin": false });
    let (_, message) = admin.post("/api/v1/users", &large).await.refused(413);
    assert!(message.contains("1 MiB"), "{message}");
    let announced = admin.with_header("content-length", "99999999").post("/api/v1/users", &json!({})).await;
    announced.refused(413);
    let upload = admin.send(Method::POST, "/api/v1/users", Some("multipart/form-data; boundary=z"), Body::from("x")).await;
    assert_eq!(upload.refused(403).1, "File uploads are not allowed on this endpoint.");
}

#[tokio::test]
async fn pages_of_other_sites_cannot_post_to_our_pages() {
    let app = TestApp::new().await;
    for (origin, refused) in [("http://evil.example", true), ("null", true), ("http://127.0.0.1:8080", false)] {
        let answer = app.anonymous().with_header("origin", origin).form("/any-page", &[("a", "b")]).await;
        assert_eq!(answer.status == 403, refused, "{origin} gave {}", answer.status);
    }
    app.anonymous().with_header("origin", "http://evil.example").get("/api/v1/info").await.good();
}

#[tokio::test]
async fn a_panic_is_a_500_for_that_request_only() {
    async fn broken() {
        panic!("secret details");
    }
    let app = TestApp::new().await;
    let router = middleware::around_everything(Router::new().route("/broken", get(broken)), &app.state);
    let client = Client::new(router.with_state(app.state.clone()));
    let answer = client.get("/broken").await;
    assert_eq!(answer.header("x-request-id").len(), 8);
    let (class, message) = answer.refused(500);
    assert!(class == "RuntimeError" && !message.contains("secret"), "{message}");
}

/// A key as the client makes them.
const KEY: &str = "0c2f5e4e-9a54-4f43-8a38-6d1a0b8d9f11";

#[tokio::test]
async fn a_repeated_post_is_answered_not_executed() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let keyed = admin.with_header("idempotency-key", KEY);
    let first = keyed.post(PROJECTS, &json!({ "name": "one" })).await.good();
    let again = keyed.post(PROJECTS, &json!({ "name": "one" })).await.good();
    assert_eq!((again.json(), again.header("idempotency-replayed")), (first.json(), "true"));
    // The body is not compared.
    assert_eq!(keyed.post(PROJECTS, &json!({ "name": "two" })).await.good().json(), first.json());
    // Another URL, another account, another key and no key are other requests.
    let account = json!({ "name": "bot", "active": true });
    keyed.post("/api/v1/service_accounts", &account).await.good();
    app.user("ann").await.with_header("idempotency-key", KEY).post(PROJECTS, &json!({ "name": "one" })).await.refused(409);
    admin.post(PROJECTS, &json!({ "name": "one" })).await.refused(409);
    let other = admin.with_header("idempotency-key", "0c2f5e4e-9a54-4f43-8a38-6d1a0b8d9f12");
    other.post(PROJECTS, &json!({ "name": "one" })).await.refused(409);
}

#[tokio::test]
async fn refusals_are_not_kept() {
    let app = TestApp::new().await;
    let keyed = app.admin().await.with_header("idempotency-key", KEY);
    keyed.post(PROJECTS, &json!({ "name": "" })).await.refused(422);
    keyed.post(PROJECTS, &json!({ "name": "one" })).await.good();
}

#[tokio::test]
async fn repetitions_at_the_same_time_wait_for_the_first() {
    let app = TestApp::new().await;
    let keyed = app.admin().await.with_header("idempotency-key", KEY);
    let body = json!({ "name": "one" });
    let (a, b, c) = tokio::join!(keyed.post(PROJECTS, &body), keyed.post(PROJECTS, &body), keyed.post(PROJECTS, &body));
    let (a, b, c) = (a.good().json(), b.good().json(), c.good().json());
    assert_eq!((&a, &a), (&b, &c));
}

#[tokio::test]
async fn a_key_must_be_a_uuid_and_reading_needs_none() {
    let app = TestApp::new().await;
    let odd = app.admin().await.with_header("idempotency-key", "not-a-uuid");
    assert!(odd.post(PROJECTS, &json!({ "name": "one" })).await.refused(400).1.contains("Idempotency-Key"));
    odd.get(PROJECTS).await.good();
}

#[tokio::test]
async fn answers_with_secrets_are_kept_encrypted() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let keyed = admin.with_header("idempotency-key", KEY);
    let secret = json!({ "name": "token", "values": { "value": "s3cr3t-value" } });
    let first = keyed.post("/api/v1/secrets", &secret).await.good().json();
    let again = keyed.post("/api/v1/secrets", &secret).await.good();
    assert_eq!((again.json(), again.header("idempotency-replayed")), (first, "true"));
    let mut connection = app.state.db.read().await.expect("a connection");
    let sql = "select body from idempotent_requests";
    let (kept,): (String,) = connection.fetch_one(sql, Vec::new()).await.expect("a row");
    assert!(kept.starts_with("aes-256-gcm:") && !kept.contains("s3cr3t-value"));
}

#[tokio::test]
async fn kept_answers_are_removed_after_a_while() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    admin.with_header("idempotency-key", KEY).post(PROJECTS, &json!({ "name": "one" })).await.good();
    let mut connection = app.state.db.begin().await.expect("a transaction");
    let sql = "update idempotent_requests set created = '2020-01-01T00:00:00.000000'";
    connection.execute(sql, Vec::new()).await.expect("updated");
    connection.commit().await.expect("committed");
    admin.with_header("idempotency-key", KEY).post(PROJECTS, &json!({ "name": "one" })).await.refused(409);
    let other = "0c2f5e4e-9a54-4f43-8a38-6d1a0b8d9f12";
    admin.with_header("idempotency-key", other).post(PROJECTS, &json!({ "name": "two" })).await.good();
    let mut connection = app.state.db.read().await.expect("a connection");
    assert_eq!(connection.count("select count(*) from idempotent_requests", Vec::new()).await.expect("a number"), 1);
}
