//! `/service_connectors/verify`, `/resources`, `/full_stack_resources`, `/{id}/verify` and `/{id}/client`: what service
//! connectors give access to.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json, value::RawValue};

use super::{
    extract::{ApiJson, ApiQuery, IdPath, OptionalJson},
    resource::{Context, Resource as _},
    routes::Routes,
    stack_components::StackComponents,
    wire::Entity,
};
use crate::{
    model::roles::Action,
    server::{
        auth::Account,
        db::{
            list::ListRequest,
            service_connectors,
            stack_components::{self, StackComponentRow},
        },
        error::{AppError, Result},
        id::Id,
        launch::connectors::Operation,
        middleware::idempotency::SecretAnswer,
        service::{
            self,
            connector_resources::{self, ConnectorResources, Stored, Wanted},
            full_stack_resources::{self, Offer},
        },
        state::AppState,
    },
};

/// The routes of what service connectors give access to.
pub fn router() -> Routes {
    Routes::new()
        .get(Action::ReadSecrets, "/service_connectors/resources", list_resources)
        .fails(&[400, 404, 501])
        .post(Action::Edit, "/service_connectors/verify", verify_request)
        .fails(&[501])
        .post(Action::Edit, "/service_connectors/full_stack_resources", list_full_stack_resources)
        .fails(&[501])
        .put(Action::ReadSecrets, "/service_connectors/{id}/verify", verify)
        .fails(&[501])
        .get(Action::ReadSecrets, "/service_connectors/{id}/client", get_client)
        .fails(&[400, 501])
}

type Document = Json<Box<RawValue>>;

async fn verify_request(
    State(state): State<AppState>,
    _: Account,
    ApiQuery(wanted): ApiQuery<Wanted>,
    ApiJson(request): ApiJson<Value>,
) -> Result<Document> {
    connector_resources::verify_request(&state, &request, &wanted).await.map(Json)
}

async fn verify(State(state): State<AppState>, _: Account, IdPath(id): IdPath, ApiQuery(wanted): ApiQuery<Wanted>) -> Result<Document> {
    let stored = stored(&state, id).await?;
    connector_resources::ask(&state, &stored, Operation::Verify, &wanted).await.map(Json)
}

/// The answer holds credentials.
async fn get_client(
    State(state): State<AppState>,
    _: Account,
    IdPath(id): IdPath,
    ApiQuery(wanted): ApiQuery<Wanted>,
) -> Result<SecretAnswer<Document>> {
    let stored = stored(&state, id).await?;
    connector_resources::ask(&state, &stored, Operation::Client, &wanted).await.map(Json).map(SecretAnswer)
}

/// The connection goes back before the connector is asked, which takes long.
async fn stored(state: &AppState, id: Id) -> Result<Stored> {
    let mut connection = state.db.read().await?;
    let row = service::service_connectors::get(&mut connection, id).await?;
    Stored::read(&mut connection, &state.keys.secrets, row).await
}

/// `resource_id` is not a filter here: connectors say themselves whether they reach it.
async fn list_resources(
    State(state): State<AppState>,
    _: Account,
    ApiQuery(wanted): ApiQuery<Wanted>,
    mut request: ListRequest,
) -> Result<Json<Vec<Box<RawValue>>>> {
    request.parameters.retain(|(name, _)| name != "resource_id");
    let mut stored = Vec::new();
    let mut connection = state.db.read().await?;
    let narrowing = service::service_connectors::narrowing(&request)?;
    for row in service_connectors::list(&mut connection, &request, &narrowing).await?.items {
        stored.push(Stored::read(&mut connection, &state.keys.secrets, row).await?);
    }
    drop(connection);
    connector_resources::of_all(&state, &stored, &wanted).await.map(Json)
}

/// A connector that is not stored.
#[derive(Deserialize, JsonSchema)]
struct ConnectorInfo {
    #[serde(rename = "type")]
    connector_type: String,
    auth_method: String,
    #[serde(default)]
    configuration: Map<String, Value>,
}

#[derive(Deserialize, JsonSchema)]
struct FullStackQuery {
    connector_uuid: Option<Id>,
}

#[derive(Serialize, JsonSchema)]
struct FullStackResources {
    connector_type: String,
    components_resources_info: BTreeMap<&'static str, Vec<ResourcesInfo>>,
}

#[derive(Serialize, JsonSchema)]
struct ResourcesInfo {
    flavor: &'static str,
    flavor_display_name: &'static str,
    required_configuration: BTreeMap<&'static str, &'static str>,
    use_resource_value_as_fixed_config: bool,
    accessible_by_service_connector: Vec<String>,
    connected_through_service_connector: Vec<Entity>,
}

async fn list_full_stack_resources(
    State(state): State<AppState>,
    account: Account,
    ApiQuery(query): ApiQuery<FullStackQuery>,
    OptionalJson(info): OptionalJson<ConnectorInfo>,
) -> Result<Json<FullStackResources>> {
    let everything = Wanted::default();
    let (connector_type, answer) = match (info, query.connector_uuid) {
        (Some(info), None) => {
            let request = json!({
                "name": "unnamed", "connector_type": info.connector_type, "auth_method": info.auth_method,
                "configuration": info.configuration,
            });
            (info.connector_type, connector_resources::verify_request(&state, &request, &everything).await?)
        }
        (None, Some(id)) => {
            let stored = stored(&state, id).await?;
            let answer = connector_resources::ask(&state, &stored, Operation::Verify, &everything).await?;
            (stored.connector_type().to_owned(), answer)
        }
        _ => return Err(AppError::Invalid("Either a connector or its id as `connector_uuid` must be given, and not both.".to_owned())),
    };
    let reached: ConnectorResources = serde_json::from_str(answer.get())?;
    let offers = full_stack_resources::offers(&connector_type, &reached)?;
    let mut context = Context { connection: state.db.read().await?, state, account };
    let mut found: BTreeMap<&'static str, Vec<ResourcesInfo>> =
        full_stack_resources::COMPONENT_TYPES.into_iter().map(|component_type| (component_type, Vec::new())).collect();
    for (offer, ids) in offers {
        let info = resources_info(&mut context, offer, ids, query.connector_uuid).await?;
        found.entry(offer.component_type).or_default().push(info);
    }
    Ok(Json(FullStackResources { connector_type, components_resources_info: found }))
}

async fn resources_info(context: &mut Context, offer: &'static Offer, ids: Vec<String>, connector: Option<Id>) -> Result<ResourcesInfo> {
    let components: Vec<StackComponentRow> = match connector {
        Some(connector) => stack_components::through(&mut context.connection, connector, offer.component_type, offer.flavor).await?,
        None => Vec::new(),
    };
    Ok(ResourcesInfo {
        flavor: offer.flavor,
        flavor_display_name: offer.flavor_display_name,
        required_configuration: offer.required_configuration.iter().copied().collect(),
        use_resource_value_as_fixed_config: offer.resource_is_configuration,
        accessible_by_service_connector: ids,
        connected_through_service_connector: StackComponents::entities(context, &components, false).await?,
    })
}
