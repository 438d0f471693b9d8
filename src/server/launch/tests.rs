//! The queue and the supervisor at work, with a shell script in the place of Python.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Parser as _;

use super::{
    queue::{self, NewLaunch},
    stop,
    supervisor::Supervisor,
};
use crate::{
    args,
    model::status::ExecutionStatus,
    server::{
        config::Config,
        db::{
            Db, documents,
            launches::{self, LaunchRow, LaunchState},
            pipeline_runs::{self, PipelineRunRow},
            pipeline_snapshots::PipelineSnapshotRow,
            pipelines::PipelineRow,
            stacks::StackRow,
            stored::Changes,
            users::UserRow,
        },
        error::AppError,
        id::Id,
        start,
        state::AppState,
        time::Timestamp,
    },
};

/// Notes its start, waits for the file `go-RUN` or `go`, and ends with the exit code in it.
const RUNNER: &str = r#"#!/bin/sh
here=$(dirname "$0")
run=$5
echo "$run" >> "$here/starts"
echo "working on $run"
while :; do
  for file in "$here/go-$run" "$here/go"; do
    if [ -f "$file" ]; then echo "ValueError: the end" >&2; exit "$(cat "$file")"; fi
  done
  sleep 0.05
done
"#;

#[derive(clap::Parser)]
struct Arguments {
    #[command(flatten)]
    config: Config,
}

struct Server {
    folder: tempfile::TempDir,
    state: AppState,
    snapshot: PipelineSnapshotRow,
    user: Id,
}

impl Server {
    async fn new(database: Option<&str>, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let runner = folder.path().join("runner");
        fs::write(&runner, RUNNER).expect("written");
        fs::set_permissions(&runner, fs::Permissions::from_mode(0o755)).expect("executable");
        let mut arguments: Vec<String> = vec!["test".to_owned(), "--data-dir".to_owned(), text(&folder.path().join("data"))];
        arguments.extend(["--runner-python".to_owned(), text(&runner)]);
        arguments.extend(database.into_iter().flat_map(|url| ["--database-url".to_owned(), url.to_owned()]));
        arguments.extend(options.iter().map(|&option| option.to_owned()));
        let state = start::open(Arguments::try_parse_from(arguments).expect("arguments").config).await.expect("a server");
        let (user, snapshot) = rows(&state).await;
        Self { folder, state, snapshot, user }
    }

    /// A run that waits for its start, as a launch makes it.
    async fn run(&self) -> Id {
        let (id, now) = (Id::new(), Timestamp::now());
        let row = PipelineRunRow {
            id,
            created: now,
            updated: now,
            user_id: Some(self.user),
            project_id: self.snapshot.project_id,
            snapshot_id: self.snapshot.id,
            pipeline_id: Some(self.snapshot.pipeline_id),
            stack_id: self.snapshot.stack_id,
            build_id: None,
            schedule_id: None,
            source_snapshot_id: None,
            template_id: None,
            model_version_id: None,
            original_run_id: None,
            parent_run_id: None,
            root_run_id: None,
            child_key: None,
            triggered_by_step_run_id: None,
            triggered_by_deployment_id: None,
            name: id.to_string(),
            run_index: 1,
            orchestrator_run_id: None,
            status: ExecutionStatus::Initializing,
            status_reason: None,
            in_progress: true,
            start_time: Some(now),
            end_time: None,
            enable_heartbeat: true,
            orchestrator_environment_document: self.snapshot.client_environment_document.clone(),
            orchestrator_packages_document: None,
            exception_info: None,
        };
        let mut connection = self.state.db.begin().await.expect("a connection");
        connection.insert(&row).await.expect("a run");
        connection.commit().await.expect("committed");
        id
    }

    async fn launch(&self, takes_slot: bool) -> Id {
        let run = self.run().await;
        let mut connection = self.state.db.begin().await.expect("a connection");
        let launch = NewLaunch { run, takes_slot, run_configuration: "{}", changed_paths: "[]", origin: "{}" };
        queue::enqueue(&mut connection, &self.state, launch).await.expect("room in the queue");
        connection.commit().await.expect("committed");
        self.state.launch_signal.wake();
        run
    }

    /// A supervisor at work; aborted, it ends as a killed server does.
    fn supervise(&self) -> tokio::task::JoinHandle<()> {
        tokio::spawn(Supervisor::new(self.state.clone()).run(std::future::pending()))
    }

    /// Lets runners end: one, or all.
    fn go(&self, run: Option<Id>, code: i32) {
        let name = run.map_or_else(|| "go".to_owned(), |run| format!("go-{run}"));
        fs::write(self.folder.path().join(name), code.to_string()).expect("written");
    }

