//! Webhooks and triggers, what they launch and what they launched. This server fires them from its start on.

use super::{
    importer::Importer,
    source::{Cursor, Readable, Row},
};
use crate::{
    args,
    server::{
        api::wire::triggers::{DispatchState, PlatformEventConfiguration},
        db::{Value, triggers::TriggerRow},
        error::Result,
        id::Id,
        time::Timestamp,
    },
};

/// Carries webhooks and triggers over.
pub async fn copy(importer: &mut Importer<'_>) -> Result<()> {
    copy_webhooks(importer).await?;
    importer.copy("trigger", trigger).await
}

/// Carries over what triggers launch, and which runs they launched.
pub async fn copy_links(importer: &mut Importer<'_>) -> Result<()> {
    let columns = ["trigger_id", "snapshot_id", "created", "dispatch_state"];
    importer.copy_links("trigger_snapshot", "trigger_snapshots", &columns, attached).await?;
    let columns = ["trigger_id", "pipeline_run_id", "created", "info"];
    importer.copy_links("trigger_execution", "trigger_executions", &columns, execution).await
}

async fn copy_webhooks(importer: &mut Importer<'_>) -> Result<()> {
    let columns = ", s.received_count, s.accepted_count, s.auth_failed_count, s.invalid_payload_count, s.last_received_at, \
                   s.last_accepted_at, s.last_error_at, s.last_error_summary";
    let cursor = Cursor::joined("webhook", columns, "left join webhook_stats s on s.webhook_id = t.id");
    importer.copy_links(cursor, "webhooks", &WEBHOOK, webhook).await
}

const WEBHOOK: [&str; 17] = [
    "id",
    "created",
    "updated",
    "user_id",
    "project_id",
    "name",
    "webhook_type",
    "active",
    "secret_id",
    "received_count",
    "accepted_count",
    "auth_failed_count",
    "invalid_payload_count",
    "last_received_at",
    "last_accepted_at",
    "last_error_at",
    "last_error_summary",
];

fn webhook(row: &Row) -> Readable<Vec<Value>> {
    Ok(args![
        row.get::<Id>("id")?,
        row.get::<Timestamp>("created")?,
        row.get::<Timestamp>("updated")?,
        row.get::<Option<Id>>("user_id")?,
        row.get::<Id>("project_id")?,
        row.get::<String>("name")?,
        row.get::<String>("webhook_type")?,
        row.get::<bool>("active")?,
        row.get::<Id>("secret_id")?,
        row.get_or::<i64>("received_count", 0)?,
        row.get_or::<i64>("accepted_count", 0)?,
        row.get_or::<i64>("auth_failed_count", 0)?,
        row.get_or::<i64>("invalid_payload_count", 0)?,
        row.get::<Option<Timestamp>>("last_received_at")?,
        row.get::<Option<Timestamp>>("last_accepted_at")?,
        row.get::<Option<Timestamp>>("last_error_at")?,
        row.get::<Option<String>>("last_error_summary")?,
    ])
}

fn trigger(row: &Row) -> Readable<TriggerRow> {
    let configuration = row.json("configuration")?.unwrap_or_else(|| "{}".to_owned());
    let kind: String = row.get("type")?;
    let source = match kind.as_str() {
        "platform_event" => Some(
            serde_json::from_str::<PlatformEventConfiguration>(&configuration)
                .map_err(|error| format!("its `configuration` has no event: {error}"))?
                .source_entity,
        ),
        _ => None,
    };
    Ok(TriggerRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        user_id: row.get("user_id")?,
        project_id: row.get("project_id")?,
        webhook_id: row.get("webhook_id")?,
        name: row.get("name")?,
        active: row.get("active")?,
        is_archived: row.get("is_archived")?,
        kind,
        flavor: row.get("flavor")?,
        concurrency: row.get("concurrency")?,
        configuration,
        next_occurrence: row.get("next_occurrence")?,
        source_type: source.map(|source| source.kind.as_str().to_owned()),
        source_id: source.map(|source| source.id),
    })
}

/// A note on the last firing that cannot be read is none, there as here.
fn attached(row: &Row) -> Readable<Vec<Value>> {
    let state = row.json("dispatch_state").unwrap_or_default().filter(|text| serde_json::from_str::<DispatchState>(text).is_ok());
    Ok(args![row.get::<Id>("trigger_id")?, row.get::<Id>("snapshot_id")?, row.get::<Timestamp>("created_at")?, state])
}

fn execution(row: &Row) -> Readable<Vec<Value>> {
    let info = row.json("info")?;
    Ok(args![row.get::<Id>("trigger_id")?, row.get::<Id>("pipeline_run_id")?, row.get::<Timestamp>("created_at")?, info])
}
