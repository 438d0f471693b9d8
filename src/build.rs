//! Build script: makes the folder of browser assets exist, so that the server compiles before they are built,
//! and rebuilds the embedded migrations when a file is added.
fn main() {
    println!("cargo:rerun-if-changed=migrations");
    // Only release builds embed the assets; debug builds read them from the folder.
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo:rerun-if-changed=target/site");
    }
    let site = std::path::Path::new("target/site");
    if let Err(error) = std::fs::create_dir_all(site) {
        println!("cargo:warning=cannot create {}: {error}", site.display());
    }
}
