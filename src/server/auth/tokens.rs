//! JSON Web Tokens: what they claim, how they are signed and checked. Claims are those of ZenML 0.98.

use anyhow::Context as _;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::keys::Keys;
use crate::server::{
    error::{AppError, Result},
    id::Id,
    state::ServerIdentity,
    time::Timestamp,
};

/// What a token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// The account.
    pub sub: Id,
    pub iss: Id,
    pub aud: Id,
    /// Issued at, in seconds with a fraction.
    pub iat: f64,
    /// Expires at; absent means never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<Id>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key_id: Option<Id>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_gen: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline_run_id: Option<Id>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule_id: Option<Id>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment_id: Option<Id>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<Id>,
}

impl Claims {
    /// A token for an account without scope or end; set further fields before signing.
    pub fn new(server: &ServerIdentity, account: Id) -> Self {
        Self {
            sub: account,
            iss: server.id,
            aud: server.id,
            iat: Timestamp::now().unix_seconds(),
            exp: None,
            device_id: None,
            api_key_id: None,
            key_gen: None,
            pipeline_run_id: None,
            schedule_id: None,
            deployment_id: None,
            session_id: None,
        }
    }

    /// Whether the token was made for the work of one run, schedule or deployment.
    pub fn is_for_work(&self) -> bool {
        self.pipeline_run_id.or(self.schedule_id).or(self.deployment_id).is_some()
    }

    /// The signed token.
    pub fn sign(&self, keys: &Keys) -> Result<String> {
        let key = EncodingKey::from_secret(&keys.token_signing);
        Ok(jsonwebtoken::encode(&Header::new(Algorithm::HS256), self, &key).context("signing a token")?)
    }

    /// Checks signature, issuer, audience and end (10 seconds of leeway, as the reference server allows).
    pub fn verify(token: &str, keys: &Keys, server: &ServerIdentity) -> Result<Self> {
        let mut validation = Validation::new(Algorithm::HS256);
        // `exp` is optional and may be fractional, so it is checked below.
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.set_audience(&[server.id.to_string()]);
        validation.set_issuer(&[server.id.to_string()]);
        let key = DecodingKey::from_secret(&keys.token_signing);
        let claims = jsonwebtoken::decode::<Self>(token, &key, &validation)
            .map_err(|_| AppError::InvalidCredentials("Authentication error: error decoding access token".to_owned()))?
            .claims;
        if claims.exp.is_some_and(|end| end + 10.0 < Timestamp::now().unix_seconds()) {
            return Err(AppError::InvalidCredentials("Authentication error: the access token has expired".to_owned()));
        }
        Ok(claims)
    }
}
