//! Slows down guessing of passwords: after some failures, sign-ins for one account from one address must wait.
//!
//! Kept in memory and bounded: a restart or a flood of other addresses forgets failures, which is no harm.

use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use quick_cache::sync::Cache;

use crate::server::error::{AppError, Result};

/// Failures allowed in a row.
const FAILURES: u32 = 5;
/// How long failures count, from the last one.
const WINDOW: Duration = Duration::from_secs(60);
/// Pairs of address and account that are remembered.
const REMEMBERED: usize = 10_000;

/// Who tries to sign in: the client's address (none in tests) and the account's name as it was typed.
type Attempt = (Option<IpAddr>, String);

/// Counts failed sign-ins; clones share the counts.
#[derive(Clone)]
pub struct LoginLimiter(Arc<Cache<Attempt, (u32, Instant)>>);

impl Default for LoginLimiter {
    fn default() -> Self {
        Self(Arc::new(Cache::new(REMEMBERED)))
    }
}

impl LoginLimiter {
    /// Refuses (429) while there were too many failures; to be asked before the password is looked at.
    pub fn check(&self, address: Option<IpAddr>, name: &str) -> Result<()> {
        self.wait(&attempt(address, name), Instant::now()).map_or(Ok(()), |wait| {
            let message = format!("Too many failed sign-ins. Try again in {} seconds.", wait.as_secs() + 1);
            Err(AppError::Plain(StatusCode::TOO_MANY_REQUESTS, message))
        })
    }

    /// Counts a failure.
    pub fn failed(&self, address: Option<IpAddr>, name: &str) {
        self.count(attempt(address, name), Instant::now());
    }

    /// Forgets the failures of an account that has signed in.
    pub fn succeeded(&self, address: Option<IpAddr>, name: &str) {
        self.0.remove(&attempt(address, name));
    }

    fn wait(&self, attempt: &Attempt, now: Instant) -> Option<Duration> {
        let (failures, last) = self.0.get(attempt)?;
        let waited = now.saturating_duration_since(last);
        (failures >= FAILURES && waited < WINDOW).then(|| WINDOW - waited)
    }

    fn count(&self, attempt: Attempt, now: Instant) {
        let recent = self.0.get(&attempt).filter(|(_, last)| now.saturating_duration_since(*last) < WINDOW);
        let failures = recent.map_or(0, |(failures, _)| failures).saturating_add(1);
        self.0.insert(attempt, (failures, now));
    }
}

/// Names are cut, so that memory stays bounded whatever is typed.
fn attempt(address: Option<IpAddr>, name: &str) -> Attempt {
    (address, name.chars().take(255).collect())
}

#[cfg(test)]
mod tests {
    use std::{
        net::{IpAddr, Ipv4Addr},
        time::Instant,
    };

    use super::{FAILURES, LoginLimiter, WINDOW, attempt};

    const HERE: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));

    #[test]
    fn failures_lock_one_account_from_one_address_for_a_while() {
        let limiter = LoginLimiter::default();
        let (ann, now) = (attempt(HERE, "ann"), Instant::now());
        for _ in 0..FAILURES {
            assert_eq!(limiter.wait(&ann, now), None);
            limiter.count(ann.clone(), now);
        }
        assert_eq!(limiter.wait(&ann, now), Some(WINDOW));
        assert_eq!(limiter.wait(&attempt(HERE, "bob"), now), None, "another account");
        assert_eq!(limiter.wait(&attempt(None, "ann"), now), None, "another address");

        let later = now + WINDOW;
        assert_eq!(limiter.wait(&ann, later), None, "after the wait");
        limiter.count(ann.clone(), later);
        assert_eq!(limiter.wait(&ann, later), None, "old failures are forgotten");
    }

    #[test]
    fn success_forgets_failures() {
        let limiter = LoginLimiter::default();
        for _ in 0..FAILURES {
            limiter.failed(HERE, "ann");
        }
        assert!(limiter.check(HERE, "ann").is_err());
        limiter.succeeded(HERE, "ann");
        assert!(limiter.check(HERE, "ann").is_ok());
    }
}
