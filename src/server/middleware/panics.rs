//! A panic in a handler becomes a 500 for that one request.

use std::any::Any;

use axum::response::{IntoResponse as _, Response};

use crate::server::error::AppError;

/// The answer; the panic's text goes to the log only.
pub fn answer(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    AppError::Internal(anyhow::anyhow!("panic: {}", text.unwrap_or("without a text"))).into_response()
}
