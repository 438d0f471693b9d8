//! Webhooks: making and changing them, and what happens to a delivery.
//!
//! A delivery is answered when it is written down: its runs start right after that. One whose id was seen before starts nothing
//! again, since senders repeat what they got no answer to.

use axum::http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use crate::server::{
    api::wire::{
        triggers::{ExecutionInfo, WebhookConfiguration},
        webhooks::{WebhookRequest, WebhookUpdate},
    },
    auth::secrets as random,
    db::{
        Connection,
        secrets::SecretRow,
        stored::Changes,
        triggers, webhook_events,
        webhooks::{self, Outcome, WebhookRow},
    },
    encryption::{Sealer, SecretValues},
    error::{AppError, OnConflict as _, Result},
    id::Id,
    service::{
        names, projects, secrets, trigger_dispatches,
        webhook_providers::{Answer, Delivery, Event, Provider},
    },
    state::AppState,
    time::Timestamp,
};

/// The key of the signing secret among the values of its internal secret.
const SECRET: &str = "secret";
/// Longest id of a delivery, in characters (ZenML's `STR_FIELD_MAX_LENGTH`).
const MAX_DELIVERY_ID_LENGTH: usize = 255;

/// The webhook with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<WebhookRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("webhook", id))
}

/// Makes a webhook; its name is unique in the project. A secret that was not given is made, and comes back.
pub async fn create(
    connection: &mut Connection,
    sealer: &Sealer,
    user: Id,
    request: WebhookRequest,
) -> Result<(WebhookRow, Option<String>)> {
    projects::require(connection, request.project).await?;
    names::length(&request.name, names::MAX_LENGTH, "name")?;
    if request.webhook_type.is_empty() {
        return Err(AppError::Malformed("1 validation error:\n  `webhook_type` must not be empty.".to_owned()));
    }
    if Provider::find(&request.webhook_type).is_none() {
        return Err(AppError::Plain(StatusCode::UNPROCESSABLE_ENTITY, format!("Unsupported webhook type: {}.", request.webhook_type)));
    }
    let id = Id::new();
    let (secret, made) = given_or_made(request.secret)?;
    let secret_id = secrets::keep(connection, sealer, user, &format!("webhook-{}", id.hex()), &values(&secret)).await?;
    let now = Timestamp::now();
    let webhook = WebhookRow {
        id,
        created: now,
        updated: now,
        user_id: Some(user),
        project_id: request.project,
        name: request.name,
        webhook_type: request.webhook_type,
        active: request.active,
        secret_id,
        received_count: 0,
        accepted_count: 0,
        auth_failed_count: 0,
        invalid_payload_count: 0,
        last_received_at: None,
        last_accepted_at: None,
        last_error_at: None,
        last_error_summary: None,
    };
    connection.insert(&webhook).await.on_conflict(|| taken(&webhook.name))?;
    Ok((webhook, made.then_some(secret)))
}

/// The secret, and whether it was made here.
fn given_or_made(given: Option<String>) -> Result<(String, bool)> {
    match given {
        Some(secret) if secret.is_empty() => {
            Err(AppError::Malformed("1 validation error:\n  `secret` must not be empty; leave it out to have one made.".to_owned()))
        }
        Some(secret) => Ok((secret, false)),
        None => Ok((random::generate(32)?, true)),
    }
}

fn values(secret: &str) -> SecretValues {
    [(SECRET.to_owned(), secret.to_owned())].into_iter().collect()
}

fn taken(name: &str) -> AppError {
    AppError::Exists(format!("A webhook with the name '{name}' already exists in this project."))
}

/// Changes a webhook; what the update does not name stays.
pub async fn update(connection: &mut Connection, id: Id, update: WebhookUpdate) -> Result<WebhookRow> {
    get(connection, id).await?;
    names::length(update.name.as_deref().unwrap_or_default(), names::MAX_LENGTH, "name")?;
    let changes = Changes::new().set_some("name", update.name.as_deref()).set_some("active", update.active);
    let name = update.name.unwrap_or_default();
    connection.update::<WebhookRow>(id, changes).await.on_conflict(|| taken(&name))?;
    get(connection, id).await
}

/// Replaces the signing secret at once: deliveries signed with the old one are refused from then on. Gives the new one.
pub async fn rotate_secret(connection: &mut Connection, sealer: &Sealer, user: Id, id: Id, given: Option<String>) -> Result<String> {
    let webhook = get(connection, id).await?;
    let (secret, _) = given_or_made(given)?;
    let purpose = format!("webhook-{}", id.hex());
    secrets::keep_instead(connection, sealer, user, &purpose, Some(webhook.secret_id), &values(&secret)).await?;
    connection.update::<WebhookRow>(id, Changes::new()).await?;
    Ok(secret)
}

/// Deletes a webhook with its secret and what it delivered. Triggers that are not archived keep it from being deleted.
pub async fn delete(connection: &mut Connection, id: Id) -> Result<()> {
    let webhook = get(connection, id).await?;
    if webhooks::is_in_use(connection, id).await? {
        return Err(AppError::Forbidden("The webhook can not be deleted while non-archived triggers reference it.".to_owned()));
    }
    connection.delete::<WebhookRow>(id).await?;
    connection.delete::<SecretRow>(webhook.secret_id).await?;
    Ok(())
}

