//! Which files of a source root are its code: honours .gitignore, leaves out what is large, secret or made by tools, and
//! says what it left out and why. Blocking.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use ignore::{IncrementalIgnore, WalkBuilder};
use serde::{Deserialize, Serialize};

use super::archive::{MAX_FILES, MAX_TOTAL_BYTES};

/// Bytes a single file may have unless a glob names it.
pub const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;
/// Files looked at before a folder is taken for something else than a project.
const MAX_SEEN: usize = 5 * MAX_FILES;
/// Folders inside folders that are followed.
const MAX_DEPTH: usize = 64;
/// Entries of the list of what was left out.
const MAX_LEFT_OUT: usize = 200;
/// Made by tools, never code: left out without a word.
const TOOL_FOLDERS: &[&str] = &[
    ".git",
    ".hg",
    ".svn",
    ".zen",
    "__pycache__",
    "node_modules",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".ipynb_checkpoints",
    ".tox",
];

/// A file or folder that capture left out, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Relative to the source root; folders end with `/`.
    pub path: String,
    pub reason: String,
}

/// Globs as .gitignore reads them: one without a slash matches the name in any folder.
pub fn globs(patterns: &[String]) -> Result<GlobSet, String> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let full = if pattern.contains('/') { pattern.trim_start_matches('/').to_owned() } else { format!("**/{pattern}") };
        let glob = GlobBuilder::new(&full).literal_separator(true).build();
        set.add(glob.map_err(|error| format!("`--include {pattern}` is no glob: {}", error.kind()))?);
    }
    set.build().map_err(|error| format!("The `--include` globs cannot be used together: {}", error.kind()))
}

/// A file that will be packed.
#[derive(Debug)]
pub struct Candidate {
    pub relative: PathBuf,
    pub absolute: PathBuf,
    size: u64,
    pub executable: bool,
    /// Named by a glob: size limits do not drop it.
    included: bool,
}

/// What of a folder is packed and what is left out; both sorted by path.
#[derive(Debug)]
pub struct Selection<'a> {
    root: PathBuf,
    include: &'a GlobSet,
    /// Never entered, whatever the globs say.
    forbidden: Option<PathBuf>,
    ignored: Option<IncrementalIgnore>,
    pub files: Vec<Candidate>,
    pub left_out: Vec<LeftOut>,
}

impl<'a> Selection<'a> {
    /// Looks through a folder, but not into `forbidden`: the data directory, whose keys are nobody's code. An error is a
    /// reason without a full stop.
    pub fn of(root: &Path, include: &'a GlobSet, forbidden: Option<&Path>) -> Result<Self, String> {
        let root = root.canonicalize().map_err(|error| format!("The source root {} cannot be read: {error}", root.display()))?;
        if !root.is_dir() {
            return Err(format!("The source root {} is not a folder", root.display()));
        }
        let ignored = WalkBuilder::new(&root).hidden(false).ignore(false).require_git(false).build_matchers().pop();
        let forbidden = forbidden.and_then(|folder| folder.canonicalize().ok());
        let mut selection = Self { root: root.clone(), include, forbidden, ignored, files: Vec::new(), left_out: Vec::new() };
        selection.visit(&root, Path::new(""), false, 0);
        if selection.files.len() > MAX_SEEN {
            return Err(format!("The source root {} has more than {MAX_SEEN} files; name the folder of one project", root.display()));
        }
        selection.fit_total();
        selection.files.sort_by(|a, b| a.relative.cmp(&b.relative));
        selection.left_out.sort_by(|a, b| a.path.cmp(&b.path));
        if selection.left_out.len() > MAX_LEFT_OUT {
            let more = selection.left_out.len() - MAX_LEFT_OUT;
            selection.left_out.truncate(MAX_LEFT_OUT);
            selection.left_out.push(LeftOut { path: "…".to_owned(), reason: format!("and {more} more") });
        }
        Ok(selection)
    }

    fn leave_out(&mut self, relative: &Path, folder: bool, reason: impl Into<String>) {
        let path = format!("{}{}", relative.display(), if folder { "/" } else { "" });
        self.left_out.push(LeftOut { path, reason: reason.into() });
    }

