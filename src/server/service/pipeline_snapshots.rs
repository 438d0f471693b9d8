//! Pipeline snapshots: making, naming, replacing, deleting, pruning.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::{
    run_configuration::{
        snapshot::{Component, Snapshot, Step, uses_legacy_settings_keys},
        step_configuration,
    },
    server::{
        api::wire::pipeline_snapshots::{NameChange, PipelineSnapshotRequest, PipelineSnapshotUpdate, StepRequest},
        db::{
            Connection, code_archives, curated_visualizations, documents, flavors,
            form_views::{self as form_view_rows, FormViewRow},
            pipeline_builds::PipelineBuildRow,
            pipeline_runs,
            pipeline_snapshots::{self, PipelineSnapshotRow},
            pipelines::{self, PipelineRow},
            run_templates::RunTemplateRow,
            schedules::ScheduleRow,
            stack_components,
            stacks::StackRow,
            stored::Changes,
            tags as tag_rows, trigger_snapshots,
        },
        error::{AppError, OnConflict as _, Result},
        id::Id,
        service::{
            code_references, environments, form_views, names, projects,
            snapshot_access::{self, Rule},
            snapshot_code::SnapshotCode,
            tags,
        },
        time::Timestamp,
    },
};

/// The snapshot with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<PipelineSnapshotRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("pipeline snapshot", id))
}

/// Makes a snapshot. `runnable` is set afterwards, by the readiness check.
pub async fn create(
    connection: &mut Connection,
    user: Id,
    mut request: PipelineSnapshotRequest,
    code: SnapshotCode,
) -> Result<PipelineSnapshotRow> {
    check_references(connection, &request).await?;
    let name = match std::mem::take(&mut request.name) {
        NameChange::Set(name) => Some(name),
        NameChange::Keep | NameChange::Remove => None,
    };
    for (text, field) in [(&request.description, "description"), (&request.source_code, "source_code")] {
        names::length(text.as_deref().unwrap_or_default(), names::MAX_TEXT_LENGTH, field)?;
    }
    let mut released = Released::default();
    if let Some(name) = &name {
        names::validate(name, "snapshot")?;
        if request.replace == Some(true) {
            released = release_name(connection, request.pipeline, name, None).await?;
        }
    }
    let mut row = store(connection, user, &request, name, code).await?;
    if released.protected {
        protect(connection, row.id, true).await?;
        row.protected = true;
    }
    form_views::hand_on(connection, released.view, row.id).await?;
    snapshot_access::pass_on(connection, released.rule, row.id).await?;
    let names = request.tags.unwrap_or_default();
    tags::attach_all(connection, Some(user), "pipeline_snapshot", row.id, &names).await?;
    Ok(row)
}

async fn check_references(connection: &mut Connection, request: &PipelineSnapshotRequest) -> Result<()> {
    let project = projects::require(connection, request.project).await?;
    let missing = |what: &str, id: Id| {
        AppError::NotFound(format!(
            "The {what} with ID {id} referenced by the pipeline snapshot being created was not found in the '{}' project.",
            project.name
        ))
    };
    if connection.get::<StackRow>(request.stack).await?.is_none() {
        return Err(missing("stack", request.stack));
    }
    let pipeline = connection.get::<PipelineRow>(request.pipeline).await?;
    if pipeline.is_none_or(|pipeline| pipeline.project_id != project.id) {
        return Err(missing("pipeline", request.pipeline));
    }
    if let Some(id) = request.build {
        let build = connection.get::<PipelineBuildRow>(id).await?;
        if build.is_none_or(|build| build.project_id != project.id) {
            return Err(missing("pipeline build", id));
        }
    }
    if let Some(id) = request.source_snapshot {
        let source = connection.get::<PipelineSnapshotRow>(id).await?;
        if source.is_none_or(|source| source.project_id != project.id) {
            return Err(missing("pipeline snapshot", id));
        }
    }
    if let Some(id) = request.schedule {
        let schedule = connection.get::<ScheduleRow>(id).await?;
        if schedule.is_none_or(|schedule| schedule.project_id != project.id) {
            return Err(missing("schedule", id));
        }
    }
    if let Some(id) = request.template {
        let template = connection.get::<RunTemplateRow>(id).await?;
        if template.is_none_or(|template| template.project_id != project.id) {
            return Err(missing("run template", id));
        }
    }
    Ok(())
}

