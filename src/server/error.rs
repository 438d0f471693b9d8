//! The one error type of the server and its JSON rendering for the REST surface.
//!
//! Bodies and status codes are those of ZenML 0.98, because its client rebuilds exceptions from (status, class name).
//! Pages render the same errors themselves from [`AppError::status`] and [`AppError::message`].

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::db::{DbError, is_nul_character, is_unavailable, is_unique_violation, list::ListError};
use crate::run_configuration::problem::{Problem, error_text};

/// The short result of handlers and services.
pub type Result<T, E = AppError> = std::result::Result<T, E>;

/// Everything that can go wrong while answering a request.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// 404: the object does not exist, or not for this account.
    #[error("{0}")]
    NotFound(String),
    /// 404: a part of an object that is there (a file, a visualization) is not.
    #[error("{0}")]
    NoSuchPart(String),
    /// 409: the name, or another unique value, is taken.
    #[error("{0}")]
    Exists(String),
    /// 403: the operation is not allowed on this object or for this account.
    #[error("{0}")]
    Forbidden(String),
    /// 401: no credentials at all.
    #[error("Not authenticated")]
    NotAuthenticated,
    /// 401: credentials that do not (or no longer) count; the client signs in again.
    #[error("{0}")]
    InvalidCredentials(String),
    /// 401: valid credentials that do not reach this far; final for the client.
    #[error("{0}")]
    NotAuthorized(String),
    /// 400: the request is understood and its content is wrong.
    #[error("{0}")]
    Invalid(String),
    /// 400: a run configuration is wrong; every problem with its place and its way out.
    #[error("{}", error_text(.0))]
    InvalidConfiguration(Vec<Problem>),
    /// 403: a launch differs from its snapshot in what the form view does not offer to this account; every place.
    #[error("{}", error_text(.0))]
    ClosedByForm(Vec<Problem>),
    /// 422: a launch has values outside of the limits of the form view; every place.
    #[error("{}", error_text(.0))]
    OutsideOfForm(Vec<Problem>),
    /// 422: the body does not have the shape of the request.
    #[error("{0}")]
    Malformed(String),
    /// 422: a query parameter, or the configuration of a component, is wrong.
    #[error("{0}")]
    InvalidFilter(String),
    /// 413: the body is over the limit.
    #[error("{0}")]
    TooLarge(String),
    /// 429: the queue is full; trying again later can work.
    #[error("{0}")]
    Busy(String),
    /// 503: the database does not answer, or another program holds it; nothing was changed, and trying again can work.
    #[error("{0}")]
    Unavailable(String),
    /// 501: the server cannot do this (for this orchestrator, in this version), and says why.
    #[error("{0}")]
    NotImplemented(String),
    /// 400 in the shape of RFC 6749 section 5.2, for the device flow.
    #[error("{description}")]
    OAuth { error: &'static str, description: String },
    /// Another status with a plain text `detail`.
    #[error("{1}")]
    Plain(StatusCode, String),
    /// 500: our own fault. Logged once with the request id, never shown.
    #[error("internal error")]
    Internal(#[source] anyhow::Error),
}

impl AppError {
    /// "Unable to get X with ID …": the text ZenML gives for a missing object.
    pub fn missing(what: &str, id: impl std::fmt::Display) -> Self {
        Self::NotFound(format!("Unable to get {what} with ID '{id}': No {what} with this ID found."))
    }

    /// An object that names another one which is not there, or is in another project; ZenML's text.
    pub fn missing_reference(what: &str, id: impl std::fmt::Display, by: &str, project: impl std::fmt::Display) -> Self {
        Self::NotFound(format!("The {what} with ID {id} referenced by the {by} was not found in the '{project}' project"))
    }

    /// The HTTP status this error is answered with.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound(_) | Self::NoSuchPart(_) => StatusCode::NOT_FOUND,
            Self::Exists(_) => StatusCode::CONFLICT,
            Self::Forbidden(_) | Self::ClosedByForm(_) => StatusCode::FORBIDDEN,
            Self::NotAuthenticated | Self::InvalidCredentials(_) | Self::NotAuthorized(_) => StatusCode::UNAUTHORIZED,
            Self::Invalid(_) | Self::InvalidConfiguration(_) | Self::OAuth { .. } => StatusCode::BAD_REQUEST,
            Self::Malformed(_) | Self::InvalidFilter(_) | Self::OutsideOfForm(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Busy(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotImplemented(_) => StatusCode::NOT_IMPLEMENTED,
            Self::Plain(status, _) => *status,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What a person may be told.
    pub fn message(&self) -> String {
        match self {
            Self::Internal(_) => "The server had a problem. The request id in the response headers finds it in the log.".to_owned(),
            other => other.to_string(),
        }
    }

    /// The class that ZenML's client raises for this error.
    pub fn class(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "KeyError",
            Self::NoSuchPart(_) => "DoesNotExistException",
            Self::Exists(_) => "EntityExistsError",
            Self::Forbidden(_) | Self::ClosedByForm(_) => "IllegalOperationError",
            Self::InvalidCredentials(_) => "CredentialsNotValid",
            Self::NotAuthenticated | Self::NotAuthorized(_) => "AuthorizationException",
            Self::Invalid(_) | Self::InvalidFilter(_) | Self::InvalidConfiguration(_) | Self::OutsideOfForm(_) | Self::Malformed(_) => {
                "ValueError"
            }
            Self::Busy(_) => "MaxConcurrentTasksError",
            Self::NotImplemented(_) => "NotImplementedError",
            Self::TooLarge(_) | Self::OAuth { .. } | Self::Plain(..) | Self::Unavailable(_) | Self::Internal(_) => "RuntimeError",
        }
    }

    fn body(&self) -> serde_json::Value {
        match self {
            // Python shows a KeyError's message quoted, and the client expects it so.
            Self::NotFound(message) => json!({ "detail": [self.class(), format!("\"{message}\"")] }),
            Self::NotAuthenticated => json!({ "detail": "Not authenticated" }),
            Self::Malformed(message) => json!([self.class(), message]),
            Self::TooLarge(message) | Self::Plain(_, message) => json!({ "detail": message }),
            Self::OAuth { error, description } => json!({ "error": error, "error_description": description, "error_uri": null }),
            _ => json!({ "detail": [self.class(), self.message()] }),
        }
    }
}

/// The message of an error, kept with its answer for those who tell it in another way than as JSON.
#[derive(Clone, Debug)]
pub struct ErrorMessage(pub String);

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        if let Self::Internal(error) = &self {
            tracing::error!(error = format!("{error:#}"), "request failed");
        }
        let mut response = (self.status(), Json(self.body())).into_response();
        response.extensions_mut().insert(ErrorMessage(self.message()));
        if matches!(self, Self::NotAuthenticated) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<DbError> for AppError {
    fn from(error: DbError) -> Self {
        if is_nul_character(&error) {
            return Self::Malformed(
                "1 validation error:\n  A text has a NUL character (`\\u0000`), which cannot be stored. Send it without.".to_owned(),
            );
        }
        if is_unavailable(&error) {
            tracing::warn!(%error, "the database does not answer");
            return Self::Unavailable("The database does not answer at the moment. Nothing was changed; try again soon.".to_owned());
        }
        Self::Internal(anyhow::Error::new(error).context("database"))
    }
}

impl From<ListError> for AppError {
    fn from(error: ListError) -> Self {
        match error {
            ListError::Invalid(message) => Self::InvalidFilter(message),
            ListError::Malformed(message) => Self::Malformed(format!("1 validation error:\n  {message}")),
            ListError::NoSuchPage { page, total_pages } => {
                Self::Invalid(format!("Invalid page {page}. The requested page size leads to only {total_pages} pages."))
            }
            ListError::Database(error) => error.into(),
        }
    }
}

impl From<anyhow::Error> for AppError {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(error)
    }
}

impl From<serde_json::Error> for AppError {
    /// Stored JSON that cannot be read back is our fault; request bodies are read by `api::extract` instead.
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(anyhow::Error::new(error).context("stored JSON"))
    }
}

/// Turns a broken unique constraint into the client's error, at the query that can raise it.
pub trait OnConflict<T> {
    /// Replaces a unique violation by the given error.
    fn on_conflict(self, error: impl FnOnce() -> AppError) -> Result<T>;
}

impl<T> OnConflict<T> for std::result::Result<T, DbError> {
    fn on_conflict(self, error: impl FnOnce() -> AppError) -> Result<T> {
        self.map_err(|raised| if is_unique_violation(&raised) { error() } else { raised.into() })
    }
}
