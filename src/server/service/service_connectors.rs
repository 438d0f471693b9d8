//! Service connectors: making, changing and deleting them. What is secret in their configuration is an internal secret.

use serde_json::Value;

use crate::server::{
    api::wire::service_connectors::{ServiceConnectorRequest, ServiceConnectorUpdate},
    db::{
        Connection,
        list::ListRequest,
        service_connectors::{self, Narrowing, ServiceConnectorRow},
        stored::Changes,
    },
    encryption::{Sealer, SecretValues},
    error::{AppError, OnConflict as _, Result},
    id::Id,
    service::{
        names, secrets,
        service_connector_types::{self, Parts, Resources},
    },
    time::Timestamp,
};

/// The service connector with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<ServiceConnectorRow> {
    connection.get(id).await?.ok_or_else(|| missing(id))
}

/// The service connector with this id, which cannot be deleted or changed by others until the transaction ends.
pub async fn get_locked(connection: &mut Connection, id: Id) -> Result<ServiceConnectorRow> {
    connection.get_locked(id).await?.ok_or_else(|| missing(id))
}

fn missing(id: Id) -> AppError {
    AppError::missing("service connector", id)
}

/// The secret part of a connector's configuration.
pub async fn secret_values(connection: &mut Connection, sealer: &Sealer, connector: &ServiceConnectorRow) -> Result<SecretValues> {
    match connector.secret_id {
        Some(secret) => secrets::values(connection, sealer, secret).await,
        None => Ok(SecretValues::default()),
    }
}

/// Makes a service connector; its name is unique.
pub async fn create(
    connection: &mut Connection,
    sealer: &Sealer,
    user: Id,
    request: ServiceConnectorRequest,
) -> Result<ServiceConnectorRow> {
    names::length(&request.name, names::MAX_LENGTH, "name")?;
    names::length(&request.auth_method, names::MAX_LENGTH, "auth_method")?;
    names::length(request.resource_id.as_deref().unwrap_or_default(), names::MAX_LENGTH, "resource_id")?;
    let connector_type = request.connector_type.name().to_owned();
    let known = service_connector_types::find(&connector_type);
    let resources = match known {
        Some(known) => known.resources(&request.auth_method, &request.resource_types)?,
        None => Resources { types: request.resource_types, supports_instances: request.supports_instances },
    };
    let Parts { plain, secret } = match known {
        Some(known) => known.split(&request.auth_method, request.configuration)?,
        None => service_connector_types::split_unknown(request.configuration),
    };
    let now = Timestamp::now();
    let mut row = ServiceConnectorRow {
        id: Id::new(),
        created: now,
        updated: now,
        user_id: Some(user),
        name: request.name,
        description: request.description,
        connector_type,
        auth_method: request.auth_method,
        resource_types: serde_json::to_string(&resources.types)?,
        resource_id: request.resource_id,
        supports_instances: resources.supports_instances,
        configuration: Value::Object(plain).to_string(),
        secret_id: None,
        expires_at: request.expires_at,
        expires_skew_tolerance: request.expires_skew_tolerance,
        expiration_seconds: request.expiration_seconds,
        labels: serde_json::to_string(&request.labels)?,
    };
    row.secret_id = secrets::keep_instead(connection, sealer, user, &purpose(&row.name), None, &secret).await?;
    connection.insert(&row).await.on_conflict(|| taken("create", &row.name))?;
    Ok(row)
}

/// What the internal secret of a connector is called.
fn purpose(connector: &str) -> String {
    format!("service connector {connector}")
}

fn taken(operation: &str, name: &str) -> AppError {
    AppError::Exists(format!(
        "Unable to {operation} the requested service connector with name '{name}': Found another existing service connector with the same name."
    ))
}

