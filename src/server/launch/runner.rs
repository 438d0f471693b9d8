//! One run's runner: which Python, which code, which environment variables. It turns a queued run into a command.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::{
    Launching, archive,
    environment::EnvironmentSpec,
    logs,
    process::{RunFolder, RunnerCommand},
    requirements::{self, ClientEnvironment, Recorded, Requirements},
    target::Target,
};
use crate::model::status::ExecutionStatus;
use crate::server::{
    auth::tokens::Claims,
    config::Config,
    db::{
        Connection, DbError, documents, pipeline_builds::PipelineBuildRow, pipeline_runs::PipelineRunRow,
        pipeline_snapshots::PipelineSnapshotRow,
    },
    error::AppError,
    id::Id,
    state::AppState,
};

/// The Python program that puts the code in place and calls ZenML's runner.
const LAUNCHER: &str = include_str!("launcher.py");
/// Variables of the server that a runner gets too: none of them is a secret of the server.
const INHERITED: [&str; 16] = [
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "http_proxy",
    "https_proxy",
    "KUBECONFIG",
];

/// Why a run cannot be started.
#[derive(Debug)]
pub enum Refusal {
    /// For the user, in plain words: the run fails with it.
    Reason(String),
    /// Another server took the launch over.
    Lost,
    /// Our own fault.
    Internal(AppError),
}

impl<E: Into<AppError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Internal(error.into())
    }
}

/// What a run needs, read from the database at once.
#[derive(Debug)]
pub struct Plan {
    run: PipelineRunRow,
    snapshot: PipelineSnapshotRow,
    target: Target,
    pipeline_configuration: std::sync::Arc<str>,
    client: ClientEnvironment,
    client_version: Option<String>,
    build_images: Option<String>,
    token: String,
}

impl Plan {
    /// Reads what a run needs.
    pub async fn read(connection: &mut Connection, state: &AppState, run: PipelineRunRow) -> Result<Self, Refusal> {
        let gone = || Refusal::Reason("The run's snapshot was deleted.".to_owned());
        let snapshot: PipelineSnapshotRow = connection.get(run.snapshot_id).await?.ok_or_else(gone)?;
        let no_stack = || Refusal::Reason("The stack of this run was deleted. Run the pipeline again on another stack.".to_owned());
        let target = Target::read(connection, snapshot.stack_id.ok_or_else(no_stack)?).await?.ok_or_else(no_stack)?;
        let no_user = || Refusal::Reason("The account that started this run was deleted.".to_owned());
        let mut claims = Claims::new(&state.server, run.user_id.ok_or_else(no_user)?);
        claims.pipeline_run_id = Some(run.id);
        let build = match snapshot.build_id {
            Some(id) => connection.get::<PipelineBuildRow>(id).await?,
            None => None,
        };
        let (client, client_version) = client(connection, &snapshot).await?;
        Ok(Self {
            pipeline_configuration: documents::get(connection, &snapshot.pipeline_configuration_document).await?,
            client,
            client_version,
            build_images: build.map(|build| build.images),
            token: claims.sign(&state.keys)?,
            run,
            snapshot,
            target,
        })
    }

    /// Whether the end of the runner is the end of the run.
    pub fn runs_in_process(&self) -> bool {
        self.target.runs_in_process()
    }

    /// Puts launcher, code and Python in place. What takes time is noted in the run's log.
    pub async fn prepare(&self, state: &AppState, launching: &Launching, folder: &RunFolder) -> Result<RunnerCommand, Refusal> {
        if !state.config.process_launcher_allowed() {
            let (message, fix) = super::PROCESS_LAUNCHER_REFUSED;
            return Err(Refusal::Reason(format!("{message} {fix}")));
        }
        let code = self
            .unpack(launching, folder)
            .await
            .map_err(|error| Refusal::Reason(format!("The code of this run could not be put in place: {error}")))?;
        let python = match &state.config.runner_python {
            Some(python) => absolute(python),
            None => {
                let spec = self.environment_spec(launching).await;
                launching.environments.python(&spec, &folder.log()).await.map_err(Refusal::Reason)?
            }
        };
        let mut arguments = vec![text(&folder.launcher())];
        arguments.extend(["--snapshot_id".to_owned(), self.snapshot.id.to_string(), "--run_id".to_owned(), self.run.id.to_string()]);
        if self.run.status == ExecutionStatus::Resuming {
            arguments.extend(["--resume".to_owned(), "True".to_owned()]);
        }
        let environment = self.environment(state, &python, folder);
        Ok(RunnerCommand { program: python, arguments, environment, directory: code })
    }

