//! An id for every request: in its log lines and in the `X-Request-ID` header of its answer.

use axum::{
    extract::Request,
    http::{HeaderValue, header::HeaderName},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument as _, field::Empty};

use crate::server::id::Id;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Takes the client's id if it is sane, or makes one, and opens the span that all log lines of the request are in.
/// The account (`user`) is filled in when it is known.
pub async fn assign(request: Request, next: Next) -> Response {
    let id = request.headers().get(&HEADER).filter(|value| is_sane(value)).cloned().unwrap_or_else(make);
    let span = tracing::info_span!("request", request_id = id.to_str().unwrap_or_default(), user = Empty);
    let mut response = next.run(request).instrument(span).await;
    response.headers_mut().insert(HEADER, id);
    response
}

/// Short, and without anything that could forge a log line.
fn is_sane(value: &HeaderValue) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=64).contains(&value.len()) && value.as_bytes().iter().all(allowed)
}

/// Eight hexadecimal digits, as the client makes them.
fn make() -> HeaderValue {
    HeaderValue::from_str(&Id::new().hex()[..8]).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::is_sane;

    #[test]
    fn only_short_plain_ids_are_taken_from_the_client() {
        for good in ["fe45a392", "8c4a2f6e-55d1-4c8e-9f34-2c1f5d6a7b80", "ci.job_7"] {
            assert!(is_sane(&HeaderValue::from_static(good)), "{good}");
        }
        for bad in ["", "a b", "a\tb", "x=1 user=admin", "<script>"] {
            assert!(!is_sane(&HeaderValue::from_static(bad)), "{bad}");
        }
        assert!(!is_sane(&HeaderValue::from_str(&"a".repeat(65)).expect("a header")));
    }
}
