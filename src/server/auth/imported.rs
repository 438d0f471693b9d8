//! Secrets that another server hashed: ZenML keeps bcrypt hashes of passwords, API keys and activation tokens.
//!
//! An imported hash is checked as it is, and replaced by one of ours when its secret is next seen.

use super::passwords::in_background;
use crate::server::error::Result;

/// Whether a stored hash came from another server.
pub fn is_imported(hash: &str) -> bool {
    hash.starts_with("$2")
}

/// Whether a secret is the one an imported hash was made of. Takes a core for a quarter of a second.
pub async fn matches(secret: &str, hash: &str) -> Result<bool> {
    let (secret, hash) = (secret.to_owned(), hash.to_owned());
    in_background(move || verify(&secret, &hash)).await
}

/// The same, for work that is in the background already. A text that is no such hash fits nothing.
pub fn verify(secret: &str, hash: &str) -> bool {
    bcrypt::verify(secret, hash).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::{is_imported, matches};

    /// Made with Python's `bcrypt.hashpw(b"Analytical-1", bcrypt.gensalt(4))`.
    const HASH: &str = "$2b$04$Atoys1Ze4lMXplLLZPFsOefto3jkWrkJLoP4nczrTkUko7WalpqL6";

    #[tokio::test]
    async fn a_hash_of_the_reference_server_fits_its_secret_only() {
        assert!(is_imported(HASH) && !is_imported("$argon2id$v=19$…") && !is_imported(""));
        assert!(matches("Analytical-1", HASH).await.expect("checked"));
        assert!(!matches("Analytical-2", HASH).await.expect("checked"));
        assert!(!matches("", HASH).await.expect("checked"));
        assert!(!matches("Analytical-1", "$2b$nonsense").await.expect("checked"));
    }
}
