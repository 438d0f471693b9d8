//! No request occupies the server for ever.

use std::time::Duration;

use axum::{extract::Request, http::StatusCode, middleware::Next, response::Response};

use crate::server::error::{AppError, Result};

/// Far above what any handler needs, uploads over slow lines included.
const LONGEST: Duration = Duration::from_secs(120);

/// Answers 408 when a handler takes too long; the client repeats such requests. Streams may last: only the time to the
/// start of the answer counts.
pub async fn limit(request: Request, next: Next) -> Result<Response> {
    tokio::time::timeout(LONGEST, next.run(request)).await.map_err(|_| {
        let message = format!("The request took longer than {} seconds.", LONGEST.as_secs());
        AppError::Plain(StatusCode::REQUEST_TIMEOUT, message)
    })
}