async fn store(
    connection: &mut Connection,
    user: Id,
    request: &PipelineSnapshotRequest,
    name: Option<String>,
    code: SnapshotCode,
) -> Result<PipelineSnapshotRow> {
    let code_reference_id = match &request.code_reference {
        Some(reference) => Some(code_references::get_or_create(connection, request.project, reference).await?.id),
        None => None,
    };
    if let Some(archive) = &code.archive {
        code_archives::put(connection, archive).await?;
    }
    let steps = step_documents(request)?;
    let spec = request.pipeline_spec.as_ref().map(Value::to_string);
    let environment = environments::put(connection, request.client_environment.clone()).await?;
    let now = Timestamp::now();
    let row = PipelineSnapshotRow {
        id: Id::new(),
        created: now,
        updated: now,
        user_id: Some(user),
        project_id: request.project,
        pipeline_id: request.pipeline,
        stack_id: Some(request.stack),
        build_id: request.build,
        schedule_id: request.schedule,
        code_reference_id,
        source_snapshot_id: request.source_snapshot,
        template_id: request.template,
        name,
        description: request.description.clone(),
        is_dynamic: request.is_dynamic,
        run_name_template: request.run_name_template.clone(),
        client_version: request.client_version.clone(),
        server_version: request.server_version.clone(),
        pipeline_version_hash: request.pipeline_version_hash.clone(),
        source_code: request.source_code.clone(),
        code_path: request.code_path.clone(),
        code_archive_hash: code.archive.map(|archive| archive.hash),
        code_note: code.note,
        runnable: false,
        step_count: steps.len() as i64,
        step_set: pipeline_snapshots::put_steps(connection, &steps).await?,
        pipeline_configuration_document: documents::put(connection, &request.pipeline_configuration.to_string()).await?,
        pipeline_spec_document: match spec {
            Some(spec) => Some(documents::put(connection, &spec).await?),
            None => None,
        },
        client_environment_document: environment.document,
        python_packages_document: environment.packages_document,
        latest_run_id: None,
        latest_run_created: None,
        protected: false,
    };
    connection.insert(&row).await.on_conflict(|| name_taken(row.name.as_deref().unwrap_or_default(), row.pipeline_id))?;
    Ok(row)
}

fn name_taken(name: &str, pipeline: Id) -> AppError {
    AppError::Exists(format!(
        "Snapshot with name `{name}` already exists for pipeline `{pipeline}`. If you want to replace the existing snapshot, set the \
         `replace` flag to `True`."
    ))
}

/// The documents of a snapshot's steps, `config` merged once here.
fn step_documents(request: &PipelineSnapshotRequest) -> Result<Vec<(String, String)>> {
    let Some(pipeline) = request.pipeline_configuration.as_object() else {
        return Err(AppError::Malformed("1 validation error:\n  `pipeline_configuration` must be an object.".to_owned()));
    };
    if !pipeline.get("name").is_some_and(Value::is_string) {
        return Err(AppError::Malformed("1 validation error:\n  `pipeline_configuration` must have a `name`.".to_owned()));
    }
    request.step_configurations.iter().map(|(name, step)| Ok((name.clone(), step_document(step, pipeline, request.is_dynamic)?))).collect()
}

/// One step's document: `{"spec": …, "config": …, "step_config_overrides": …}`.
pub fn step_document(step: &StepRequest, pipeline: &Map<String, Value>, is_dynamic: bool) -> Result<String> {
    let overrides = step.step_config_overrides.as_ref().or(step.config.as_ref()).ok_or_else(|| {
        AppError::Malformed("1 validation error:\n  a step configuration needs `config` or `step_config_overrides`.".to_owned())
    })?;
    let config = step_configuration::merged(overrides, pipeline, is_dynamic);
    Ok(serde_json::json!({ "spec": step.spec, "config": config, "step_config_overrides": overrides }).to_string())
}

