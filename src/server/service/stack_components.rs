//! Stack components: making, changing, deleting, and the checks on their configuration.

use serde_json::{Map, Value};

use crate::{
    run_configuration::{json_schema::Schema, problem::Problem, secret_reference::SecretReference, value_path::ValuePath},
    server::{
        api::wire::stack_components::{ComponentRequest, ComponentUpdate},
        db::{
            Connection,
            flavors::FlavorRow,
            secrets::LinkedTo,
            stack_components::{self, StackComponentRow},
            stored::Changes,
        },
        error::{AppError, OnConflict as _, Result},
        id::Id,
        service::{flavors, names, secrets, service_connectors},
        time::Timestamp,
    },
};

/// The component with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<StackComponentRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("component", id))
}

/// Makes a component; its name is unique among those of its type.
pub async fn create(connection: &mut Connection, user: Id, request: ComponentRequest) -> Result<StackComponentRow> {
    flavors::component_type(&request.component_type)?;
    names::validate(&request.name, "component")?;
    require_connector(connection, request.connector).await?;
    if SecretReference::parse(&request.name).is_some() {
        return Err(AppError::Malformed("1 validation error:\n  `name` cannot be a reference to a secret.".to_owned()));
    }
    let flavor = flavors::find(connection, &request.component_type, &request.flavor).await?;
    check_configuration(&flavor, &request.configuration, &Map::new())?;
    let now = Timestamp::now();
    let row = StackComponentRow {
        id: Id::new(),
        created: now,
        updated: now,
        user_id: Some(user),
        name: request.name,
        component_type: request.component_type,
        flavor: request.flavor,
        configuration: Value::Object(request.configuration).to_string(),
        environment: Value::Object(request.environment.unwrap_or_default()).to_string(),
        labels: request.labels.map(|labels| Value::Object(labels).to_string()),
        connector_id: request.connector,
        connector_resource_id: request.connector_resource_id,
    };
    connection.insert(&row).await.on_conflict(|| taken(&row.component_type, &row.name))?;
    secrets::change_links(connection, user, LinkedTo::Component, row.id, &request.secrets.unwrap_or_default(), &[]).await?;
    Ok(row)
}

fn taken(component_type: &str, name: &str) -> AppError {
    AppError::Exists(format!(
        "Unable to register {component_type} component with name '{name}': Found an existing component with the same name."
    ))
}

/// Changes a component. A given configuration replaces the stored one; without a connector it has none any more.
pub async fn update(connection: &mut Connection, user: Id, id: Id, update: ComponentUpdate) -> Result<StackComponentRow> {
    let component = get(connection, id).await?;
    refuse_default(&component)?;
    require_connector(connection, update.connector).await?;
    if let Some(name) = &update.name {
        names::validate(name, "component")?;
    }
    if let Some(configuration) = &update.configuration {
        let flavor = flavors::find(connection, &component.component_type, &component.flavor).await?;
        check_configuration(&flavor, configuration, &serde_json::from_str(&component.configuration)?)?;
    }
    let text = |map: Option<Map<String, Value>>| map.map(|map| Value::Object(map).to_string());
    let changes = Changes::new()
        .set_some("name", update.name.as_deref())
        .set_some("configuration", text(update.configuration))
        .set_some("environment", text(update.environment))
        .set_some("labels", text(update.labels))
        .set("connector_id", update.connector)
        .set("connector_resource_id", update.connector_resource_id.as_deref().filter(|_| update.connector.is_some()));
    let name = update.name.unwrap_or_default();
    connection.update::<StackComponentRow>(id, changes).await.on_conflict(|| taken(&component.component_type, &name))?;
    let (add, remove) = (update.add_secrets.unwrap_or_default(), update.remove_secrets.unwrap_or_default());
    secrets::change_links(connection, user, LinkedTo::Component, id, &add, &remove).await?;
    get(connection, id).await
}

/// Deletes a component that is in no stack.
pub async fn delete(connection: &mut Connection, id: Id) -> Result<()> {
    let component = get(connection, id).await?;
    refuse_default(&component)?;
    let stacks = stack_components::stacks_with(connection, id).await?;
    if !stacks.is_empty() {
        let names: Vec<&str> = stacks.iter().map(|(_, name)| name.as_str()).collect();
        return Err(AppError::Forbidden(format!(
            "Stack component `{}` of type `{}` cannot be deleted as it is part of {} stack(s): {}. Before deleting it, take it out of these stacks.",
            component.name,
            component.component_type,
            names.len(),
            names.join(", ")
        )));
    }
    connection.delete::<StackComponentRow>(id).await?;
    Ok(())
}

/// The components every server starts with cannot be changed.
fn refuse_default(component: &StackComponentRow) -> Result<()> {
    if component.name == "default" && component.user_id.is_none() {
        let kind = &component.component_type;
        return Err(AppError::Forbidden(format!("The default {kind} cannot be changed or deleted.")));
    }
    Ok(())
}

/// Refuses a service connector that does not exist. It stays locked until the component is stored, so that it cannot be
/// deleted meanwhile.
async fn require_connector(connection: &mut Connection, connector: Option<Id>) -> Result<()> {
    match connector {
        Some(id) => service_connectors::get_locked(connection, id).await.map(drop),
        None => Ok(()),
    }
}

/// Refuses configuration keys that the flavor does not have (keys stored earlier are tolerated), missing required ones and
/// values of another type. References to secrets stand for any value.
pub fn check_configuration(flavor: &FlavorRow, configuration: &Map<String, Value>, stored: &Map<String, Value>) -> Result<()> {
    if flavor.is_custom {
        // Its own code says what it takes, and that lies with the client.
        return Ok(());
    }
    let root: Value = serde_json::from_str(&flavor.config_schema)?;
    let open = root.get("additionalProperties").and_then(Value::as_bool).unwrap_or(false);
    let Some(properties) = root.get("properties").and_then(Value::as_object) else { return Ok(()) };
    let unknown = configuration.keys().find(|key| !open && !properties.contains_key(*key) && !stored.contains_key(*key));
    if let Some(key) = unknown {
        let known: Vec<&str> = properties.keys().map(String::as_str).collect();
        return Err(AppError::Invalid(format!(
            "The {} flavor '{}' has no configuration `{key}`. It has: {}.",
            flavor.component_type,
            flavor.name,
            if known.is_empty() { "none".to_owned() } else { known.join(", ") }
        )));
    }
    let required = root.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    if let Some(key) = required.into_iter().find(|key| !configuration.contains_key(*key)) {
        return Err(AppError::InvalidFilter(format!(
            "The {} flavor '{}' needs the configuration `{key}`.",
            flavor.component_type, flavor.name
        )));
    }
    let schema = Schema { secret_references: true, ..Schema::new(&root) };
    let checked = configuration.iter().filter_map(|(key, value)| Some(schema.check(value, properties.get(key)?, &ValuePath::of([key]))));
    match checked.flat_map(|checked| checked.problems).find(Problem::is_error) {
        Some(problem) => Err(AppError::InvalidFilter(format!("The configuration `{}`: {}", problem.path, problem.message))),
        None => Ok(()),
    }
}
