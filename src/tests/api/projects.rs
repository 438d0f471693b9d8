//! `/projects`: names, the default project, statistics.

use serde_json::json;

use crate::util::TestApp;

#[tokio::test]
async fn a_name_can_come_from_the_display_name_and_is_unique() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let made = admin.post("/api/v1/projects", &json!({ "display_name": "Computer Vision (v2)" })).await.good().json();
    assert_eq!((&made["name"], &made["body"]["display_name"]), (&json!("computer-vision-v2"), &json!("Computer Vision (v2)")));
    admin.post("/api/v1/projects", &json!({ "name": "computer-vision-v2" })).await.refused(409);
    admin.post("/api/v1/projects", &json!({ "name": "" })).await.refused(422);
    admin.post("/api/v1/projects", &json!({ "name": "x".repeat(51) })).await.refused(422);
}

#[tokio::test]
async fn the_default_project_keeps_its_name_and_stays() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    admin.put("/api/v1/projects/default", &json!({ "name": "other" })).await.refused(403);
    admin.delete("/api/v1/projects/default").await.refused(403);
    let changed = admin.put("/api/v1/projects/default", &json!({ "description": "ours" })).await.good().json();
    assert_eq!(changed["metadata"]["description"], "ours");
    let statistics = admin.get("/api/v1/projects/default/statistics").await.good().json();
    assert_eq!(statistics, json!({ "pipelines": 0, "runs": 0 }));
    admin.get("/api/v1/projects/nowhere").await.refused(404);
    app.anonymous().get("/api/v1/projects/default").await.refused(401);
}

#[tokio::test]
async fn a_nul_character_is_refused_where_it_would_be_stored_as_text() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let (class, message) = admin.post("/api/v1/projects", &json!({ "name": "nul", "description": "a\0b" })).await.refused(422);
    assert!(class == "ValueError" && message.contains("NUL character"), "{message}");
    admin.get("/api/v1/projects/nul").await.refused(404);
    admin.get("/api/v1/pipelines?name=contains:%00").await.refused(422);
    // JSON is stored as it is written, with the character in its escaped form.
    let made = admin.post("/api/v1/projects", &json!({ "name": "json", "project_metadata": { "k": "a\0b" } })).await.good().json();
    assert_eq!(made["metadata"]["project_metadata"], json!({ "k": "a\0b" }));
}
