//! `/info`, `/version`, `/settings` and the like: the server itself.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    extract::{ApiJson, ApiQuery, Hydrate},
    routes::Routes,
    wire::{
        Entity,
        server::{
            Empty, ServerActivationRequest, ServerInfo, ServerLoad, ServerSettings, ServerSettingsUpdate, ServerStatistics, ZENML_VERSION,
            settings,
        },
        users::entity,
    },
};
use crate::{
    model::roles::Action,
    server::{
        auth::{Account, passwords},
        db::server_settings,
        error::Result,
        service,
        state::AppState,
    },
};

/// The routes of the server itself.
pub fn router() -> Routes {
    Routes::new()
        .put(Action::Open, "/activate", activate_server)
        .fails(&[401])
        .get(Action::Open, "/info", get_info)
        .get(Action::Read, "/load-info", get_load)
        .get(Action::Read, "/onboarding_state", get_onboarding_state)
        .get(Action::Read, "/settings", get_settings)
        .put(Action::Read, "/settings", update_settings)
        .get(Action::Read, "/statistics", get_statistics)
        .get(Action::Open, "/version", get_version)
}

/// Needs no sign-in: it tells the client how to sign in.
async fn get_info(State(state): State<AppState>) -> Result<Json<ServerInfo>> {
    let row = server_settings::get(&mut state.db.read().await?).await?;
    Ok(Json(ServerInfo {
        id: state.server.id,
        name: row.server_name,
        version: ZENML_VERSION,
        active: row.active,
        debug: false,
        deployment_type: "other",
        // The client knows no PostgreSQL server.
        database_type: if state.db.kind() == "sqlite" { "sqlite" } else { "other" },
        secrets_store_type: "sql",
        auth_scheme: "OAUTH2_PASSWORD_BEARER",
        server_url: state.config.public_url(),
        dashboard_url: "",
        // This server sends nothing to anybody, whatever the setting says.
        analytics_enabled: false,
        metadata: Empty {},
        last_user_activity: row.last_user_activity,
        pro_dashboard_url: (),
        pro_api_url: (),
        pro_organization_id: (),
        pro_organization_name: (),
        pro_workspace_id: (),
        pro_workspace_name: (),
    }))
}

/// Needs no sign-in.
async fn get_version() -> Json<&'static str> {
    Json(ZENML_VERSION)
}

async fn get_load(State(state): State<AppState>, _: Account) -> Json<ServerLoad> {
    let (total, active) = state.db.usage();
    Json(ServerLoad {
        threads: tokio::runtime::Handle::current().metrics().num_workers(),
        db_connections_total: total,
        db_connections_active: active,
        db_connections_overflow: 0,
    })
}

async fn get_onboarding_state(State(state): State<AppState>, _: Account) -> Result<Json<Vec<String>>> {
    Ok(Json(service::onboarding::state(&mut state.db.read().await?).await?))
}

async fn get_settings(State(state): State<AppState>, _: Account, Hydrate(hydrate): Hydrate) -> Result<Json<ServerSettings>> {
    Ok(Json(settings(server_settings::get(&mut state.db.read().await?).await?, hydrate)))
}

async fn update_settings(
    State(state): State<AppState>,
    account: Account,
    ApiJson(update): ApiJson<ServerSettingsUpdate>,
) -> Result<Json<ServerSettings>> {
    if !update.is_empty() {
        account.require(&state, Action::Administer).await?;
    }
    let mut connection = state.db.begin().await?;
    let row = service::server_settings::update(&mut connection, update).await?;
    connection.commit().await?;
    Ok(Json(settings(row, true)))
}

async fn get_statistics(State(state): State<AppState>, _: Account) -> Result<Json<ServerStatistics>> {
    let (stacks, components, projects) = server_settings::statistics(&mut state.db.read().await?).await?;
    Ok(Json(ServerStatistics { stacks, components, projects }))
}

#[derive(Deserialize, JsonSchema)]
struct ActivationQuery {
    /// The token of the set-up link; the body may carry it instead.
    token: Option<String>,
}

/// Needs no sign-in, but the token of the set-up link.
async fn activate_server(
    State(state): State<AppState>,
    ApiQuery(query): ApiQuery<ActivationQuery>,
    ApiJson(request): ApiJson<ServerActivationRequest>,
) -> Result<Json<Entity>> {
    let request = ServerActivationRequest { setup_token: query.token.or(request.setup_token), ..request };
    // Before the password is hashed: strangers must not make the server work.
    let settings = server_settings::get(&mut state.db.read().await?).await?;
    service::server_settings::check_setup_token(&settings, request.setup_token.as_deref())?;
    let password_hash = passwords::hash_some(request.admin_password.as_deref()).await?;
    let mut connection = state.db.begin().await?;
    let admin = service::server_settings::activate(&mut connection, request, password_hash).await?;
    connection.commit().await?;
    Ok(Json(entity(&admin, true)?))
}
