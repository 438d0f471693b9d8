//! The supervisor: each run is started once, watched to its end, found again after a crash, and stopped.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{Server, postgres};
use crate::{
    args,
    model::status::ExecutionStatus,
    server::{
        db::launches::LaunchState,
        error::AppError,
        id::Id,
        launch::{
            queue::{self, NewLaunch},
            stop,
        },
        time::Timestamp,
    },
};

#[tokio::test]
async fn a_launched_run_is_executed_once_and_its_log_is_kept() {
    let server = Server::new(None, &[]).await;
    let _supervisor = server.supervise();
    let run = server.launch(true).await;
    let launch = server.until_state(run, LaunchState::Running).await;
    server.set_status(run, ExecutionStatus::Completed).await;
    server.go(None, 0);
    let ended = server.until_state(run, LaunchState::Finished).await;
    assert_eq!((ended.exit_code, ended.error, ended.attempt), (Some(0), None, 1));
    assert_eq!(server.row(run).await.status, ExecutionStatus::Completed);
    assert_eq!(server.starts(), [run.to_string()]);
    let folder = PathBuf::from(launch.work_directory);
    assert!(fs::read_to_string(folder.join("runner.log")).expect("a log").contains("working on"));
    assert!(!folder.join("work").exists(), "the work folder is cleaned up");
}

#[tokio::test]
async fn a_runner_that_dies_fails_its_run_with_its_last_words() {
    let server = Server::new(None, &[]).await;
    let _supervisor = server.supervise();
    let run = server.launch(true).await;
    server.until_started(1).await;
    server.set_status(run, ExecutionStatus::Running).await;
    server.go(None, 1);
    server.until_state(run, LaunchState::Finished).await;
    let row = server.row(run).await;
    assert_eq!((row.status, row.in_progress), (ExecutionStatus::Failed, false));
    assert_eq!(
        row.status_reason.as_deref(),
        Some("The runner failed (exit code 1):\nworking on ".to_owned() + &run.to_string() + "\nValueError: the end").as_deref()
    );
    assert!(row.end_time.is_some());
}

async fn two_supervisors_start_each_run_once(database: Option<String>) {
    let server = Server::new(database.as_deref(), &["--max-concurrent-runs", "20"]).await;
    let _supervisors = [server.supervise(), server.supervise()];
    let mut runs = Vec::new();
    for _ in 0..12 {
        runs.push(server.launch(true).await);
    }
    server.until_started(runs.len()).await;
    server.go(None, 0);
    for run in &runs {
        assert_eq!(server.until_state(*run, LaunchState::Finished).await.attempt, 1);
    }
    let mut starts = server.starts();
    starts.sort();
    let mut expected: Vec<String> = runs.iter().map(Id::to_string).collect();
    expected.sort();
    assert_eq!(starts, expected);
}

#[tokio::test]
async fn two_supervisors_start_each_run_once_on_sqlite() {
    two_supervisors_start_each_run_once(None).await;
}

#[tokio::test]
async fn two_supervisors_start_each_run_once_on_postgresql() {
    if let Some(database) = postgres().await {
        two_supervisors_start_each_run_once(Some(database)).await;
    }
}

#[tokio::test]
async fn with_one_slot_a_run_waits_but_not_one_that_its_parent_waits_for() {
    let server = Server::new(None, &["--max-concurrent-runs", "1"]).await;
    let _supervisor = server.supervise();
    let parent = server.launch(true).await;
    server.until_state(parent, LaunchState::Running).await;
    let waiting = server.launch(true).await;
    let nested = server.launch(false).await;
    server.until_state(nested, LaunchState::Running).await;
    assert_eq!(server.launch_row(waiting).await.state, LaunchState::Queued);
    server.go(Some(nested), 0);
    server.until_state(nested, LaunchState::Finished).await;
    assert_eq!(server.launch_row(waiting).await.state, LaunchState::Queued);
    server.go(Some(parent), 0);
    server.until_state(waiting, LaunchState::Running).await;
    server.go(None, 0);
    server.until_state(waiting, LaunchState::Finished).await;
}

async fn a_killed_server_is_followed_by_one_that_finds_everything(database: Option<String>) {
    let server = Server::new(database.as_deref(), &["--max-concurrent-runs", "2"]).await;
    let first = server.supervise();
    let (good, bad) = (server.launch(true).await, server.launch(true).await);
    for run in [good, bad] {
        server.until_state(run, LaunchState::Running).await;
        server.set_status(run, ExecutionStatus::Running).await;
    }
    let waiting = server.launch(true).await;
    first.abort();
    assert!(first.await.is_err());
    // Meanwhile one runner ends, unseen.
    server.go(Some(bad), 3);
    tokio::time::sleep(Duration::from_millis(300)).await;
    // The owner is this very process, which lives: only the end of the lease tells that it is gone.
    server.execute("update launches set lease_expires = $1", args![Timestamp::now()]).await;
    let _second = server.supervise();
    assert_eq!(server.until_state(bad, LaunchState::Finished).await.exit_code, Some(3));
    assert_eq!(server.row(bad).await.status, ExecutionStatus::Failed);
    server.until_state(waiting, LaunchState::Running).await;
    server.set_status(good, ExecutionStatus::Completed).await;
    server.go(None, 0);
    assert_eq!(server.until_state(good, LaunchState::Finished).await.exit_code, Some(0));
    assert_eq!(server.row(good).await.status, ExecutionStatus::Completed);
    server.until_state(waiting, LaunchState::Finished).await;
    assert_eq!(server.starts().len(), 3, "nothing runs twice");
}

