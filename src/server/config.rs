//! Configuration: one documented struct, read once from flags and `DARKROOM_*` variables.

use std::{fmt, net::SocketAddr, path::PathBuf};

/// Everything `darkroom serve` can be told.
#[derive(Clone, clap::Args)]
pub struct Config {
    /// Address and port to listen on.
    #[arg(long, env = "DARKROOM_ADDR", default_value = "127.0.0.1:8080")]
    pub addr: SocketAddr,
    /// Folder for the database, keys, code archives, environments and run logs.
    #[arg(long, env = "DARKROOM_DATA_DIR", default_value = "./data")]
    pub data_dir: PathBuf,
    /// `postgres://…` or `sqlite:PATH`; without it, `darkroom.db` in the data directory.
    #[arg(long, env = "DARKROOM_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// File with the key that encrypts secrets (64 hexadecimal digits); default: made as `secrets.key` in the data directory.
    #[arg(long, env = "DARKROOM_SECRETS_KEY_FILE")]
    pub secrets_key_file: Option<PathBuf>,
    /// URL under which users, runners and containers reach this server; default: made from the address.
    #[arg(long, env = "DARKROOM_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Folder with pipeline sources that may be captured into snapshots of local stacks; may be given several times.
    #[arg(long = "source-root", env = "DARKROOM_SOURCE_ROOT", value_delimiter = ':')]
    pub source_roots: Vec<PathBuf>,
    /// Extra files (globs) to capture although .gitignore or a size limit leaves them out.
    #[arg(long = "include", env = "DARKROOM_INCLUDE", value_delimiter = ',')]
    pub include: Vec<String>,
    /// ZenML's folder of local artifact stores; default: `~/.config/zenml/local_stores`.
    #[arg(long, env = "DARKROOM_LOCAL_STORES")]
    pub local_stores: Option<PathBuf>,
    /// How many launched runs may run at the same time.
    #[arg(long, env = "DARKROOM_MAX_CONCURRENT_RUNS", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub max_concurrent_runs: u32,
    /// How many launches may wait; above it the server answers 429.
    #[arg(long, env = "DARKROOM_MAX_QUEUED_RUNS", default_value_t = 1000)]
    pub max_queued_runs: u32,
    /// Python interpreter with zenml and the pipeline's packages, used for every launch instead of a made environment.
    #[arg(long, env = "DARKROOM_RUNNER_PYTHON")]
    pub runner_python: Option<PathBuf>,
    /// Environment variables of the server that launched runs see too (names, for example AWS_PROFILE); others are not passed on.
    #[arg(long = "runner-env", env = "DARKROOM_RUNNER_ENV", value_delimiter = ',')]
    pub runner_env: Vec<String>,
    /// Allow launching processes as the server's own user although the server listens beyond this machine.
    #[arg(long, env = "DARKROOM_ALLOW_PROCESS_LAUNCHER")]
    pub allow_process_launcher: bool,
    /// Hours a browser session lasts.
    #[arg(long, env = "DARKROOM_SESSION_HOURS", default_value_t = 24 * 14)]
    pub session_hours: u32,
    /// Also let clients of the REST interface wait after five wrong passwords, as the login page does.
    #[arg(long, env = "DARKROOM_LOGIN_RATE_LIMIT")]
    pub login_rate_limit: bool,
    /// Largest request body in MiB.
    #[arg(long, env = "DARKROOM_MAX_BODY_MIB", default_value_t = 64)]
    pub max_body_mib: usize,
    /// Name shown on pages and to clients.
    #[arg(long, env = "DARKROOM_SERVER_NAME", default_value = "Darkroom")]
    pub server_name: String,
    /// Password of the first admin (`admin`), used once on an empty database.
    #[arg(long, env = "DARKROOM_ADMIN_PASSWORD", hide_env_values = true)]
    pub admin_password: Option<String>,
    /// Fill an empty database with a sample project, one run of it and a snapshot.
    #[arg(long, env = "DARKROOM_DEMO")]
    pub demo: bool,
    /// Log as JSON lines instead of text.
    #[arg(long, env = "DARKROOM_LOG_JSON")]
    pub log_json: bool,
    /// What to log, as a tracing filter.
    #[arg(long, env = "DARKROOM_LOG", default_value = "info,sqlx=warn,tower_http=warn")]
    pub log: String,
}

impl Config {
    /// The database URL in force.
    pub fn database_url(&self) -> String {
        self.database_url.clone().unwrap_or_else(|| format!("sqlite:{}", self.data_dir.join("darkroom.db").display()))
    }

    /// The URL runners and browsers use, without a trailing slash.
    pub fn public_url(&self) -> String {
        let made = || {
            let ip = if self.addr.ip().is_unspecified() { "127.0.0.1".to_owned() } else { self.addr.ip().to_string() };
            format!("http://{ip}:{}", self.addr.port())
        };
        self.public_url.as_deref().map_or_else(made, |url| url.trim_end_matches('/').to_owned())
    }

    /// ZenML's folder of local artifact stores in force.
    pub fn local_stores(&self) -> PathBuf {
        self.local_stores.clone().unwrap_or_else(|| {
            let home = std::env::var_os("HOME").map_or_else(|| PathBuf::from("/"), PathBuf::from);
            home.join(".config/zenml/local_stores")
        })
    }

    /// Whether runs may be started as processes of the server's user.
    pub fn process_launcher_allowed(&self) -> bool {
        self.allow_process_launcher || self.addr.ip().is_loopback()
    }
}

impl fmt::Debug for Config {
    /// Without the password and with the database's credentials taken out.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.database_url();
        let url = match (url.split_once("://"), url.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, host))) => format!("{scheme}://…@{host}"),
            _ => url,
        };
        formatter
            .debug_struct("Config")
            .field("addr", &self.addr)
            .field("data_dir", &self.data_dir)
            .field("database_url", &url)
            .field("public_url", &self.public_url())
            .field("source_roots", &self.source_roots)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use clap::Args as _;

    use super::Config;

    #[test]
    fn the_readme_tells_of_every_flag() {
        let readme = include_str!("../../README.md");
        let command = Config::augment_args(clap::Command::new("serve"));
        let missing: Vec<&str> = command
            .get_arguments()
            .filter_map(|argument| argument.get_long())
            .filter(|flag| !readme.contains(&format!("`--{flag}`")))
            .collect();
        assert_eq!(missing, Vec::<&str>::new(), "not in the README's table");
    }
}
