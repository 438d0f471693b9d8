//! Random secrets that the server hands out once and keeps only as a hash: API keys, device codes, activation tokens.
//!
//! They are random enough (128 bits and more) that a plain SHA-256 cannot be searched, so checking one costs nothing;
//! passwords, which people choose, go through `passwords` instead.

use rand::TryRngCore as _;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use anyhow::Context as _;

/// A new secret of `bytes` random bytes, in hexadecimal.
pub fn generate(bytes: usize) -> anyhow::Result<String> {
    let mut random = vec![0; bytes];
    rand::rngs::OsRng.try_fill_bytes(&mut random).context("the system has no random numbers")?;
    Ok(hex::encode(random))
}

/// What is stored of a secret: its SHA-256, in hexadecimal.
pub fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

/// Whether a secret is the one a stored hash was made of; takes the same time wherever they differ.
pub fn matches(secret: &str, stored_hash: &str) -> bool {
    hash(secret).as_bytes().ct_eq(stored_hash.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::{generate, hash, matches};

    #[test]
    fn a_secret_matches_its_own_hash_only() {
        let (first, second) = (generate(32).expect("random"), generate(32).expect("random"));
        assert_eq!(first.len(), 64);
        assert!(matches(&first, &hash(&first)));
        assert!(!matches(&second, &hash(&first)));
        assert!(!matches("", ""), "an empty column is no hash of anything");
    }
}
