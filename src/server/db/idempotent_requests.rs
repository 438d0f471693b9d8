//! Answers kept for a repeated `Idempotency-Key`.

use super::{Connection, Db, DbError};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
};

/// How long an answer is kept, in seconds: as long as the reference server keeps it.
const KEPT_SECONDS: i64 = 300;

/// What makes two requests the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestKey {
    pub user_id: Id,
    pub request_key: String,
    /// Path and query.
    pub url: String,
}

/// The body of the answer that this request was given before, if it is kept still.
pub async fn find(connection: &mut Connection, key: &RequestKey) -> Result<Option<String>, DbError> {
    let sql = "select body from idempotent_requests where user_id = $1 and request_key = $2 and url = $3 and created > $4";
    let values = args![key.user_id, &key.request_key, &key.url, oldest()];
    Ok(connection.fetch_optional::<(String,)>(sql, values).await?.map(|(body,)| body))
}

/// Keeps the body of a successful answer, and removes those that are too old.
pub async fn store(db: &Db, key: &RequestKey, body: &str) -> Result<(), DbError> {
    let mut connection = db.begin().await?;
    connection.execute("delete from idempotent_requests where created <= $1", args![oldest()]).await?;
    let sql = "insert into idempotent_requests (user_id, request_key, url, created, body) values ($1, $2, $3, $4, $5) \
               on conflict (user_id, request_key, url) do nothing";
    connection.execute(sql, args![key.user_id, &key.request_key, &key.url, Timestamp::now(), body]).await?;
    connection.commit().await
}

fn oldest() -> Timestamp {
    Timestamp::now().plus_seconds(-KEPT_SECONDS)
}
