//! What hangs on runs and snapshots besides steps: hooks that were called, questions runs wait for, picked visualizations,
//! and run templates, the forerunners of named snapshots.

use super::{
    importer::Importer,
    source::{Readable, Row},
};
use crate::{
    args,
    server::{
        db::{
            Value, curated_visualizations::CuratedVisualizationRow, hook_invocations::HookInvocationRow, run_templates::RunTemplateRow,
            run_wait_conditions::RunWaitConditionRow,
        },
        error::Result,
        id::Id,
    },
};

/// Carries them over.
pub async fn copy(importer: &mut Importer<'_>) -> Result<()> {
    importer.copy("run_template", template).await?;
    importer.copy("run_wait_condition", wait_condition).await?;
    importer.copy("hook_invocation", hook).await?;
    let columns = ["hook_invocation_id", "position", "name", "artifact_version_id"];
    importer.copy_links("hook_invocation_output_artifact", "hook_invocation_outputs", &columns, hook_output).await?;
    importer.copy("curated_visualization", visualization).await
}

fn template(row: &Row) -> Readable<RunTemplateRow> {
    Ok(RunTemplateRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        user_id: row.get("user_id")?,
        project_id: row.get("project_id")?,
        name: row.get("name")?,
        description: row.get("description")?,
        hidden: row.get("hidden")?,
        source_snapshot_id: row.get("source_snapshot_id")?,
    })
}

fn wait_condition(row: &Row) -> Readable<RunWaitConditionRow> {
    Ok(RunWaitConditionRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        user_id: row.get("user_id")?,
        project_id: row.get("project_id")?,
        run_id: row.get("run_id")?,
        name: row.get("name")?,
        kind: row.get("type")?,
        status: row.get("status")?,
        question: row.get("question")?,
        data_schema: row.json("data_schema_json")?,
        resolution: row.get("resolution")?,
        result: row.json("result_json")?,
        resolved_at: row.get("resolved_at")?,
        resolved_by_user_id: row.get("resolved_by_user_id")?,
        last_polled_at: row.get("last_polled_at")?,
        poller_instance_id: row.get("poller_instance_id")?,
        poller_lease_expires_at: row.get("poller_lease_expires_at")?,
    })
}

fn hook(row: &Row) -> Readable<HookInvocationRow> {
    Ok(HookInvocationRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        user_id: row.get("user_id")?,
        project_id: row.get("project_id")?,
        pipeline_run_id: row.get("pipeline_run_id")?,
        step_run_id: row.get("step_run_id")?,
        hook_type: row.get("hook_type")?,
        name: row.get("name")?,
        status: row.get("status")?,
        start_time: row.get("start_time")?,
        end_time: row.get("end_time")?,
        source: row.get("source")?,
        exception_info: row.json("exception_info")?,
    })
}

fn hook_output(row: &Row) -> Readable<Vec<Value>> {
    Ok(args![row.get::<Id>("hook_invocation_id")?, row.place()?, row.get::<String>("name")?, row.get::<Id>("artifact_version_id")?])
}

fn visualization(row: &Row) -> Readable<CuratedVisualizationRow> {
    Ok(CuratedVisualizationRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        project_id: row.get("project_id")?,
        artifact_visualization_id: row.get("artifact_visualization_id")?,
        display_name: row.get("display_name")?,
        display_order: row.get("display_order")?,
        layout_size: row.get("layout_size")?,
        resource_type: row.get("resource_type")?,
        resource_id: row.get("resource_id")?,
    })
}
