//! `/dev/components`, which tests have as every debug build has it.

use std::{collections::BTreeSet, fs, path::Path};

use crate::util::TestApp;

/// Files that hold no component to look at.
const NONE: [&str; 1] = ["mod"];

#[tokio::test]
async fn every_component_is_shown() {
    let app = TestApp::new().await;
    let page = app.admin().await.get("/dev/components").await.good().text();
    let shown: BTreeSet<&str> = page.split("data-component=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/components");
    let files = fs::read_dir(folder).expect("the components").map(|entry| entry.expect("a file").path());
    let components = files.filter(|path| path.is_dir() || path.extension().is_some_and(|kind| kind == "rs"));
    let names: BTreeSet<String> = components.map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned()).collect();
    let missing: Vec<&String> = names.iter().filter(|name| !NONE.contains(&name.as_str()) && !shown.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "not in pages::component_gallery: {missing:?}");
}