#[tokio::test]
async fn a_killed_server_is_followed_by_one_that_finds_everything_on_sqlite() {
    a_killed_server_is_followed_by_one_that_finds_everything(None).await;
}

#[tokio::test]
async fn a_killed_server_is_followed_by_one_that_finds_everything_on_postgresql() {
    if let Some(database) = postgres().await {
        a_killed_server_is_followed_by_one_that_finds_everything(Some(database)).await;
    }
}

#[tokio::test]
async fn a_launch_that_was_only_claimed_is_started_by_the_next_server() {
    let server = Server::new(None, &[]).await;
    let run = server.launch(true).await;
    let gone = format!("1|{}/1|x", "another boot/pid:[1]");
    server.execute("update launches set state = 'starting', lease_owner = $1, lease_expires = $2", args![gone, Timestamp::now()]).await;
    let _supervisor = server.supervise();
    server.until_started(1).await;
    server.go(None, 0);
    server.until_state(run, LaunchState::Finished).await;
    assert_eq!(server.starts().len(), 1);
}

#[tokio::test]
async fn a_runner_on_another_machine_is_left_to_the_server_there() {
    let server = Server::new(None, &[]).await;
    let run = server.launch(true).await;
    let elsewhere = "another boot/pid:[1]/1";
    server
        .execute(
            "update launches set state = 'running', lease_owner = $1, lease_expires = $2, process_id = 1, process_started = $3",
            args![format!("1|{elsewhere}|x"), Timestamp::now(), elsewhere],
        )
        .await;
    let _supervisor = server.supervise();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(server.launch_row(run).await.state, LaunchState::Running);
    assert!(server.starts().is_empty());
}

#[tokio::test]
async fn stopping_ends_a_runner_and_takes_a_waiting_launch_away() {
    let server = Server::new(None, &["--max-concurrent-runs", "1"]).await;
    let _supervisor = server.supervise();
    let running = server.launch(true).await;
    server.until_state(running, LaunchState::Running).await;
    let waiting = server.launch(true).await;
    stop::request_stop(&server.state, waiting, false).await.expect("stopped");
    assert_eq!(server.row(waiting).await.status, ExecutionStatus::Stopped);
    assert_eq!(server.launch_row(waiting).await.state, LaunchState::Finished);
    stop::request_stop(&server.state, running, false).await.expect("asked to stop");
    assert_eq!(server.row(running).await.status, ExecutionStatus::Stopping);
    let ended = server.until_state(running, LaunchState::Finished).await;
    assert_eq!(ended.exit_code, Some(143));
    let row = server.row(running).await;
    assert_eq!((row.status, row.in_progress), (ExecutionStatus::Stopped, false));
    assert!(matches!(stop::request_stop(&server.state, running, false).await, Err(AppError::Forbidden(_))));
    assert_eq!(server.starts().len(), 1);
}

#[tokio::test]
async fn a_local_run_of_a_users_own_process_is_not_stopped() {
    let server = Server::new(None, &[]).await;
    let run = server.run().await;
    server.set_status(run, ExecutionStatus::Running).await;
    for graceful in [false, true] {
        assert!(matches!(stop::request_stop(&server.state, run, graceful).await, Err(AppError::NotImplemented(_))));
    }
    assert_eq!(server.row(run).await.status, ExecutionStatus::Running, "nothing was written");
}

#[tokio::test]
async fn a_deleted_run_takes_its_runner_and_its_folder_along() {
    let server = Server::new(None, &[]).await;
    let _supervisor = server.supervise();
    let run = server.launch(true).await;
    let launch = server.until_state(run, LaunchState::Running).await;
    let runner = launch.process().expect("a recorded runner");
    assert!(runner.is_alive());
    server.execute("delete from pipeline_runs where id = $1", args![run]).await;
    server.state.launch_signal.wake();
    for _ in 0..200 {
        if !runner.is_alive() && !Path::new(&launch.work_directory).exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the runner lives: {}, its folder is there: {}", runner.is_alive(), Path::new(&launch.work_directory).exists());
}

#[tokio::test]
async fn a_server_for_other_machines_runs_no_processes_unless_allowed() {
    let server = Server::new(None, &["--addr", "0.0.0.0:8129"]).await;
    let _supervisor = server.supervise();
    let run = server.launch(true).await;
    server.until_state(run, LaunchState::Finished).await;
    let row = server.row(run).await;
    assert_eq!(row.status, ExecutionStatus::Failed);
    assert!(row.status_reason.expect("a reason").contains("--allow-process-launcher"));
    assert!(server.starts().is_empty());
}

#[tokio::test]
async fn a_full_queue_is_refused() {
    let server = Server::new(None, &["--max-queued-runs", "1"]).await;
    server.launch(true).await;
    let run = server.run().await;
    let mut connection = server.state.db.begin().await.expect("a connection");
    let launch = NewLaunch { run, takes_slot: true, run_configuration: "{}", changed_paths: "[]", origin: "{}", request_key: None };
    assert!(matches!(queue::enqueue(&mut connection, &server.state, launch).await, Err(AppError::Busy(_))));
}
