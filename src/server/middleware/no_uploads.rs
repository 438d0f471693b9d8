//! The REST surface takes no forms with files.

use axum::{
    extract::Request,
    http::{StatusCode, header},
    middleware::Next,
    response::Response,
};

use crate::server::error::{AppError, Result};

/// Refuses (403) multipart bodies, as the reference server does.
pub async fn refuse(request: Request, next: Next) -> Result<Response> {
    let content_type = request.headers().get(header::CONTENT_TYPE).map(|value| value.as_bytes().to_ascii_lowercase());
    if content_type.is_some_and(|text| text.starts_with(b"multipart/")) {
        return Err(AppError::Plain(StatusCode::FORBIDDEN, "File uploads are not allowed on this endpoint.".to_owned()));
    }
    Ok(next.run(request).await)
}