/// Changes a service connector. A given configuration, and given labels, replace the stored ones; the resource id and the
/// expiration are always replaced, also by nothing.
pub async fn update(
    connection: &mut Connection,
    sealer: &Sealer,
    user: Id,
    id: Id,
    update: ServiceConnectorUpdate,
) -> Result<ServiceConnectorRow> {
    let stored = get_locked(connection, id).await?;
    names::length(update.name.as_deref().unwrap_or_default(), names::MAX_LENGTH, "name")?;
    names::length(update.resource_id.as_deref().unwrap_or_default(), names::MAX_LENGTH, "resource_id")?;
    if service_connectors::components_with(connection, id).await? > 0 {
        refuse_while_in_use(&stored, &update)?;
    }
    let connector_type = update.connector_type.as_ref().map_or(stored.connector_type.as_str(), |kind| kind.name());
    let auth_method = update.auth_method.as_deref().unwrap_or(&stored.auth_method);
    let known = service_connector_types::find(connector_type);
    let types: Vec<String> = match &update.resource_types {
        Some(types) => types.clone(),
        None => serde_json::from_str(&stored.resource_types)?,
    };
    let resources = match known {
        Some(known) => known.resources(auth_method, &types)?,
        None => Resources { types, supports_instances: update.supports_instances.unwrap_or(stored.supports_instances) },
    };
    let parts = match update.configuration {
        Some(configuration) => Some(match known {
            Some(known) => known.split(auth_method, configuration)?,
            None => service_connector_types::split_unknown(configuration),
        }),
        None => None,
    };
    let mut changes = Changes::new()
        .set_some("name", update.name.as_deref())
        .set_some("description", update.description.as_deref())
        .set("type", connector_type)
        .set("auth_method", auth_method)
        .set("resource_types", serde_json::to_string(&resources.types)?)
        .set("resource_id", update.resource_id.as_deref())
        .set("supports_instances", resources.supports_instances)
        .set_some("expires_at", update.expires_at)
        .set_some("expires_skew_tolerance", update.expires_skew_tolerance)
        .set("expiration_seconds", update.expiration_seconds)
        .set_some("labels", update.labels.as_ref().map(serde_json::to_string).transpose()?);
    let name = update.name.as_deref().unwrap_or(&stored.name);
    if let Some(Parts { plain, secret }) = parts {
        let owner = stored.user_id.unwrap_or(user);
        let kept = secrets::keep_instead(connection, sealer, owner, &purpose(name), stored.secret_id, &secret).await?;
        changes = changes.set("configuration", Value::Object(plain).to_string()).set("secret_id", kept);
    }
    connection.update::<ServiceConnectorRow>(id, changes).await.on_conflict(|| taken("update", name))?;
    get(connection, id).await
}

/// What a connector gives access to stays while stack components rely on it.
fn refuse_while_in_use(stored: &ServiceConnectorRow, update: &ServiceConnectorUpdate) -> Result<()> {
    let types: Vec<String> = serde_json::from_str(&stored.resource_types)?;
    let changed = if update.connector_type.as_ref().is_some_and(|kind| kind.name() != stored.connector_type) {
        "service type"
    } else if update.auth_method.as_ref().is_some_and(|method| *method != stored.auth_method) {
        "authentication method"
    } else if update.resource_types.as_ref().is_some_and(|wanted| !wanted.is_empty() && *wanted != types) {
        "resource type"
    } else if update.resource_id != stored.resource_id {
        "resource ID"
    } else {
        return Ok(());
    };
    Err(AppError::Forbidden(format!(
        "The {changed} of a service connector that is already actively used in one or more stack components cannot be changed."
    )))
}

/// Deletes a service connector that no stack component uses, with its secret.
pub async fn delete(connection: &mut Connection, id: Id) -> Result<()> {
    let connector = get_locked(connection, id).await?;
    let components = service_connectors::components_with(connection, id).await?;
    if components > 0 {
        return Err(AppError::Forbidden(format!(
            "Service connector with ID {id} cannot be deleted as it is still referenced by {components} stack components. Before deleting \
             this service connector, make sure to remove it from all stack components."
        )));
    }
    connection.delete::<ServiceConnectorRow>(id).await?;
    if let Some(secret) = connector.secret_id {
        connection.delete::<crate::server::db::secrets::SecretRow>(secret).await?;
    }
    Ok(())
}

/// Whether a connector's method of signing in has this option.
pub fn has_option(connector: &ServiceConnectorRow, option: &str) -> bool {
    service_connector_types::find(&connector.connector_type).is_some_and(|found| found.has_option(&connector.auth_method, option))
}

/// What a list request narrows a list to besides the fields: `resource_type`, and `labels_str` as JSON
/// (`{"a": "b", "c": null}`) or as text (`a=b,c`).
pub fn narrowing(request: &ListRequest) -> Result<Narrowing> {
    let labels = match request.get("labels_str") {
        Some(text) => labels(text)?,
        None => Vec::new(),
    };
    Ok(Narrowing { resource_type: request.get("resource_type").filter(|kind| !kind.is_empty()).map(str::to_owned), labels })
}

fn labels(text: &str) -> Result<Vec<(String, Option<String>)>> {
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        let pair = |label: &str| match label.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (label.to_owned(), None),
        };
        return Ok(text.split(',').map(pair).collect());
    };
    let wrong = || AppError::InvalidFilter(format!("`labels_str` takes an object of texts or `a=b,c`, not `{text}`."));
    let pair = |(name, value): (&String, &Value)| match value {
        Value::Null => Ok((name.clone(), None)),
        Value::String(value) => Ok((name.clone(), Some(value.clone()))),
        _ => Err(wrong()),
    };
    value.as_object().ok_or_else(wrong)?.iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_from_json_and_from_text() {
        let pair = |name: &str, value: Option<&str>| (name.to_owned(), value.map(str::to_owned));
        assert_eq!(labels("a=b,c").expect("text"), [pair("a", Some("b")), pair("c", None)]);
        assert_eq!(labels(r#"{"a": "b", "c": null}"#).expect("JSON"), [pair("a", Some("b")), pair("c", None)]);
        assert!(matches!(labels("[1]"), Err(AppError::InvalidFilter(_))));
        assert!(matches!(labels(r#"{"a": 1}"#), Err(AppError::InvalidFilter(_))));
    }
}
