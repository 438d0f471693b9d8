//! Bodies of deliveries that started runs: kept so that the runs' steps can read them, and so that a repetition is known.

use super::{Connection, DbError};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
};

/// Most bodies that are kept of one webhook.
const MOST: i64 = 1000;
/// How long bodies are kept, in seconds: thirty days.
const KEPT_SECONDS: i64 = 30 * 24 * 3600;

/// Keeps a body, unless one with this id is kept already, and drops the old ones; says whether it is new.
pub async fn insert(connection: &mut Connection, webhook: Id, delivery: &str, body: &str) -> Result<bool, DbError> {
    let now = Timestamp::now();
    let sql = "insert into webhook_events (webhook_id, delivery_id, created, body) values ($1, $2, $3, $4) on conflict do nothing";
    if connection.execute(sql, args![webhook, delivery, now, body]).await? == 0 {
        return Ok(false);
    }
    connection.execute("delete from webhook_events where created < $1", args![now.plus_seconds(-KEPT_SECONDS)]).await?;
    let sql = "delete from webhook_events where webhook_id = $1 and delivery_id not in \
               (select e.delivery_id from webhook_events e where e.webhook_id = $2 order by e.created desc, e.delivery_id limit $3)";
    connection.execute(sql, args![webhook, webhook, MOST]).await?;
    Ok(true)
}

/// A kept body.
pub async fn body(connection: &mut Connection, webhook: Id, delivery: &str) -> Result<Option<String>, DbError> {
    let sql = "select body from webhook_events where webhook_id = $1 and delivery_id = $2";
    let found: Option<(String,)> = connection.fetch_optional(sql, args![webhook, delivery]).await?;
    Ok(found.map(|(body,)| body))
}
