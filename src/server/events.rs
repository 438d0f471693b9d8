//! What changed, told to open pages: one broadcast for the whole server.

use serde::Serialize;
use tokio::sync::broadcast;

use super::id::Id;

/// A change of one object. Pages refetch what they show; the event itself carries no content.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    /// `run`, `snapshot`, `logs`, …
    pub kind: &'static str,
    pub id: Id,
}

/// The sender half; clones share one channel.
#[derive(Clone, Debug)]
pub struct EventBus(broadcast::Sender<Event>);

impl Default for EventBus {
    fn default() -> Self {
        Self(broadcast::channel(1024).0)
    }
}

impl EventBus {
    /// Tells all listeners; nobody listening is fine.
    pub fn send(&self, kind: &'static str, id: Id) {
        let _ = self.0.send(Event { kind, id });
    }

    /// A new listener that hears events from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.0.subscribe()
    }
}
