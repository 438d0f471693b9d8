//! Python environments for runners: `<data>/environments/<key>/<attempt>`, one for each (zenml version, Python version,
//! requirements), made once and used by every run that needs the same.
//!
//! An environment is not moved after it was made, because its scripts name their own path. Instead each attempt has its own
//! folder, and the file `current` names the one that was completed: what a killed server left half done is never used.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{
    logs,
    python::{Interpreter, Interpreters, find_program},
    requirements::Requirements,
};
use crate::server::id::Id;

/// Longest time one installation may take.
const INSTALL_TIMEOUT: Duration = Duration::from_secs(60 * 60);
/// Prints the packages of the integrations it is given.
const INTEGRATION_REQUIREMENTS: &str = "import sys; from zenml.integrations.registry import integration_registry as r; \
     print('\\n'.join(q for name in sys.argv[1:] for q in r.select_integration_requirements(name)))";

/// What an environment must hold.
#[derive(Clone, Debug, Serialize)]
pub struct EnvironmentSpec {
    pub zenml_version: String,
    /// Any version that zenml supports where none was recorded.
    pub python_version: Option<String>,
    pub requirements: Vec<String>,
    pub integrations: Vec<String>,
}

impl EnvironmentSpec {
    /// The environment of a snapshot.
    pub fn new(zenml_version: String, python_version: Option<String>, requirements: Requirements) -> Self {
        let Requirements { lines, mut integrations, .. } = requirements;
        integrations.sort();
        integrations.dedup();
        Self { zenml_version, python_version, requirements: lines, integrations }
    }

    fn key(&self, interpreter: &Interpreter) -> String {
        let parts = (&self.zenml_version, &interpreter.version, &self.requirements, &self.integrations);
        hex::encode(&Sha256::digest(serde_json::to_vec(&parts).unwrap_or_default())[..16])
    }
}

/// The environments of this server.
#[derive(Debug)]
pub struct Environments {
    folder: PathBuf,
    interpreters: Arc<Interpreters>,
    /// Whoever makes an environment holds its lock.
    locks: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Environments {
    pub fn new(folder: PathBuf, interpreters: Arc<Interpreters>) -> Self {
        Self { folder, interpreters, locks: Mutex::default() }
    }

    /// The interpreter of an environment that holds what is asked for, made first where it is missing. What the
    /// installation prints is added to `log`. The error is a reason in plain words.
    pub async fn python(&self, spec: &EnvironmentSpec, log: &Path) -> Result<PathBuf, String> {
        let interpreter = self.interpreters.find(spec.python_version.as_deref()).await.map_err(|missing| missing.to_string())?;
        let folder = self.folder.join(spec.key(&interpreter));
        if let Some(python) = ready(&folder) {
            return Ok(python);
        }
        let lock = self.lock(&folder);
        let _one_in_this_process = match lock.try_lock() {
            Ok(guard) => guard,
            Err(_) => {
                logs::note(log, "Another run is making the Python environment that this run needs; waiting for it.");
                lock.lock().await
            }
        };
        let _one_of_all_processes = file_lock(&folder).await.map_err(|error| format!("{} cannot be locked: {error}", folder.display()))?;
        if let Some(python) = ready(&folder) {
            return Ok(python);
        }
        logs::note(
            log,
            &format!("Making a Python {} environment with zenml {}; later runs reuse it.", interpreter.version, spec.zenml_version),
        );
        let attempt = Attempt::new(&folder).map_err(|error| format!("{} cannot be written: {error}", folder.display()))?;
        attempt.install(spec, &interpreter, log).await?;
        attempt.publish(spec).map_err(|error| format!("{} cannot be written: {error}", folder.display()))
    }

    fn lock(&self, folder: &Path) -> Arc<tokio::sync::Mutex<()>> {
        let key = folder.to_string_lossy().into_owned();
        let mut locks = self.locks.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        locks.entry(key).or_default().clone()
    }
}

/// The interpreter of a completed environment.
fn ready(folder: &Path) -> Option<PathBuf> {
    let attempt = fs::read_to_string(folder.join("current")).ok()?;
    let python = folder.join(attempt.trim()).join("bin/python");
    // Also false when the interpreter it was made from was removed from the machine.
    python.exists().then_some(python)
}

/// A lock that other server processes respect; released when the file is closed.
async fn file_lock(folder: &Path) -> io::Result<fs::File> {
    let folder = folder.to_owned();
    let work = tokio::task::spawn_blocking(move || {
        fs::create_dir_all(&folder)?;
        let file = fs::OpenOptions::new().create(true).write(true).truncate(false).open(folder.join("lock"))?;
        file.lock()?;
        Ok(file)
    });
    work.await.map_err(io::Error::other)?
}

/// One try to make an environment; dropped before it is published, it is removed.
struct Attempt<'a> {
    folder: &'a Path,
    name: String,
    published: bool,
}

