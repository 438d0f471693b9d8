//! Open connections that wait for the next session.

use std::{
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    super::DbError,
    session::{Open, Session},
};

/// How long a session is waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// At most so many connections to one file.
#[derive(Debug)]
pub struct Pool {
    file: Arc<Path>,
    size: u32,
    permits: Arc<Semaphore>,
    /// The last one back is the first one out: its caches are warm, and the others stay closed if they are not needed.
    idle: Mutex<Vec<Open>>,
    /// Connections of an earlier generation are closed when they come back.
    generation: AtomicU64,
}

/// The right to one connection of a pool.
#[derive(Debug)]
pub struct Place {
    pub pool: Arc<Pool>,
    pub generation: u64,
    _permit: OwnedSemaphorePermit,
}

impl Pool {
    /// Nothing is opened yet.
    pub fn new(file: Arc<Path>, size: u32) -> Self {
        let permits = Arc::new(Semaphore::new(size as usize));
        Self { file, size, permits, idle: Mutex::default(), generation: AtomicU64::default() }
    }

    /// Waits until a connection is free; [`DbError::PoolTimedOut`] if that takes too long.
    pub async fn session(self: &Arc<Self>) -> Result<Session, DbError> {
        let permit = tokio::time::timeout(LONGEST_WAIT, self.permits.clone().acquire_owned()).await;
        let permit = permit.map_err(|_| DbError::PoolTimedOut)?.map_err(|_| DbError::PoolClosed)?;
        let place = Place { pool: self.clone(), generation: self.generation.load(Ordering::Acquire), _permit: permit };
        let idle = self.idle().pop();
        let open = idle.map_or_else(|| Open::new(&self.file), Ok)?;
        Ok(Session::new(open, place))
    }

    /// Takes a connection back.
    pub fn take_back(&self, open: Open, generation: u64) {
        let mut idle = self.idle();
        if generation == self.generation.load(Ordering::Acquire) && !self.permits.is_closed() {
            idle.push(open);
        }
    }

    /// Replaces all connections, those in use when they come back.
    pub fn renew(&self) {
        let mut idle = self.idle();
        self.generation.fetch_add(1, Ordering::AcqRel);
        idle.clear();
    }

    /// How many connections are open, and how many of them are in use.
    pub fn usage(&self) -> (usize, usize) {
        let in_use = self.size as usize - self.permits.available_permits();
        (in_use + self.idle().len(), in_use)
    }

    /// Closes all connections, waiting for those in use.
    pub async fn close(&self) {
        // Fails only when it was closed before.
        let _all = self.permits.acquire_many(self.size).await;
        self.permits.close();
        self.renew();
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Open>> {
        // The list is valid after every single operation on it, so a panic elsewhere did not break it.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
