//! Snapshots made of others, stored without a name: the one that runs, derived with a run configuration, and one for a second name.

use serde_json::{Map, Value, json};

use crate::{
    run_configuration::snapshot::{Snapshot, Step},
    server::{
        api::wire::server::ZENML_VERSION,
        db::{
            Connection, documents,
            pipeline_snapshots::{self, PipelineSnapshotRow},
        },
        error::Result,
        id::Id,
        service::form_views,
        time::Timestamp,
    },
};

/// Stores the snapshot that runs: that of the source with the changes in it, without a name, pointing at the nearest named one.
pub async fn store(
    connection: &mut Connection,
    user: Id,
    (source, template): (&PipelineSnapshotRow, Option<Id>),
    derived: &Snapshot,
) -> Result<PipelineSnapshotRow> {
    let steps: Vec<(String, String)> = derived.steps.iter().map(|step| (step.name.clone(), step_document(step))).collect();
    let row = PipelineSnapshotRow {
        template_id: template,
        source_snapshot_id: if source.name.is_some() { Some(source.id) } else { source.source_snapshot_id },
        run_name_template: derived.run_name_template.clone(),
        // The client's version and environment stay those of the source: the runner's environment is made from them.
        server_version: Some(ZENML_VERSION.to_owned()),
        step_set: pipeline_snapshots::put_steps(connection, &steps).await?,
        pipeline_configuration_document: put(connection, &derived.pipeline_configuration).await?,
        pipeline_spec_document: spec_document(connection, source, derived).await?,
        // That of its source counts, as it is by then.
        protected: false,
        ..unnamed(user, source)
    };
    connection.insert(&row).await?;
    if source.name.is_none() {
        // Nothing leads from here to the source's own view.
        let view = connection.get(source.id).await?;
        form_views::hand_on(connection, view, row.id).await?;
    }
    Ok(row)
}

/// A copy of a snapshot without its name, for a second name: what a snapshot does is the same for both.
pub async fn copy(connection: &mut Connection, user: Id, snapshot: &PipelineSnapshotRow) -> Result<PipelineSnapshotRow> {
    let row = unnamed(user, snapshot);
    connection.insert(&row).await?;
    Ok(row)
}

/// The row of a new snapshot that does what another does: not its name, nor what was done with it.
fn unnamed(user: Id, snapshot: &PipelineSnapshotRow) -> PipelineSnapshotRow {
    let now = Timestamp::now();
    PipelineSnapshotRow {
        id: Id::new(),
        created: now,
        updated: now,
        user_id: Some(user),
        schedule_id: None,
        name: None,
        description: None,
        latest_run_id: None,
        latest_run_created: None,
        ..snapshot.clone()
    }
}

fn step_document(step: &Step) -> String {
    json!({ "spec": step.spec, "config": step.config, "step_config_overrides": step.overrides }).to_string()
}

async fn put(connection: &mut Connection, map: &Map<String, Value>) -> Result<String> {
    Ok(documents::put(connection, &serde_json::to_string(map)?).await?)
}

/// The source's pipeline spec, with the parameters of this launch where it has any.
async fn spec_document(connection: &mut Connection, source: &PipelineSnapshotRow, derived: &Snapshot) -> Result<Option<String>> {
    let Some(hash) = &source.pipeline_spec_document else { return Ok(None) };
    let Some(parameters) = &derived.pipeline_spec_parameters else { return Ok(Some(hash.clone())) };
    let mut spec: Map<String, Value> = serde_json::from_str(&documents::get(connection, hash).await?)?;
    spec.insert("parameters".to_owned(), Value::Object(parameters.clone()));
    Ok(Some(put(connection, &spec).await?))
}
