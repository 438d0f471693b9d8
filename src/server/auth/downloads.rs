//! Short-lived tokens for downloads: a browser tab that saves a file cannot send headers, so the address carries one.

use anyhow::Context as _;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::keys::Keys;
use crate::server::{
    db::list::ListRequest,
    error::{AppError, Result},
    id::Id,
    time::Timestamp,
};

/// Seconds a token is good for (ZenML's default).
const LIFETIME_SECONDS: i64 = 30;

/// What a token lets its holder download (ZenML's `DownloadType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DownloadType {
    ArtifactVersion,
    SnapshotCode,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    exp: f64,
    download_type: DownloadType,
    resource_id: Id,
}

/// A token for downloading one object.
pub fn sign(keys: &Keys, download_type: DownloadType, resource: Id) -> Result<String> {
    let exp = Timestamp::now().plus_seconds(LIFETIME_SECONDS).unix_seconds();
    let key = EncodingKey::from_secret(&keys.token_signing);
    let claims = Claims { exp, download_type, resource_id: resource };
    Ok(jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).context("signing a download token")?)
}

/// The token of a download's address.
pub fn token(request: &ListRequest) -> Result<&str> {
    request.get("token").ok_or_else(|| AppError::Malformed("1 validation error:\n  The query parameter `token` is missing.".to_owned()))
}

/// Refuses a token that is not for this object, or no longer.
pub fn verify(keys: &Keys, token: &str, download_type: DownloadType, resource: Id) -> Result<()> {
    let mut validation = Validation::new(Algorithm::HS256);
    // `exp` has a fraction, so it is checked below.
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    let key = DecodingKey::from_secret(&keys.token_signing);
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation).ok().map(|decoded| decoded.claims);
    let good = claims.is_some_and(|claims| {
        claims.download_type == download_type && claims.resource_id == resource && claims.exp > Timestamp::now().unix_seconds()
    });
    good.then_some(()).ok_or_else(|| AppError::InvalidCredentials("The download link is not valid, or no longer.".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_one_object_of_one_type() {
        let folders = [(); 2].map(|()| tempfile::tempdir().expect("a temporary folder"));
        let [keys, others] = folders.each_ref().map(|folder| Keys::load(folder.path(), None).expect("keys"));
        let (id, other) = (Id::new(), Id::new());
        let token = sign(&keys, DownloadType::ArtifactVersion, id).expect("it signs");
        assert!(verify(&keys, &token, DownloadType::ArtifactVersion, id).is_ok());
        assert!(verify(&keys, &token, DownloadType::ArtifactVersion, other).is_err());
        assert!(verify(&keys, &token, DownloadType::SnapshotCode, id).is_err());
        assert!(verify(&others, &token, DownloadType::ArtifactVersion, id).is_err());
    }
}
