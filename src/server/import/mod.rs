//! Taking over the database of a ZenML 0.98 server: `darkroom import zenml.db`.
//!
//! Everything is stored in one transaction, with the ids, times and hashes it had; clients see the same server as before.
//! One file for each topic says how ZenML's rows become ours (types of `db/`); [`source`] reads, [`importer`] drives.
//! Nothing here is used while the server runs.

mod accounts;
mod annotations;
mod artifacts;
mod counters;
mod importer;
mod interaction;
mod models;
mod pipelines;
pub mod report;
mod runs;
mod schedules;
mod secrets;
mod serving;
mod source;
mod stacks;
mod target;
mod triggers;

use std::path::Path;

use self::{importer::Importer, report::Report, secrets::EncryptionKey, source::Source};
use super::{
    db::{Db, pipeline_snapshots},
    encryption::Sealer,
    service,
};

/// How to take over.
pub struct Options<'a> {
    /// Take everything back at the end.
    pub dry_run: bool,
    /// Seals the values of secrets.
    pub sealer: &'a Sealer,
    /// What the other server's variable `ZENML_SECRETS_STORE_ENCRYPTION_KEY` says, if it is set.
    pub encryption_key: Option<String>,
}

/// Takes over the database in a file. The target must be empty, or hold what a first start makes; a dry run does the same
/// and then takes everything back.
pub async fn run(path: &Path, db: &Db, options: Options<'_>) -> anyhow::Result<Report> {
    let Options { dry_run, sealer, encryption_key } = options;
    let source = Source::open(path).await?;
    let mut target = db.begin().await?;
    target::clear(&mut target).await?;
    service::flavors::sync(&mut target).await?;
    let report = Report { dry_run, ..Report::default() };
    let mut importer = Importer { source, target, report, sealer, encryption_key: encryption_key.as_deref().map(EncryptionKey::new) };
    copy(&mut importer).await?;
    let Importer { mut target, mut report, .. } = importer;
    counters::refresh(&mut target).await?;
    service::stacks::ensure_default(&mut target).await?;
    report.notes = notes(&mut target).await?;
    if !dry_run {
        target.commit().await?;
    }
    Ok(report)
}

/// In the order of who refers to whom.
async fn copy(importer: &mut Importer<'_>) -> anyhow::Result<()> {
    accounts::copy(importer).await?;
    secrets::copy(importer).await?;
    stacks::copy(importer).await?;
    secrets::copy_links(importer).await?;
    pipelines::copy(importer).await?;
    models::copy(importer).await?;
    runs::copy(importer).await?;
    triggers::copy(importer).await?;
    triggers::copy_links(importer).await?;
    artifacts::copy(importer).await?;
    serving::copy(importer).await?;
    interaction::copy(importer).await?;
    runs::copy_links(importer).await?;
    models::copy_links(importer).await?;
    annotations::copy(importer).await?;
    importer.report_the_rest().await?;
    Ok(())
}

async fn notes(target: &mut super::db::Connection) -> anyhow::Result<Vec<String>> {
    let mut notes = Vec::new();
    let named = pipeline_snapshots::named(target, None).await?;
    let without_code = named.iter().filter(|snapshot| snapshot.code_note.is_some()).count();
    if without_code > 0 {
        notes.push(format!(
            "{without_code} named snapshots have no code here, which the other server did not keep. To run one of them again, push the \
             code that it was made from: darkroom code push SNAPSHOT --root DIR"
        ));
    }
    notes.push("Artifacts and logs stay where they are. Those of local stacks are found with `--local-stores` (default: ~/.config/zenml/local_stores).".to_owned());
    Ok(notes)
}
