//! Code capture: finds the source root a snapshot was made from and packs it into an archive.
//!
//! Which files are packed is [`selection`](super::selection)'s decision. Blocking; [`capture`] is the entrance for the
//! server and runs it beside the asynchronous work.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    archive::{self, ArchiveWriter, PackedArchive, StoredArchive},
    selection::{Candidate, LeftOut, Selection, globs},
    sources::{Mismatch, RecordedSources},
};

/// Code that was captured.
#[derive(Clone, Debug)]
pub struct Captured {
    pub archive: StoredArchive,
    pub left_out: Vec<LeftOut>,
}

/// What capture found.
#[derive(Clone, Debug)]
pub enum Capture {
    Captured(Captured),
    /// The steps come from installed packages.
    NotNeeded,
    /// No code, with the reason and the way out in plain words.
    Unavailable(String),
}

/// Captures the code of a new snapshot from the first source root that holds it.
pub async fn capture(sources: RecordedSources, roots: Vec<PathBuf>, include: Vec<String>, folder: PathBuf) -> Capture {
    let work = tokio::task::spawn_blocking(move || capture_blocking(&sources, &roots, &include, &folder));
    work.await.unwrap_or_else(|error| {
        tracing::error!(%error, "code capture ended unexpectedly");
        Capture::Unavailable(push_hint("The code could not be captured because of an internal error"))
    })
}

fn capture_blocking(sources: &RecordedSources, roots: &[PathBuf], include: &[String], folder: &Path) -> Capture {
    if !sources.needs_code() {
        return Capture::NotNeeded;
    }
    if let Some(label) = sources.in_notebook() {
        let reason = format!("The {label} is defined in a notebook, whose code is in no file: move it to a Python module");
        return Capture::Unavailable(push_hint(&reason));
    }
    let root = match find_root(sources, roots) {
        Ok(root) => root,
        Err(reason) => return Capture::Unavailable(push_hint(&reason)),
    };
    match pack(root, include, folder, sources) {
        Ok(captured) => Capture::Captured(captured),
        Err(reason) => Capture::Unavailable(push_hint(&reason)),
    }
}

/// How the code of a snapshot can be given afterwards: the end of every reason.
pub const PUSH_HINT: &str = " Push the code: darkroom code push SNAPSHOT --root DIR";

fn push_hint(reason: &str) -> String {
    format!("{reason}.{PUSH_HINT}")
}

/// The first root whose files hold the recorded code; else why none does, without a full stop.
fn find_root<'a>(sources: &RecordedSources, roots: &'a [PathBuf]) -> Result<&'a PathBuf, String> {
    let module = sources.first_module().unwrap_or_default();
    if roots.is_empty() {
        return Err(format!("This server has no source root to take the module `{module}` from (darkroom serve --source-root DIR)"));
    }
    let mut differing = None;
    for root in roots {
        match sources.check(|relative| fs::read_to_string(root.join(relative)).ok()) {
            Ok(()) => return Ok(root),
            Err(Mismatch::Differs { file, label }) => differing = differing.or(Some((root, file, label))),
            Err(Mismatch::NoModule(_)) => {}
        }
    }
    Err(match differing {
        Some((root, file, label)) => {
            format!(
                "`{}` in the source root {} is not the file this snapshot was made from: {label} differs",
                file.display(),
                root.display()
            )
        }
        None => format!("No source root of this server contains the module `{module}`"),
    })
}

/// Packs a folder and checks that the packed files are the recorded code. Errors are reasons without a full stop.
pub fn pack(root: &Path, include: &[String], folder: &Path, sources: &RecordedSources) -> Result<Captured, String> {
    let include = globs(include)?;
    let found = Selection::of(root, &include, folder.parent())?;
    let not_packed = |error: io::Error| format!("The files of {} could not be packed: {error}", root.display());
    let packed = write(&found.files, folder).map_err(not_packed)?;
    // The packed bytes are what counts: the files may be edited at this very moment.
    check_archive(packed.path(), sources).map_err(|mismatch| match mismatch {
        Mismatch::NoModule(module) => match found.left_out.iter().find(|left| names_module(left, &module)) {
            Some(left) => format!("The file of the module `{module}` was left out of the capture ({})", left.reason),
            None => format!("The folder {} does not contain the module `{module}`", root.display()),
        },
        Mismatch::Differs { file, label } => {
            format!("`{}` in {} is not the file this snapshot was made from: {label} differs", file.display(), root.display())
        }
    })?;
    Ok(Captured { archive: packed.store().map_err(not_packed)?, left_out: found.left_out })
}

