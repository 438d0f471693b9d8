//! `darkroom import`: takes over the database of a ZenML server.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::server::{auth::keys::Keys, config::Config, db::Db, import, logging};

/// What to take over, and how. The key of its secrets, if it has one, comes in ZENML_SECRETS_STORE_ENCRYPTION_KEY.
#[derive(clap::Args)]
pub struct Import {
    /// The SQLite file of the ZenML server; `zenml.db` in its configuration folder, unless it was told otherwise.
    source: PathBuf,
    /// Do everything, report it, and take it back.
    #[arg(long)]
    dry_run: bool,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: Config,
}

impl Import {
    /// Takes it over and prints the report; the program that serves must not run meanwhile.
    pub async fn run(self) -> anyhow::Result<()> {
        logging::init("warn", self.config.log_json);
        // Makes the folder of the database.
        let keys = Keys::load(&self.config.data_dir, self.config.secrets_key_file.as_deref())?;
        let db = Db::connect(&self.config.database_url()).await.context("cannot open the database")?;
        db.migrate().await.context("cannot migrate the database")?;
        let encryption_key = std::env::var("ZENML_SECRETS_STORE_ENCRYPTION_KEY").ok().filter(|key| !key.is_empty());
        let options = import::Options { dry_run: self.dry_run, sealer: &keys.secrets, encryption_key };
        let report = import::run(&self.source, &db, options).await?;
        db.close().await;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&report)?);
            return Ok(());
        }
        println!("{report}");
        let rows = report.imported();
        if self.dry_run {
            println!("Nothing was stored: this was a dry run. {rows} rows can be imported.");
        } else {
            println!("Imported {rows} rows. Start the server: darkroom serve");
        }
        Ok(())
    }
}
