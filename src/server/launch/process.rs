//! Runner processes: starting one, telling whether it lives, how it ended, and ending it.
//!
//! A runner outlives the server. Its output goes to a file; a shell around it writes its exit code to a file; it is
//! recognised after a restart by process id and start time, and by a file lock that it holds as long as it lives. So a
//! server that was killed finds out afterwards what happened meanwhile, and never starts a run twice.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
};

use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};

use crate::server::id::Id;

/// Starts the runner and writes down its exit code. The traps keep the shell alive while a signal to the process group
/// ends the runner; handlers, unlike ignored signals, are not inherited.
const WRAPPER: &str = r#"
folder=$1
shift
trap : HUP INT TERM
echo $$ > "$folder/started" || exit 125
"$@"
code=$?
echo $code > "$folder/exit.tmp" && mv "$folder/exit.tmp" "$folder/exit"
exit $code
"#;

/// A run's own folder: `<data>/runs/<run>`.
#[derive(Clone, Debug)]
pub struct RunFolder(PathBuf);

impl RunFolder {
    /// The folder of a run below the (absolute) data directory.
    pub fn new(data_dir: &Path, run: Id) -> Self {
        Self(data_dir.join("runs").join(run.to_string()))
    }

    /// A folder whose path is known.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// What the runner printed.
    pub fn log(&self) -> PathBuf {
        self.0.join("runner.log")
    }

    /// The embedded Python launcher.
    pub fn launcher(&self) -> PathBuf {
        self.0.join("launcher.py")
    }

    /// Where the unpacked code lies and the runner works; removed when the run has ended.
    pub fn work(&self) -> PathBuf {
        self.0.join("work")
    }

    /// Locked by the runner while it lives: see [`look`].
    fn alive(&self) -> PathBuf {
        self.0.join("alive")
    }

    /// Written by the wrapper before the runner starts: its process id.
    fn started(&self) -> PathBuf {
        self.0.join("started")
    }

    /// Removes what only a living runner needs.
    pub fn clean_up(&self) -> io::Result<()> {
        match fs::remove_dir_all(self.work()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Forgets an ended runner, so that another one can be started.
    pub fn forget_runner(&self) -> io::Result<()> {
        for file in [self.0.join("exit"), self.started(), self.alive()] {
            match fs::remove_file(file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn exit_code(&self) -> Option<i32> {
        fs::read_to_string(self.0.join("exit")).ok()?.trim().parse().ok()
    }
}

/// A process, told apart from a later one with the same id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub process_id: i32,
    /// `boot id/process namespace/start time in clock ticks`.
    pub started: String,
}

impl Identity {
    /// The living process with this id.
    pub fn of(process_id: i32) -> Option<Self> {
        let ticks = start_ticks(process_id)?;
        Some(Self { process_id, started: format!("{}/{ticks}", machine()?) })
    }

    /// This very process.
    pub fn own() -> Option<Self> {
        Self::of(i32::try_from(std::process::id()).ok()?)
    }

    /// Whether the process could be seen from here if it lived: same boot of the same machine, same process namespace.
    pub fn is_here(&self) -> bool {
        machine().is_some_and(|machine| self.started.rsplit_once('/').is_some_and(|(own, _)| own == machine))
    }

    /// Whether it lives. Only meaningful where [`Identity::is_here`].
    pub fn is_alive(&self) -> bool {
        Self::of(self.process_id).as_ref() == Some(self)
    }

    /// Signals the process group it leads, if that group still is its own.
    pub fn signal_group(&self, signal: Signal) {
        // While members of the group live, the kernel gives its number to no new process: a number that is in use by a
        // process that started at another time belongs to somebody else.
        let ours = self.is_here() && (self.is_alive() || !Path::new("/proc").join(self.process_id.to_string()).exists());
        if ours && let Err(error) = killpg(Pid::from_raw(self.process_id), signal) {
            tracing::debug!(process_id = self.process_id, %error, "process group is gone");
        }
    }
}

/// `boot id/process namespace`.
fn machine() -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let namespace = fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{}/{}", boot.trim(), namespace.display()))
}

/// Field 22 of `/proc/PID/stat`; none for a process that is gone or only waits to be reaped.
fn start_ticks(process_id: i32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{process_id}/stat")).ok()?;
    // The second field is the program's name in parentheses and may itself hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

/// What is to be run.
#[derive(Debug)]
pub struct RunnerCommand {
    pub program: PathBuf,
    pub arguments: Vec<String>,
    /// The whole environment: nothing is inherited.
    pub environment: Vec<(String, String)>,
    pub directory: PathBuf,
}

/// Starts a runner in its own process group. An error means that nothing was started; so does a folder in which a runner
/// was started before, because a run is never executed twice.
pub fn start(folder: &RunFolder, command: &RunnerCommand) -> io::Result<Identity> {
    let alive = fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).open(folder.alive())?;
    alive.try_lock().map_err(|_| io::Error::other("the runner of this run is running already"))?;
    if folder.started().exists() {
        return Err(io::Error::other("the runner of this run was started before"));
    }
    let log = fs::OpenOptions::new().create(true).append(true).open(folder.log())?;
    let child = tokio::process::Command::new("/bin/sh")
        .args(["-c", WRAPPER, "darkroom-run"])
        .arg(folder.path())
        .arg(&command.program)
        .args(&command.arguments)
        .env_clear()
        .envs(command.environment.iter().map(|(name, value)| (name, value)))
        .current_dir(&command.directory)
        // The lock belongs to the open file, which the runner now shares: it is released when the last process that holds
        // it as its standard input is gone.
        .stdin(Stdio::from(alive))
        .stdout(Stdio::from(log.try_clone()?))
        .stderr(Stdio::from(log))
        .process_group(0)
        .spawn()?;
    // Dropping the handle leaves the process alone; the runtime reaps it when it ends.
    let process_id = child.id().and_then(|id| i32::try_from(id).ok()).ok_or_else(|| io::Error::other("the process has no id"))?;
    Ok(Identity::of(process_id).unwrap_or_else(|| Identity { process_id, started: format!("{}/0", machine().unwrap_or_default()) }))
}

/// What became of a runner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunnerState {
    /// It was never started.
    NotStarted,
    Running,
    /// It ended: with this exit code (128 + signal where a signal ended it), or without one when even its shell was killed.
    Ended(Option<i32>),
    /// It was started on another machine, whose files are not here.
    Unreachable,
}

/// Looks what became of a runner, from the files in its folder and the process itself where it is known.
pub fn look(folder: &RunFolder, process: Option<&Identity>) -> RunnerState {
    if let Some(code) = folder.exit_code() {
        return RunnerState::Ended(Some(code));
    }
    if let Some(process) = process.filter(|process| process.is_here()) {
        if process.is_alive() {
            return RunnerState::Running;
        }
        // It may have written the code just now.
        return RunnerState::Ended(folder.exit_code());
    }
    let lock = match fs::File::open(folder.alive()) {
        Ok(file) => file.try_lock_shared(),
        Err(_) if process.is_some() => return RunnerState::Unreachable,
        Err(_) => return RunnerState::NotStarted,
    };
    match lock {
        Err(_) => RunnerState::Running,
        Ok(()) if process.is_some() || folder.started().exists() => RunnerState::Ended(folder.exit_code()),
        Ok(()) => RunnerState::NotStarted,
    }
}

/// The identity of a running runner that was started but not yet recorded.
pub fn identify(folder: &RunFolder) -> Option<Identity> {
    let process_id: i32 = fs::read_to_string(folder.started()).ok()?.trim().parse().ok()?;
    let command = fs::read(format!("/proc/{process_id}/cmdline")).ok()?;
    let path = folder.path().as_os_str().as_encoded_bytes();
    // The number may come from another machine or boot: only a process that names this folder is the runner.
    let is_ours = command.split(|byte| *byte == 0).any(|argument| argument == path);
    if is_ours { Identity::of(process_id) } else { None }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn command(script: &str) -> RunnerCommand {
        RunnerCommand {
            program: "/bin/sh".into(),
            arguments: vec!["-c".to_owned(), script.to_owned()],
            environment: vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())],
            directory: std::env::temp_dir(),
        }
    }

