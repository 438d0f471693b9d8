//! The server itself on the wire: what it is, its settings and its statistics.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::server::{db::server_settings::ServerSettingsRow, id::Id, time::Timestamp};

/// The version of ZenML whose protocol this server speaks; its client warns when it differs from its own.
pub const ZENML_VERSION: &str = "0.98.0";

/// Answer of `GET /info`, the first call of every client.
#[derive(Serialize, JsonSchema)]
pub struct ServerInfo {
    pub id: Id,
    pub name: String,
    pub version: &'static str,
    pub active: bool,
    pub debug: bool,
    pub deployment_type: &'static str,
    pub database_type: &'static str,
    pub secrets_store_type: &'static str,
    pub auth_scheme: &'static str,
    pub server_url: String,
    /// Empty: the dashboard is at the server's URL.
    pub dashboard_url: &'static str,
    pub analytics_enabled: bool,
    pub metadata: Empty,
    pub last_user_activity: Timestamp,
    pub pro_dashboard_url: (),
    pub pro_api_url: (),
    pub pro_organization_id: (),
    pub pro_organization_name: (),
    pub pro_workspace_id: (),
    pub pro_workspace_name: (),
}

/// `{}`
#[derive(Serialize, JsonSchema)]
pub struct Empty {}

/// `PUT /settings`; what is absent or null stays.
#[derive(Default, Deserialize, JsonSchema)]
pub struct ServerSettingsUpdate {
    pub server_name: Option<String>,
    pub logo_url: Option<String>,
    pub enable_analytics: Option<bool>,
    pub display_announcements: Option<bool>,
    pub display_updates: Option<bool>,
}

impl ServerSettingsUpdate {
    /// Whether nothing is to be changed.
    pub fn is_empty(&self) -> bool {
        self.server_name.is_none()
            && self.logo_url.is_none()
            && self.enable_analytics.is_none()
            && self.display_announcements.is_none()
            && self.display_updates.is_none()
    }
}

/// `PUT /activate`.
#[derive(Default, Deserialize, JsonSchema)]
pub struct ServerActivationRequest {
    #[serde(flatten)]
    pub settings: ServerSettingsUpdate,
    pub admin_username: Option<String>,
    pub admin_password: Option<String>,
    /// The token of the set-up link, which the ZenML server does not have.
    pub setup_token: Option<String>,
}

/// Answer of `GET /settings`; unlike other objects it has neither id nor name.
#[derive(Serialize, JsonSchema)]
pub struct ServerSettings {
    body: SettingsBody,
    metadata: Option<Empty>,
    resources: Option<Empty>,
}

#[derive(Serialize, JsonSchema)]
struct SettingsBody {
    server_id: Id,
    server_name: String,
    logo_url: Option<String>,
    active: bool,
    enable_analytics: bool,
    display_announcements: Option<bool>,
    display_updates: Option<bool>,
    last_user_activity: Timestamp,
    updated: Timestamp,
}

/// The server's settings.
pub fn settings(row: ServerSettingsRow, hydrate: bool) -> ServerSettings {
    ServerSettings {
        body: SettingsBody {
            server_id: row.id,
            server_name: row.server_name,
            logo_url: row.logo_url,
            active: row.active,
            enable_analytics: row.enable_analytics,
            display_announcements: row.display_announcements,
            display_updates: row.display_updates,
            last_user_activity: row.last_user_activity,
            updated: row.updated,
        },
        metadata: hydrate.then_some(Empty {}),
        resources: Some(Empty {}),
    }
}

/// Answer of `GET /statistics`.
#[derive(Serialize, JsonSchema)]
pub struct ServerStatistics {
    pub stacks: i64,
    pub components: i64,
    pub projects: i64,
}

/// Answer of `GET /load-info`.
#[derive(Serialize, JsonSchema)]
pub struct ServerLoad {
    pub threads: usize,
    pub db_connections_total: usize,
    pub db_connections_active: usize,
    pub db_connections_overflow: usize,
}
