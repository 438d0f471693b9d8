//! Upkeep of the data directory.

use std::{fs, time::Duration};

use super::Server;
use crate::{
    args,
    server::{
        db::code_archives::{self, CodeArchiveRow},
        launch::{archive, upkeep},
        time::Timestamp,
    },
};

async fn archive_with(server: &Server, content: &[u8]) -> String {
    let mut writer = archive::ArchiveWriter::new(&server.state.launching.archives).expect("a writer");
    writer.add("run.py".as_ref(), false, content.len() as u64, content).expect("a file");
    let hash = writer.finish().expect("packed").store().expect("stored").hash;
    let row = CodeArchiveRow { hash: hash.clone(), created: Timestamp::now(), size_bytes: 1, file_count: 1, left_out: "[]".to_owned() };
    let mut connection = server.state.db.begin().await.expect("a connection");
    code_archives::put(&mut connection, &row).await.expect("recorded");
    connection.commit().await.expect("committed");
    hash
}

#[tokio::test]
async fn only_what_nothing_refers_to_is_removed() {
    let server = Server::new(None, &[]).await;
    let (used, unused) = (archive_with(&server, b"1").await, archive_with(&server, b"2").await);
    server.execute("update pipeline_snapshots set code_archive_hash = $1", args![&used]).await;
    let (kept, deleted) = (server.launch(true).await, server.launch(true).await);
    for run in [kept, deleted] {
        fs::create_dir_all(server.state.launching.run_folder(run).path()).expect("a folder");
    }
    server.execute("delete from pipeline_runs where id = $1", args![deleted]).await;

    let file = |hash: &str| archive::path(&server.state.launching.archives, hash);
    upkeep::tidy(&server.state, Duration::from_secs(60)).await.expect("tidied");
    assert!(file(&unused).exists(), "what is young stays");

    upkeep::tidy(&server.state, Duration::ZERO).await.expect("tidied");
    assert!(file(&used).exists() && !file(&unused).exists());
    assert!(code_archives::get(&mut server.state.db.read().await.expect("a connection"), &unused).await.expect("a query").is_none());
    assert!(server.state.launching.run_folder(kept).path().exists());
    assert!(!server.state.launching.run_folder(deleted).path().exists());
}

#[tokio::test]
async fn nothing_is_removed_for_another_database() {
    let server = Server::new(None, &[]).await;
    let unused = archive_with(&server, b"1").await;
    fs::write(server.state.launching.data_dir.join("server-id"), "another").expect("written");
    upkeep::tidy(&server.state, Duration::ZERO).await.expect("left alone");
    assert!(archive::path(&server.state.launching.archives, &unused).exists());
}
