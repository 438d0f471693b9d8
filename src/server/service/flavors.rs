//! Flavors: the built-in catalogue and custom ones.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::server::{
    api::wire::flavors::{FlavorRequest, FlavorUpdate},
    db::{
        Connection,
        flavors::{self, FlavorRow},
        stored::Changes,
    },
    error::{AppError, OnConflict as _, Result},
    id::Id,
    service::names,
    time::Timestamp,
};

/// The flavors of ZenML 0.98 and its integrations: types, sources and structural schemas.
const CATALOGUE: &str = include_str!("flavor_catalogue.json");

/// The component types of ZenML 0.98.
pub const COMPONENT_TYPES: [&str; 15] = [
    "alerter",
    "annotator",
    "artifact_store",
    "container_registry",
    "data_validator",
    "experiment_tracker",
    "feature_store",
    "image_builder",
    "log_store",
    "model_deployer",
    "orchestrator",
    "step_operator",
    "model_registry",
    "deployer",
    "sandbox",
];

#[derive(Deserialize)]
struct CatalogueEntry {
    name: String,
    #[serde(rename = "type")]
    component_type: String,
    display_name: Option<String>,
    integration: Option<String>,
    source: String,
    config_schema: Box<RawValue>,
    settings_schema: Option<Box<RawValue>>,
    is_local: bool,
    is_remote: bool,
    has_synchronous_field: bool,
    connector_type: Option<String>,
    connector_resource_type: Option<String>,
    connector_resource_id_attr: Option<String>,
    logo_url: Option<String>,
    docs_url: Option<String>,
    sdk_docs_url: Option<String>,
}

