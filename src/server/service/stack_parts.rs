//! Components and service connectors that are made together with their stack.

use serde_json::{Map, Value};

use rand::Rng as _;

use crate::{
    args,
    server::{
        api::wire::{
            service_connectors::{ConnectorTypeReference, ServiceConnectorRequest},
            stack_components::ComponentRequest,
            stacks::{ComponentReference, ConnectorReference, NewComponent, NewConnector, StackRequest},
        },
        db::{
            Connection,
            flavors::{self as flavor_rows, FlavorRow},
            service_connectors::ServiceConnectorRow,
            stack_components::StackComponentRow,
            stored::Changes,
        },
        encryption::Sealer,
        error::{AppError, Result},
        id::Id,
        service::{flavors, service_connectors, stack_components},
    },
};

/// Whether a connector hands out temporary tokens instead of its own credentials, where its type has the choice.
const TEMPORARY_TOKENS: &str = "generate_temporary_tokens";

/// Who makes a stack, and what its parts have from it.
pub struct Maker<'a> {
    pub sealer: &'a Sealer,
    pub user: Id,
    /// The stack's name.
    pub name: &'a str,
    pub labels: Option<&'a Map<String, Value>>,
}

impl Maker<'_> {
    /// The components of a requested stack, those that are new made with their connectors.
    pub async fn components(&self, connection: &mut Connection, request: &StackRequest) -> Result<Vec<StackComponentRow>> {
        let permanent = needs_permanent_tokens(connection, request).await?;
        let mut connectors = Vec::with_capacity(request.service_connectors.len());
        for reference in &request.service_connectors {
            connectors.push(match reference {
                ConnectorReference::Id(id) => existing_connector(connection, *id, permanent).await?,
                ConnectorReference::New(new) => self.new_connector(connection, new, permanent).await?,
            });
        }
        let mut components = Vec::new();
        for (component_type, references) in &request.components {
            flavors::component_type(component_type)?;
            for reference in references {
                components.push(match reference {
                    ComponentReference::Id(id) => existing_component(connection, component_type, *id).await?,
                    ComponentReference::New(new) => self.new_component(connection, component_type, new, &connectors).await?,
                });
            }
        }
        Ok(components)
    }

    async fn new_connector(&self, connection: &mut Connection, new: &NewConnector, permanent: bool) -> Result<ServiceConnectorRow> {
        let taken = connection.find::<ServiceConnectorRow>("name = $1", args![self.name]).await?.is_some();
        let mut configuration = new.configuration.clone();
        configuration.insert(TEMPORARY_TOKENS.to_owned(), Value::Bool(!permanent));
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let request = ServiceConnectorRequest {
            name: self.free_name(taken),
            connector_type: ConnectorTypeReference::Name(new.connector_type.clone()),
            description: String::new(),
            auth_method: new.auth_method.clone(),
            resource_types: Vec::new(),
            resource_id: None,
            supports_instances: false,
            expires_at: None,
            expires_skew_tolerance: None,
            expiration_seconds: None,
            configuration,
            labels: self.labels.into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect(),
        };
        service_connectors::create(connection, self.sealer, self.user, request).await
    }

    async fn new_component(
        &self,
        connection: &mut Connection,
        component_type: &str,
        new: &NewComponent,
        connectors: &[ServiceConnectorRow],
    ) -> Result<StackComponentRow> {
        let connector = match new.service_connector_index {
            Some(index) => {
                let found = usize::try_from(index).ok().and_then(|index| connectors.get(index));
                Some(found.ok_or_else(|| {
                    AppError::Malformed(format!("1 validation error:\n  There is no service connector with the index {index}."))
                })?)
            }
            None => None,
        };
        let flavor = flavor_rows::find(connection, component_type, &new.flavor).await?.ok_or_else(|| {
            AppError::Invalid(format!("The flavor '{}' does not exist for components of type {component_type}.", new.flavor))
        })?;
        stack_components::check_configuration(&flavor, &new.configuration, &Map::new())?;
        let resource_id = connector.map(|connector| resource_id(&flavor, new, connector)).transpose()?.flatten();
        let taken = connection.find::<StackComponentRow>("type = $1 and name = $2", args![component_type, self.name]).await?.is_some();
        let request = ComponentRequest {
            name: self.free_name(taken),
            component_type: component_type.to_owned(),
            flavor: new.flavor.clone(),
            configuration: new.configuration.clone(),
            environment: None,
            secrets: None,
            connector_resource_id: resource_id,
            labels: Some(self.labels.cloned().unwrap_or_default()),
            connector: connector.map(|connector| connector.id),
        };
        stack_components::create(connection, self.user, request).await
    }

    /// What is made with a stack has its name, with four letters more where that name is taken.
    fn free_name(&self, taken: bool) -> String {
        if !taken {
            return self.name.to_owned();
        }
        let mut random = rand::rng();
        let letters: String = (0..4).map(|_| char::from(random.random_range(b'a'..=b'z'))).collect();
        format!("{}-{letters}", self.name).to_lowercase()
    }
}

