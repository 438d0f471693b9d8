//! Webhooks: addresses that other services deliver events to, and how many they delivered.

use super::{
    Connection, DbError,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, Scope, page},
    stored::Stored as _,
};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// A webhook.
    pub struct WebhookRow in "webhooks" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Option<Id>,
        project_id: Id,
        name: String,
        /// Who delivers: see `service::webhook_providers`.
        webhook_type: String,
        active: bool,
        /// The internal secret that deliveries are signed with.
        secret_id: Id,
        received_count: i64,
        accepted_count: i64,
        auth_failed_count: i64,
        invalid_payload_count: i64,
        last_received_at: Option<Timestamp>,
        last_accepted_at: Option<Timestamp>,
        last_error_at: Option<Timestamp>,
        last_error_summary: Option<String>,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "webhooks w",
    id: "w.id",
    fields: &[
        Field::new("id", Kind::Uuid("w.id")),
        Field::new("created", Kind::Time("w.created")),
        Field::new("updated", Kind::Time("w.updated")),
        Field::new("name", Kind::Text("w.name")),
        Field::new("webhook_type", Kind::Text("w.webhook_type")),
        Field::new("active", Kind::Switch("w.active")),
        Field::new("user", Kind::NameOrId { key: "w.user_id", table: "users", names: &["name", "full_name"] }),
    ],
    sorts: &[],
};

/// One page of a project's webhooks.
pub async fn list(connection: &mut Connection, project: Id, request: &ListRequest) -> Result<Page<WebhookRow>, ListError> {
    let scope = Scope::new("w.project_id = $?", args![project]);
    page(connection, &LIST, &WebhookRow::columns("w"), request, &[scope]).await
}

/// The signing secrets of a project's webhooks, before these are deleted with the project.
pub async fn secrets_of_project(connection: &mut Connection, project: Id) -> Result<Vec<Id>, DbError> {
    let rows: Vec<(Id,)> = connection.fetch_all("select secret_id from webhooks where project_id = $1", args![project]).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Whether a trigger that is not archived has this webhook.
pub async fn is_in_use(connection: &mut Connection, webhook: Id) -> Result<bool, DbError> {
    let sql = "select count(*) from triggers where webhook_id = $1 and is_archived = false";
    Ok(connection.count(sql, args![webhook]).await? > 0)
}

/// What came of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome<'a> {
    Accepted,
    /// Its signature was wrong; says how.
    AuthFailed(&'a str),
    /// Its body was wrong; says how.
    InvalidPayload(&'a str),
}

/// Counts a delivery; `updated` is about what people change, and stays.
pub async fn count(connection: &mut Connection, webhook: Id, outcome: Outcome<'_>) -> Result<(), DbError> {
    let now = Timestamp::now();
    let received = "received_count = received_count + 1, last_received_at = $1";
    let (sql, summary) = match outcome {
        Outcome::Accepted => ("accepted_count = accepted_count + 1, last_accepted_at = $2 where id = $3", None),
        Outcome::AuthFailed(why) => {
            ("auth_failed_count = auth_failed_count + 1, last_error_at = $2, last_error_summary = $3 where id = $4", Some(why))
        }
        Outcome::InvalidPayload(why) => {
            ("invalid_payload_count = invalid_payload_count + 1, last_error_at = $2, last_error_summary = $3 where id = $4", Some(why))
        }
    };
    let mut values = args![now, now];
    values.extend(summary.map(super::Value::from));
    values.push(webhook.into());
    connection.execute(&format!("update webhooks set {received}, {sql}"), values).await?;
    Ok(())
}