    /// Unpacks the captured code, if there is any; gives the folder the runner works in.
    async fn unpack(&self, launching: &Launching, folder: &RunFolder) -> io::Result<PathBuf> {
        let (archives, hash, folder) = (launching.archives.clone(), self.snapshot.code_archive_hash.clone(), folder.clone());
        let work = tokio::task::spawn_blocking(move || {
            // What an earlier, interrupted try may have left.
            folder.clean_up()?;
            let code = folder.work().join("code");
            super::make_private_folder(&code)?;
            fs::write(folder.launcher(), LAUNCHER)?;
            if let Some(hash) = hash {
                archive::unpack(&archives, &hash, &code)?;
            }
            Ok(code)
        });
        work.await.map_err(io::Error::other)?
    }

    /// The packages: of the pipeline and its stack where the steps run here, of the stack alone where they run elsewhere.
    async fn environment_spec(&self, launching: &Launching) -> EnvironmentSpec {
        let mut needed = if self.runs_in_process() {
            let (archives, hash) = (launching.archives.clone(), self.snapshot.code_archive_hash.clone());
            let read = move || hash.map(|hash| archive::read_texts(&archive::path(&archives, &hash), requirements::wanted));
            let files = tokio::task::spawn_blocking(read).await.ok().flatten().and_then(Result::ok).unwrap_or_default();
            Requirements::read(&Recorded {
                pipeline_configuration: &self.pipeline_configuration,
                build_images: self.build_images.as_deref(),
                client: &self.client,
                files,
            })
        } else {
            Requirements::default()
        };
        needed.integrations.extend(self.target.integrations());
        let version = self.client_version.clone().unwrap_or_else(|| super::ZENML_VERSION.to_owned());
        EnvironmentSpec::new(version, self.client.python_version.clone(), needed)
    }

    /// Everything the runner sees of the outside: ZenML's variables are those its own server sets for runners, and those
    /// that make a local stack resolve to the client's folders.
    fn environment(&self, state: &AppState, python: &Path, folder: &RunFolder) -> Vec<(String, String)> {
        let mut variables = outside(&state.config, python);
        let version = self.client_version.clone().unwrap_or_else(|| super::ZENML_VERSION.to_owned());
        let own = [
            ("ZENML_ACTIVE_PROJECT_ID", self.run.project_id.to_string()),
            ("ZENML_ACTIVE_STACK_ID", self.target.stack.id.to_string()),
            ("ZENML_VERSION", version),
            ("ZENML_STORE_TYPE", "rest".to_owned()),
            ("ZENML_STORE_URL", state.config.public_url()),
            ("ZENML_STORE_API_TOKEN", self.token.clone()),
            ("ZENML_STORE_VERIFY_SSL", "true".to_owned()),
            ("ZENML_CONFIG_PATH", text(&folder.work().join("zenml"))),
            ("ZENML_LOCAL_STORES_PATH", text(&absolute(&state.config.local_stores()))),
            ("ZENML_USER_ID", client_id(&state.config.local_stores(), state.server.id).to_string()),
            ("DISABLE_CREDENTIALS_DISK_CACHING", "true".to_owned()),
            ("AUTO_OPEN_DASHBOARD", "false".to_owned()),
            ("ZENML_CONSOLE_LOGGING_FORMAT", logs::FORMAT.to_owned()),
        ];
        variables.extend(own.map(|(name, value)| (name.to_owned(), value)));
        variables
    }
}

