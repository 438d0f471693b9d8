//! Asks ZenML's own service connectors: which resources they reach, and with which credentials.
//!
//! Their code is Python and needs the packages of its cloud, so it runs in a process of its own, in an environment that is
//! made for it as those of runs are. Configurations, secrets among them, go to the process through its standard input.

use std::{
    fs, io,
    path::PathBuf,
    process::{Output, Stdio},
    time::Duration,
};

use anyhow::Context as _;
use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::{io::AsyncWriteExt as _, process::Child};

use super::{
    environment::EnvironmentSpec,
    requirements::Requirements,
    runner::{absolute, outside},
};
use crate::server::{
    error::{AppError, Result},
    id::Id,
    state::AppState,
};

/// The Python program that asks the connectors.
const SCRIPT: &str = include_str!("connectors.py");
/// How many such processes there may be at a time.
pub const AT_ONCE: usize = 4;
/// Longest time a request waits for the answers: less than the client does.
const LONGEST: Duration = Duration::from_secs(100);
/// Longest time a process may take for the answers.
const LONGEST_PROCESS: Duration = Duration::from_secs(95);

/// What a connector is asked.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// Which resources it reaches.
    Verify,
    /// What is needed to reach one resource: a connector again, often with temporary credentials.
    Client,
}

/// One question to one connector.
#[derive(Serialize)]
pub struct Job {
    pub operation: Operation,
    /// A stored connector as it goes over the wire, or a request for one.
    pub connector: Box<RawValue>,
    pub resource_type: Option<String>,
    pub resource_id: Option<String>,
    /// Whether the single resources are listed.
    pub list_resources: bool,
}

/// What the connector said, as JSON of ZenML's model for it.
pub type Answer = Result<Box<RawValue>>;

/// Asks connectors of types that need these integrations, in one process. One answer for each job.
///
/// # Errors
/// 501 where there is no Python that could ask, with the reason; 429 while too many are asked already.
pub async fn ask(state: &AppState, integrations: Vec<String>, jobs: Vec<Job>) -> Result<Vec<Answer>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let permit = state
        .launching
        .connector_processes
        .clone()
        .try_acquire_owned()
        .map_err(|_| AppError::Busy("The server is asking other service connectors. Try again in a moment.".to_owned()))?;
    let count = jobs.len();
    // In a task of its own: an environment is made to its end even if this request does not wait for that.
    let state = state.clone();
    let work = tokio::spawn(async move {
        let _permit = permit;
        let python = python(&state, integrations).await?;
        run(&state, python, &jobs).await
    });
    let answers = match tokio::time::timeout(LONGEST, work).await {
        Ok(joined) => joined.context("asking service connectors")??,
        Err(_) => {
            return Err(AppError::NotImplemented(
                "The service connector did not answer in time. If its Python environment is being made for the first time, try again in a \
                 few minutes."
                    .to_owned(),
            ));
        }
    };
    if answers.len() != count {
        return Err(AppError::Internal(anyhow::anyhow!("{count} questions to service connectors, {} answers", answers.len())));
    }
    Ok(answers)
}

/// The interpreter that has zenml and the packages of the integrations.
async fn python(state: &AppState, integrations: Vec<String>) -> Result<PathBuf> {
    if let Some(python) = &state.config.runner_python {
        return Ok(absolute(python));
    }
    let requirements = Requirements { integrations, ..Requirements::default() };
    let spec = EnvironmentSpec::new(super::ZENML_VERSION.to_owned(), None, requirements);
    let log = state.launching.data_dir.join("connectors.log");
    state.launching.environments.python(&spec, &log).await.map_err(AppError::NotImplemented)
}

/// A folder that is removed with this value: ZenML's configuration of one process.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(folder = %self.0.display(), %error, "cannot remove a folder");
        }
    }
}

#[derive(Deserialize)]
struct Said {
    answer: Option<Box<RawValue>>,
    #[serde(default)]
    error: String,
    #[serde(default)]
    message: String,
}

impl Said {
    fn into_answer(self) -> Answer {
        match (self.answer, self.error.as_str()) {
            (Some(answer), _) => Ok(answer),
            (None, "NotImplementedError") => Err(AppError::NotImplemented(self.message)),
            (None, "AuthorizationException") => Err(AppError::NotAuthorized(self.message)),
            (None, _) => Err(AppError::Invalid(self.message)),
        }
    }
}

