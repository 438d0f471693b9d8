//! The sample of `serve --demo`: a project that is part of the program, unpacked beside the database, run once through the
//! real SDK, and a snapshot of that run.
//!
//! Everything happens behind a server that already answers: making the Python environment takes its time and may fail
//! (no Python, no package index), which is told in the log and changes nothing else. What was not completed is tried again
//! at the next start.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use rust_embed::RustEmbed;

use super::{
    auth::tokens::Claims,
    db::{pipelines, users},
    error::AppError,
    launch::{
        Launching, ZENML_VERSION,
        environment::EnvironmentSpec,
        logs,
        requirements::{ClientEnvironment, Recorded, Requirements},
    },
    state::AppState,
    time::Timestamp,
};

/// Name of the sample's snapshot.
pub const SNAPSHOT: &str = "print-quality";
const DESCRIPTION: &str = "Will a print come out well? Try model_type quadratic.";
/// Folder below the data directory.
const FOLDER: &str = "demo-project";
/// File beside it as long as the sample has not been run to its end.
const UNFINISHED: &str = "demo-project.unfinished";
/// Runs the pipeline and names the snapshot; its arguments are name and description.
const SEED: &str = include_str!("seed.py");
/// Longest time the one run may take.
const RUN_TIMEOUT: Duration = Duration::from_secs(10 * 60);
/// Seconds for which the sample's client may act as the admin.
const TOKEN_SECONDS: f64 = 3600.0;

/// The files of the sample project.
#[derive(RustEmbed)]
#[folder = "src/server/demo/project"]
struct Project;

/// Why there is no sample, for people.
#[derive(Debug, thiserror::Error)]
enum NoSample {
    #[error("{0}")]
    Reason(String),
    #[error("the sample project cannot be written to {folder}: {error}")]
    Write { folder: PathBuf, error: io::Error },
    #[error(transparent)]
    Internal(#[from] AppError),
}

/// Makes the sample in the background, if this server is to have one and does not yet. Call it once the server listens.
pub fn start(state: &AppState) {
    let state = state.clone();
    tokio::spawn(async move {
        let begun = Instant::now();
        match make(&state).await {
            Ok(true) => tracing::info!(
                snapshot = SNAPSHOT,
                seconds = begun.elapsed().as_secs(),
                "demo: the sample pipeline has run and its snapshot is ready"
            ),
            Ok(false) => {}
            Err(error) => tracing::warn!("demo: no sample pipeline: {error}. The server works without; the next start tries again."),
        }
    });
}

/// Whether the sample was made now; false if it is there already or the database was in use before.
async fn make(state: &AppState) -> Result<bool, NoSample> {
    let folder = state.launching.data_dir.join(FOLDER);
    let marker = state.launching.data_dir.join(UNFINISHED);
    let begun = folder.exists();
    if begun {
        state.extra_source_roots.add(folder.clone());
    }
    let unfinished = begun && marker.exists();
    if !unfinished && (begun || pipelines::any(&mut state.db.read().await.map_err(AppError::from)?).await.map_err(AppError::from)?) {
        return Ok(false);
    }
    fs::write(&marker, "").and_then(|()| unpack(&folder)).map_err(|error| NoSample::Write { folder: folder.clone(), error })?;
    if !begun {
        state.extra_source_roots.add(folder.clone());
    }
    let log = state.data_path("demo.log");
    let python = python(state, &state.launching, &folder, &log).await?;
    tracing::info!("demo: running the sample pipeline");
    run(state, &python, &folder, &log).await?;
    fs::remove_file(&marker).map_err(|error| NoSample::Write { folder, error })?;
    Ok(true)
}

/// Writes the project's files; those that are there already may have been edited and are left alone.
fn unpack(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for name in Project::iter().filter(|name| !name.contains("__pycache__")) {
        let path = folder.join(&*name);
        if let (false, Some(file)) = (path.exists(), Project::get(&name)) {
            fs::create_dir_all(path.parent().unwrap_or(folder))?;
            fs::write(path, file.data)?;
        }
    }
    Ok(())
}

/// The interpreter that launched runs of the sample will use too, so that its packages are installed only once.
async fn python(state: &AppState, launching: &Launching, folder: &Path, log: &Path) -> Result<PathBuf, NoSample> {
    if let Some(python) = &state.config.runner_python {
        return std::path::absolute(python).map_err(|error| NoSample::Reason(format!("--runner-python: {error}")));
    }
    tracing::info!(log = %log.display(), "demo: preparing a Python environment, half a minute or so on the first start");
    let read = |name: &str| Some((PathBuf::from(name), fs::read_to_string(folder.join(name)).ok()?));
    let files: HashMap<PathBuf, String> = read("requirements.txt").into_iter().collect();
    let client = ClientEnvironment::default();
    let requirements = Requirements::read(&Recorded { pipeline_configuration: "{}", build_images: None, client: &client, files });
    let spec = EnvironmentSpec::new(ZENML_VERSION.to_owned(), None, requirements);
    launching.environments.python(&spec, log).await.map_err(NoSample::Reason)
}

/// Runs the pipeline as a user's client would, in the name of the first admin.
async fn run(state: &AppState, python: &Path, folder: &Path, log: &Path) -> Result<(), NoSample> {
    let offset = fs::metadata(log).map_or(0, |metadata| metadata.len());
    let open = || fs::OpenOptions::new().create(true).append(true).open(log);
    let (output, errors) =
        open().and_then(|file| Ok((file.try_clone()?, file))).map_err(|error| NoSample::Write { folder: log.to_owned(), error })?;
    let mut command = tokio::process::Command::new(python);
    command
        .args(["-c", SEED, SNAPSHOT, DESCRIPTION])
        .current_dir(folder)
        .env_clear()
        .envs(environment(state, folder).await?)
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        .kill_on_drop(true);
    let ended = tokio::time::timeout(RUN_TIMEOUT, command.status()).await;
    match ended {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(_)) => {
            Err(NoSample::Reason(format!("its run failed: {} (see {})", logs::last_words(&logs::text_from(log, offset)), log.display())))
        }
        Ok(Err(error)) => Err(NoSample::Reason(format!("{} cannot be started: {error}", python.display()))),
        Err(_) => Err(NoSample::Reason(format!("its run took longer than {} minutes (see {})", RUN_TIMEOUT.as_secs() / 60, log.display()))),
    }
}