fn names_module(left: &LeftOut, module: &str) -> bool {
    let file = module.replace('.', "/");
    left.path == format!("{file}.py") || (left.path.ends_with('/') && format!("{file}/").starts_with(&left.path))
}

/// Checks an archive against what a snapshot recorded. One that cannot be read holds no module.
pub fn check_archive(archive: &Path, sources: &RecordedSources) -> Result<(), Mismatch> {
    let wanted: HashSet<PathBuf> = sources.candidate_files().collect();
    let texts = archive::read_texts(archive, |path| wanted.contains(path)).unwrap_or_default();
    sources.check(|relative| texts.get(relative).cloned())
}

fn write(files: &[Candidate], folder: &Path) -> io::Result<PackedArchive> {
    let mut writer = ArchiveWriter::new(folder)?;
    for file in files {
        let content = fs::File::open(&file.absolute)?;
        let size = content.metadata()?.len();
        writer.add(&file.relative, file.executable, size, content)?;
    }
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::launch::selection::MAX_FILE_BYTES;

    const STEP: &str = "def a():\n    return 1\n";

    struct Project {
        folder: tempfile::TempDir,
    }

    impl Project {
        fn new() -> Self {
            let project = Self { folder: tempfile::tempdir().expect("a folder") };
            project.write("run.py", &format!("from zenml import step\n@step\n{STEP}"));
            project
        }

        fn root(&self) -> PathBuf {
            self.folder.path().join("root")
        }

        fn code(&self) -> PathBuf {
            self.folder.path().join("code")
        }

        fn write(&self, name: &str, content: &str) {
            let path = self.root().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            fs::write(path, content).expect("written");
        }

        fn capture(&self, include: &[&str]) -> Capture {
            use sha2::Digest as _;
            let hash = hex::encode(sha2::Sha256::digest(STEP));
            let step = format!(
                r#"{{"spec": {{"source": {{"module": "run", "attribute": "a", "type": "user"}}}}, "config": {{"caching_parameters": {{"step_source": "{hash}"}}}}}}"#
            );
            let sources = RecordedSources::read(None, [("a", step.as_str())], None);
            let include: Vec<String> = include.iter().map(|&glob| glob.to_owned()).collect();
            capture_blocking(&sources, &[self.folder.path().to_owned(), self.root()], &include, &self.code())
        }

        fn captured(&self, include: &[&str]) -> Captured {
            match self.capture(include) {
                Capture::Captured(captured) => captured,
                other => panic!("{other:?}"),
            }
        }

        fn unpacked(&self, captured: &Captured) -> PathBuf {
            let target = self.folder.path().join(&captured.archive.hash);
            archive::unpack(&self.code(), &captured.archive.hash, &target).expect("unpacked");
            target
        }
    }

    fn left(captured: &Captured) -> Vec<(&str, &str)> {
        captured.left_out.iter().map(|left| (left.path.as_str(), left.reason.as_str())).collect()
    }

    #[test]
    fn editing_files_later_does_not_change_the_archive() {
        let project = Project::new();
        project.write("helper.py", "VALUE = 1\n");
        let captured = project.captured(&[]);
        project.write("helper.py", "VALUE = 2\n");
        assert_eq!(fs::read_to_string(project.unpacked(&captured).join("helper.py")).expect("a file"), "VALUE = 1\n");
        assert_ne!(project.captured(&[]).archive.hash, captured.archive.hash);
    }

    #[test]
    fn gitignored_secret_and_large_files_are_left_out_and_named() {
        let project = Project::new();
        project.write(".gitignore", "data/\n*.log\n");
        project.write("data/big.csv", "1");
        project.write("x.log", "1");
        project.write("sub/.gitignore", "private.txt\n");
        project.write("sub/private.txt", "1");
        project.write("sub/public.txt", "1");
        project.write(".env", "SECRET=1");
        project.write("venv/pyvenv.cfg", "");
        project.write("__pycache__/run.pyc", "");
        project.write("large.bin", &"x".repeat(MAX_FILE_BYTES as usize + 1));
        let captured = project.captured(&[]);
        let expected = [
            (".env", "may hold secrets"),
            ("data/", "named by .gitignore"),
            ("large.bin", "larger than 16 MiB"),
            ("sub/private.txt", "named by .gitignore"),
            ("venv/", "a Python environment"),
            ("x.log", "named by .gitignore"),
        ];
        assert_eq!(left(&captured), expected);
        let target = project.unpacked(&captured);
        assert!(target.join("sub/public.txt").is_file() && target.join(".gitignore").is_file());
        assert!(!target.join("data").exists() && !target.join(".env").exists());
    }

    #[test]
    fn the_data_directory_is_never_captured() {
        let project = Project::new();
        project.write("data/token-signing.key", "secret");
        let (sources, code) = (RecordedSources::default(), project.root().join("data/code"));
        let captured = pack(&project.root(), &["*.key".to_owned()], &code, &sources).expect("captured");
        assert_eq!(left(&captured), [("data/", "the server's data directory")]);
        assert_eq!(captured.archive.file_count, 1);
    }

    #[test]
    fn include_globs_win_over_gitignore() {
        let project = Project::new();
        project.write(".gitignore", "data/\n");
        project.write("data/small.csv", "1");
        project.write("data/other.txt", "1");
        let target = project.unpacked(&project.captured(&["*.csv"]));
        assert!(target.join("data/small.csv").is_file() && !target.join("data/other.txt").exists());
        let target = project.unpacked(&project.captured(&["data/*.txt"]));
        assert!(target.join("data/other.txt").is_file() && !target.join("data/small.csv").exists());
        assert!(matches!(project.capture(&["[z"]), Capture::Unavailable(reason) if reason.contains("--include [z")));
    }

    #[test]
    fn links_are_followed_inside_the_root_only() {
        use std::os::unix::fs::symlink;
        let project = Project::new();
        project.write("lib/inner.py", "1");
        project.write("../outside.txt", "1");
        symlink("lib", project.root().join("package")).expect("a link");
        symlink("../../outside.txt", project.root().join("lib/out.txt")).expect("a link");
        symlink("..", project.root().join("lib/up")).expect("a link");
        symlink("nowhere", project.root().join("broken")).expect("a link");
        let captured = project.captured(&[]);
        let reasons = left(&captured);
        assert!(reasons.contains(&("lib/out.txt", "a link that leads out of the source root")), "{reasons:?}");
        assert!(reasons.contains(&("lib/up", "a link to a folder that contains it")), "{reasons:?}");
        assert!(reasons.iter().any(|(path, _)| *path == "broken"), "{reasons:?}");
        let target = project.unpacked(&captured);
        assert!(target.join("package/inner.py").is_file() && !target.join("lib/out.txt").exists());
    }

    #[test]
    fn without_the_recorded_code_the_reason_says_what_to_do() {
        let project = Project::new();
        project.write("run.py", "def a():\n    return 2\n");
        let Capture::Unavailable(reason) = project.capture(&[]) else { panic!("captured other code") };
        assert!(reason.contains("`run.py` in the source root") && reason.contains("step `a` differs"), "{reason}");
        assert!(reason.ends_with("darkroom code push SNAPSHOT --root DIR"), "{reason}");
        fs::remove_file(project.root().join("run.py")).expect("removed");
        let Capture::Unavailable(reason) = project.capture(&[]) else { panic!("captured without a module") };
        assert!(reason.starts_with("No source root of this server contains the module `run`."), "{reason}");
    }

    #[test]
    fn a_module_that_is_ignored_is_named_as_the_cause() {
        let project = Project::new();
        project.write(".gitignore", "run.py\n");
        let Capture::Unavailable(reason) = project.capture(&[]) else { panic!("captured an ignored module") };
        assert!(reason.contains("module `run` was left out of the capture (named by .gitignore)"), "{reason}");
    }
}
