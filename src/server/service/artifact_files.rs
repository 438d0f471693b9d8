//! Files of local artifact stores: logs, visualizations, artifact data.
//!
//! URIs come from clients, so a path is read only where it lies below the root of its own store, links followed.

use std::{
    io::{self, ErrorKind},
    path::{Component, Path, PathBuf},
};

use serde::Deserialize;

use crate::server::{
    config::Config,
    db::{Connection, stack_components::StackComponentRow},
    error::{AppError, Result},
    id::Id,
};

/// The root folder of a local artifact store, as the file system names it after following links.
#[derive(Clone, Debug)]
pub struct LocalStore {
    root: PathBuf,
    /// The root as clients write it, which is how their URIs begin.
    written_root: PathBuf,
}

#[derive(Deserialize)]
struct Configuration {
    path: Option<PathBuf>,
}

impl LocalStore {
    /// The store with this id; 501 where it is not a local one, for this server reads local files only.
    pub async fn open(connection: &mut Connection, config: &Config, store: Option<Id>) -> Result<Self> {
        let gone = || AppError::NotFound("The artifact store of this object no longer exists, so its files cannot be found.".to_owned());
        let component = connection.get::<StackComponentRow>(store.ok_or_else(gone)?).await?.ok_or_else(gone)?;
        Self::of(config, &component)
    }

    fn of(config: &Config, component: &StackComponentRow) -> Result<Self> {
        if component.component_type != "artifact_store" || component.flavor != "local" {
            return Err(AppError::NotImplemented(format!(
                "This server reads files of local artifact stores only, and `{}` is of the flavor `{}`. Read them with the client.",
                component.name, component.flavor
            )));
        }
        let stores = config.local_stores();
        let written_root = match serde_json::from_str::<Configuration>(&component.configuration)?.path {
            Some(path) => path,
            None => stores.join(component.id.to_string()),
        };
        let missing = |_| AppError::NoSuchPart(format!("The folder of the artifact store `{}` is not on this machine.", component.name));
        let root = written_root.canonicalize().map_err(missing)?;
        let store = Self { root, written_root };
        store.permit(config, component)?;
        Ok(store)
    }

    /// Whoever may register a store may choose its folder. Any folder is fair where users' code runs as the server's user
    /// anyway; elsewhere only ZenML's own folder is. The data directory, with the server's keys, never is.
    fn permit(&self, config: &Config, component: &StackComponentRow) -> Result<()> {
        let in_stores = config.local_stores().canonicalize().is_ok_and(|stores| self.root.starts_with(stores));
        let data = config.data_dir.canonicalize().unwrap_or_else(|_| config.data_dir.clone());
        let touches_data = self.root.starts_with(&data) || data.starts_with(&self.root);
        if in_stores || (config.process_launcher_allowed() && !touches_data) {
            return Ok(());
        }
        Err(AppError::Forbidden(format!(
            "This server does not read the folder of the artifact store `{}`: it is not below the folder of local stores.",
            component.name
        )))
    }

    /// The file or folder of a URI. 404 where there is none, 403 where it is not below the store's root.
    pub fn resolve(&self, uri: &str) -> Result<PathBuf> {
        let path = Path::new(uri);
        let written_below = |root: &Path| path.starts_with(root) && !path.components().any(|part| part == Component::ParentDir);
        if !written_below(&self.written_root) && !written_below(&self.root) {
            return Err(outside(uri));
        }
        let resolved = path.canonicalize().map_err(|error| unreadable(uri, &error))?;
        if resolved.starts_with(&self.root) { Ok(resolved) } else { Err(outside(uri)) }
    }

    /// The root, links followed.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The root as clients write it: URIs begin with it.
    pub fn written_root(&self) -> &Path {
        &self.written_root
    }

    /// Whether a path that [`LocalStore::resolve`] gave is the root itself.
    pub fn is_root(&self, resolved: &Path) -> bool {
        resolved == self.root
    }
}

fn outside(uri: &str) -> AppError {
    AppError::Forbidden(format!("`{uri}` is not below the folder of its artifact store, so this server does not read it."))
}

/// The error for a file that could not be read: missing, not permitted, or broken storage.
pub fn unreadable(uri: &str, error: &io::Error) -> AppError {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => AppError::NoSuchPart(format!("File '{uri}' does not exist.")),
        ErrorKind::PermissionDenied => AppError::Forbidden(format!("The server may not read '{uri}'.")),
        _ => AppError::Internal(anyhow::Error::msg(error.to_string()).context(format!("reading {uri}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(root: &Path) -> LocalStore {
        LocalStore { root: root.canonicalize().expect("the root exists"), written_root: root.to_owned() }
    }

    #[test]
    fn files_below_the_root_are_found() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("logs")).expect("a folder in it");
        let file = folder.path().join("logs/a.log");
        std::fs::write(&file, "x").expect("a file in it");
        assert!(store(folder.path()).resolve(file.to_str().expect("text")).is_ok());
        let missing = store(folder.path()).resolve(folder.path().join("b").to_str().expect("text"));
        assert!(matches!(missing, Err(AppError::NoSuchPart(_))), "{missing:?}");
    }

    #[test]
    fn neither_parents_nor_links_lead_out() {
        let outside = tempfile::tempdir().expect("a folder");
        std::fs::write(outside.path().join("secret"), "x").expect("a file in it");
        let folder = tempfile::tempdir().expect("another folder");
        std::os::unix::fs::symlink(outside.path(), folder.path().join("link")).expect("a link");
        let store = store(folder.path());
        let tries = [
            outside.path().join("secret"),
            folder.path().join("link/secret"),
            folder.path().join("../").join(outside.path().file_name().expect("a name")).join("secret"),
            PathBuf::from("/nowhere/at/all"),
        ];
        for path in tries {
            let found = store.resolve(path.to_str().expect("text"));
            assert!(matches!(found, Err(AppError::Forbidden(_))), "{path:?} gave {found:?}");
        }
    }
}
