//! CSRF tokens: proof that a request with a cross-site session comes from the page that signed in.
//!
//! A sign-in from another site gets a cookie that the browser sends from any site. Its token therefore names a session,
//! and every request must repeat the token of that session in a header, which another site cannot know.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::keys::Keys;
use crate::server::id::Id;

/// The header that carries the token.
pub const HEADER: &str = "x-csrf-token";

/// The token of a session.
pub fn token(session: Id, keys: &Keys) -> String {
    URL_SAFE_NO_PAD.encode(mac(session, keys).finalize().into_bytes())
}

/// Whether a token belongs to a session; takes the same time wherever they differ.
pub fn verify(token: &str, session: Id, keys: &Keys) -> bool {
    URL_SAFE_NO_PAD.decode(token).is_ok_and(|bytes| mac(session, keys).verify_slice(&bytes).is_ok())
}

fn mac(session: Id, keys: &Keys) -> Hmac<Sha256> {
    // The label keeps these signatures apart from those of tokens, which share the key.
    let mut mac = Hmac::<Sha256>::new_from_slice(&keys.token_signing).expect("HMAC takes keys of any length");
    mac.update(b"csrf:");
    mac.update(session.hex().as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::{token, verify};
    use crate::server::{auth::keys::Keys, id::Id};

    #[test]
    fn a_token_fits_its_session_and_key_only() {
        let (folder, other) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let keys = Keys::load(folder.path(), None).expect("keys");
        let session = Id::new();
        let proof = token(session, &keys);
        assert!(verify(&proof, session, &keys));
        assert!(!verify(&proof, Id::new(), &keys));
        assert!(!verify(&proof, session, &Keys::load(other.path(), None).expect("keys")));
        assert!(!verify("", session, &keys));
    }
}
