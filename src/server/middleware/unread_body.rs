//! A body that nobody read must not cost the client its connection.
//!
//! A request is often answered without its body: refused before the handler, or by a handler that needs none. If it is then left
//! lying in the connection, the connection is closed without a word, and the next request that a client sends on it is lost. So the
//! rest is read and forgotten, and where that is too much the answer says that the connection ends with it (RFC 9112, section 9.6).

use std::{
    mem,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt as _;
use tokio::sync::oneshot;

/// The most that is read, in bytes: nothing of it is kept.
const MOST: u64 = 16 * 1024 * 1024;
/// The longest that is waited for it.
const LONGEST: Duration = Duration::from_secs(5);

/// Reads what a handler leaves of a body.
pub async fn discard(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    // Who waits to be told to send a body (RFC 9110, section 10.1.1) is not told so after a refusal.
    let waits = request.headers().contains_key(header::EXPECT);
    let (owner, mut left) = oneshot::channel();
    let mut response = next.run(request.map(|body| Body::new(Lent { body, owner: Some(owner), ended: false }))).await;
    // Nothing comes back from a body that was read to its end, or that somebody still reads.
    if let Ok(body) = left.try_recv()
        && (waits || !is_discarded(body).await)
    {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

async fn is_discarded(mut body: Body) -> bool {
    if body.size_hint().lower() > MOST {
        return false;
    }
    let all = async {
        let mut seen = 0;
        while seen <= MOST {
            match body.frame().await {
                None => return true,
                Some(Ok(frame)) => seen += frame.data_ref().map_or(0, |data| data.len() as u64),
                Some(Err(_)) => return false,
            }
        }
        false
    };
    tokio::time::timeout(LONGEST, all).await.unwrap_or(false)
}

/// A body that goes back to where it came from when it is dropped before its end.
struct Lent {
    body: Body,
    owner: Option<oneshot::Sender<Body>>,
    ended: bool,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        self.ended |= matches!(frame, Poll::Ready(None | Some(Err(_))));
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.ended
            && !self.body.is_end_stream()
            && let Some(owner) = self.owner.take()
        {
            // The request may be over already; then the connection is, too.
            let _ = owner.send(mem::take(&mut self.body));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use axum::{
        Router,
        body::{Body, Bytes},
        http::{Request, StatusCode, header, request::Builder},
        middleware::from_fn,
        routing::post,
    };
    use futures::{StreamExt as _, stream};
    use tower::ServiceExt as _;

    /// Sends a body of so many pieces of 64 KiB; the connection header of the answer, and how many pieces were taken.
    async fn send(path: &str, pieces: usize) -> (Option<String>, usize) {
        send_with(Request::post(path), pieces).await
    }

    async fn send_with(request: Builder, pieces: usize) -> (Option<String>, usize) {
        let taken = Arc::new(AtomicUsize::new(0));
        let counter = taken.clone();
        let body = Body::from_stream(stream::iter(0..pieces).map(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 64 * 1024]))
        }));
        let routes = Router::new()
            .route("/refused", post(|| async { StatusCode::UNAUTHORIZED }))
            .route("/read", post(|body: Bytes| async move { body.len().to_string() }))
            .layer(from_fn(super::discard));
        let response = routes.oneshot(request.body(body).expect("a request")).await.expect("an answer");
        let connection = response.headers().get(header::CONNECTION).map(|value| value.to_str().expect("text").to_owned());
        (connection, taken.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn a_body_is_read_to_its_end_by_somebody() {
        assert_eq!(send("/read", 3).await, (None, 3));
        assert_eq!(send("/refused", 3).await, (None, 3));
    }

    #[tokio::test]
    async fn a_body_without_end_ends_the_connection() {
        let (connection, taken) = send("/refused", usize::MAX).await;
        assert_eq!(connection.as_deref(), Some("close"));
        assert_eq!(taken, 257, "no more than 16 MiB, and the piece that was too much");
    }
    #[tokio::test]
    async fn a_client_that_waits_is_not_told_to_send() {
        let request = Request::post("/refused").header(header::EXPECT, "100-continue");
        assert_eq!(send_with(request, 3).await, (Some("close".to_owned()), 0));
    }
}
