//! Webhooks on the wire.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entity, models::yes};
use crate::server::{db::webhooks::WebhookRow, error::Result, id::Id, time::Timestamp};

/// `POST /webhooks`.
#[derive(Deserialize, JsonSchema)]
pub struct WebhookRequest {
    pub project: Id,
    pub name: String,
    /// `custom`, `github`, `clickup` or `slack`.
    pub webhook_type: String,
    #[serde(default = "yes")]
    pub active: bool,
    /// What deliveries are signed with; one is made where it is missing.
    pub secret: Option<String>,
}

/// Without the secret.
impl fmt::Debug for WebhookRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("WebhookRequest").field("name", &self.name).field("webhook_type", &self.webhook_type).finish_non_exhaustive()
    }
}

/// `PUT /webhooks/{id}`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct WebhookUpdate {
    pub name: Option<String>,
    pub active: Option<bool>,
}

/// `PUT /webhooks/{id}/secret`. Not `Debug`, as it holds the secret.
#[derive(Deserialize, JsonSchema)]
pub struct RotateSecretRequest {
    pub secret: Option<String>,
}

/// A webhook that was just made: with its secret, if that was made here.
#[derive(Serialize, JsonSchema)]
pub struct CreatedWebhook {
    #[serde(flatten)]
    pub webhook: Entity,
    pub secret: Option<String>,
}

/// The signing secret after a rotation.
#[derive(Serialize, JsonSchema)]
pub struct SecretResponse {
    pub secret: String,
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    user_id: Option<Id>,
    project_id: Id,
    webhook_type: &'a str,
    active: bool,
    endpoint_url: Option<String>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    stats: Stats<'a>,
}

#[derive(Serialize)]
struct Stats<'a> {
    received_count: i64,
    accepted_count: i64,
    auth_failed_count: i64,
    invalid_payload_count: i64,
    last_received_at: Option<Timestamp>,
    last_accepted_at: Option<Timestamp>,
    last_error_at: Option<Timestamp>,
    last_error_summary: Option<&'a str>,
}

#[derive(Serialize)]
struct Resources {
    user: Option<Entity>,
}

/// A webhook's body. `public_url`, if given, is this server's, and makes the address that events are delivered to.
pub fn shallow(webhook: &WebhookRow, public_url: Option<&str>) -> Result<Entity> {
    let (kind, id) = (&webhook.webhook_type, webhook.id);
    let body = Body {
        created: webhook.created,
        updated: webhook.updated,
        user_id: webhook.user_id,
        project_id: webhook.project_id,
        webhook_type: kind,
        active: webhook.active,
        endpoint_url: public_url.map(|url| format!("{}/api/v1/webhooks/{kind}/{id}/events", url.trim_end_matches('/'))),
    };
    Ok(Entity::new(id, &body)?.named(webhook.name.as_str()))
}

/// A webhook with its owner, and with its statistics when hydrated.
pub fn entity(webhook: &WebhookRow, public_url: &str, user: Option<Entity>, hydrate: bool) -> Result<Entity> {
    let entity = shallow(webhook, Some(public_url))?.resources(&Resources { user })?;
    if !hydrate {
        return Ok(entity);
    }
    entity.metadata(&Metadata {
        stats: Stats {
            received_count: webhook.received_count,
            accepted_count: webhook.accepted_count,
            auth_failed_count: webhook.auth_failed_count,
            invalid_payload_count: webhook.invalid_payload_count,
            last_received_at: webhook.last_received_at,
            last_accepted_at: webhook.last_accepted_at,
            last_error_at: webhook.last_error_at,
            last_error_summary: webhook.last_error_summary.as_deref(),
        },
    })
}