async fn run(state: &AppState, python: PathBuf, jobs: &[Job]) -> Result<Vec<Answer>> {
    let scratch = Scratch(state.launching.data_dir.join("connectors").join(Id::new().hex()));
    super::make_private_folder(&scratch.0).context("a folder for service connectors")?;
    let unusable = |problem: String| {
        AppError::NotImplemented(format!("The Python {} cannot run ZenML's service connectors: {problem}", python.display()))
    };
    let mut variables = outside(&state.config, &python);
    variables.push(("ZENML_CONFIG_PATH".to_owned(), scratch.0.to_string_lossy().into_owned()));
    let child = tokio::process::Command::new(&python)
        // Isolated: nothing of the working directory or of the user's own packages is imported.
        .args(["-I", "-c", SCRIPT])
        .env_clear()
        .envs(variables)
        .current_dir(&scratch.0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A group of its own, so that what it has started ends with it where it has to be killed.
        .process_group(0)
        .spawn()
        .map_err(|error| unusable(error.to_string()))?;
    let questions = serde_json::to_vec(jobs)?;
    let Some(output) = talk(child, &questions, LONGEST_PROCESS).await.context("asking service connectors")? else {
        return Err(AppError::NotImplemented(
            "The service connector did not answer in time, and was not waited for any longer.".to_owned(),
        ));
    };
    if !output.status.success() {
        // Of what it printed only this is told, because a traceback may show values.
        let printed = String::from_utf8_lossy(&output.stderr);
        let missing = printed.lines().rev().find(|line| line.starts_with("ModuleNotFoundError"));
        return Err(unusable(missing.map_or_else(|| output.status.to_string(), str::to_owned)));
    }
    let said: Vec<Said> = serde_json::from_slice(&output.stdout).context("answers of service connectors")?;
    Ok(said.into_iter().map(Said::into_answer).collect())
}

/// What a process says to its input; none where it takes longer than it may. Where it does, or where this is given up, its
/// process group is killed.
async fn talk(mut child: Child, input: &[u8], longest: Duration) -> io::Result<Option<Output>> {
    let group = Group(child.id().and_then(|id| i32::try_from(id).ok()));
    let stdin = child.stdin.take();
    // A process that ends early closes its input, and says why in its exit.
    let write = async {
        if let Some(mut stdin) = stdin {
            let _ = stdin.write_all(input).await;
        }
    };
    let talk = async { tokio::join!(write, child.wait_with_output()).1 };
    let Ok(said) = tokio::time::timeout(longest, talk).await else { return Ok(None) };
    // It is over, and its number may be given to another process.
    std::mem::forget(group);
    said.map(Some)
}

/// A process group that is killed with this value.
struct Group(Option<i32>);

impl Drop for Group {
    fn drop(&mut self) {
        // An error says that the group is gone already.
        let _ = self.0.map(|id| killpg(Pid::from_raw(id), Signal::SIGKILL));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use nix::sys::signal::kill;

    use super::*;

    /// A process in a group of its own, whose child writes its id and then sleeps with it.
    fn hanging(output: Stdio) -> Child {
        let mut command = tokio::process::Command::new("/bin/sh");
        command.args(["-c", "sleep 60 & echo $!; wait"]).stdin(Stdio::piped()).stdout(output).process_group(0);
        command.spawn().expect("started")
    }

    #[tokio::test]
    async fn a_process_that_hangs_is_ended_with_its_children() {
        let folder = tempfile::tempdir().expect("a folder");
        let said = folder.path().join("said");
        let child = hanging(fs::File::create(&said).expect("a file").into());
        let started = Instant::now();
        assert!(talk(child, b"[]", Duration::from_millis(500)).await.expect("no error").is_none());
        assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
        let grandchild = Pid::from_raw(fs::read_to_string(said).expect("said").trim().parse().expect("a process id"));
        for _ in 0..200 {
            // What is left of it is a zombie at most, whoever is to reap it.
            let stat = fs::read_to_string(format!("/proc/{grandchild}/stat")).unwrap_or_default();
            if kill(grandchild, None).is_err() || stat.contains(") Z ") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the child of the process lives on");
    }

    #[tokio::test]
    async fn a_process_that_answers_is_heard() {
        let child = tokio::process::Command::new("/bin/cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("started");
        let output = talk(child, b"[1]", Duration::from_secs(30)).await.expect("no error").expect("in time");
        assert_eq!(output.stdout, b"[1]");
    }
}
