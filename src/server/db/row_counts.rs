//! Kept totals of the tables that grow with every run, so that their lists need not count a million rows.
//!
//! SQLite has triggers for them (`sqlite.sql`), which see cascades too. PostgreSQL counts rows: its transactions would wait
//! for each other's totals. The totals of runs, which differ by status, are kept by `pipeline_runs`.

use super::{Connection, DbError, Dialect};
use crate::{args, server::id::Id};

/// What is counted, for each project.
#[derive(Clone, Copy, Debug)]
pub enum Counted {
    ArtifactVersions,
    NamedPipelineSnapshots,
    PipelineSnapshots,
    StepRuns,
}

impl Counted {
    /// Its name in `sqlite.sql`.
    fn name(self) -> &'static str {
        match self {
            Self::ArtifactVersions => "artifact_versions",
            Self::NamedPipelineSnapshots => "named pipeline_snapshots",
            Self::PipelineSnapshots => "pipeline_snapshots",
            Self::StepRuns => "step_runs",
        }
    }
}

/// How many a project has, where that is kept.
pub async fn kept(connection: &mut Connection, counted: Counted, project: Id) -> Result<Option<i64>, DbError> {
    if connection.dialect() == Dialect::Postgres {
        return Ok(None);
    }
    let sql = "select coalesce(sum(total), 0) from row_counts where counted = $1 and project_id = $2";
    connection.count(sql, args![counted.name(), project]).await.map(Some)
}