/// Changes name, description and tags: all that can change on a snapshot.
pub async fn update(connection: &mut Connection, user: Id, id: Id, update: PipelineSnapshotUpdate) -> Result<PipelineSnapshotRow> {
    let snapshot = get(connection, id).await?;
    let mut changes = Changes::new();
    match &update.name {
        NameChange::Keep => {}
        NameChange::Remove => {
            changes = changes.set("name", None::<String>);
            trigger_snapshots::delete_of_source(connection, id).await?;
        }
        NameChange::Set(name) => {
            names::validate(name, "snapshot")?;
            if update.replace == Some(true) {
                let released = release_name(connection, snapshot.pipeline_id, name, Some(id)).await?;
                form_views::hand_on(connection, released.view, id).await?;
                changes = changes.set_some("protected", released.protected.then_some(true));
                snapshot_access::pass_on(connection, released.rule, id).await?;
            }
            changes = changes.set("name", name);
        }
    }
    if let Some(description) = update.description.filter(|description| !description.is_empty()) {
        names::length(&description, names::MAX_TEXT_LENGTH, "description")?;
        changes = changes.set("description", description);
    }
    let name = match &update.name {
        NameChange::Set(name) => name.as_str(),
        NameChange::Keep | NameChange::Remove => "",
    };
    connection.update::<PipelineSnapshotRow>(id, changes).await.on_conflict(|| name_taken(name, snapshot.pipeline_id))?;
    tags::change(connection, user, "pipeline_snapshot", id, update.add_tags.as_deref(), update.remove_tags.as_deref()).await?;
    get(connection, id).await
}

/// Gives a snapshot a description, or takes it away; [`update`], as in ZenML, keeps what is there where none is sent.
pub async fn describe(connection: &mut Connection, id: Id, description: Option<&str>) -> Result<PipelineSnapshotRow> {
    names::length(description.unwrap_or_default(), names::MAX_TEXT_LENGTH, "description")?;
    connection.update::<PipelineSnapshotRow>(id, Changes::new().set("description", description)).await?;
    get(connection, id).await
}

/// Says whether launches of a snapshot from the browser are asked about.
pub async fn protect(connection: &mut Connection, id: Id, protected: bool) -> Result<()> {
    connection.update::<PipelineSnapshotRow>(id, Changes::new().set("protected", protected)).await?;
    Ok(())
}

/// Whether a snapshot, or the named one that it was made of, is protected.
pub async fn is_protected(connection: &mut Connection, snapshot: &PipelineSnapshotRow) -> Result<bool> {
    let source = match snapshot.source_snapshot_id.filter(|_| !snapshot.protected) {
        Some(source) => connection.get::<PipelineSnapshotRow>(source).await?,
        None => None,
    };
    Ok(snapshot.protected || source.is_some_and(|source| source.protected))
}

/// What goes with a name.
#[derive(Default)]
struct Released {
    view: Option<FormViewRow>,
    protected: bool,
    rule: Option<Rule>,
}

/// Frees a name for another snapshot, and gives what goes with it: the holder loses the name, and goes altogether if nothing
/// refers to it.
async fn release_name(connection: &mut Connection, pipeline: Id, name: &str, except: Option<Id>) -> Result<Released> {
    let Some(holder) = pipeline_snapshots::find_by_name(connection, pipeline, name).await? else { return Ok(Released::default()) };
    if Some(holder.id) == except {
        return Ok(Released::default());
    }
    let released = Released {
        view: connection.get(holder.id).await?,
        protected: holder.protected,
        rule: snapshot_access::own_rule(connection, holder.id).await?,
    };
    if pipeline_snapshots::is_referenced(connection, &holder).await? {
        connection.update::<PipelineSnapshotRow>(holder.id, Changes::new().set("name", None::<String>)).await?;
        // Triggers launch what has a name.
        trigger_snapshots::delete_of_source(connection, holder.id).await?;
        return Ok(released);
    }
    remove(connection, holder.id).await?;
    curated_visualizations::delete_orphans(connection).await?;
    Ok(released)
}

/// Gives a snapshot the name and the description of a run template that is made from it.
pub async fn rename(connection: &mut Connection, snapshot: &PipelineSnapshotRow, name: &str, description: Option<&str>) -> Result<()> {
    names::validate(name, "snapshot")?;
    let changes = Changes::new().set("name", name).set("description", description);
    connection.update::<PipelineSnapshotRow>(snapshot.id, changes).await.on_conflict(|| name_taken(name, snapshot.pipeline_id))?;
    Ok(())
}

/// Deletes a snapshot with its runs and their steps.
pub async fn delete(connection: &mut Connection, id: Id) -> Result<()> {
    let snapshot = get(connection, id).await?;
    pipeline_runs::uncount_runs_of(connection, id).await?;
    remove(connection, id).await?;
    curated_visualizations::delete_orphans(connection).await?;
    pipelines::refresh_latest_run(connection, snapshot.pipeline_id).await?;
    if let Some(source) = snapshot.source_snapshot_id {
        pipeline_snapshots::refresh_latest_run(connection, source).await?;
    }
    Ok(())
}

