//! Who may run a snapshot, for every way to launch it.

use darkroom::model::roles::Role;
use serde_json::{Value, json};

use crate::util::{Client, Scene, TestApp};

fn id(object: &Value) -> &str {
    object["id"].as_str().expect("an id")
}

/// A named snapshot, an operator, and an editor who did not make it.
struct Ground {
    app: TestApp,
    scene: Scene,
    snapshot: Value,
    operator: Client,
    editor: Client,
}

impl Ground {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let scene = Scene::new(app.admin().await).await;
        let snapshot = scene.snapshot(json!({ "name": "daily" })).await;
        let (operator, editor) = (app.with_role("olga", Role::Operator).await, app.with_role("eddi", Role::Editor).await);
        Self { app, scene, snapshot, operator, editor }
    }

    fn access(&self) -> String {
        format!("/api/v1/pipeline_snapshots/{}/access", id(&self.snapshot))
    }

    fn runs(&self) -> String {
        format!("/api/v1/pipeline_snapshots/{}/runs", id(&self.snapshot))
    }

    async fn let_run(&self, may_run: &str, users: &[&str]) {
        self.scene.client.put(&self.access(), &json!({ "may_run": may_run, "users": users })).await.good();
    }
}

#[tokio::test]
async fn a_snapshot_is_run_by_operators_by_editors_or_by_those_who_are_named() {
    let ground = Ground::new().await;
    let (runs, access) = (ground.runs(), ground.access());
    let rule = ground.operator.get(&access).await.good().json();
    assert_eq!(rule, json!({ "may_run": "operators", "inherited": false, "users": [] }));
    ground.operator.post(&runs, &json!({})).await.good();

    ground.let_run("editors", &[]).await;
    let (class, message) = ground.operator.post(&runs, &json!({})).await.refused(403);
    assert_eq!(class, "IllegalOperationError");
    assert!(message.starts_with("You may not run it. Editors and admins may run it. Ask admin, who made it"), "{message}");
    ground.editor.post(&runs, &json!({})).await.good();

    ground.let_run("named", &["olga"]).await;
    ground.operator.post(&runs, &json!({})).await.good();
    ground.editor.post(&runs, &json!({})).await.refused(403);
    ground.scene.client.post(&runs, &json!({})).await.good();
    let named = ground.operator.get(&access).await.good().json();
    assert_eq!((&named["may_run"], &named["users"][0]["name"]), (&json!("named"), &json!("olga")));

    ground.operator.put(&access, &json!({ "may_run": "operators" })).await.refused(403);
    ground.editor.put(&access, &json!({ "may_run": "named", "users": ["nobody"] })).await.refused(404);
    ground.editor.put(&access, &json!({ "may_run": "all" })).await.refused(422);
}

#[tokio::test]
async fn no_other_way_to_launch_it_is_open() {
    let ground = Ground::new().await;
    let run = ground.operator.post(&ground.runs(), &json!({})).await.good().json();
    let template = json!({ "project": ground.scene.project, "name": "daily-template", "source_snapshot_id": ground.snapshot["id"] });
    let template = ground.scene.client.post("/api/v1/run_templates", &template).await.good().json();
    ground.let_run("named", &["eddi"]).await;
    for path in [
        ground.runs(),
        ground.runs().replace("pipeline_snapshots", "pipeline-snapshots"),
        format!("/api/v1/runs/{}/replay", id(&run)),
        format!("/api/v1/pipeline_snapshots/{}/runs", id(&run["resources"]["snapshot"])),
        format!("/api/v1/run_templates/{}/runs", id(&template)),
    ] {
        let (_, message) = ground.operator.post(&path, &json!({})).await.refused(403);
        assert!(message.contains("You may not run it"), "{path}: {message}");
    }
    // The newest of the pipeline is the newest that one may run.
    let latest = format!("/api/v1/pipelines/{}/runs", ground.scene.pipeline);
    ground.operator.post(&latest, &json!({})).await.refused(400);
    let run = ground.editor.post(&latest, &json!({})).await.good().json();
    assert_eq!(run["resources"]["source_snapshot"]["id"], ground.snapshot["id"]);
    let older = ground.scene.snapshot(json!({ "name": "for-all" })).await;
    let run = ground.operator.post(&latest, &json!({})).await.good().json();
    assert_eq!(run["resources"]["source_snapshot"]["id"], older["id"]);

    // Nor does somebody attach it to a trigger who may not run it.
    let trigger = json!({ "project": ground.scene.project, "name": "nightly", "type": "schedule", "cron_expression": "0 2 * * *" });
    ground.let_run("named", &["olga"]).await;
    let made = ground.editor.post("/api/v1/triggers", &trigger).await.good().json();
    let attach = format!("/api/v1/triggers/{}/pipeline_snapshots/{}", id(&made), id(&ground.snapshot));
    let (_, message) = ground.editor.put(&attach, &json!({})).await.refused(403);
    assert!(message.contains("You may not run it"), "{message}");
}

