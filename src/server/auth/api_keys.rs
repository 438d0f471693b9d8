//! API keys of service accounts as text: `ZENKEY_` and the base64 of `{"id": …, "key": …}`, as ZenML 0.98 writes them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use super::secrets;
use crate::server::{error::Result, id::Id};

/// What every key's text starts with; nothing else that is sent as a bearer does.
pub const PREFIX: &str = "ZENKEY_";

/// A key as its owner holds it. Deliberately not `Debug`.
#[derive(Serialize, Deserialize)]
pub struct ApiKey {
    /// The stored key it belongs to.
    pub id: Id,
    /// 64 hexadecimal digits (256 random bits); the server keeps only their hash.
    pub key: String,
}

impl ApiKey {
    /// A new secret for the stored key with this id.
    pub fn generate(id: Id) -> Result<Self> {
        Ok(Self { id, key: secrets::generate(32)? })
    }

    /// The text given to the key's owner.
    pub fn encode(&self) -> Result<String> {
        Ok(format!("{PREFIX}{}", STANDARD.encode(serde_json::to_vec(self)?)))
    }

    /// Reads a key's text; none if it is not one.
    pub fn decode(text: &str) -> Option<Self> {
        let json = STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        serde_json::from_slice(&json).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::ApiKey;
    use crate::server::id::Id;

    #[test]
    fn a_key_survives_being_written_and_read() {
        let key = ApiKey::generate(Id::new()).expect("random");
        let text = key.encode().expect("text");
        let read = ApiKey::decode(&text).expect("a key");
        assert_eq!((read.id, read.key.len()), (key.id, 64));
        assert_eq!(read.key, key.key);
    }

    #[test]
    fn other_text_is_no_key() {
        for text in ["", "ZENKEY_", "ZENKEY_nope", "zenkey_e30=", "ZENKEY_e30="] {
            assert!(ApiKey::decode(text).is_none(), "{text}");
        }
    }

    /// Made with Python: `base64.b64encode(json.dumps({"id": …, "key": "ab"}).encode())`.
    #[test]
    fn the_reference_servers_text_is_read() {
        let text = "ZENKEY_eyJpZCI6ICI1Mzg4ZDU4Ny1mMDA3LTQ4ZWUtOTAzNy0yZjViM2E4Y2ZhNmYiLCAia2V5IjogImFiIn0=";
        let key = ApiKey::decode(text).expect("a key");
        assert_eq!((key.id.to_string().as_str(), key.key.as_str()), ("5388d587-f007-48ee-9037-2f5b3a8cfa6f", "ab"));
    }
}
