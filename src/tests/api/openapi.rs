//! `/openapi.json` and `/docs` say what the router does, all of it and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use darkroom::server::api::{self, openapi};
use serde_json::{Value, json};

use crate::util::TestApp;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

async fn document(app: &TestApp) -> Value {
    app.anonymous().get("/openapi.json").await.good().json()
}

/// The described methods of each path.
fn described(document: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let paths = document["paths"].as_object().expect("paths").iter();
    paths.map(|(path, item)| (path.clone(), item.as_object().expect("a path").keys().cloned().collect())).collect()
}

#[tokio::test]
async fn every_path_of_the_router_is_described_and_no_other() {
    let app = TestApp::new().await;
    // The router tells its paths only in its debug text: `paths: {RouteId(0): "/runs", …}`.
    let text = format!("{:?}", api::router());
    let routed: BTreeSet<String> = text
        .split('"')
        // Besides the routes it knows the two of the fallback.
        .filter(|part| part.len() > 1 && part.starts_with('/') && !part.contains("__private__"))
        .map(|path| format!("{}{}", openapi::PREFIX, path.replace("{*", "{")))
        .collect();
    assert!(routed.len() > 50, "the paths are no longer in the debug text: {text}");
    let described: BTreeSet<String> = described(&document(&app).await).into_keys().collect();
    assert_eq!(routed, described);
}

#[tokio::test]
async fn the_described_methods_are_taken_and_no_others() {
    let app = TestApp::new().await;
    let anonymous = app.anonymous();
    for (path, methods) in described(&document(&app).await) {
        let url = path.replace("{id}", "c6df0e38-512d-4f0a-87f6-d03095fe9931").replace(['{', '}'], "");
        for method in METHODS {
            let body = Body::from("{}");
            let answer = anonymous.send(method.to_uppercase().parse().expect("a method"), &url, Some("application/json"), body).await;
            let unknown = answer.status == 405 || (answer.status == 404 && answer.json() == json!({ "detail": "Not Found" }));
            assert_eq!(unknown, !methods.contains(method), "{method} {url} is answered with {}", answer.status);
        }
    }
}

#[tokio::test]
async fn operations_have_ids_of_their_own_and_lists_their_pages() {
    let app = TestApp::new().await;
    let document = document(&app).await;
    assert_eq!(document["openapi"], "3.1.0");
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("a path") {
            let id = operation["operationId"].as_str().expect("an id");
            assert!(ids.insert(id.to_owned()), "{method} {path}: the id {id} is taken");
            let answers = &operation["responses"];
            assert!(answers["200"].is_object() || answers["501"].is_object(), "{method} {path} has no good answer");
            let answer = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].as_str().unwrap_or_default();
            let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
            let has_page = parameters.iter().any(|parameter| parameter["name"] == "page");
            assert_eq!(answer.ends_with("/PageResponse_for_Entity"), has_page, "{method} {path}: {answer}");
        }
    }
}

#[tokio::test]
async fn every_reference_leads_to_a_schema() {
    let app = TestApp::new().await;
    let document = document(&app).await;
    let text = document.to_string();
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    let references: BTreeSet<&str> = text.split("\"#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(references.contains("Error") && references.contains("PipelineSnapshotRequest"));
    let dangling: Vec<&&str> = references.iter().filter(|name| !schemas.contains_key(**name)).collect();
    assert!(dangling.is_empty(), "{dangling:?}");
}

#[tokio::test]
async fn the_page_shows_every_operation_without_scripts() {
    let app = TestApp::new().await;
    let page = app.anonymous().get("/docs").await.good().text();
    for path in described(&document(&app).await).keys() {
        assert!(page.contains(&format!("<code>{path}<")), "{path} is missing");
    }
    assert!(!page.contains("<script"));
}
