//! Signing in, on the wire (RFC 6749 section 5.1 and what ZenML adds).

use schemars::JsonSchema;
use serde::Serialize;

/// Answer of `POST /login`. ZenML's client reads `expires_in`: null means that the token does not expire.
#[derive(Default, Serialize, JsonSchema)]
pub struct Token {
    pub access_token: String,
    pub token_type: TokenType,
    pub expires_in: Option<i64>,
    pub refresh_token: Null,
    pub csrf_token: Option<String>,
    pub scope: Null,
    pub device_id: Null,
    pub device_metadata: Null,
}

/// The only kind of token.
#[derive(Default, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TokenType {
    #[default]
    Bearer,
}

/// A field of the protocol that this server never fills.
pub type Null = ();
