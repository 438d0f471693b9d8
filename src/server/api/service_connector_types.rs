//! `/service_connector_types`.

use axum::Json;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    extract::{ApiPath, ApiQuery},
    routes::Routes,
};
use crate::{
    model::roles::Action,
    server::{
        auth::Account,
        error::{AppError, Result},
        service::service_connector_types,
    },
};

/// The routes of the types of service connectors.
pub fn router() -> Routes {
    Routes::new().get(Action::Read, "/service_connector_types", list_types).get(
        Action::Read,
        "/service_connector_types/{connector_type}",
        get_type,
    )
}

#[derive(Deserialize, JsonSchema)]
struct Filter {
    connector_type: Option<String>,
    resource_type: Option<String>,
    auth_method: Option<String>,
}

async fn list_types(_: Account, ApiQuery(filter): ApiQuery<Filter>) -> Json<Vec<&'static RawValue>> {
    let Filter { connector_type, resource_type, auth_method } = &filter;
    let found = service_connector_types::list(connector_type.as_deref(), resource_type.as_deref(), auth_method.as_deref());
    Json(found.into_iter().map(|found| &*found.document).collect())
}

async fn get_type(_: Account, ApiPath(connector_type): ApiPath<String>) -> Result<Json<&'static RawValue>> {
    let found = service_connector_types::find(&connector_type);
    let missing = || AppError::NotFound(format!("The service connector type {connector_type} is not known to this server."));
    Ok(Json(&found.ok_or_else(missing)?.document))
}