async fn remove(connection: &mut Connection, id: Id) -> Result<()> {
    tag_rows::detach_all(connection, "pipeline_snapshot", id).await?;
    trigger_snapshots::delete_of_source(connection, id).await?;
    form_view_rows::leave_to_derived(connection, id).await?;
    snapshot_access::hand_down(connection, id).await?;
    pipeline_snapshots::clear_source(connection, id).await?;
    connection.delete::<PipelineSnapshotRow>(id).await?;
    Ok(())
}

/// Deletes snapshots without a name that nothing refers to, made before a time; says how many. Without `apply` it only counts.
pub async fn prune(connection: &mut Connection, project: Id, older_than: Timestamp, apply: bool) -> Result<i64> {
    let snapshots = pipeline_snapshots::prunable(connection, project, older_than).await?;
    if apply {
        for snapshot in &snapshots {
            remove(connection, snapshot.id).await?;
        }
        curated_visualizations::delete_orphans(connection).await?;
    }
    Ok(snapshots.len() as i64)
}

/// Those of the snapshots that can be deployed: they have a build, and their stack has a deployer.
pub async fn deployable(connection: &mut Connection, rows: Vec<&PipelineSnapshotRow>) -> Result<HashSet<Id>> {
    let built: Vec<(Id, Id)> = rows.iter().filter(|row| row.build_id.is_some()).filter_map(|row| Some((row.id, row.stack_id?))).collect();
    let components = stack_components::of_stacks(connection, built.iter().map(|(_, stack)| *stack)).await?;
    let has_deployer = |stack: &Id| components.get(stack).is_some_and(|list| list.iter().any(|c| c.component_type == "deployer"));
    Ok(built.into_iter().filter(|(_, stack)| has_deployer(stack)).map(|(id, _)| id).collect())
}

/// A snapshot as the shared core sees it: what a run configuration is checked against and merged into.
pub async fn for_run_configuration(connection: &mut Connection, row: &PipelineSnapshotRow) -> Result<Snapshot> {
    let configuration = documents::get(connection, &row.pipeline_configuration_document).await?;
    let spec: Value = match &row.pipeline_spec_document {
        Some(hash) => serde_json::from_str(&documents::get(connection, hash).await?)?,
        None => Value::Null,
    };
    let build = match row.build_id {
        Some(id) => connection.get::<PipelineBuildRow>(id).await?,
        None => None,
    };
    let version = build.and_then(|build| build.zenml_version).or_else(|| row.client_version.clone());
    Ok(Snapshot {
        is_dynamic: row.is_dynamic,
        run_name_template: row.run_name_template.clone(),
        pipeline_configuration: serde_json::from_str(&configuration)?,
        pipeline_spec_parameters: spec.get("parameters").and_then(Value::as_object).cloned(),
        pipeline_parameter_schema: spec.get("input_schema").filter(|schema| !schema.is_null()).cloned(),
        steps: steps(connection, row).await?,
        components: components(connection, row).await?,
        legacy_settings_keys: uses_legacy_settings_keys(version.as_deref()),
        form: None,
        step_options: Vec::new(),
    })
}

async fn steps(connection: &mut Connection, row: &PipelineSnapshotRow) -> Result<Vec<Step>> {
    let documents = pipeline_snapshots::steps(connection, row.step_set.as_deref(), &[]).await?;
    documents
        .into_iter()
        .map(|step| {
            let mut parts: Map<String, Value> = serde_json::from_str(&step.content)?;
            let mut take = |key: &str| parts.remove(key).unwrap_or_default();
            Ok(Step { name: step.name, spec: take("spec"), config: take("config"), overrides: take("step_config_overrides") })
        })
        .collect()
}

async fn components(connection: &mut Connection, row: &PipelineSnapshotRow) -> Result<Vec<Component>> {
    let Some(stack) = row.stack_id else { return Ok(Vec::new()) };
    let rows = stack_components::of_stack(connection, stack).await?;
    let flavors = flavors::of_components(connection, &rows).await?;
    rows.into_iter()
        .map(|row| {
            let flavor = flavors.get(&(row.component_type.clone(), row.flavor.clone()));
            let settings_schema = flavor.and_then(|flavor| flavor.settings_schema.as_deref());
            Ok(Component {
                kind: row.component_type,
                name: row.name,
                flavor: row.flavor,
                settings_schema: settings_schema.map(serde_json::from_str).transpose()?,
                has_synchronous_field: flavor.is_some_and(|flavor| flavor.has_synchronous_field),
            })
        })
        .collect()
}
