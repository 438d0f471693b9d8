//! Our own database before an import: nothing that somebody made may be in it.

use anyhow::bail;

use crate::server::db::{Connection, imports};

/// Removes what a first start makes (settings, the default project and stack), which the imported ones take the place of.
/// Refuses a database with anything else in it.
pub async fn clear(connection: &mut Connection) -> anyhow::Result<()> {
    if let Some(found) = imports::made_by_people(connection).await? {
        bail!(
            "The database is in use: it has {found}. Nothing can be imported into it; import into a new one (another --data-dir, or \
             another database in --database-url)."
        );
    }
    imports::remove_defaults(connection).await?;
    Ok(())
}
