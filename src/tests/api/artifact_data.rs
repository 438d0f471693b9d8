//! Files of artifact versions: visualizations, downloads, deletion.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::util::{Scene, TestApp};

const VERSIONS: &str = "/api/v1/artifact_versions";

struct Stores {
    app: TestApp,
    scene: Scene,
    folder: TempDir,
}

impl Stores {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let app = TestApp::with(|config| config.local_stores = Some(folder.path().to_owned())).await;
        let scene = Scene::new(app.admin().await).await;
        Self { app, scene, folder }
    }

    /// A file in the default artifact store.
    fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.folder.path().join(&self.scene.artifact_store).join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&path, content).expect("a file");
        path
    }

    /// A version whose data is the folder, with these visualizations.
    async fn version(&self, uri: &Path, visualizations: Value) -> String {
        let made = self.scene.store("a", json!({ "uri": uri, "visualizations": visualizations })).await;
        format!("{VERSIONS}/{}", made["id"].as_str().expect("an id"))
    }
}

#[tokio::test]
async fn visualizations_are_text_or_base64() {
    let stores = Stores::new().await;
    let text = stores.file("data/text.md", b"# Title");
    let image = stores.file("data/dot.png", b"\x89PNG");
    let gone = text.with_file_name("gone.html");
    let visualizations = json!([
        { "type": "markdown", "uri": text }, { "type": "image", "uri": image }, { "type": "html", "uri": gone },
    ]);
    let path = stores.version(text.parent().expect("a folder"), visualizations).await;
    let client = &stores.scene.client;
    let shown = client.get(&format!("{path}/visualize")).await.good().json();
    assert_eq!(shown, json!({ "type": "markdown", "value": "# Title" }));
    assert_eq!(client.get(&format!("{path}/visualize?index=1")).await.good().json()["value"], "iVBORw==");
    client.get(&format!("{path}/visualize?index=2")).await.refused(404);
    client.get(&format!("{path}/visualize?index=3")).await.refused(404);
    client.get(&format!("{path}/visualize?index=-1")).await.refused(404);
    stores.app.anonymous().get(&format!("{path}/visualize")).await.refused(401);
}

#[tokio::test]
async fn files_outside_of_the_store_are_not_read() {
    let stores = Stores::new().await;
    stores.file("data/a", b"x");
    let elsewhere = stores.folder.path().join("elsewhere");
    std::fs::write(&elsewhere, "secret").expect("a file");
    let path = stores.version(&elsewhere, json!([{ "type": "markdown", "uri": elsewhere }])).await;
    let client = &stores.scene.client;
    client.get(&format!("{path}/visualize")).await.refused(403);
    client.get(&format!("{path}/download-token")).await.refused(403);
    client.delete(&format!("{path}?delete_from_artifact_store=true")).await.refused(403);
    assert!(elsewhere.exists());
    // The refused request deleted nothing at all.
    client.get(&path).await.good();
}

#[tokio::test]
async fn a_download_is_an_archive_and_needs_its_token() {
    let stores = Stores::new().await;
    let file = stores.file("data/rows.json", b"[1, 2]");
    let (path, other) = (stores.version(file.parent().expect("a folder"), json!([])).await, stores.version(&file, json!([])).await);
    let token = stores.scene.client.get(&format!("{path}/download-token")).await.good().json();
    let token = token.as_str().expect("a token");

    let browser = stores.app.anonymous();
    let answer = browser.get(&format!("{path}/data?token={token}")).await.good();
    assert_eq!(answer.header("content-type"), "application/gzip");
    assert_eq!(answer.header("content-disposition"), "attachment; filename*=UTF-8''a%2D1%2Etar%2Egz");
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&answer.body[..]));
    let names: Vec<String> =
        archive.entries().expect("an archive").map(|e| e.expect("one").path().expect("a path").display().to_string()).collect();
    assert!(names.contains(&"rows.json".to_owned()), "{names:?}");

    for wrong in [format!("{path}/data?token=x"), format!("{other}/data?token={token}")] {
        browser.get(&wrong).await.refused(401);
    }
    browser.get(&format!("{path}/data")).await.refused(422);
}

#[tokio::test]
async fn deleting_the_data_keeps_the_store() {
    let stores = Stores::new().await;
    let file = stores.file("data/rows.json", b"[1, 2]");
    let root = stores.folder.path().join(&stores.scene.artifact_store);
    let client = &stores.scene.client;
    let whole = stores.version(&root, json!([])).await;
    client.delete(&format!("{whole}?delete_from_artifact_store=true")).await.refused(403);
    let path = stores.version(file.parent().expect("a folder"), json!([])).await;
    client.delete(&format!("{path}?delete_from_artifact_store=true")).await.good();
    assert!(!file.exists() && root.exists());
    client.get(&path).await.refused(404);
}

#[tokio::test]
async fn other_stores_are_not_for_this_server() {
    let stores = Stores::new().await;
    let client = &stores.scene.client;
    let store = |name: &str, flavor: &str, configuration: Value| json!({ "name": name, "type": "artifact_store", "flavor": flavor, "configuration": configuration });
    let remote = client.post("/api/v1/components", &store("bucket", "s3", json!({ "path": "s3://bucket" }))).await.good().json();
    let remote = stores.scene.store("remote", json!({ "artifact_store_id": remote["id"], "uri": "s3://bucket/a" })).await;
    let path = format!("{VERSIONS}/{}", remote["id"].as_str().expect("an id"));
    client.get(&format!("{path}/download-token")).await.refused(501);

    // The data directory holds the server's keys: a store there is not read.
    let data = stores.app.state.config.data_dir.clone();
    let keys = client.post("/api/v1/components", &store("keys", "local", json!({ "path": data }))).await.good().json();
    let uri = data.join("token-signing.key");
    let version = stores.scene.store("keys", json!({ "artifact_store_id": keys["id"], "uri": uri })).await;
    let path = format!("{VERSIONS}/{}", version["id"].as_str().expect("an id"));
    client.get(&format!("{path}/download-token")).await.refused(403);
}