/// An existing component, which is of the type it was named for.
pub async fn existing_component(connection: &mut Connection, component_type: &str, id: Id) -> Result<StackComponentRow> {
    let row = stack_components::get(connection, id).await?;
    if row.component_type != component_type {
        return Err(AppError::Invalid(format!("The component '{}' is of type {}, not {component_type}.", row.name, row.component_type)));
    }
    Ok(row)
}

/// Orchestrators that start virtual machines (`vm_aws`, …) use a connector's credentials for longer than tokens last.
async fn needs_permanent_tokens(connection: &mut Connection, request: &StackRequest) -> Result<bool> {
    for (component_type, references) in &request.components {
        for reference in references.iter().filter(|_| component_type == "orchestrator") {
            let flavor = match reference {
                ComponentReference::Id(id) => stack_components::get(connection, *id).await?.flavor,
                ComponentReference::New(new) => new.flavor.clone(),
            };
            if flavor.starts_with("vm_") {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

async fn existing_connector(connection: &mut Connection, id: Id, permanent: bool) -> Result<ServiceConnectorRow> {
    let mut row = service_connectors::get_locked(connection, id).await?;
    let mut configuration: Map<String, Value> = serde_json::from_str(&row.configuration)?;
    if permanent
        && configuration.get(TEMPORARY_TOKENS) != Some(&Value::Bool(false))
        && service_connectors::has_option(&row, TEMPORARY_TOKENS)
    {
        configuration.insert(TEMPORARY_TOKENS.to_owned(), Value::Bool(false));
        row.configuration = Value::Object(configuration).to_string();
        let changes = Changes::new().set("configuration", row.configuration.as_str());
        connection.update::<ServiceConnectorRow>(id, changes).await?;
    }
    Ok(row)
}

/// The resource that a new component reaches through a connector, which must fit its flavor.
fn resource_id(flavor: &FlavorRow, new: &NewComponent, connector: &ServiceConnectorRow) -> Result<Option<String>> {
    let Some(resource_type) = &flavor.connector_resource_type else {
        return Err(AppError::Invalid(format!("The flavor '{}' does not reach its resources through service connectors.", flavor.name)));
    };
    let types: Vec<String> = serde_json::from_str(&connector.resource_types)?;
    let fits = flavor.connector_type.as_ref().is_none_or(|kind| *kind == connector.connector_type) && types.contains(resource_type);
    let attribute = flavor.connector_resource_id_attr.as_deref();
    let named = attribute.and_then(|attribute| new.configuration.get(attribute)).and_then(Value::as_str).map(str::to_owned);
    if !fits {
        return Err(AppError::Invalid(format!(
            "The service connector '{}' gives no access to a {resource_type}, which the flavor '{}' needs.",
            connector.name, flavor.name
        )));
    }
    if let Some(attribute) = attribute.filter(|_| named.is_none()) {
        return Err(AppError::Invalid(format!(
            "The flavor '{}' needs the configuration `{attribute}`: it names the {resource_type} to reach through the connector.",
            flavor.name
        )));
    }
    match new.service_connector_resource_id.clone().or(named).or_else(|| connector.resource_id.clone()) {
        None if connector.supports_instances => Err(AppError::Invalid(format!(
            "The service connector '{}' gives access to several {resource_type} resources. Name one with `service_connector_resource_id`.",
            connector.name
        ))),
        found => Ok(found),
    }
}
