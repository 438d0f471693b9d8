//! Stacks: making, changing, deleting, and the default stack that every server starts with.

use serde_json::{Map, Value};

use crate::server::{
    api::wire::stacks::{StackRequest, StackUpdate},
    db::{
        Connection, pipeline_snapshots,
        secrets::LinkedTo,
        stack_components::StackComponentRow,
        stacks::{self, StackRow},
        stored::Changes,
    },
    encryption::Sealer,
    error::{AppError, OnConflict as _, Result},
    id::Id,
    service::{
        names, onboarding, secrets,
        stack_parts::{Maker, existing_component},
    },
    time::Timestamp,
};

/// Types of which a stack may have more than one component.
const SEVERAL_ALLOWED: [&str; 4] = ["alerter", "experiment_tracker", "step_operator", "sandbox"];

/// The stack with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<StackRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("stack", id))
}

/// Says whether launches on a stack from the browser are asked about.
pub async fn protect(connection: &mut Connection, id: Id, protected: bool) -> Result<()> {
    get(connection, id).await?;
    connection.update::<StackRow>(id, Changes::new().set("protected", protected)).await?;
    Ok(())
}

/// Makes a stack from existing and new components, and new service connectors for these.
pub async fn create(connection: &mut Connection, sealer: &Sealer, user: Id, request: StackRequest) -> Result<StackRow> {
    names::validate(&request.name, "stack")?;
    if stacks::find_by_name(connection, &request.name).await?.is_some() {
        return Err(taken(&request.name));
    }
    let maker = Maker { sealer, user, name: &request.name, labels: request.labels.as_ref() };
    let components = maker.components(connection, &request).await?;
    check_composition(&components)?;
    let now = Timestamp::now();
    let row = StackRow {
        id: Id::new(),
        created: now,
        updated: now,
        user_id: Some(user),
        name: request.name,
        description: request.description,
        stack_spec_path: request.stack_spec_path,
        environment: Value::Object(request.environment.unwrap_or_default()).to_string(),
        labels: Value::Object(request.labels.unwrap_or_default()).to_string(),
        protected: false,
    };
    connection.insert(&row).await.on_conflict(|| taken(&row.name))?;
    stacks::set_components(connection, row.id, &components).await?;
    secrets::change_links(connection, user, LinkedTo::Stack, row.id, &request.secrets.unwrap_or_default(), &[]).await?;
    onboarding::note(connection).await?;
    Ok(row)
}

fn taken(name: &str) -> AppError {
    AppError::Exists(format!("Unable to register stack with name '{name}': Found an existing stack with the same name."))
}

/// A stack has an orchestrator and an artifact store, and of most types one component at the most.
fn check_composition(components: &[StackComponentRow]) -> Result<()> {
    let count = |kind: &str| components.iter().filter(|component| component.component_type == kind).count();
    for needed in ["orchestrator", "artifact_store"] {
        if count(needed) == 0 {
            return Err(AppError::Malformed(format!("1 validation error:\n  A stack needs a component of type {needed}.")));
        }
    }
    let excess = components.iter().find(|c| count(&c.component_type) > 1 && !SEVERAL_ALLOWED.contains(&c.component_type.as_str()));
    match excess {
        Some(c) => {
            Err(AppError::Malformed(format!("1 validation error:\n  A stack has one component of type {} at the most.", c.component_type)))
        }
        None => Ok(()),
    }
}

/// Changes a stack; given components replace all it has.
pub async fn update(connection: &mut Connection, user: Id, id: Id, update: StackUpdate) -> Result<StackRow> {
    let stack = get(connection, id).await?;
    refuse_default(&stack)?;
    if let Some(name) = &update.name {
        names::validate(name, "stack")?;
    }
    let text = |map: Option<Map<String, Value>>| map.map(|map| Value::Object(map).to_string());
    let changes = Changes::new()
        .set_some("name", update.name.as_deref())
        .set_some("description", update.description.as_deref())
        .set_some("stack_spec_path", update.stack_spec_path.as_deref())
        .set_some("environment", text(update.environment))
        .set_some("labels", text(update.labels));
    let name = update.name.unwrap_or_default();
    connection.update::<StackRow>(id, changes).await.on_conflict(|| taken(&name))?;
    if let Some(requested) = update.components {
        let mut rows = Vec::new();
        for (component_type, ids) in requested {
            for component in ids {
                rows.push(existing_component(connection, &component_type, component).await?);
            }
        }
        check_composition(&rows)?;
        stacks::set_components(connection, id, &rows).await?;
        onboarding::note(connection).await?;
    }
    let (add, remove) = (update.add_secrets.unwrap_or_default(), update.remove_secrets.unwrap_or_default());
    secrets::change_links(connection, user, LinkedTo::Stack, id, &add, &remove).await?;
    get(connection, id).await
}

/// Deletes a stack; its components stay, its snapshots lose it.
pub async fn delete(connection: &mut Connection, id: Id) -> Result<()> {
    let stack = get(connection, id).await?;
    refuse_default(&stack)?;
    pipeline_snapshots::stack_is_gone(connection, id).await?;
    connection.delete::<StackRow>(id).await?;
    Ok(())
}

fn refuse_default(stack: &StackRow) -> Result<()> {
    if stack.name == "default" && stack.user_id.is_none() {
        return Err(AppError::Forbidden("The default stack cannot be changed or deleted.".to_owned()));
    }
    Ok(())
}

/// Makes the default stack (local orchestrator, artifact store and deployer) where there is none.
pub async fn ensure_default(connection: &mut Connection) -> Result<()> {
    if stacks::find_by_name(connection, "default").await?.is_some() {
        return Ok(());
    }
    let mut components = Vec::new();
    for component_type in ["orchestrator", "deployer", "artifact_store"] {
        // Each has a time of its own: clients list them in the order in which they were made.
        let now = Timestamp::now();
        let row = StackComponentRow {
            id: Id::new(),
            created: now,
            updated: now,
            user_id: None,
            name: "default".to_owned(),
            component_type: component_type.to_owned(),
            flavor: "local".to_owned(),
            configuration: "{}".to_owned(),
            environment: "{}".to_owned(),
            labels: None,
            connector_id: None,
            connector_resource_id: None,
        };
        connection.insert(&row).await?;
        components.push(row);
    }
    let now = Timestamp::now();
    let stack = StackRow {
        id: Id::new(),
        created: now,
        updated: now,
        user_id: None,
        name: "default".to_owned(),
        description: String::new(),
        stack_spec_path: None,
        environment: "{}".to_owned(),
        labels: "{}".to_owned(),
        protected: false,
    };
    connection.insert(&stack).await?;
    stacks::set_components(connection, stack.id, &components).await?;
    Ok(())
}
