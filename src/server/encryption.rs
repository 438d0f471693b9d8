//! Encryption at rest of what users keep secret.
//!
//! AES-256-GCM with a random 96-bit nonce for each sealing; the id of the object it belongs to, such as a secret, is
//! the associated data, so that what is sealed cannot be moved to another row.

use std::fmt;

use anyhow::{Context as _, anyhow};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rand::TryRngCore as _;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::{Serialize, Serializer};

use super::id::Id;

/// Names the algorithm in front of every sealed text, so that another one can follow it.
const SCHEME: &str = "aes-256-gcm:";

/// The values of a secret, in order. Its `Debug` shows the keys only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SecretValues(Vec<(String, String)>);

impl SecretValues {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// Sets a key, in its old place where there is one.
    pub fn set(&mut self, key: String, value: String) {
        match self.0.iter_mut().find(|(name, _)| *name == key) {
            Some(entry) => entry.1 = value,
            None => self.0.push((key, value)),
        }
    }

    /// Removes a key.
    pub fn remove(&mut self, key: &str) {
        self.0.retain(|(name, _)| name != key);
    }

    /// Keys and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for SecretValues {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.iter().map(|(key, _)| key)).finish()
    }
}

impl Serialize for SecretValues {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl FromIterator<(String, String)> for SecretValues {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        let mut values = Self::default();
        pairs.into_iter().for_each(|(key, value)| values.set(key, value));
        values
    }
}

/// Seals and opens values with the server's key. Deliberately not `Debug`.
pub struct Sealer(LessSafeKey);

impl Sealer {
    /// With this key.
    pub fn new(key: &[u8; 32]) -> anyhow::Result<Self> {
        let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| anyhow!("the key for secrets has the wrong length"))?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// The text to store for the values of a secret.
    pub fn seal(&self, secret: Id, values: &SecretValues) -> anyhow::Result<String> {
        self.seal_text(secret, &serde_json::to_string(&values.0).context("values of a secret")?)
    }

    /// The values of a secret from the stored text.
    ///
    /// # Errors
    /// The text was sealed with another key, for another secret, or was changed.
    pub fn open(&self, secret: Id, sealed: &str) -> anyhow::Result<SecretValues> {
        let plain = self.open_text(secret, sealed)?;
        serde_json::from_str(&plain).map(SecretValues).with_context(|| format!("the values of {secret}"))
    }

    /// The text to store for a text that belongs to the object with this id.
    pub fn seal_text(&self, owner: Id, text: &str) -> anyhow::Result<String> {
        let mut nonce = [0; NONCE_LEN];
        rand::rngs::OsRng.try_fill_bytes(&mut nonce).context("the system has no random numbers")?;
        let mut sealed = text.as_bytes().to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), associated(owner), &mut sealed)
            .map_err(|_| anyhow!("what belongs to {owner} could not be encrypted"))?;
        sealed.splice(..0, nonce);
        Ok(format!("{SCHEME}{}", STANDARD.encode(sealed)))
    }

    /// The text that was sealed; its errors are those of [`Sealer::open`].
    pub fn open_text(&self, owner: Id, sealed: &str) -> anyhow::Result<String> {
        let refused = || anyhow!("what belongs to {owner} cannot be decrypted: it was stored with another key, or changed");
        let text = sealed.strip_prefix(SCHEME).ok_or_else(refused)?;
        let mut bytes = STANDARD.decode(text).map_err(|_| refused())?;
        let (nonce, body) = bytes.split_at_mut_checked(NONCE_LEN).ok_or_else(refused)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| refused())?;
        let plain = self.0.open_in_place(nonce, associated(owner), body).map_err(|_| refused())?;
        String::from_utf8(plain.to_vec()).map_err(|_| refused())
    }
}

/// Whether a stored text is a sealed one.
pub fn is_sealed(text: &str) -> bool {
    text.starts_with(SCHEME)
}

fn associated(owner: Id) -> Aad<Vec<u8>> {
    Aad::from(owner.hex().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> SecretValues {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn values_open_with_their_key_and_id_only() {
        let (sealer, id) = (Sealer::new(&[7; 32]).expect("a key"), Id::new());
        let values = values(&[("user", "ann"), ("password", "hunter2 ü")]);
        let sealed = sealer.seal(id, &values).expect("sealed");
        assert_eq!(sealer.open(id, &sealed).expect("opened"), values);
        assert!(sealer.open(Id::new(), &sealed).is_err(), "moved to another row");
        assert!(Sealer::new(&[8; 32]).expect("a key").open(id, &sealed).is_err(), "another key");
        assert!(sealer.open(id, &sealed[..sealed.len() - 8]).is_err(), "cut short");
        assert!(sealer.open(id, "aes-256-gcm:").is_err() && sealer.open(id, "{}").is_err());
        assert_ne!(sealer.seal(id, &values).expect("sealed"), sealed, "every sealing has its own nonce");
        assert!(!sealed.contains("hunter2"));
    }

    #[test]
    fn debugging_shows_no_value() {
        assert_eq!(format!("{:?}", values(&[("a", "hidden"), ("a", "later")])), r#"["a"]"#);
        assert_eq!(values(&[("a", "1"), ("a", "2")]).get("a"), Some("2"));
    }
}
