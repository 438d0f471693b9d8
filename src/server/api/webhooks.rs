//! `/webhooks`, and the addresses that events are delivered to.

use axum::{
    Json,
    body::to_bytes,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    extract::{ApiJson, ApiPath, ApiQuery, IdPath},
    resource::{self, Context, Delete, Resource, Update},
    routes::Routes,
    wire::{
        self, Entity, Json as RawJson, stored_json,
        webhooks::{CreatedWebhook, RotateSecretRequest, SecretResponse, WebhookRequest, WebhookUpdate},
    },
};
use crate::{
    model::roles::Action,
    server::{
        auth::Account,
        db::{
            list::{ListRequest, ListSpec, Page},
            users::UserRow,
            webhooks::{self, WebhookRow},
        },
        error::{AppError, Result},
        id::Id,
        middleware::idempotency::SecretAnswer,
        service::{self, webhook_providers::Answer},
        state::AppState,
    },
};

/// Longest body of a delivery, in bytes: whoever sends it has not signed in.
const MAX_DELIVERY: usize = 5 * 1024 * 1024;

/// The routes of webhooks.
pub fn router() -> Routes {
    Routes::new()
        .list::<Webhooks>(Action::Read)
        .post(Action::Edit, "/webhooks", create_webhook)
        .one::<Webhooks>(Action::Read)
        .update::<Webhooks>(Action::Edit)
        .remove::<Webhooks>(Action::Edit)
        .put(Action::Edit, "/webhooks/{id}/secret", rotate_webhook_secret)
        .get(Action::Read, "/webhooks/{id}/events/raw", get_raw_webhook_event)
        .post(Action::Open, "/webhooks/{webhook_type}/{webhook_id}/events", receive_webhook_event)
        .answers(200, "Nothing more is to be done, or a challenge is answered.")
        .answers(202, "The delivery is accepted.")
        .fails(&[401])
}

/// Webhooks as a resource.
pub struct Webhooks;

impl Resource for Webhooks {
    const PATH: &'static str = "/webhooks";
    const NAME: &'static str = "webhook";
    const LIST: &'static ListSpec = &webhooks::LIST;
    const IN_PROJECT: bool = true;
    type Key = Id;
    type Row = WebhookRow;

    async fn list(context: &mut Context, request: &ListRequest) -> Result<Page<WebhookRow>> {
        let project = context.project(request).await?;
        Ok(webhooks::list(&mut context.connection, project, request).await?)
    }

    async fn get(context: &mut Context, id: Id) -> Result<WebhookRow> {
        service::webhooks::get(&mut context.connection, id).await
    }

    async fn entities(context: &mut Context, rows: &[WebhookRow], hydrate: bool) -> Result<Vec<Entity>> {
        let users = context.connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
        let url = context.state.config.public_url();
        rows.iter().map(|row| wire::webhooks::entity(row, &url, wire::users::owner(&users, row.user_id)?, hydrate)).collect()
    }
}

impl Update for Webhooks {
    type Update = WebhookUpdate;

    async fn update(context: &mut Context, id: Id, update: WebhookUpdate) -> Result<WebhookRow> {
        service::webhooks::update(&mut context.connection, id, update).await
    }
}

impl Delete for Webhooks {
    async fn delete(context: &mut Context, id: Id) -> Result<()> {
        service::webhooks::delete(&mut context.connection, id).await
    }
}

async fn create_webhook(
    State(state): State<AppState>,
    account: Account,
    ApiJson(request): ApiJson<WebhookRequest>,
) -> Result<SecretAnswer<Json<CreatedWebhook>>> {
    let user = account.user.id;
    let mut context = Context { connection: state.db.begin().await?, state, account };
    let sealer = &context.state.keys.secrets;
    let (webhook, secret) = service::webhooks::create(&mut context.connection, sealer, user, request).await?;
    let webhook = resource::entity::<Webhooks>(&mut context, &webhook, true).await?;
    context.connection.commit().await?;
    Ok(SecretAnswer(Json(CreatedWebhook { webhook, secret })))
}

async fn rotate_webhook_secret(
    State(state): State<AppState>,
    account: Account,
    IdPath(id): IdPath,
    ApiJson(request): ApiJson<RotateSecretRequest>,
) -> Result<SecretAnswer<Json<SecretResponse>>> {
    let mut connection = state.db.begin().await?;
    let sealer = &state.keys.secrets;
    let secret = service::webhooks::rotate_secret(&mut connection, sealer, account.user.id, id, request.secret).await?;
    connection.commit().await?;
    Ok(SecretAnswer(Json(SecretResponse { secret })))
}

#[derive(Deserialize, JsonSchema)]
struct RawEvent {
    delivery_id: String,
}

/// The body of a delivery that started runs, `{"body": …}`.
async fn get_raw_webhook_event(
    State(state): State<AppState>,
    _: Account,
    IdPath(id): IdPath,
    ApiQuery(event): ApiQuery<RawEvent>,
) -> Result<Json<RawJson>> {
    let body = service::webhooks::raw_event(&mut state.db.read().await?, id, &event.delivery_id).await?;
    stored_json(&body).map(Json)
}

/// A delivery, from whoever knows the webhook's secret: its signature takes the place of a sign-in.
async fn receive_webhook_event(
    State(state): State<AppState>,
    ApiPath((webhook_type, id)): ApiPath<(String, Id)>,
    request: Request,
) -> Result<Response> {
    let (parts, body) = request.into_parts();
    service::webhooks::check_address(&state, &webhook_type, id, &parts.headers).await?;
    let body = to_bytes(body, MAX_DELIVERY).await;
    let body = body.map_err(|_| AppError::TooLarge(format!("A delivery may have at most {} MiB.", MAX_DELIVERY / 1024 / 1024)))?;
    Ok(match service::webhooks::receive(&state, &webhook_type, id, &parts.headers, &body).await? {
        Answer::Accepted => StatusCode::ACCEPTED.into_response(),
        Answer::Done => StatusCode::OK.into_response(),
        Answer::Challenge(text) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response(),
    })
}
