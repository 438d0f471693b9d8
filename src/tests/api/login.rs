//! `/login`, `/logout` and `/api_token`.

use serde_json::json;

use crate::util::{TestApp, shape};

const PASSWORD: &str = crate::util::PASSWORD;
const LOGIN: &str = "/api/v1/login";

#[tokio::test]
async fn a_password_gives_a_token_and_a_cookie_of_its_own() {
    let app = TestApp::new().await;
    let answer = app.anonymous().form(LOGIN, &[("grant_type", "password"), ("username", "admin"), ("password", PASSWORD)]).await.good();
    let body = answer.json();
    assert_eq!(
        shape(&body),
        json!({
            "access_token": "[token]", "token_type": "bearer", "expires_in": null, "refresh_token": null,
            "csrf_token": null, "scope": null, "device_id": null, "device_metadata": null,
        })
    );
    let token = body["access_token"].as_str().expect("a token");
    assert_eq!(app.bearer(token).get("/api/v1/current-user").await.good().json()["name"], "admin");

    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with(&app.state.cookie_name()), "{cookie}");
    for attribute in ["HttpOnly", "Path=/", "SameSite=lax", "Max-Age=1209600"] {
        assert!(cookie.contains(attribute), "{attribute} in {cookie}");
    }
    let pair = cookie.split(';').next().expect("name and value");
    assert!(!pair.contains(token), "the cookie's token expires, the body's does not");
    let browser = app.anonymous().with_header("cookie", pair);
    assert_eq!(browser.get("/api/v1/current-user").await.good().json()["name"], "admin");
    // The cookie wins over the header, as with the reference server.
    browser.with_header("authorization", "Bearer garbage").get("/api/v1/current-user").await.good();
}

#[tokio::test]
async fn the_grant_type_follows_from_the_fields() {
    let app = TestApp::new().await;
    app.anonymous().form(LOGIN, &[("username", "admin"), ("password", PASSWORD)]).await.good();
    let (class, message) = app.anonymous().form(LOGIN, &[("password", "ZENKEY_nope")]).await.refused(401);
    assert_eq!((class.as_str(), message.contains("API key")), ("CredentialsNotValid", true));
    let id = "f7ca3202-d435-4031-b5d1-c232f27b4984";
    let (_, error) = app.anonymous().form(LOGIN, &[("device_code", "x"), ("client_id", id)]).await.refused(400);
    assert_eq!(error, "invalid_client");
}

#[tokio::test]
async fn forms_that_say_too_little_are_refused() {
    let app = TestApp::new().await;
    let anonymous = app.anonymous();
    for (fields, message) in [
        (&[][..], "Invalid request: username is required."),
        (&[("grant_type", "password"), ("username", "")][..], "Invalid request: username is required."),
        (&[("grant_type", "weird")][..], "Unsupported grant type: weird"),
        (&[("grant_type", "zenml-external")][..], "Unsupported grant type: zenml-external"),
        (&[("grant_type", "zenml-api-key")][..], "API key is required."),
        (&[("device_code", "x")][..], "Invalid request: device code and client ID are required."),
        (&[("device_code", "x"), ("client_id", "y")][..], "Invalid request: invalid client ID."),
    ] {
        assert_eq!(anonymous.form(LOGIN, fields).await.refused(400), (String::new(), message.to_owned()));
    }
    // Only forms are read.
    let body = json!({ "username": "admin", "password": PASSWORD });
    assert_eq!(anonymous.post(LOGIN, &body).await.refused(400).1, "Invalid request: username is required.");
    anonymous.get(LOGIN).await.refused(404);
}

#[tokio::test]
async fn it_is_not_told_whether_the_name_or_the_password_is_wrong() {
    let app = TestApp::new().await;
    app.service_account("robot").await;
    app.user("without-password").await;
    let mut refusals = Vec::new();
    for (name, password) in [("admin", "no"), ("ghost", PASSWORD), ("robot", PASSWORD), ("without-password", "")] {
        refusals.push(app.anonymous().form(LOGIN, &[("username", name), ("password", password)]).await.refused(401));
    }
    let expected = ("CredentialsNotValid".to_owned(), "Authentication error: invalid username or password".to_owned());
    assert_eq!(refusals, vec![expected; 4]);
}

#[tokio::test]
async fn a_login_from_another_site_needs_its_csrf_token() {
    let app = TestApp::new().await;
    let elsewhere = app.anonymous().with_header("origin", "http://dash.example.com");
    let answer = elsewhere.form(LOGIN, &[("username", "admin"), ("password", PASSWORD)]).await.good();
    let csrf_token = answer.json()["csrf_token"].as_str().expect("a CSRF token").to_owned();
    let browser = app.anonymous().with_header("cookie", answer.header("set-cookie").split(';').next().expect("a cookie"));

    let refused = browser.get("/api/v1/current-user").await.refused(401);
    assert_eq!(refused, ("CredentialsNotValid".to_owned(), "Authentication error: missing CSRF token".to_owned()));
    browser.with_header("x-csrf-token", "wrong").get("/api/v1/current-user").await.refused(401);
    browser.with_header("x-csrf-token", &csrf_token).get("/api/v1/current-user").await.good();

    let same_site = app.anonymous().with_header("origin", "http://127.0.0.1:8080");
    let answer = same_site.form(LOGIN, &[("username", "admin"), ("password", PASSWORD)]).await.good();
    assert_eq!(answer.json()["csrf_token"], json!(null));
}

