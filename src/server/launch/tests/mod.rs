//! Launching with a database and a shell script in the place of Python.

mod readiness;
mod supervisor;
mod upkeep;

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, time::Duration};

use clap::Parser as _;

use super::{
    queue::{self, NewLaunch},
    supervisor::Supervisor,
};
use crate::{
    args,
    model::{roles::Role, status::ExecutionStatus},
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
        let launch = NewLaunch { run, takes_slot, run_configuration: "{}", changed_paths: "[]", origin: "{}", request_key: None };
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
        role: Role::Editor,
        password_hash: None,
        password_changed_at: None,
        activation_token_hash: None,
        external_user_id: None,
        user_metadata: "{}".to_owned(),
        default_project_id: None,
        last_seen: None,
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
        protected: false,
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
