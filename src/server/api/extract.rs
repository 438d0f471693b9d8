//! Extractors whose refusals have the protocol's error shapes.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request, path::ErrorKind, rejection::PathRejection},
    http::{StatusCode, header, request::Parts},
};
use serde::de::DeserializeOwned;

use crate::server::{
    db::list::ListRequest,
    error::{AppError, Result},
    id::Id,
    state::AppState,
};

/// A JSON body. A body that does not fit is 422 and says where.
pub struct ApiJson<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for ApiJson<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self> {
        let bytes = body(request, state).await?;
        parse(&bytes).map(Self)
    }
}

/// A JSON body that may be missing or `null`.
pub struct OptionalJson<T>(pub Option<T>);

impl<T: DeserializeOwned> FromRequest<AppState> for OptionalJson<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self> {
        let bytes = body(request, state).await?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self(None));
        }
        parse::<Option<T>>(&bytes).map(Self)
    }
}

/// The fields of a form (`application/x-www-form-urlencoded`). Any other body has none.
pub struct FormFields(Vec<(String, String)>);

impl FormFields {
    /// The last value of a field; an empty one counts as missing, as in the reference server.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

impl FromRequest<AppState> for FormFields {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self> {
        let content_type = request.headers().get(header::CONTENT_TYPE).map(|value| value.as_bytes().to_ascii_lowercase());
        if !content_type.is_some_and(|kind| kind.starts_with(b"application/x-www-form-urlencoded")) {
            return Ok(Self(Vec::new()));
        }
        let bytes = body(request, state).await?;
        let fields = serde_urlencoded::from_bytes(&bytes)
            .map_err(|error| AppError::Malformed(format!("1 validation error:\n  The form could not be read: {error}")))?;
        Ok(Self(fields))
    }
}

/// The query string as a struct. One that does not fit is 422 and says where.
pub struct ApiQuery<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<AppState> for ApiQuery<T> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _state: &AppState) -> Result<Self> {
        let query = parts.uri.query().unwrap_or_default();
        let read = serde_urlencoded::from_str(query);
        read.map(Self).map_err(|error| AppError::Malformed(format!("1 validation error:\n  query: {error}")))
    }
}

async fn body(request: Request, state: &AppState) -> Result<Bytes> {
    let limit = state.config.max_body_mib * 1024 * 1024;
    Bytes::from_request(request, state).await.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return AppError::TooLarge(format!("The request body is larger than {} MiB.", limit / 1024 / 1024));
        }
        AppError::Malformed(format!("The request body could not be read: {rejection}"))
    })
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    // Python writes NaN and Infinity, which are not JSON.
    match serde_json::from_slice(bytes) {
        Ok(value) => Ok(value),
        Err(error) => match without_python_numbers(bytes) {
            Some(text) => serde_json::from_str(&text).map_err(|error| malformed(&error)),
            None => Err(malformed(&error)),
        },
    }
}

fn malformed(error: &serde_json::Error) -> AppError {
    AppError::Malformed(format!("1 validation error:\n  {error}"))
}

/// The body with `NaN`, `Infinity` and `-Infinity` outside strings replaced by `null`; none where there are none.
fn without_python_numbers(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut out = String::with_capacity(text.len());
    let (mut in_string, mut escaped, mut changed) = (false, false, false);
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if !in_string && let Some(word) = ["NaN", "Infinity", "-Infinity"].into_iter().find(|word| rest.starts_with(word)) {
            out.push_str("null");
            rest = &rest[word.len()..];
            changed = true;
            continue;
        }
        in_string = if character == '"' && !escaped { !in_string } else { in_string };
        escaped = in_string && character == '\\' && !escaped;
        out.push(character);
        rest = &rest[character.len_utf8()..];
    }
    changed.then_some(out)
}

impl FromRequestParts<AppState> for ListRequest {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _state: &AppState) -> Result<Self> {
        let pairs = serde_urlencoded::from_str(parts.uri.query().unwrap_or_default())
            .map_err(|error| AppError::InvalidFilter(format!("The query string could not be read: {error}")))?;
        Ok(Self::from_pairs(pairs)?)
    }
}

/// The parts of the path. A part that does not fit, such as something that is no id, is 422, as the reference server answers.
pub struct ApiPath<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<AppState> for ApiPath<T> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(values)) => Ok(Self(values)),
            Err(PathRejection::FailedToDeserializePathParams(inner)) if !matches!(inner.kind(), ErrorKind::UnsupportedType { .. }) => {
                Err(AppError::Malformed(format!("1 validation error:\n  path: {}", inner.body_text())))
            }
            Err(rejection) => Err(AppError::Internal(anyhow::Error::new(rejection))),
        }
    }
}

/// The one id in the path.
pub struct IdPath(pub Id);

impl FromRequestParts<AppState> for IdPath {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self> {
        ApiPath::from_request_parts(parts, state).await.map(|ApiPath(id)| Self(id))
    }
}

/// `?hydrate=`: whether a single object comes with its metadata; it does unless asked not to.
pub struct Hydrate(pub bool);

impl FromRequestParts<AppState> for Hydrate {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self> {
        let request = ListRequest::from_request_parts(parts, state).await?;
        Ok(Self(request.switch("hydrate")?.unwrap_or(true)))
    }
}

#[cfg(test)]
mod tests {
    use super::without_python_numbers;

    #[test]
    fn python_numbers_become_null_outside_strings_only() {
        assert_eq!(
            without_python_numbers(br#"{"a": NaN, "b": "NaN", "c": -Infinity}"#).as_deref(),
            Some(r#"{"a": null, "b": "NaN", "c": null}"#)
        );
        assert_eq!(without_python_numbers(br#"{"a": "\"NaN"}"#), None);
    }
}
