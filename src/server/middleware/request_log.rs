//! One log line for each request.

use std::time::Instant;

use axum::{extract::Request, middleware::Next, response::Response};

use super::client_address::ClientAddress;

/// Logs method, path, status and duration when the answer starts. Never the query or headers: both carry secrets.
/// Health checks are logged at debug level.
pub async fn write(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let client = ClientAddress::of(request.extensions()).0.map(tracing::field::display);
    let start = Instant::now();
    let response = next.run(request).await;
    let (status, duration_ms) = (response.status().as_u16(), start.elapsed().as_millis() as u64);
    if matches!(path.as_str(), "/health" | "/ready") {
        tracing::debug!(%method, path, status, duration_ms, client, "answered");
    } else {
        tracing::info!(%method, path, status, duration_ms, client, "answered");
    }
    response
}