/// A client of this server with its own configuration, whose local artifact store is that of the user's own runs.
async fn environment(state: &AppState, folder: &Path) -> Result<Vec<(&'static str, String)>, NoSample> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let local_stores = std::path::absolute(state.config.local_stores()).unwrap_or_else(|_| state.config.local_stores());
    let inherited = ["PATH", "HOME", "LANG", "TMPDIR"].into_iter().filter_map(|name| Some((name, std::env::var(name).ok()?)));
    let own = [
        ("PYTHONUNBUFFERED", "1".to_owned()),
        ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
        ("NO_PROXY", "127.0.0.1,localhost".to_owned()),
        ("ZENML_STORE_URL", state.config.public_url()),
        ("ZENML_STORE_API_TOKEN", token(state).await?),
        ("ZENML_CONFIG_PATH", text(&state.launching.data_dir.join("demo-client"))),
        ("ZENML_LOCAL_STORES_PATH", text(&local_stores)),
        ("ZENML_CUSTOM_SOURCE_ROOT", text(folder)),
        ("ZENML_ANALYTICS_OPT_IN", "false".to_owned()),
        ("AUTO_OPEN_DASHBOARD", "false".to_owned()),
        ("ZENML_LOGGING_COLORS_DISABLED", "true".to_owned()),
        ("ZENML_ENABLE_RICH_TRACEBACK", "false".to_owned()),
    ];
    Ok(inherited.chain(own).collect())
}

/// A token of the first admin that ends soon.
async fn token(state: &AppState) -> Result<String, NoSample> {
    let admins = users::lock_active_admins(&mut state.db.begin().await.map_err(AppError::from)?).await.map_err(AppError::from)?;
    let admin = admins.first().ok_or_else(|| NoSample::Reason("there is no active admin".to_owned()))?;
    let mut claims = Claims::new(&state.server, *admin);
    claims.exp = Some(Timestamp::now().unix_seconds() + TOKEN_SECONDS);
    Ok(claims.sign(&state.keys)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_holds_the_project() {
        let names: Vec<String> = Project::iter().map(|name| name.into_owned()).filter(|name| !name.contains("__pycache__")).collect();
        for wanted in ["README.md", "prints.csv", "requirements.txt", "run.py", "training.py"] {
            assert!(names.iter().any(|name| name == wanted), "{wanted} is missing in {names:?}");
        }
    }

    #[test]
    fn unpacking_leaves_edited_files_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let project = folder.path().join(FOLDER);
        unpack(&project).expect("the first time");
        assert!(project.join("training.py").exists());
        fs::write(project.join("training.py"), "edited").expect("an edit");
        fs::remove_file(project.join("run.py")).expect("a loss");
        unpack(&project).expect("the second time");
        assert_eq!(fs::read_to_string(project.join("training.py")).expect("the file"), "edited");
        assert!(project.join("run.py").exists());
    }

    #[test]
    fn the_samples_environment_needs_only_what_its_requirements_say() {
        let file = Project::get("requirements.txt").expect("the file");
        assert_eq!(String::from_utf8_lossy(&file.data).trim(), format!("zenml=={ZENML_VERSION}"));
    }
}