impl<'a> Attempt<'a> {
    /// Starts in a new folder and removes those of earlier tries.
    fn new(folder: &'a Path) -> io::Result<Self> {
        for entry in fs::read_dir(folder)?.flatten().filter(|entry| entry.path().is_dir()) {
            fs::remove_dir_all(entry.path())?;
        }
        Ok(Self { folder, name: Id::new().hex(), published: false })
    }

    fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    fn python(&self) -> PathBuf {
        self.path().join("bin/python")
    }

    async fn install(&self, spec: &EnvironmentSpec, interpreter: &Interpreter, log: &Path) -> Result<(), String> {
        let uv = find_program("uv");
        let made = match &uv {
            Some(uv) => self.run(uv, &["venv", "--seed", "--quiet", "--python", &text(&interpreter.path), &text(&self.path())], log).await,
            None => self.run(&interpreter.path, &["-I", "-m", "venv", &text(&self.path())], log).await,
        };
        made.map_err(|tail| failed("making it", &tail))?;
        let mut requirements = vec![format!("zenml=={}", spec.zenml_version)];
        requirements.extend(spec.requirements.iter().cloned());
        self.install_packages(uv.as_deref(), "requirements.txt", &requirements, log).await?;
        if !spec.integrations.is_empty() {
            let packages = self.integration_packages(&spec.integrations).await?;
            self.install_packages(uv.as_deref(), "integrations.txt", &packages, log).await?;
        }
        Ok(())
    }

    async fn install_packages(&self, uv: Option<&Path>, file: &str, packages: &[String], log: &Path) -> Result<(), String> {
        let list = self.path().join(file);
        fs::write(&list, packages.join("\n") + "\n").map_err(|error| failed("writing its requirements", &error.to_string()))?;
        let python = self.python();
        let installed = match uv {
            Some(uv) => self.run(uv, &["pip", "install", "--python", &text(&python), "-r", &text(&list)], log).await,
            None => {
                let arguments =
                    ["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar", "off", "-r", &text(&list)];
                self.run(&python, &arguments, log).await
            }
        };
        installed.map_err(|tail| failed("installing its packages", &tail))
    }

    /// Asks the installed zenml which packages integrations need.
    async fn integration_packages(&self, integrations: &[String]) -> Result<Vec<String>, String> {
        let run = tokio::process::Command::new(self.python())
            .args(["-c", INTEGRATION_REQUIREMENTS])
            .args(integrations)
            .current_dir(self.path())
            .env("ZENML_CONFIG_PATH", self.path().join("zenml"))
            .env("ZENML_ANALYTICS_OPT_IN", "false")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let output = run.await.map_err(|error| failed("asking for integrations", &error.to_string()))?;
        if !output.status.success() {
            return Err(failed("asking for integrations", &logs::last_words(&String::from_utf8_lossy(&output.stderr))));
        }
        let lines =
            String::from_utf8_lossy(&output.stdout).lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        Ok(lines)
    }