/// Checks what a trigger wants of a webhook, which must be of the trigger's project; gives the configuration with all fields.
pub async fn check_configuration(
    connection: &mut Connection,
    project: Id,
    webhook: Id,
    configuration: &Map<String, Value>,
) -> Result<Map<String, Value>> {
    let webhook = get(connection, webhook).await?;
    if webhook.project_id != project {
        return Err(AppError::missing("webhook", webhook.id));
    }
    let provider = provider(&webhook.webhook_type)?;
    provider.check_configuration(configuration).map_err(|why| AppError::Malformed(format!("1 validation error:\n  configuration: {why}")))
}

fn provider(webhook_type: &str) -> Result<Provider> {
    Provider::find(webhook_type).ok_or_else(not_found)
}

fn not_found() -> AppError {
    AppError::Plain(StatusCode::NOT_FOUND, "Not Found".to_owned())
}

/// Refuses what no webhook can be meant by, before the body is read.
pub async fn check_address(state: &AppState, webhook_type: &str, id: Id, headers: &HeaderMap) -> Result<()> {
    let provider = provider(webhook_type)?;
    provider.check_headers(headers).map_err(|why| AppError::Plain(StatusCode::BAD_REQUEST, why))?;
    let webhook: Option<WebhookRow> = state.db.read().await?.get(id).await?;
    webhook.filter(|webhook| webhook.webhook_type == webhook_type).map(drop).ok_or_else(not_found)
}

/// Takes a delivery: checks its signature, counts it, and writes down what it fires.
///
/// # Errors
/// 404 where there is no such webhook, 401 for a wrong signature, 409 where the webhook is switched off, 400 for a body that
/// cannot be read; the errors of active webhooks are counted.
pub async fn receive(state: &AppState, webhook_type: &str, id: Id, headers: &HeaderMap, body: &[u8]) -> Result<Answer> {
    let provider = provider(webhook_type)?;
    let mut connection = state.db.begin().await?;
    let webhook: Option<WebhookRow> = connection.get(id).await?;
    let webhook = webhook.filter(|webhook| webhook.webhook_type == webhook_type).ok_or_else(not_found)?;
    let values = secrets::values(&mut connection, &state.keys.secrets, webhook.secret_id).await?;
    let secret = values.get(SECRET).ok_or_else(|| anyhow::anyhow!("the webhook {id} has no secret"))?;
    let refusal = match provider.authenticate(secret, headers, body, Timestamp::now()) {
        Err(why) => {
            if webhook.active {
                webhooks::count(&mut connection, id, Outcome::AuthFailed(&why)).await?;
            }
            AppError::Plain(StatusCode::UNAUTHORIZED, "Invalid webhook authentication.".to_owned())
        }
        Ok(()) if !webhook.active => AppError::Plain(StatusCode::CONFLICT, "Webhook is inactive.".to_owned()),
        Ok(()) => match provider.read(headers, body).and_then(short_id) {
            Err(why) => {
                webhooks::count(&mut connection, id, Outcome::InvalidPayload(&why)).await?;
                AppError::Plain(StatusCode::BAD_REQUEST, why)
            }
            Ok(Delivery { event, answer }) => {
                webhooks::count(&mut connection, id, Outcome::Accepted).await?;
                if let Some(event) = event {
                    fire(&mut connection, provider, &webhook, event).await?;
                }
                connection.commit().await?;
                return Ok(answer);
            }
        },
    };
    connection.commit().await?;
    Err(refusal)
}

fn short_id(delivery: Delivery) -> Result<Delivery, String> {
    let id = delivery.event.as_ref().and_then(|event| event.delivery_id.as_deref());
    match id {
        Some(id) if id.chars().count() > MAX_DELIVERY_ID_LENGTH => {
            Err(format!("The id of the delivery has more than {MAX_DELIVERY_ID_LENGTH} characters."))
        }
        _ => Ok(delivery),
    }
}

/// Fires the triggers that a delivery meets.
async fn fire(connection: &mut Connection, provider: Provider, webhook: &WebhookRow, delivered: Event) -> Result<()> {
    let event = provider.event(&delivered);
    let mut met = Vec::new();
    for trigger in triggers::of_webhook(connection, webhook.id).await? {
        let configuration: WebhookConfiguration = serde_json::from_str(&trigger.configuration)?;
        if provider.matches(&configuration.configuration, &delivered, event.as_ref()) {
            met.push(trigger.id);
        }
    }
    if met.is_empty() {
        return Ok(());
    }
    let delivery_id = delivered.delivery_id.unwrap_or_else(|| Id::new().to_string());
    let body = json!({ "body": delivered.payload }).to_string();
    if !webhook_events::insert(connection, webhook.id, &delivery_id, &body).await? {
        tracing::info!(webhook = %webhook.id, delivery = delivery_id, "a delivery came again and fires nothing");
        return Ok(());
    }
    let upstream = json!({ "webhook_id": webhook.id, "delivery_id": delivery_id, "event_type": delivered.event_type, "event": event });
    let info = ExecutionInfo {
        webhook_upstream_event: Some(Map::from_iter([(provider.as_str().to_owned(), upstream)])),
        ..ExecutionInfo::default()
    };
    for trigger in met {
        trigger_dispatches::enqueue(connection, trigger, Some(&info)).await?;
    }
    Ok(())
}

/// A delivery that started runs, as it came: JSON text `{"body": …}`.
pub async fn raw_event(connection: &mut Connection, id: Id, delivery: &str) -> Result<String> {
    get(connection, id).await?;
    let body = webhook_events::body(connection, id, delivery).await?;
    body.ok_or_else(|| AppError::NotFound(format!("Raw webhook event {id}/{delivery} not found.")))
}
