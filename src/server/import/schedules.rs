//! Schedules. Their orchestrators fire them, and go on doing so.

use super::{
    importer::Importer,
    source::{Readable, Row},
};
use crate::server::{db::schedules::ScheduleRow, error::Result};

/// Carries them over.
pub async fn copy(importer: &mut Importer<'_>) -> Result<()> {
    importer.copy("schedule", schedule).await
}

fn schedule(row: &Row) -> Readable<ScheduleRow> {
    Ok(ScheduleRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        user_id: row.get("user_id")?,
        project_id: row.get("project_id")?,
        pipeline_id: row.get("pipeline_id")?,
        orchestrator_id: row.get("orchestrator_id")?,
        name: row.get("name")?,
        active: row.get("active")?,
        cron_expression: row.get("cron_expression")?,
        start_time: row.get("start_time")?,
        end_time: row.get("end_time")?,
        interval_second: row.get("interval_second")?,
        catchup: row.get("catchup")?,
        run_once_start_time: row.get("run_once_start_time")?,
        is_archived: row.get("is_archived")?,
    })
}
