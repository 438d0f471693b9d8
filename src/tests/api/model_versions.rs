//! `/model_versions`, their links, and the versions that runs work with.

use serde_json::{Value, json};

use crate::util::{Answer, Scene, TestApp};

const VERSIONS: &str = "/api/v1/model_versions";

struct Model {
    scene: Scene,
    id: Value,
}

impl Model {
    async fn new(app: &TestApp) -> Self {
        let scene = Scene::new(app.admin().await).await;
        let model = scene.client.post("/api/v1/models", &json!({ "project": scene.project, "name": "m" })).await.good().json();
        Self { scene, id: model["id"].clone() }
    }

    async fn try_version(&self, name: Value) -> Answer {
        let request = json!({ "project": self.scene.project, "model": self.id, "name": name });
        self.scene.client.post(VERSIONS, &request).await
    }

    async fn version(&self, name: Value) -> Value {
        self.try_version(name).await.good().json()
    }

    async fn change(&self, version: &Value, update: Value) -> Answer {
        self.scene.client.put(&path(version), &update).await
    }

    async fn stage(&self, version: &Value) -> Value {
        self.scene.client.get(&path(version)).await.good().json()["body"]["stage"].clone()
    }
}

fn path(version: &Value) -> String {
    format!("{VERSIONS}/{}", version["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn versions_are_numbered_and_numbers_are_not_given_twice() {
    let app = TestApp::new().await;
    let model = Model::new(&app).await;
    let (first, second) = (model.version(json!(null)).await, model.version(json!("champion")).await);
    assert_eq!((&first["name"], &first["body"]["number"]), (&json!("1"), &json!(1)));
    assert_eq!((&second["name"], &second["body"]["number"]), (&json!("champion"), &json!(2)));
    assert_eq!(second["resources"]["services"], json!({ "index": 1, "max_size": 5, "total_pages": 1, "total": 0, "items": [] }));
    model.scene.client.delete(&path(&second)).await.good();
    assert_eq!(model.version(json!(null)).await["body"]["number"], 3);
    let page = model.scene.client.get(&format!("{VERSIONS}?model=m&number=gt:1")).await.good().json();
    assert_eq!((&page["total"], &page["items"][0]["body"]["model"]["name"]), (&json!(1), &json!("m")));
}

#[tokio::test]
async fn names_that_mean_something_else_are_refused() {
    let app = TestApp::new().await;
    let model = Model::new(&app).await;
    let version = model.version(json!("champion")).await;
    model.try_version(json!("champion")).await.refused(409);
    for name in ["7", "production", "LATEST", "a\nb"] {
        model.try_version(json!(name)).await.refused(400);
        model.change(&version, json!({ "name": name })).await.refused(400);
    }
    // Its own number is a name the server gave; saying it again changes nothing.
    let numbered = model.version(json!(null)).await;
    model.change(&numbered, json!({ "name": numbered["name"] })).await.good();
    let nobody = json!({ "project": model.scene.project, "model": "00000000-0000-4000-8000-000000000000" });
    model.scene.client.post(VERSIONS, &nobody).await.refused(404);
}

#[tokio::test]
async fn a_stage_is_held_by_one_version() {
    let app = TestApp::new().await;
    let model = Model::new(&app).await;
    let (first, second) = (model.version(json!(null)).await, model.version(json!(null)).await);
    model.change(&first, json!({ "stage": "production" })).await.good();
    let refused = model.change(&second, json!({ "stage": "production" })).await;
    assert!(refused.refused(412).1.contains("Model version 1 is in production"));
    assert_eq!(model.stage(&second).await, Value::Null);
    model.change(&second, json!({ "stage": "production", "force": true })).await.good();
    assert_eq!((model.stage(&first).await, model.stage(&second).await), (json!("archived"), json!("production")));
    let page = model.scene.client.get(&format!("{VERSIONS}?model=m&stage=production")).await.good().json();
    assert_eq!((&page["total"], &page["items"][0]["id"]), (&json!(1), &second["id"]));
    model.change(&second, json!({ "stage": "gold" })).await.refused(422);
}

#[tokio::test]
async fn artifact_links_are_made_once_listed_and_deleted() {
    let app = TestApp::new().await;
    let model = Model::new(&app).await;
    let (scene, version) = (&model.scene, model.version(json!(null)).await);
    let (data, weights) = (scene.store("data", json!({})).await, scene.store("weights", json!({ "type": "ModelArtifact" })).await);
    const LINKS: &str = "/api/v1/model_version_artifacts";
    let request = |artifact: &Value| json!({ "model_version": version["id"], "artifact_version": artifact["id"] });
    let made = scene.client.post(LINKS, &request(&data)).await.good().json();
    assert_eq!(scene.client.post(LINKS, &request(&data)).await.good().json()["id"], made["id"]);
    scene.client.post(LINKS, &request(&weights)).await.good();
    let id = version["id"].as_str().expect("an id");
    for (query, expected) in [
        ("", vec!["data", "weights"]),
        ("&artifact_name=weights", vec!["weights"]),
        ("&only_model_artifacts=True", vec!["weights"]),
        ("&only_data_artifacts=True&only_model_artifacts=False", vec!["data"]),
        ("&only_deployment_artifacts=True", vec![]),
        ("&user=admin&has_custom_name=True&artifact_name=data", vec!["data"]),
    ] {
        let page = scene.client.get(&format!("{LINKS}?model_version_id={id}{query}")).await.good().json();
        let items = page["items"].as_array().expect("items").iter();
        let names: Vec<&Value> = items.map(|item| &item["body"]["artifact_version"]["body"]["artifact"]["name"]).collect();
        assert_eq!(names, expected, "{query}");
    }
    for filter in ["model=m".to_owned(), format!("model_version_id={id}")] {
        assert_eq!(scene.client.get(&format!("/api/v1/artifact_versions?{filter}")).await.good().json()["total"], 2);
    }
    scene.client.delete(&format!("{}/artifacts/data", path(&version))).await.good();
    scene.client.delete(&format!("{}/artifacts/data", path(&version))).await.refused(404);
    scene.client.delete(&format!("{}/artifacts?only_links=false", path(&version))).await.good();
    assert_eq!(scene.client.get("/api/v1/artifact_versions").await.good().json()["total"], 1);
    scene.client.post(LINKS, &json!({ "model_version": version["id"], "artifact_version": version["id"] })).await.refused(404);
}

#[tokio::test]
async fn a_run_makes_one_version_and_is_linked_to_it() {
    let app = TestApp::new().await;
    let model = Model::new(&app).await;
    let scene = &model.scene;
    let configuration = |version: Value| json!({ "model": { "name": "churn", "license": "MIT", "tags": ["auto"], "version": version } });
    let number = |run: &Value| run["resources"]["model_version"]["body"]["number"].clone();

    let first = scene.run("r1", configuration(json!(null))).await;
    let second = scene.run("r2", configuration(json!(null))).await;
    assert_eq!((number(&first), number(&second)), (json!(1), json!(2)));
    let named = scene.run("r3", configuration(json!("tuned"))).await;
    let again = scene.run("r4", configuration(json!("tuned"))).await;
    assert_eq!((number(&named), number(&again)), (json!(3), json!(3)));
    assert_eq!(named["resources"]["model_version"]["name"], "tuned");
    for (version, expected) in [(json!(2), 2), (json!("1"), 1), (json!("latest"), 3)] {
        let run = scene.run(&format!("by {version}"), configuration(version)).await;
        assert_eq!(number(&run), json!(expected));
    }

    let version = &named["resources"]["model_version"];
    let read = scene.client.get(&path(version)).await.good().json();
    assert_eq!(read["resources"]["tags"][0]["name"], "auto");
    const LINKS: &str = "/api/v1/model_version_pipeline_runs";
    let id = version["id"].as_str().expect("an id");
    let page = scene.client.get(&format!("{LINKS}?model_version_id={id}&sort_by=created")).await.good().json();
    assert_eq!((&page["total"], &page["items"][0]["body"]["pipeline_run"]["name"]), (&json!(3), &json!("r3")));
    let request = json!({ "model_version": id, "pipeline_run": first["id"] });
    let link = scene.client.post(LINKS, &request).await.good().json();
    assert_eq!(scene.client.post(LINKS, &request).await.good().json()["id"], link["id"]);
    scene.client.delete(&format!("{}/runs/r1", path(version))).await.good();
    scene.client.delete(&format!("{}/runs/r1", path(version))).await.refused(404);
}

#[tokio::test]
async fn a_step_shares_its_runs_version() {
    let app = TestApp::new().await;
    let model = Model::new(&app).await;
    let configuration = json!({ "model": { "name": "churn" } });
    let run = model.scene.run("r", configuration).await;
    model.scene.step(&run).await;
    let page = model.scene.client.get(&format!("{VERSIONS}?model=churn")).await.good().json();
    assert_eq!(page["total"], 1);
}
