//! Python interpreters of this machine: the one that fits a snapshot.

use std::{
    collections::HashMap,
    env, fmt, fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Versions tried, in this order, for a snapshot that does not say which Python made it.
const SUPPORTED: [&str; 4] = ["3.12", "3.11", "3.13", "3.10"];
/// How long a found interpreter is believed to be there.
const FOUND_FOR: Duration = Duration::from_secs(10 * 60);
/// How long a missing one is believed to be missing.
const MISSING_FOR: Duration = Duration::from_secs(30);
/// Prints the interpreter's minor version, if it can make environments.
const PROBE: &str = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])";
/// The same where `uv` makes the environments.
const PROBE_FOR_UV: &str = "import sys; print('%d.%d' % sys.version_info[:2])";

/// An interpreter that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpreter {
    pub path: PathBuf,
    /// `3.11`
    pub version: String,
}

/// No interpreter fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    pub reason: String,
    pub fix: String,
}

impl fmt::Display for Missing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.reason, self.fix)
    }
}

/// An answer, and when it was found.
type Remembered = (Instant, Result<Interpreter, Missing>);

/// Looks for interpreters, and remembers what it found for a while.
#[derive(Debug, Default)]
pub struct Interpreters {
    found: Mutex<HashMap<String, Remembered>>,
}

impl Interpreters {
    /// Knows one interpreter only.
    #[cfg(test)]
    pub fn with(interpreter: Interpreter) -> Self {
        let found = HashMap::from([(interpreter.version.clone(), (Instant::now(), Ok(interpreter)))]);
        Self { found: Mutex::new(found) }
    }

    /// An interpreter for the version a snapshot was made with (`3.11.7` and `3.11` mean the same), or why there is none.
    ///
    /// Only the first question about a version takes time: an answer that is old is given, and looked for again meanwhile.
    pub async fn find(self: &Arc<Self>, version: Option<&str>) -> Result<Interpreter, Missing> {
        let wanted = version.map(minor);
        let Some((when, answer)) = self.remembered(wanted.as_deref()) else { return self.search(wanted.as_deref()).await };
        if when.elapsed() > if answer.is_ok() { FOUND_FOR } else { MISSING_FOR } {
            let interpreters = self.clone();
            tokio::spawn(async move { interpreters.search(wanted.as_deref()).await });
        }
        answer
    }

    async fn search(&self, wanted: Option<&str>) -> Result<Interpreter, Missing> {
        let answer = search(wanted).await;
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.insert(wanted.unwrap_or_default().to_owned(), (Instant::now(), answer.clone()));
        answer
    }

    fn remembered(&self, wanted: Option<&str>) -> Option<Remembered> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).get(wanted.unwrap_or_default()).cloned()
    }
}

/// `3.11` of `3.11.7`.
fn minor(version: &str) -> String {
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}

async fn search(wanted: Option<&str>) -> Result<Interpreter, Missing> {
    let versions: Vec<&str> = wanted.map_or_else(|| SUPPORTED.to_vec(), |version| vec![version]);
    let probe = if find_program("uv").is_some() { PROBE_FOR_UV } else { PROBE };
    let mut seen = Vec::new();
    for version in &versions {
        for path in candidates(version) {
            match try_out(&path, probe).await {
                Some(found) if found == *version => return Ok(Interpreter { path, version: found }),
                Some(found) if !seen.contains(&found) => seen.push(found),
                _ => {}
            }
        }
    }
    let there = if seen.is_empty() { "none that can be used".to_owned() } else { format!("Python {}", seen.join(", ")) };
    let needed = wanted.map_or_else(|| "a Python from 3.10 to 3.13".to_owned(), |version| format!("Python {version}"));
    Err(Missing {
        reason: format!("This run needs {needed}, which was not found on the server's machine (found: {there})."),
        fix: "Install it with its venv module, or start the server with --runner-python PATH.".to_owned(),
    })
}

/// Where a version may be, best first: by its own name on PATH, in pyenv, as the plain `python3`.
fn candidates(version: &str) -> Vec<PathBuf> {
    let named = programs(&format!("python{version}"));
    let plain = programs("python3").into_iter().chain(programs("python"));
    named.into_iter().chain(pyenv_versions(version)).chain(plain).collect()
}

fn pyenv_versions(version: &str) -> Vec<PathBuf> {
    let root = env::var_os("PYENV_ROOT").map(PathBuf::from).or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".pyenv")));
    let Some(entries) = root.and_then(|root| fs::read_dir(root.join("versions")).ok()) else { return Vec::new() };
    let prefix = format!("{version}.");
    let mut folders: Vec<PathBuf> =
        entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix)).map(|entry| entry.path()).collect();
    folders.sort();
    folders.into_iter().rev().map(|folder| folder.join("bin/python")).filter(|path| is_program(path)).collect()
}

/// The version an interpreter reports; none if it does not run, lacks a module it needs, or takes too long.
async fn try_out(path: &Path, probe: &str) -> Option<String> {
    let run = tokio::process::Command::new(path)
        // Isolated: neither the working directory nor the user's variables change what it imports.
        .args(["-I", "-c", probe])
        .current_dir("/")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(Duration::from_secs(20), run).await.ok()?.ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The first program of this name on PATH.
pub fn find_program(name: &str) -> Option<PathBuf> {
    programs(name).into_iter().next()
}

fn programs(name: &str) -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|folder| folder.join(name)).filter(|path| is_program(path)).collect()
}

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_version_is_matched_to_the_minor_number() {
        let any = search(None).await.expect("a Python on this machine");
        assert_eq!(search(Some(&any.version)).await, Ok(any));
        assert_eq!(minor("3.11.7"), "3.11");
    }

    #[tokio::test]
    async fn a_missing_version_is_named_with_the_way_out() {
        let reason = search(Some("3.4")).await.expect_err("a Python of the last decade").to_string();
        assert!(reason.contains("needs Python 3.4") && reason.contains("--runner-python"), "{reason}");
    }
}