#[tokio::test]
async fn a_page_of_another_site_cannot_use_the_session_of_ours() {
    let app = TestApp::new().await;
    let answer = app.anonymous().form(LOGIN, &[("username", "admin"), ("password", PASSWORD)]).await.good();
    let browser = app.anonymous().with_header("cookie", answer.header("set-cookie").split(';').next().expect("a cookie"));
    // Browsers send the cookie: another port is the same site to them.
    let elsewhere = browser.with_header("origin", "http://127.0.0.1:9999");
    let (class, message) = elsewhere.post("/api/v1/projects", &json!({ "name": "one" })).await.refused(403);
    assert!(class == "IllegalOperationError" && message.contains("another site"), "{message}");
    browser.with_header("origin", "http://127.0.0.1:8080").post("/api/v1/projects", &json!({ "name": "one" })).await.good();
    // A bearer is not sent by browsers on their own.
    app.admin().await.with_header("origin", "http://127.0.0.1:9999").post("/api/v1/projects", &json!({ "name": "two" })).await.good();
}

#[tokio::test]
async fn over_https_the_cookie_is_secure() {
    let app = TestApp::with(|config| config.public_url = Some("https://darkroom.example.com/".to_owned())).await;
    let fields = [("username", "admin"), ("password", PASSWORD)];
    let answer = app.anonymous().form(LOGIN, &fields).await.good();
    assert!(answer.header("set-cookie").ends_with("SameSite=lax; Secure"), "{}", answer.header("set-cookie"));
    let answer = app.anonymous().with_header("origin", "https://other.example.com").form(LOGIN, &fields).await.good();
    assert!(answer.header("set-cookie").ends_with("SameSite=none; Secure"), "{}", answer.header("set-cookie"));
}

#[tokio::test]
async fn logging_out_takes_the_cookie_away_without_a_sign_in() {
    let app = TestApp::new().await;
    let answer = app.anonymous().get("/api/v1/logout").await.good();
    assert_eq!(answer.text(), "null");
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with(&format!("{}=;", app.state.cookie_name())) && cookie.contains("Max-Age=0"), "{cookie}");
}

#[tokio::test]
async fn guessing_is_slowed_down_when_asked_for() {
    let app = TestApp::with(|config| config.login_rate_limit = true).await;
    for _ in 0..5 {
        app.anonymous().form(LOGIN, &[("username", "admin"), ("password", "guess")]).await.refused(401);
    }
    let (_, message) = app.anonymous().form(LOGIN, &[("username", "admin"), ("password", PASSWORD)]).await.refused(429);
    assert!(message.contains("Try again in"), "{message}");
    // Off by default.
    let app = TestApp::new().await;
    for _ in 0..6 {
        app.anonymous().form(LOGIN, &[("username", "admin"), ("password", "guess")]).await.refused(401);
    }
}

#[tokio::test]
async fn generic_tokens_end() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let token = admin.get("/api/v1/api_token?expires_in=60").await.good().json();
    let client = app.bearer(token.as_str().expect("a bare string"));
    client.get("/api/v1/current-user").await.good();
    // A token cannot be renewed past its own end.
    let renewed = client.get("/api/v1/api_token?expires_in=3600").await.good().json();
    let ends = |token: &serde_json::Value| {
        let claims = token.as_str().and_then(|text| text.split('.').nth(1)).expect("a JWT");
        let json = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, claims).expect("base64");
        serde_json::from_slice::<serde_json::Value>(&json).expect("claims")["exp"].as_f64().expect("an end")
    };
    assert!(ends(&renewed) <= ends(&token));

    for query in ["expires_in=604801", "expires_in=-1", "pipeline_run_id=921e9788-5b3f-4c63-a1c4-c99cd93c1388"] {
        assert_eq!(admin.get(&format!("/api/v1/api_token?{query}")).await.refused(400).0, "ValueError", "{query}");
    }
    assert_eq!(admin.get("/api/v1/api_token?token_type=weird").await.refused(422).0, "ValueError");
    app.anonymous().get("/api/v1/api_token").await.refused(401);
}

#[tokio::test]
async fn workload_tokens_need_something_to_work_on() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let id = "921e9788-5b3f-4c63-a1c4-c99cd93c1388";
    for (query, wanted) in [
        (String::new(), "must be scoped"),
        (format!("&pipeline_run_id={id}"), "does not exist"),
        (format!("&schedule_id={id}"), "does not exist"),
        (format!("&deployment_id={id}"), "does not exist"),
    ] {
        let (class, message) = admin.get(&format!("/api/v1/api_token?token_type=workload{query}")).await.refused(400);
        assert!(class == "ValueError" && message.contains(wanted), "{message}");
    }
}
