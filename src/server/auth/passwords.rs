//! Passwords: hashed with Argon2id, off the async threads, a few at a time. Hashes from another server are read, not made.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, LazyLock, Mutex, PoisonError, mpsc},
    thread::{self, available_parallelism},
};

use anyhow::Context as _;
use argon2::{
    Argon2,
    password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString},
};
use tokio::sync::oneshot;

use super::{imported, keys::random_bytes};
use crate::server::error::{AppError, Result};

/// Longest password, in characters: the limit of the protocol's models.
pub const MAX_LENGTH: usize = 255;

type Job = Box<dyn FnOnce() + Send>;

/// Most hashes at once: more than there are cores gain nothing.
const MOST_AT_WORK: usize = 4;

/// Threads of their own for hashing. Each hash takes 19 MiB, which the system's allocator keeps for the thread that asked: in
/// whatever thread is free, sixteen sign-ins at once would cost half a gigabyte.
static AT_WORK: LazyLock<mpsc::Sender<Job>> = LazyLock::new(|| {
    let (jobs, waiting) = mpsc::channel::<Job>();
    let waiting = Arc::new(Mutex::new(waiting));
    for _ in 0..available_parallelism().map_or(1, usize::from).min(MOST_AT_WORK) {
        let waiting = waiting.clone();
        thread::spawn(move || {
            while let Some(job) = next(&waiting) {
                // Whoever waits for a job that panicked learns it from the lost answer; the thread goes on.
                let _ = catch_unwind(AssertUnwindSafe(job));
            }
        });
    }
    jobs
});

fn next(waiting: &Mutex<mpsc::Receiver<Job>>) -> Option<Job> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// Checked when an account does not exist, so that the time of an answer does not tell which accounts do.
static NOBODYS: LazyLock<String> = LazyLock::new(|| make_hash("nobody's password").unwrap_or_default());

/// The hash to store for a new password. An empty or over-long one is the user's mistake.
pub async fn hash(password: &str) -> Result<String> {
    if password.is_empty() {
        return Err(AppError::Invalid("The password must not be empty.".to_owned()));
    }
    if password.chars().count() > MAX_LENGTH {
        return Err(AppError::Invalid(format!("The password is longer than {MAX_LENGTH} characters.")));
    }
    let password = password.to_owned();
    Ok(in_background(move || make_hash(&password)).await??)
}

/// Like [`hash`], where there is a password.
pub async fn hash_some(password: Option<&str>) -> Result<Option<String>> {
    match password {
        Some(password) => Ok(Some(hash(password).await?)),
        None => Ok(None),
    }
}

/// Whether a password fits a stored hash. Without a hash (unknown account, or one without a password) the work is
/// done all the same and the answer is no.
pub async fn verify(password: &str, stored: Option<&str>) -> Result<bool> {
    let (password, stored) = (password.to_owned(), stored.map(str::to_owned));
    in_background(move || {
        let known = stored.is_some();
        let text = stored.unwrap_or_else(|| NOBODYS.clone());
        if imported::is_imported(&text) {
            return imported::verify(&password, &text);
        }
        let fits = PasswordHash::new(&text).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
        fits && known
    })
    .await
}

fn make_hash(password: &str) -> anyhow::Result<String> {
    let salt = SaltString::encode_b64(&random_bytes()?[..16]).map_err(|error| anyhow::anyhow!("making a salt: {error}"))?;
    let hash =
        Argon2::default().hash_password(password.as_bytes(), &salt).map_err(|error| anyhow::anyhow!("hashing a password: {error}"))?;
    Ok(hash.to_string())
}

/// Does slow work off the async threads, a few at a time.
pub(super) async fn in_background<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let (answer, answered) = oneshot::channel();
    let job = move || {
        // Nobody waits any more if the request was given up.
        let _ = answer.send(work());
    };
    AT_WORK.send(Box::new(job)).ok().context("the threads for hashing have ended")?;
    Ok(answered.await.context("hashing a password")?)
}

#[cfg(test)]
mod tests {
    use super::{hash, verify};

    #[tokio::test]
    async fn only_the_same_password_verifies() {
        let stored = hash("correct horse").await.expect("hashed");
        assert!(stored.starts_with("$argon2id$"), "{stored}");
        assert!(verify("correct horse", Some(&stored)).await.expect("checked"));
        assert!(!verify("correct horsf", Some(&stored)).await.expect("checked"));
        assert!(!verify("", Some(&stored)).await.expect("checked"));
    }

    #[tokio::test]
    async fn an_account_without_a_password_never_verifies() {
        assert!(!verify("nobody's password", None).await.expect("checked"));
        assert!(!verify("anything", Some("not a hash")).await.expect("checked"));
    }

    #[tokio::test]
    async fn an_empty_password_is_refused() {
        assert!(hash("").await.is_err());
        assert!(hash(&"x".repeat(256)).await.is_err());
    }
}
