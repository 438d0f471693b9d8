//! `/service_connectors`.

use axum::{Json, extract::State};

use super::{
    extract::IdPath,
    resource::{self, Context, Create, Delete, Resource, Update},
    routes::Routes,
    wire::{
        self, Entity,
        service_connectors::{ServiceConnectorRequest, ServiceConnectorUpdate},
    },
};
use crate::{
    model::roles::Action,
    server::{
        auth::Account,
        db::{
            list::{ListRequest, ListSpec, Page},
            service_connectors::{self, ServiceConnectorRow},
            users::UserRow,
        },
        encryption::SecretValues,
        error::Result,
        id::Id,
        service::{self, service_connector_types},
        state::AppState,
    },
};

/// The routes of service connectors.
pub fn router() -> Routes {
    let routes = Routes::new().list::<ServiceConnectors>(Action::Read).create_secret::<ServiceConnectors>(Action::Edit);
    routes
        .update::<ServiceConnectors>(Action::Edit)
        .remove::<ServiceConnectors>(Action::Edit)
        .get(Action::Read, "/service_connectors/{id}", get_connector)
        .reads("expand_secrets", "Whether the secret part of the configuration is shown; it is unless asked not to.")
        .reads("hydrate", "Whether the connector comes with its metadata; it does unless asked not to.")
}

/// Service connectors as a resource.
pub struct ServiceConnectors;

impl Resource for ServiceConnectors {
    const PATH: &'static str = "/service_connectors";
    const NAME: &'static str = "service connector";
    const LIST: &'static ListSpec = &service_connectors::LIST;
    type Key = Id;
    /// With the secret part of the configuration, where that is asked for.
    type Row = (ServiceConnectorRow, SecretValues);

    async fn list(context: &mut Context, request: &ListRequest) -> Result<Page<Self::Row>> {
        let narrowing = service::service_connectors::narrowing(request)?;
        let page = service_connectors::list(&mut context.connection, request, &narrowing).await?;
        let mut rows = Vec::with_capacity(page.items.len());
        for row in &page.items {
            rows.push(with_secrets(context, row.clone(), expand_secrets(request)?).await?);
        }
        Ok(page.with_items(rows))
    }

    async fn get(context: &mut Context, id: Id) -> Result<Self::Row> {
        let row = service::service_connectors::get(&mut context.connection, id).await?;
        with_secrets(context, row, true).await
    }

    async fn entities(context: &mut Context, rows: &[Self::Row], hydrate: bool) -> Result<Vec<Entity>> {
        let owners: Vec<Id> = rows.iter().filter_map(|(row, _)| row.user_id).collect();
        let users = context.connection.get_many::<UserRow>(owners).await?;
        let entity = |(row, secret): &Self::Row| {
            let specification = service_connector_types::find(&row.connector_type).map(|found| &*found.document);
            wire::service_connectors::entity(row, specification, secret, wire::users::owner(&users, row.user_id)?, hydrate)
        };
        rows.iter().map(entity).collect()
    }
}

impl Create for ServiceConnectors {
    type Request = ServiceConnectorRequest;

    async fn create(context: &mut Context, request: ServiceConnectorRequest) -> Result<Self::Row> {
        let Context { connection, state, account } = context;
        let row = service::service_connectors::create(connection, &state.keys.secrets, account.user.id, request).await?;
        with_secrets(context, row, true).await
    }
}

impl Update for ServiceConnectors {
    type Update = ServiceConnectorUpdate;

    async fn update(context: &mut Context, id: Id, update: ServiceConnectorUpdate) -> Result<Self::Row> {
        let Context { connection, state, account } = context;
        let row = service::service_connectors::update(connection, &state.keys.secrets, account.user.id, id, update).await?;
        with_secrets(context, row, true).await
    }
}

impl Delete for ServiceConnectors {
    async fn delete(context: &mut Context, id: Id) -> Result<()> {
        service::service_connectors::delete(&mut context.connection, id).await
    }
}

/// With the secret part where that is asked for, and for whom it is no secret.
async fn with_secrets(context: &mut Context, row: ServiceConnectorRow, expand: bool) -> Result<(ServiceConnectorRow, SecretValues)> {
    if !expand || !context.account.may(Action::ReadSecrets) {
        return Ok((row, SecretValues::default()));
    }
    let secret = service::service_connectors::secret_values(&mut context.connection, &context.state.keys.secrets, &row).await?;
    Ok((row, secret))
}

/// `?expand_secrets=`: whether the secret part of configurations is shown; it is unless asked not to.
fn expand_secrets(request: &ListRequest) -> Result<bool> {
    Ok(request.switch("expand_secrets")?.unwrap_or(true))
}

async fn get_connector(State(state): State<AppState>, account: Account, IdPath(id): IdPath, request: ListRequest) -> Result<Json<Entity>> {
    let mut context = Context { connection: state.db.read().await?, state, account };
    let row = service::service_connectors::get(&mut context.connection, id).await?;
    let row = with_secrets(&mut context, row, expand_secrets(&request)?).await?;
    let hydrate = request.switch("hydrate")?.unwrap_or(true);
    resource::entity::<ServiceConnectors>(&mut context, &row, hydrate).await.map(Json)
}
