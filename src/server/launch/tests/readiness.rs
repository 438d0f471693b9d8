//! The checklist of a snapshot.

use std::fs;

use super::Server;
use crate::{
    args,
    model::readiness::{CheckName, CheckState, Readiness},
    server::{
        db::{
            code_archives::{self, CodeArchiveRow},
            pipeline_snapshots::{self, PipelineSnapshotRow},
        },
        launch::{archive, readiness},
        time::Timestamp,
    },
};

async fn check(server: &Server) -> Readiness {
    let mut connection = server.state.db.read().await.expect("a connection");
    let snapshot: PipelineSnapshotRow = connection.get(server.snapshot.id).await.expect("a query").expect("the snapshot");
    readiness::check(&mut connection, &server.state, &snapshot).await.expect("a checklist")
}

/// The message and the fix of the one check that fails.
fn failing(readiness: &Readiness, name: CheckName) -> (String, String) {
    let failing: Vec<_> = readiness.checks.iter().filter(|check| check.state != CheckState::Pass).collect();
    assert_eq!(failing.len(), 1, "{readiness:?}");
    assert_eq!(failing[0].name, name);
    (failing[0].message.clone(), failing[0].fix.clone().expect("what to do"))
}

#[tokio::test]
async fn a_snapshot_on_the_default_stack_passes_every_check() {
    let server = Server::new(None, &[]).await;
    let readiness = check(&server).await;
    assert!(readiness.runnable() && readiness.checks.len() == 4, "{readiness:?}");
    assert_eq!(readiness.refusal(), None);
}

#[tokio::test]
async fn without_code_the_way_out_names_the_snapshot() {
    let server = Server::new(None, &[]).await;
    let note = "No source root of this server contains the module `run`. Push the code: darkroom code push SNAPSHOT --root DIR";
    server.execute("update pipeline_snapshots set code_note = $1", args![note]).await;
    let (message, fix) = failing(&check(&server).await, CheckName::Code);
    assert_eq!(message, "No source root of this server contains the module `run`.");
    assert_eq!(fix, format!("Push the code: darkroom code push {} --root DIR", server.snapshot.id));
}

#[tokio::test]
async fn captured_code_is_described_with_what_was_left_out() {
    let server = Server::new(None, &[]).await;
    let mut writer = archive::ArchiveWriter::new(&server.state.launching.archives).expect("a writer");
    writer.add("run.py".as_ref(), false, 0, &b""[..]).expect("a file");
    let stored = writer.finish().expect("packed").store().expect("stored");
    let left_out = r#"[{"path": "data/", "reason": "named by .gitignore"}]"#.to_owned();
    let row = CodeArchiveRow { hash: stored.hash.clone(), created: Timestamp::now(), size_bytes: 1, file_count: 1, left_out };
    let mut connection = server.state.db.begin().await.expect("a connection");
    code_archives::put(&mut connection, &row).await.expect("recorded");
    assert!(code_archives::attach(&mut connection, server.snapshot.id, &stored.hash).await.expect("attached"));
    assert!(!code_archives::attach(&mut connection, server.snapshot.id, &stored.hash).await.expect("asked"), "code never changes");
    connection.commit().await.expect("committed");
    let readiness = check(&server).await;
    assert_eq!(readiness.checks[0].message, "One file was captured; left out: data/ (named by .gitignore).");
    fs::remove_file(archive::path(&server.state.launching.archives, &stored.hash)).expect("removed");
    assert!(failing(&check(&server).await, CheckName::Code).0.contains("missing"));
}

#[tokio::test]
async fn a_deleted_stack_and_a_forbidden_launcher_fail() {
    let server = Server::new(None, &[]).await;
    server.execute("update pipeline_snapshots set stack_id = null", args![]).await;
    assert_eq!(failing(&check(&server).await, CheckName::Stack).0, "The stack was deleted.");
    let open = Server::new(None, &["--addr", "0.0.0.0:8129"]).await;
    assert!(failing(&check(&open).await, CheckName::Launcher).1.contains("--allow-process-launcher"));
}

#[tokio::test]
async fn the_stored_answer_follows_what_changes() {
    let server = Server::new(None, &[]).await;
    server.execute("update pipeline_snapshots set name = 'named', stack_id = null", args![]).await;
    readiness::refresh_all_named(&server.state).await.expect("checked");
    let mut connection = server.state.db.read().await.expect("a connection");
    let named = pipeline_snapshots::named(&mut connection, None).await.expect("a query");
    assert_eq!(named.iter().map(|snapshot| snapshot.runnable).collect::<Vec<_>>(), [false]);
}
