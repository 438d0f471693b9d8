//! What service connectors give access to, which ZenML's own connectors are asked for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::server::{
    api::wire::{self, service_connectors::ServiceConnectorRequest},
    db::{Connection, service_connectors::ServiceConnectorRow, users::UserRow},
    encryption::Sealer,
    error::{AppError, Result},
    launch::connectors::{self, Job, Operation},
    service::{service_connector_types, service_connectors},
    state::AppState,
};

/// Types whose connectors come with zenml itself; those of all others come with the integration of the same name.
const WITHOUT_INTEGRATION: [&str; 2] = ["docker", "oauth2"];

/// Which resources are asked for.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct Wanted {
    pub resource_type: Option<String>,
    pub resource_id: Option<String>,
    pub list_resources: Option<String>,
}

impl Wanted {
    fn lists(&self) -> bool {
        self.list_resources.as_deref().is_none_or(|text| crate::server::db::list::truth(text) == Some(true))
    }
}

/// What a connector gives access to, in ZenML's shape.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ConnectorResources {
    pub resources: Vec<TypedResources>,
}

/// The resources of one type; none are named where they were not asked for or cannot be told.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct TypedResources {
    pub resource_type: String,
    pub resource_ids: Option<Vec<String>>,
    pub error: Option<String>,
}

/// The integrations whose packages a type's connectors need.
fn integrations(connector_type: &str) -> Result<Vec<String>> {
    if service_connector_types::find(connector_type).is_none() {
        return Err(AppError::NotImplemented(format!(
            "The service connector type {connector_type} is not known to this server: its resources are known to clients that have it."
        )));
    }
    Ok(if WITHOUT_INTEGRATION.contains(&connector_type) { Vec::new() } else { vec![connector_type.to_owned()] })
}

/// A stored connector, and everything that is needed to ask it.
pub struct Stored {
    row: ServiceConnectorRow,
    document: Box<RawValue>,
}

impl Stored {
    /// Reads the secret part of a connector's configuration, and its owner.
    pub async fn read(connection: &mut Connection, sealer: &Sealer, row: ServiceConnectorRow) -> Result<Self> {
        let secret = service_connectors::secret_values(connection, sealer, &row).await?;
        let users = connection.get_many::<UserRow>(row.user_id).await?;
        let owner = wire::users::owner(&users, row.user_id)?;
        let document = wire::json(&wire::service_connectors::entity(&row, None, &secret, owner, true)?)?;
        Ok(Self { row, document })
    }

    /// The name of the connector's type.
    pub fn connector_type(&self) -> &str {
        &self.row.connector_type
    }

    fn job(&self, operation: Operation, wanted: &Wanted) -> Job {
        Job {
            operation,
            connector: self.document.clone(),
            resource_type: wanted.resource_type.clone(),
            resource_id: wanted.resource_id.clone(),
            list_resources: wanted.lists(),
        }
    }

    /// What is known without asking.
    fn unasked(&self, wanted: &Wanted, error: &str) -> Result<Box<RawValue>> {
        #[derive(Serialize)]
        struct Unasked<'a> {
            id: crate::server::id::Id,
            name: &'a str,
            connector_type: &'a str,
            resources: Vec<TypedResources>,
            error: Option<&'a str>,
        }
        let types: Vec<String> = serde_json::from_str(&self.row.resource_types)?;
        let resource_ids = self.row.resource_id.clone().map(|id| vec![id]);
        let resource = |resource_type: String| TypedResources {
            resource_type,
            error: resource_ids.is_none().then(|| error.to_owned()),
            resource_ids: resource_ids.clone(),
        };
        let wanted = |kind: &String| wanted.resource_type.as_ref().is_none_or(|wanted| wanted == kind);
        wire::json(&Unasked {
            id: self.row.id,
            name: &self.row.name,
            connector_type: &self.row.connector_type,
            resources: types.into_iter().filter(wanted).map(resource).collect(),
            error: None,
        })
    }
}

/// Asks a stored connector one thing.
pub async fn ask(state: &AppState, connector: &Stored, operation: Operation, wanted: &Wanted) -> Result<Box<RawValue>> {
    let job = connector.job(operation, wanted);
    only(connectors::ask(state, integrations(connector.connector_type())?, vec![job]).await?)
}

/// Asks a connector that is not stored what it gives access to. The request goes on as the client sent it.
pub async fn verify_request(state: &AppState, request: &serde_json::Value, wanted: &Wanted) -> Result<Box<RawValue>> {
    let read: ServiceConnectorRequest =
        serde_json::from_value(request.clone()).map_err(|error| AppError::Malformed(format!("1 validation error:\n  {error}")))?;
    let connector_type = read.connector_type.name();
    let mut document = request.clone();
    document["connector_type"] = connector_type.into();
    let job = Job {
        operation: Operation::Verify,
        connector: wire::json(&document)?,
        resource_type: None,
        resource_id: None,
        list_resources: wanted.lists(),
    };
    only(connectors::ask(state, integrations(connector_type)?, vec![job]).await?)
}

/// What stored connectors give access to. One that is refused access is left out, as the reference server does; of one that
/// cannot be asked comes what is stored, with the reason.
pub async fn of_all(state: &AppState, stored: &[Stored], wanted: &Wanted) -> Result<Vec<Box<RawValue>>> {
    let (mut jobs, mut needed, mut asked) = (Vec::new(), Vec::new(), Vec::new());
    for connector in stored {
        let integrations = integrations(connector.connector_type());
        asked.push(integrations.as_ref().err().map(AppError::message));
        if let Ok(integrations) = integrations {
            needed.extend(integrations);
            jobs.push(connector.job(Operation::Verify, wanted));
        }
    }
    let (mut answers, mut unusable) = (Vec::new().into_iter(), None);
    match connectors::ask(state, needed, jobs).await {
        Ok(said) => answers = said.into_iter(),
        Err(error @ AppError::NotImplemented(_)) => unusable = Some(error.message()),
        Err(error) => return Err(error),
    }
    let mut found = Vec::new();
    for (connector, not_asked) in stored.iter().zip(asked) {
        let is_the_one = wanted.resource_id.as_ref().is_none_or(|id| connector.row.resource_id.as_ref() == Some(id));
        if let Some(reason) = not_asked.as_ref().or(unusable.as_ref()) {
            if is_the_one {
                found.push(connector.unasked(wanted, reason)?);
            }
            continue;
        }
        match answers.next() {
            Some(Ok(answer)) => found.push(answer),
            Some(Err(AppError::NotImplemented(reason))) if is_the_one => found.push(connector.unasked(wanted, &reason)?),
            _ => {}
        }
    }
    Ok(found)
}

fn only(answers: Vec<connectors::Answer>) -> Result<Box<RawValue>> {
    answers.into_iter().next().ok_or_else(|| AppError::Internal(anyhow::anyhow!("a service connector gave no answer")))?
}