#[tokio::test]
async fn who_may_run_it_outlives_its_name_and_itself() {
    let ground = Ground::new().await;
    let run = ground.operator.post(&ground.runs(), &json!({})).await.good().json();
    ground.let_run("editors", &[]).await;
    // A snapshot that takes its name takes its rule.
    let next = ground.scene.snapshot(json!({ "name": "daily", "replace": true })).await;
    let access = |snapshot: &Value| format!("/api/v1/pipeline_snapshots/{}/access", id(snapshot));
    assert_eq!(ground.operator.get(&access(&next)).await.good().json()["may_run"], "editors");
    // Its runs keep it when it is deleted.
    let derived = &run["resources"]["snapshot"];
    let rule = ground.operator.get(&access(derived)).await.good().json();
    assert_eq!((&rule["may_run"], &rule["inherited"]), (&json!("editors"), &json!(true)));
    ground.scene.client.delete(&format!("/api/v1/pipeline_snapshots/{}", id(&ground.snapshot))).await.good();
    let rule = ground.operator.get(&access(derived)).await.good().json();
    assert_eq!((&rule["may_run"], &rule["inherited"]), (&json!("editors"), &json!(false)));
}

#[tokio::test]
async fn the_pages_say_who_may_and_whom_to_ask() {
    let ground = Ground::new().await;
    let page = format!("/projects/default/snapshots/{}", id(&ground.snapshot));
    let form = [("may_run", "named"), ("user", &ground.app.account("eddi").await.id.to_string())];
    let saved = ground.scene.client.form(&format!("{page}/access"), &form).await;
    assert_eq!((saved.status.as_u16(), saved.header("location")), (303, format!("{page}?tab=access").as_str()));
    let tab = ground.editor.get(&format!("{page}?tab=access")).await.good().text();
    assert!(tab.contains("Admins and these accounts may run it: eddi.") && tab.contains("value=\"named\" checked"), "{tab}");
    let tab = ground.operator.get(&format!("{page}?tab=access")).await.good().text();
    assert!(tab.contains("Admins and these accounts may run it: eddi.") && !tab.contains("name=\"may_run\""), "{tab}");

    let overview = ground.operator.get(&page).await.good().text();
    assert!(overview.contains("You may not run it.") && overview.contains("Ask admin, who made it"), "{overview}");
    assert!(!overview.contains(&format!("href=\"{page}/run\"")), "no way to a form that cannot be sent: {overview}");
    assert!(ground.editor.get(&page).await.good().text().contains("You may run it."));
    let list = |text: String| text.contains(&format!("href=\"{page}\""));
    assert!(!list(ground.operator.get("/projects/default/snapshots").await.good().text()), "operators see what they may run");
    assert!(list(ground.editor.get("/projects/default/snapshots").await.good().text()));
    assert!(!list(ground.operator.get("/").await.good().text()));
}