/// Brings the built-in flavors of the database to those of this program: new ones are added, changed ones replaced.
pub async fn sync(connection: &mut Connection) -> Result<()> {
    let entries: Vec<CatalogueEntry> = serde_json::from_str(CATALOGUE)?;
    let stored: Vec<FlavorRow> = connection.find_all("is_custom = $1", crate::args![false]).await?;
    for entry in entries {
        let known = stored.iter().find(|row| row.component_type == entry.component_type && row.name == entry.name);
        let row = entry.into_row(known);
        match known {
            // Unless somebody removed it and gave its name to a flavor of their own, which stays.
            None => {
                connection.insert_if_absent(&row).await?;
            }
            Some(known) if differs(known, &row) => {
                connection.delete::<FlavorRow>(known.id).await?;
                connection.insert(&row).await?;
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn differs(stored: &FlavorRow, row: &FlavorRow) -> bool {
    stored.source != row.source
        || stored.display_name != row.display_name
        || stored.integration != row.integration
        || stored.config_schema != row.config_schema
        || stored.settings_schema != row.settings_schema
        || stored.sdk_docs_url != row.sdk_docs_url
}

impl CatalogueEntry {
    fn into_row(self, known: Option<&FlavorRow>) -> FlavorRow {
        let now = Timestamp::now();
        FlavorRow {
            id: known.map_or_else(Id::new, |row| row.id),
            created: known.map_or(now, |row| row.created),
            updated: now,
            user_id: None,
            name: self.name,
            component_type: self.component_type,
            display_name: self.display_name,
            integration: self.integration,
            source: self.source,
            config_schema: self.config_schema.get().to_owned(),
            settings_schema: self.settings_schema.map(|schema| schema.get().to_owned()),
            is_local: self.is_local,
            is_remote: self.is_remote,
            has_synchronous_field: self.has_synchronous_field,
            connector_type: self.connector_type,
            connector_resource_type: self.connector_resource_type,
            connector_resource_id_attr: self.connector_resource_id_attr,
            logo_url: self.logo_url,
            docs_url: self.docs_url,
            sdk_docs_url: self.sdk_docs_url,
            is_custom: false,
        }
    }
}

/// The flavor with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<FlavorRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("flavor", id))
}

/// The flavor of a component type with this name.
pub async fn find(connection: &mut Connection, component_type: &str, name: &str) -> Result<FlavorRow> {
    let found = flavors::find(connection, component_type, name).await?;
    found.ok_or_else(|| AppError::NotFound(format!("The flavor '{name}' does not exist for components of type {component_type}.")))
}

/// Registers a custom flavor, whose code lives with the client.
pub async fn create(connection: &mut Connection, user: Id, request: FlavorRequest) -> Result<FlavorRow> {
    component_type(&request.component_type)?;
    names::validate(&request.name, "flavor")?;
    check_schema(&request.config_schema)?;
    let is_custom = request.is_custom.unwrap_or(true);
    let now = Timestamp::now();
    let row = FlavorRow {
        id: Id::new(),
        created: now,
        updated: now,
        // As on the reference server, what is not custom is nobody's.
        user_id: is_custom.then_some(user),
        name: request.name,
        component_type: request.component_type,
        display_name: request.display_name,
        // As on the reference server, what belongs to no integration says so by an empty text.
        integration: Some(request.integration.unwrap_or_default()),
        source: request.source,
        config_schema: request.config_schema.get().to_owned(),
        settings_schema: None,
        is_local: false,
        is_remote: false,
        has_synchronous_field: false,
        connector_type: request.connector_type,
        connector_resource_type: request.connector_resource_type,
        connector_resource_id_attr: request.connector_resource_id_attr,
        logo_url: request.logo_url,
        docs_url: request.docs_url,
        sdk_docs_url: request.sdk_docs_url,
        is_custom,
    };
    connection.insert(&row).await.on_conflict(|| taken(&row.component_type, &row.name))?;
    Ok(row)
}

fn taken(component_type: &str, name: &str) -> AppError {
    AppError::Exists(format!("A flavor of components of type {component_type} with the name '{name}' exists already."))
}

fn check_schema(schema: &RawValue) -> Result<()> {
    if !schema.get().starts_with('{') {
        return Err(AppError::Malformed("1 validation error:\n  `config_schema` must be an object.".to_owned()));
    }
    if schema.get().len() > names::MAX_TEXT_LENGTH {
        return Err(AppError::Invalid(format!("The configuration schema is longer than {} characters.", names::MAX_TEXT_LENGTH)));
    }
    Ok(())
}

/// Changes a flavor. Components name their flavor, so that one in use keeps its name and type.
pub async fn update(connection: &mut Connection, id: Id, update: FlavorUpdate) -> Result<FlavorRow> {
    let flavor = get(connection, id).await?;
    let name = update.name.as_deref().unwrap_or(&flavor.name);
    let kind = update.component_type.as_deref().unwrap_or(&flavor.component_type);
    names::length(name, names::MAX_LENGTH, "name")?;
    component_type(kind)?;
    if let Some(schema) = &update.config_schema {
        check_schema(schema)?;
    }
    if (name, kind) != (&flavor.name, &flavor.component_type) && flavors::in_use(connection, &flavor).await? {
        return Err(AppError::Forbidden(format!("The flavor '{}' cannot be renamed: a stack component uses it.", flavor.name)));
    }
    let changes = Changes::new()
        .set("name", name)
        .set("type", kind)
        .set_some("display_name", update.display_name)
        .set_some("config_schema", update.config_schema.as_ref().map(|schema| schema.get()))
        .set_some("connector_type", update.connector_type)
        .set_some("connector_resource_type", update.connector_resource_type)
        .set_some("connector_resource_id_attr", update.connector_resource_id_attr)
        .set_some("source", update.source)
        .set_some("integration", update.integration)
        .set_some("logo_url", update.logo_url)
        .set_some("docs_url", update.docs_url)
        .set_some("sdk_docs_url", update.sdk_docs_url)
        .set_some("is_custom", update.is_custom);
    connection.update::<FlavorRow>(id, changes).await.on_conflict(|| taken(kind, name))?;
    get(connection, id).await
}

/// Deletes a flavor that no component uses; a built-in one comes back with the next [`sync`].
pub async fn delete(connection: &mut Connection, id: Id) -> Result<()> {
    let flavor = get(connection, id).await?;
    if flavors::in_use(connection, &flavor).await? {
        return Err(AppError::Forbidden(format!("The flavor '{}' cannot be deleted: a stack component uses it.", flavor.name)));
    }
    connection.delete::<FlavorRow>(id).await?;
    Ok(())
}

/// Refuses what is no component type.
pub fn component_type(text: &str) -> Result<()> {
    if COMPONENT_TYPES.contains(&text) {
        return Ok(());
    }
    Err(AppError::Malformed(format!("1 validation error:\n  `type` must be one of {}, not `{text}`.", COMPONENT_TYPES.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_readable_and_has_the_default_flavors() {
        let entries: Vec<CatalogueEntry> = serde_json::from_str(CATALOGUE).expect("a readable catalogue");
        for kind in ["orchestrator", "artifact_store", "deployer"] {
            let local = entries.iter().find(|e| e.component_type == kind && e.name == "local").expect("a local flavor");
            assert!(local.is_local, "{kind}");
        }
        assert!(entries.iter().all(|entry| entry.integration.is_some()), "a stack's environment is made of the integrations");
        assert!(entries.iter().all(|entry| COMPONENT_TYPES.contains(&entry.component_type.as_str())));
    }
}
