//! Pages that follow what happens on the server.
//!
//! One event stream for a page: an event says that something changed, and the page reads again what it shows. Where the
//! stream cannot be had the page reads again by the clock. A hidden page listens to nothing and catches up when it is
//! looked at again.

use leptos::prelude::*;

use super::icon::Icon;

/// How a page is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// Not started: the server's rendering, or nothing to follow.
    Idle,
    Live,
    Reconnecting,
}

/// Calls `changed` after events of which `concerns(kind, id)` says that they concern the page; many events in a row make
/// one call.
pub fn use_events(concerns: impl Fn(&str, &str) -> bool + Clone + 'static, changed: impl Fn() + Clone + 'static) -> ReadSignal<Connection> {
    let (connection, set_connection) = signal(Connection::Idle);
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| browser::follow(concerns.clone(), changed.clone(), set_connection));
    #[cfg(not(feature = "hydrate"))]
    let _ = (concerns, changed, set_connection);
    connection
}

/// Says in words whether the page follows what happens.
#[component]
pub fn LiveIndicator(connection: ReadSignal<Connection>) -> impl IntoView {
    let show = move || match connection.get() {
        Connection::Idle => None,
        Connection::Live => Some(("live live--on", "running", "Live")),
        Connection::Reconnecting => Some(("live", "waiting", "Reconnecting")),
    };
    move || {
        show().map(|(class, icon, word)| {
            view! {
                <span class=class>
                    <Icon name=icon />
                    {word}
                </span>
            }
        })
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::{
        cell::{Cell, RefCell},
        rc::Rc,
        time::Duration,
    };

    use leptos::prelude::*;
    use send_wrapper::SendWrapper;
    use wasm_bindgen::{JsCast as _, closure::Closure};
    use web_sys::{EventSource, MessageEvent};

    use super::Connection;

    /// Events in a row are answered together after this time.
    const PAUSE: Duration = Duration::from_millis(250);
    /// How often the page reads again while there is no stream.
    const POLL: Duration = Duration::from_secs(5);
    /// Sent by the server when it could not keep up: everything may have changed.
    const RESYNC: &str = "resync";

    /// Follows until the owner of the calling effect goes.
    pub fn follow(
        concerns: impl Fn(&str, &str) -> bool + 'static,
        changed: impl Fn() + Clone + 'static,
        connection: WriteSignal<Connection>,
    ) {
        let follower = Rc::new(Follower::new(concerns, Rc::new(changed), connection));
        follower.open();
        let on_visibility = {
            let follower = follower.clone();
            Closure::<dyn FnMut()>::new(move || if document().hidden() { follower.close() } else { follower.look_again() })
        };
        let _ = document().add_event_listener_with_callback("visibilitychange", on_visibility.as_ref().unchecked_ref());
        let poll = {
            let follower = follower.clone();
            set_interval_with_handle(move || follower.poll(), POLL)
        };
        let kept = SendWrapper::new((follower, on_visibility, poll));
        on_cleanup(move || {
            let (follower, on_visibility, poll) = kept.take();
            follower.close();
            let _ = document().remove_event_listener_with_callback("visibilitychange", on_visibility.as_ref().unchecked_ref());
            if let Ok(poll) = poll {
                poll.clear();
            }
        });
    }

    /// The page's event stream and what is done with its events.
    struct Follower {
        source: RefCell<Option<EventSource>>,
        broken: Rc<Cell<bool>>,
        soon: Rc<dyn Fn()>,
        on_open: Closure<dyn FnMut()>,
        on_error: Closure<dyn FnMut()>,
        on_message: Closure<dyn FnMut(MessageEvent)>,
    }

    impl Follower {
        fn new(concerns: impl Fn(&str, &str) -> bool + 'static, changed: Rc<dyn Fn()>, connection: WriteSignal<Connection>) -> Self {
            let broken = Rc::new(Cell::new(false));
            let soon = soon(changed);
            let on_open = {
                let (broken, soon) = (broken.clone(), soon.clone());
                move || {
                    connection.try_set(Connection::Live);
                    if broken.replace(false) {
                        soon();
                    }
                }
            };
            let on_error = {
                let broken = broken.clone();
                move || {
                    connection.try_set(Connection::Reconnecting);
                    broken.set(true);
                }
            };
            let on_message = {
                let soon = soon.clone();
                move |message: MessageEvent| {
                    let Some(data) = message.data().as_string() else { return };
                    // "kind id", so that no parser is needed.
                    let (kind, id) = data.split_once(' ').unwrap_or((&data, ""));
                    if kind == RESYNC || concerns(kind, id) {
                        soon();
                    }
                }
            };
            Self {
                source: RefCell::default(),
                broken,
                soon,
                on_open: Closure::new(on_open),
                on_error: Closure::new(on_error),
                on_message: Closure::new(on_message),
            }
        }

        fn open(&self) {
            let mut source = self.source.borrow_mut();
            if source.as_ref().is_some_and(|source| source.ready_state() != EventSource::CLOSED) {
                return;
            }
            let Ok(opened) = EventSource::new("/events") else { return };
            opened.set_onopen(Some(self.on_open.as_ref().unchecked_ref()));
            opened.set_onerror(Some(self.on_error.as_ref().unchecked_ref()));
            opened.set_onmessage(Some(self.on_message.as_ref().unchecked_ref()));
            *source = Some(opened);
        }

        fn close(&self) {
            if let Some(source) = self.source.borrow_mut().take() {
                source.close();
            }
        }

        /// The page is seen again: it missed what happened meanwhile.
        fn look_again(&self) {
            self.open();
            (self.soon)();
        }

        fn poll(&self) {
            if self.broken.get() && !document().hidden() {
                self.look_again();
            }
        }
    }

    /// Calls once for many calls within the pause.
    fn soon(changed: Rc<dyn Fn()>) -> Rc<dyn Fn()> {
        let waiting = Rc::new(Cell::new(false));
        Rc::new(move || {
            if !waiting.replace(true) {
                let (waiting, changed) = (waiting.clone(), changed.clone());
                let call = move || {
                    waiting.set(false);
                    changed();
                };
                set_timeout(call, PAUSE);
            }
        })
    }
}