    /// Runs one command with its output added to the log; the error is the tail of what it printed.
    async fn run(&self, program: &Path, arguments: &[&str], log: &Path) -> Result<(), String> {
        let open = || fs::OpenOptions::new().create(true).append(true).open(log);
        let start = fs::metadata(log).map_or(0, |metadata| metadata.len());
        let spawned = open().and_then(|output| {
            tokio::process::Command::new(program)
                .args(arguments)
                .current_dir(self.folder)
                .stdin(Stdio::null())
                .stdout(Stdio::from(output.try_clone()?))
                .stderr(Stdio::from(output))
                .kill_on_drop(true)
                .spawn()
        });
        let mut child = spawned.map_err(|error| format!("{} cannot be run: {error}", program.display()))?;
        match tokio::time::timeout(INSTALL_TIMEOUT, child.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(_)) => Err(logs::last_words(&logs::text_from(log, start))),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("it took longer than {} minutes", INSTALL_TIMEOUT.as_secs() / 60)),
        }
    }

    /// Makes this attempt the one that is used from now on.
    fn publish(mut self, spec: &EnvironmentSpec) -> Result<PathBuf, io::Error> {
        fs::write(self.path().join("environment.json"), serde_json::to_vec_pretty(spec)?)?;
        let draft = self.folder.join("current.tmp");
        fs::write(&draft, &self.name)?;
        fs::rename(draft, self.folder.join("current"))?;
        self.published = true;
        Ok(self.python())
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.published {
            let _ = fs::remove_dir_all(self.path());
        }
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn failed(what: &str, tail: &str) -> String {
    format!("The Python environment could not be made ({what} failed):\n{tail}")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// A stand-in for Python: counts its installations and makes what they would make; `pip` fails if asked for `bad`.
    const FAKE_PYTHON: &str = r#"#!/bin/sh
here=$(dirname "$0")
case "$*" in
  *sys.version_info*) echo 9.9 ;;
  *"-m venv"*) for last; do :; done; mkdir -p "$last/bin"; cp "$0" "$last/bin/python"; cp "$here/count" "$last/bin/count" ;;
  *"pip install"*) for last; do :; done; sleep 0.3; echo x >> "$(cat "$here/count")"
    if grep -q bad "$last"; then echo "Collecting bad"; echo "ERROR: No matching distribution found for bad" >&2; exit 1; fi ;;
esac
"#;

    struct Fake {
        folder: tempfile::TempDir,
        environments: Environments,
    }

    impl Fake {
        fn new() -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let python = folder.path().join("python9.9");
            fs::write(&python, FAKE_PYTHON).expect("written");
            fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).expect("executable");
            fs::write(folder.path().join("count"), folder.path().join("installs").to_string_lossy().as_bytes()).expect("written");
            let interpreters = Interpreters::with(Interpreter { path: python, version: "9.9".to_owned() });
            let environments = Environments::new(folder.path().join("environments"), Arc::new(interpreters));
            Self { folder, environments }
        }

        async fn python(&self, requirement: &str, log: &str) -> Result<PathBuf, String> {
            let requirements = Requirements { lines: vec![requirement.to_owned()], ..Requirements::default() };
            let spec = EnvironmentSpec::new("0.98.0".to_owned(), Some("9.9.1".to_owned()), requirements);
            self.environments.python(&spec, &self.folder.path().join(log)).await
        }

        fn installs(&self) -> usize {
            fs::read_to_string(self.folder.path().join("installs")).map_or(0, |text| text.lines().count())
        }
    }

    #[tokio::test]
    async fn two_askers_get_one_environment_made_once() {
        let fake = Fake::new();
        let (first, second) = tokio::join!(fake.python("good", "a.log"), fake.python("good", "b.log"));
        let first = first.expect("an environment");
        assert_eq!(Ok(first.clone()), second);
        assert_eq!(Ok(first.clone()), fake.python("good", "c.log").await);
        assert_eq!(fake.installs(), 1);
        assert!(first.exists());
        assert_ne!(fake.python("other", "d.log").await, Ok(first), "other requirements, other environment");
        assert_eq!(fake.installs(), 2);
    }

    #[tokio::test]
    async fn a_failure_says_why_leaves_nothing_and_is_tried_again() {
        let fake = Fake::new();
        let reason = fake.python("bad", "a.log").await.expect_err("a failure");
        assert!(reason.contains("installing its packages failed") && reason.contains("No matching distribution found for bad"), "{reason}");
        let folders: Vec<_> = fs::read_dir(fake.folder.path().join("environments")).expect("a folder").flatten().collect();
        let inside: Vec<_> = fs::read_dir(folders[0].path()).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(inside, ["lock"]);
        fake.python("bad", "b.log").await.expect_err("the same failure");
        assert_eq!(fake.installs(), 2);
    }

    #[tokio::test]
    async fn an_environment_that_was_left_half_made_is_not_used() {
        let fake = Fake::new();
        let python = fake.python("good", "a.log").await.expect("an environment");
        let attempt = python.parent().and_then(Path::parent).expect("a folder");
        fs::remove_file(attempt.parent().expect("a folder").join("current")).expect("removed");
        let again = fake.python("good", "b.log").await.expect("an environment");
        assert!(again.exists() && again != python && !python.exists());
    }
}