    fn starts(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join("starts")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    async fn row(&self, run: Id) -> PipelineRunRow {
        self.state.db.read().await.expect("a connection").get(run).await.expect("a query").expect("the run")
    }

    async fn launch_row(&self, run: Id) -> LaunchRow {
        launches::get(&mut self.state.db.read().await.expect("a connection"), run).await.expect("a query").expect("the launch")
    }

    async fn set_status(&self, run: Id, status: ExecutionStatus) {
        let row = self.row(run).await;
        let mut connection = self.state.db.begin().await.expect("a connection");
        let changes = Changes::new().set("in_progress", !status.is_finished());
        pipeline_runs::change(&mut connection, &row, status, changes).await.expect("changed");
        connection.commit().await.expect("committed");
    }

    async fn execute(&self, sql: &str, values: Vec<crate::server::db::Value>) {
        let mut connection = self.state.db.begin().await.expect("a connection");
        connection.execute(sql, values).await.expect("executed");
        connection.commit().await.expect("committed");
    }

    async fn until_state(&self, run: Id, state: LaunchState) -> LaunchRow {
        for _ in 0..400 {
            let row = self.launch_row(run).await;
            if row.state == state {
                return row;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the launch is {:?}, not {state}", self.launch_row(run).await);
    }

    async fn until_started(&self, count: usize) {
        for _ in 0..400 {
            if self.starts().len() >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("only {:?} of {count} were started", self.starts());
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// An account, a pipeline and a snapshot on the default stack.
async fn rows(state: &AppState) -> (Id, PipelineSnapshotRow) {
    let mut connection = state.db.begin().await.expect("a connection");
    let (now, project_id) = (Timestamp::now(), state.server.default_project_id);
    let user = UserRow {
        id: Id::new(),
        created: now,
        updated: now,
        name: Id::new().to_string(),
        is_service_account: false,
        full_name: String::new(),
        description: String::new(),
        email: None,
        email_opted_in: None,
        avatar_url: None,
        active: true,
        is_admin: false,
        password_hash: None,
        password_changed_at: None,
        activation_token_hash: None,
        external_user_id: None,
        user_metadata: "{}".to_owned(),
        default_project_id: None,
    };
    connection.insert(&user).await.expect("an account");
    let pipeline = PipelineRow {
        id: Id::new(),
        created: now,
        updated: now,
        user_id: None,
        project_id,
        name: Id::new().to_string(),
        description: None,
        run_count: 0,
        latest_run_id: None,
        latest_run_created: now,
    };
    connection.insert(&pipeline).await.expect("a pipeline");
    let stack: StackRow = connection.find("name = 'default'", args![]).await.expect("a query").expect("the default stack");
    let document = documents::put(&mut connection, "{}").await.expect("a document");
    let snapshot = PipelineSnapshotRow {
        id: Id::new(),
        created: now,
        updated: now,
        user_id: None,
        project_id,
        pipeline_id: pipeline.id,
        stack_id: Some(stack.id),
        build_id: None,
        schedule_id: None,
        code_reference_id: None,
        source_snapshot_id: None,
        template_id: None,
        name: None,
        description: None,
        is_dynamic: false,
        run_name_template: "run".to_owned(),
        client_version: Some("0.98.0".to_owned()),
        server_version: None,
        pipeline_version_hash: None,
        source_code: None,
        code_path: None,
        code_archive_hash: None,
        code_note: None,
        runnable: true,
        step_count: 1,
        step_set: None,
        pipeline_configuration_document: document.clone(),
        pipeline_spec_document: None,
        client_environment_document: document,
        python_packages_document: None,
        latest_run_id: None,
        latest_run_created: None,
    };
    connection.insert(&snapshot).await.expect("a snapshot");
    connection.commit().await.expect("committed");
    (user.id, snapshot)
}

/// A new database on the PostgreSQL server of `TEST_POSTGRES_URL`, if there is one.
async fn postgres() -> Option<String> {
    let url = std::env::var("TEST_POSTGRES_URL").ok()?;
    let name = format!("launch_{}", Id::new().hex());
    let server = Db::connect(&url).await.expect("the PostgreSQL server of TEST_POSTGRES_URL");
    server.read().await.expect("a connection").execute(&format!("create database {name}"), args![]).await.expect("a database");
    let (base, _) = url.rsplit_once('/').expect("a URL with a database");
    Some(format!("{base}/{name}"))
}

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
    let launch = NewLaunch { run, takes_slot: true, run_configuration: "{}", changed_paths: "[]", origin: "{}" };
    assert!(matches!(queue::enqueue(&mut connection, &server.state, launch).await, Err(AppError::Busy(_))));
}
