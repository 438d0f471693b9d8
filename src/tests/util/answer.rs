//! What the server answered.

use axum::{
    body::{Bytes, to_bytes},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde_json::Value;

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    path: String,
}

impl Answer {
    /// Reads the body to its end.
    pub async fn read(path: &str, response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("the body can be read");
        Self { status: parts.status, headers: parts.headers, body, path: path.to_owned() }
    }

    /// Insists on a success.
    #[track_caller]
    pub fn good(self) -> Self {
        assert!(self.status.is_success(), "{} gave {}: {}", self.path, self.status, self.text());
        self
    }

    /// Insists on an error with this status, and gives its class and message. The class is empty where the shape of the
    /// error has none (`{"detail": "…"}`, or an OAuth error, whose code is the message then).
    #[track_caller]
    pub fn refused(self, status: u16) -> (String, String) {
        assert_eq!(self.status.as_u16(), status, "{} gave {}", self.path, self.text());
        let body = self.json();
        let detail = body.get("detail").or_else(|| body.get("error")).unwrap_or(&body);
        match detail {
            Value::String(message) => (String::new(), message.clone()),
            Value::Array(pair) => {
                let text = |n: usize| pair.get(n).and_then(Value::as_str).unwrap_or_default().to_owned();
                (text(0), text(1))
            }
            _ => panic!("{}: not an error of the protocol: {body}", self.path),
        }
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{}: {error} in {}", self.path, self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header's value; empty where it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}
