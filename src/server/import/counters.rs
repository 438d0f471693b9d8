//! What we keep beside the rows so that lists need not count: newest runs and versions, numbers, totals.

use crate::server::{
    db::{Connection, artifacts, models, pipeline_runs, pipeline_snapshots, pipelines},
    error::Result,
};

/// Works all of it out from the rows.
pub async fn refresh(connection: &mut Connection) -> Result<()> {
    pipelines::refresh_all_latest_runs(connection).await?;
    pipeline_snapshots::refresh_all_latest_runs(connection).await?;
    pipeline_runs::recount(connection).await?;
    artifacts::recount_versions(connection).await?;
    models::recount_versions(connection).await?;
    Ok(())
}
