//! When somebody last used the server: noted in the settings, at most once a minute.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use super::{
    db::{Db, server_settings},
    time::Timestamp,
};

/// Seconds between two notes.
const EVERY: i64 = 60;

/// Remembers when it last wrote; clones share that.
#[derive(Clone, Debug, Default)]
pub struct Activity(Arc<AtomicI64>);

impl Activity {
    /// Notes that an account is using the server, beside the request.
    pub fn note(&self, db: &Db) {
        let now = Timestamp::now();
        let seconds = now.unix_seconds() as i64;
        let last = self.0.load(Ordering::Relaxed);
        // Whoever wins the exchange writes.
        if seconds - last < EVERY || self.0.compare_exchange(last, seconds, Ordering::Relaxed, Ordering::Relaxed).is_err() {
            return;
        }
        let db = db.clone();
        tokio::spawn(async move {
            let write = async {
                let mut connection = db.begin().await?;
                server_settings::note_activity(&mut connection, now).await?;
                connection.commit().await
            };
            if let Err(error) = write.await {
                tracing::warn!(%error, "the last use of the server could not be noted");
            }
        });
    }
}