/// What every Python process that runs ZenML sees of the server's surroundings: none of the server's own variables but
/// those named, and none of its secrets.
pub(super) fn outside(config: &Config, python: &Path) -> Vec<(String, String)> {
    let named = INHERITED.iter().copied().chain(config.runner_env.iter().map(String::as_str));
    let mut variables: Vec<(String, String)> = named.filter_map(|name| Some((name.to_owned(), env::var(name).ok()?))).collect();
    let bin = python.parent().unwrap_or(Path::new("/"));
    let path = env::var("PATH").unwrap_or_else(|_| "/usr/local/bin:/usr/bin:/bin".to_owned());
    let no_proxy = env::var("NO_PROXY").or_else(|_| env::var("no_proxy")).map_or_else(|_| String::new(), |hosts| format!("{hosts},"));
    let own = [
        ("PATH", format!("{}:{path}", bin.display())),
        ("NO_PROXY", format!("{no_proxy}127.0.0.1,localhost")),
        ("PYTHONUNBUFFERED", "1".to_owned()),
        ("ZENML_ANALYTICS_OPT_IN", "false".to_owned()),
        ("ZENML_LOGGING_COLORS_DISABLED", "true".to_owned()),
        ("ZENML_ENABLE_RICH_TRACEBACK", "false".to_owned()),
    ];
    variables.extend(own.map(|(name, value)| (name.to_owned(), value)));
    variables
}

/// The client's environment and version. A snapshot made by a launch may not have them; the one it comes from does.
pub async fn client(connection: &mut Connection, snapshot: &PipelineSnapshotRow) -> Result<(ClientEnvironment, Option<String>), DbError> {
    let own = recorded_client(connection, snapshot).await?;
    if own.python_version.is_none()
        && let Some(id) = snapshot.source_snapshot_id
        && let Some(source) = connection.get::<PipelineSnapshotRow>(id).await?
    {
        let client = recorded_client(connection, &source).await?;
        return Ok((client, source.client_version.or_else(|| snapshot.client_version.clone())));
    }
    Ok((own, snapshot.client_version.clone()))
}

/// What was recorded of the client that made a snapshot.
async fn recorded_client(connection: &mut Connection, snapshot: &PipelineSnapshotRow) -> Result<ClientEnvironment, DbError> {
    let hashes = snapshot.python_packages_document.iter().chain([&snapshot.client_environment_document]).cloned();
    let documents = documents::get_many(connection, hashes).await?;
    let text = |hash: &str| documents.get(hash).map(|content| &**content);
    let packages = snapshot.python_packages_document.as_deref().and_then(text);
    Ok(ClientEnvironment::read(text(&snapshot.client_environment_document).unwrap_or_default(), packages))
}

/// The client id that runners use. ZenML mixes it into cache keys of local artifact stores: with the id of the client that
/// owns the stores, its runs and launched runs share their caches; else launched runs share them among themselves.
fn client_id(local_stores: &Path, server: Id) -> Id {
    let config = local_stores.parent().and_then(|folder| fs::read_to_string(folder.join("config.yaml")).ok()).unwrap_or_default();
    let written = config.lines().find_map(|line| line.strip_prefix("user_id:"));
    // An id of its own: a client with the server's id would be taken for a local server's.
    written.and_then(|id| id.trim().parse().ok()).unwrap_or_else(|| {
        let digest = hex::encode(&Sha256::digest(format!("runner of {server}"))[..16]);
        digest.parse().unwrap_or_default()
    })
}

pub(super) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runners_use_the_id_of_the_client_that_owns_the_stores() {
        let home = tempfile::tempdir().expect("a folder");
        let (stores, server) = (home.path().join("local_stores"), Id::new());
        let made = client_id(&stores, server);
        assert_eq!(made, client_id(&stores, server), "stable without a client");
        assert_ne!(made, server);
        let client = Id::new();
        fs::write(home.path().join("config.yaml"), format!("version: 0.98.0\nuser_id: {client}\n")).expect("written");
        assert_eq!(client_id(&stores, server), client);
    }
}