    fn folder() -> (tempfile::TempDir, RunFolder) {
        let data = tempfile::tempdir().expect("a folder");
        let folder = RunFolder::new(data.path(), Id::new());
        fs::create_dir_all(folder.path()).expect("made");
        (data, folder)
    }

    async fn ended(folder: &RunFolder, process: Option<&Identity>) -> RunnerState {
        for _ in 0..200 {
            let state = look(folder, process);
            if state != RunnerState::Running {
                return state;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        RunnerState::Running
    }

    #[tokio::test]
    async fn the_exit_code_and_the_output_are_in_files() {
        let (_data, folder) = folder();
        assert_eq!(look(&folder, None), RunnerState::NotStarted);
        let process = start(&folder, &command("echo out; echo err >&2; exit 3")).expect("started");
        assert_eq!(ended(&folder, Some(&process)).await, RunnerState::Ended(Some(3)));
        assert_eq!(fs::read_to_string(folder.log()).expect("a log"), "out\nerr\n");
        assert!(start(&folder, &command("true")).is_err(), "a run is started once");
    }

    #[tokio::test]
    async fn a_runner_is_found_again_without_its_recorded_identity() {
        let (_data, folder) = folder();
        let process = start(&folder, &command("sleep 30")).expect("started");
        assert_eq!(look(&folder, None), RunnerState::Running);
        assert!(start(&folder, &command("true")).is_err(), "not twice at the same time");
        for _ in 0..200 {
            if identify(&folder).is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(identify(&folder), Some(process.clone()));
        // A signal that comes while the shell is just about to start the runner reaches the shell only.
        while look(&folder, Some(&process)) == RunnerState::Running {
            process.signal_group(Signal::SIGTERM);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(look(&folder, Some(&process)), RunnerState::Ended(Some(143)));
    }

    #[tokio::test]
    async fn a_runner_killed_with_its_shell_has_no_exit_code() {
        let (_data, folder) = folder();
        let process = start(&folder, &command("sleep 30")).expect("started");
        process.signal_group(Signal::SIGKILL);
        assert_eq!(ended(&folder, Some(&process)).await, RunnerState::Ended(None));
        assert!(!process.is_alive());
    }

    #[tokio::test]
    async fn a_process_id_that_was_given_away_is_not_the_runner() {
        let (_data, folder) = folder();
        let own = Identity::own().expect("this process");
        let earlier = Identity { started: format!("{}/1", machine().expect("a machine")), ..own.clone() };
        assert!(own.is_alive() && !earlier.is_alive());
        assert_eq!(look(&folder, Some(&earlier)), RunnerState::Ended(None));
        let elsewhere = Identity { started: "other/pid:[1]/1".to_owned(), ..own };
        assert_eq!(look(&folder, Some(&elsewhere)), RunnerState::Unreachable);
    }
}
