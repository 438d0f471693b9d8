//! `GET /events`: what changed, as a stream of server-sent events for open pages.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    response::{
        Sse,
        sse::{Event, KeepAlive},
    },
};
use futures::{Stream, StreamExt as _};
use tokio_stream::wrappers::{BroadcastStream, errors::BroadcastStreamRecvError};

use crate::server::{auth::Account, state::AppState};

/// Connections that look dead to a proxy are kept alive by a comment at this interval.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Every change from now on: `data: run 2f0c…`. A page that could not keep up is told `resync` and reads all again.
pub async fn stream(State(state): State<AppState>, _: Account) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let events = BroadcastStream::new(state.events.subscribe()).map(|event| {
        let data = match event {
            Ok(event) => format!("{} {}", event.kind, event.id),
            Err(BroadcastStreamRecvError::Lagged(_)) => "resync".to_owned(),
        };
        Ok(Event::default().data(data))
    });
    let events = events.take_until(state.events.closed());
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}
