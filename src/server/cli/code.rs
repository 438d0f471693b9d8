//! `darkroom code push`: gives a snapshot its code, from the machine that has it.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use serde::{Deserialize, de::DeserializeOwned};

use crate::server::{
    api::code_archives::PushedCode,
    id::Id,
    launch::{
        archive,
        capture::{self, Captured},
        sources::RecordedSources,
    },
};

/// What `darkroom code push` can be told.
#[derive(clap::Args)]
pub struct Push {
    /// Id or name of the snapshot.
    snapshot: String,
    /// The folder that the pipeline's modules are imported from.
    #[arg(long, default_value = ".")]
    root: PathBuf,
    /// Files (globs) to push although .gitignore or a size limit leaves them out; may be given several times.
    #[arg(long)]
    include: Vec<String>,
    /// URL of the server.
    #[arg(long, visible_alias = "server", env = "DARKROOM_URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// Project of a snapshot that is given by name.
    #[arg(long, env = "DARKROOM_PROJECT", default_value = "default")]
    project: String,
    /// API key or access token. Better in the variable: other users of the machine can see arguments.
    #[arg(long, env = "DARKROOM_API_KEY", hide_env_values = true)]
    api_key: String,
}

#[derive(Deserialize)]
struct Listed {
    items: Vec<Snapshot>,
}

#[derive(Deserialize)]
struct Snapshot {
    id: Id,
    name: Option<String>,
}

impl Push {
    /// Packs the folder and uploads it; prints what was left out. Blocking.
    pub fn run(self) -> anyhow::Result<()> {
        let server = Server { url: format!("{}/api/v1", self.url.trim_end_matches('/')), key: self.api_key };
        let id = server.find(&self.snapshot, &self.project)?;
        let folder = std::env::temp_dir().join(format!("darkroom-push-{}", Id::new().hex()));
        let pushed = pack(&self.root, &self.include, &folder).and_then(|captured| {
            for left in &captured.left_out {
                eprintln!("left out: {} ({})", left.path, left.reason);
            }
            let file = std::fs::File::open(archive::path(&folder, &captured.archive.hash))?;
            server.push(id, file)
        });
        let removed = std::fs::remove_dir_all(&folder);
        let pushed = pushed?;
        removed.with_context(|| format!("cannot remove {}", folder.display()))?;
        println!("Pushed {} files ({} bytes packed) as the code of snapshot {id}.", pushed.file_count, pushed.size_bytes);
        match pushed.note {
            None => println!("The snapshot can be run."),
            Some(note) => println!("The snapshot cannot be run yet. {note}"),
        }
        Ok(())
    }
}

fn pack(root: &std::path::Path, include: &[String], folder: &std::path::Path) -> anyhow::Result<Captured> {
    // The server knows what the snapshot recorded, and checks it.
    capture::pack(root, include, folder, &RecordedSources::default()).map_err(anyhow::Error::msg)
}

struct Server {
    url: String,
    key: String,
}

impl Server {
    fn find(&self, snapshot: &str, project: &str) -> anyhow::Result<Id> {
        if let Ok(id) = snapshot.parse() {
            return Ok(id);
        }
        let request = ureq::get(format!("{}/pipeline_snapshots", self.url))
            .query("name", format!("equals:{snapshot}"))
            .query("project", project)
            .header("Authorization", format!("Bearer {}", self.key));
        let found: Listed = self.answer(request.config().http_status_as_error(false).build().call())?;
        match found.items.as_slice() {
            [one] => Ok(one.id),
            [] => bail!("the server has no snapshot named `{snapshot}` in the project `{project}`"),
            several => {
                let ids: Vec<String> =
                    several.iter().map(|snapshot| format!("{} {}", snapshot.id, snapshot.name.as_deref().unwrap_or(""))).collect();
                bail!("several pipelines have a snapshot named `{snapshot}`; give its id:\n{}", ids.join("\n"))
            }
        }
    }

    fn push(&self, snapshot: Id, archive: std::fs::File) -> anyhow::Result<PushedCode> {
        let request = ureq::put(format!("{}/pipeline_snapshots/{snapshot}/code", self.url))
            .header("Authorization", format!("Bearer {}", self.key))
            .content_type("application/zstd");
        self.answer(request.config().http_status_as_error(false).build().send(archive))
    }

    /// The JSON of a good answer; the server's own words of another.
    fn answer<T: DeserializeOwned>(&self, answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> anyhow::Result<T> {
        let mut answer = answer.with_context(|| format!("{} cannot be reached", self.url))?;
        let text = answer.body_mut().read_to_string().context("the server's answer cannot be read")?;
        if answer.status().is_success() {
            return serde_json::from_str(&text).context("the server's answer is not understood; is it a Darkroom server?");
        }
        let detail = serde_json::from_str::<serde_json::Value>(&text).ok().and_then(|body| {
            let detail = body.get("detail")?;
            Some(detail.get(1).unwrap_or(detail).as_str()?.to_owned())
        });
        bail!("the server refused ({}): {}", answer.status(), detail.unwrap_or(text))
    }
}
