//! What changed, told to open pages: one broadcast for the whole server.

use std::sync::Arc;

use serde::Serialize;
use tokio::sync::{broadcast, watch};

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
pub struct EventBus {
    sender: broadcast::Sender<Event>,
    closing: Arc<watch::Sender<bool>>,
}

impl Default for EventBus {
    fn default() -> Self {
        Self { sender: broadcast::channel(1024).0, closing: Arc::new(watch::channel(false).0) }
    }
}

impl EventBus {
    /// Tells all listeners; nobody listening is fine.
    pub fn send(&self, kind: &'static str, id: Id) {
        let _ = self.sender.send(Event { kind, id });
    }

    /// A new listener that hears events from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.sender.subscribe()
    }

    /// Asks streams of events to end: a server that shuts down waits for open answers.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Resolves once [`EventBus::close`] was called.
    pub fn closed(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut closing = self.closing.subscribe();
        async move {
            let _ = closing.wait_for(|closing| *closing).await;
        }
    }
}