    /// Looks at every entry of a folder. In an ignored folder only files that a glob names count.
    fn visit(&mut self, folder: &Path, relative: &Path, ignored: bool, depth: usize) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.leave_out(relative, true, format!("cannot be read: {error}")),
        };
        let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
        names.sort();
        for name in names {
            if self.files.len() > MAX_SEEN {
                return;
            }
            let (absolute, relative) = (folder.join(&name), relative.join(&name));
            match self.inside(&absolute) {
                Ok(target) if target.is_dir() => self.visit_folder(&absolute, &relative, ignored, depth),
                Ok(target) if target.is_file() => self.visit_file(absolute, relative, &target, ignored),
                Ok(_) if ignored => {}
                Ok(_) => self.leave_out(&relative, false, "neither a file nor a folder"),
                Err(_) if ignored => {}
                Err(reason) => self.leave_out(&relative, false, reason),
            }
        }
    }

    /// The metadata of a file or folder, through links as long as they stay inside the root and lead to no folder above.
    fn inside(&self, path: &Path) -> Result<fs::Metadata, String> {
        let own = path.symlink_metadata().map_err(|error| format!("cannot be read: {error}"))?;
        if !own.is_symlink() {
            return Ok(own);
        }
        let target = path.canonicalize().map_err(|error| format!("a link that leads nowhere: {error}"))?;
        if !target.starts_with(&self.root) {
            return Err("a link that leads out of the source root".to_owned());
        }
        let parent = path.parent().and_then(|parent| parent.canonicalize().ok());
        if parent.is_none_or(|parent| parent.starts_with(&target)) {
            return Err("a link to a folder that contains it".to_owned());
        }
        target.metadata().map_err(|error| format!("cannot be read: {error}"))
    }

    fn is_ignored(&mut self, relative: &Path, folder: bool) -> bool {
        self.ignored.as_mut().is_some_and(|matcher| matcher.matched(relative, folder).is_ignore())
    }

    fn visit_folder(&mut self, absolute: &Path, relative: &Path, ignored: bool, depth: usize) {
        let name = relative.file_name().unwrap_or_default().to_string_lossy();
        if TOOL_FOLDERS.contains(&name.as_ref()) {
            return;
        }
        if self.forbidden.is_some() && absolute.canonicalize().ok() == self.forbidden {
            return self.leave_out(relative, true, "the server's data directory");
        }
        let reason = if absolute.join("pyvenv.cfg").is_file() {
            Some("a Python environment")
        } else if depth >= MAX_DEPTH {
            Some("too many folders inside each other")
        } else {
            None
        };
        if let Some(reason) = reason {
            if !ignored {
                self.leave_out(relative, true, reason);
            }
            return;
        }
        let ignored_here = !ignored && self.is_ignored(relative, true);
        if ignored_here {
            self.leave_out(relative, true, "named by .gitignore");
        }
        if !(ignored || ignored_here) || !self.include.is_empty() {
            self.visit(absolute, relative, ignored || ignored_here, depth + 1);
        }
    }

    fn visit_file(&mut self, absolute: PathBuf, relative: PathBuf, metadata: &fs::Metadata, ignored: bool) {
        let included = self.include.is_match(&relative);
        if !included {
            if ignored || relative.extension().is_some_and(|extension| extension == "pyc") {
                return;
            }
            let name = relative.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if self.is_ignored(&relative, false) {
                return self.leave_out(&relative, false, "named by .gitignore");
            }
            if name == ".env" || name.starts_with(".env.") {
                return self.leave_out(&relative, false, "may hold secrets");
            }
            if metadata.len() > MAX_FILE_BYTES {
                return self.leave_out(&relative, false, format!("larger than {} MiB", MAX_FILE_BYTES / 1024 / 1024));
            }
        }
        if let Err(error) = fs::File::open(&absolute) {
            return self.leave_out(&relative, false, format!("cannot be read: {error}"));
        }
        let executable = metadata.permissions().mode() & 0o100 != 0;
        self.files.push(Candidate { relative, absolute, size: metadata.len(), executable, included });
    }

    /// Drops files, the largest first, until the archive's limits hold; Python files and those named by a glob go last.
    fn fit_total(&mut self) {
        let mut total: u64 = self.files.iter().map(|file| file.size).sum();
        let keep = |file: &Candidate| (file.included, file.relative.extension().is_some_and(|extension| extension == "py"));
        self.files.sort_by(|a, b| keep(b).cmp(&keep(a)).then(a.size.cmp(&b.size)).then(a.relative.cmp(&b.relative)));
        while total > MAX_TOTAL_BYTES || self.files.len() > MAX_FILES {
            let Some(file) = self.files.pop() else { break };
            total -= file.size;
            let reason = format!("the code is larger than {} MiB or {MAX_FILES} files in all", MAX_TOTAL_BYTES / 1024 / 1024);
            self.leave_out(&file.relative, false, reason);
        }
    }
}
