//! Pages that follow what happens on the server.
//!
//! One event stream for a page: an event says that something changed, and whoever shows it reads it again. Where the
//! stream cannot be had the page reads again by the clock. A hidden page listens to nothing and catches up when it is
//! looked at again.

use leptos::prelude::*;

use super::icon::Icon;

/// How a page is connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// Not started: the server's rendering.
    #[default]
    Idle,
    Live,
    Reconnecting,
}

/// Calls `changed` after events of which `concerns(kind, id)` says that they concern the caller; many events in a row
/// make one call.
pub fn use_events(concerns: impl Fn(&str, &str) -> bool + Clone + 'static, changed: impl Fn() + Clone + 'static) {
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| browser::follow(concerns.clone(), changed.clone()));
    #[cfg(not(feature = "hydrate"))]
    let _ = (concerns, changed);
}

/// How the page is connected; as the server rendered it, until the browser has taken over.
fn connection() -> ArcRwSignal<Connection> {
    let connection = ArcRwSignal::new(Connection::Idle);
    #[cfg(feature = "hydrate")]
    {
        let shown = connection.clone();
        Effect::new(move |_| shown.set(browser::connection().get()));
    }
    connection
}

/// Says that the page shows what was, once the server has been away for a moment.
#[component]
pub fn ConnectionNotice() -> impl IntoView {
    let connection = connection();
    move || {
        (connection.get() == Connection::Reconnecting).then(|| {
            view! {
                <p class="connection" role="status">
                    <Icon name="waiting" />
                    "The server cannot be reached. What you see may be out of date; it goes on by itself when the server is back."
                </p>
            }
        })
    }
}

/// Says in words whether the page follows what happens.
#[component]
pub fn LiveIndicator() -> impl IntoView {
    let connection = connection();
    move || {
        let (class, icon, word) = match connection.get() {
            Connection::Idle => return None,
            Connection::Live => ("live live--on", "dot", "Live"),
            Connection::Reconnecting => ("live", "waiting", "Reconnecting"),
        };
        Some(view! {
            <span class=class>
                <Icon name=icon />
                {word}
            </span>
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
    /// What somebody is about to use: an open menu or dialog, or what is being pressed. The page does not change under their hands.
    const IN_HANDS: &str = "details.menu[open], :popover-open, dialog[open], a:active, button:active, summary:active";
    /// Sent by the server when it could not keep up: everything may have changed.
    const RESYNC: &str = "resync";

    thread_local! {
        /// The page's stream and who listens to it.
        static HUB: Rc<Hub> = Hub::new();
    }

    /// Whether the page's stream is up.
    pub fn connection() -> ArcRwSignal<Connection> {
        HUB.with(|hub| hub.connection.clone())
    }

    /// Listens until the owner of the calling effect goes.
    pub fn follow(concerns: impl Fn(&str, &str) -> bool + 'static, changed: impl Fn() + 'static) {
        let hub = HUB.with(Rc::clone);
        let listener = Rc::new(Listener { concerns: Box::new(concerns), changed: Box::new(changed), waiting: Cell::new(false) });
        hub.add(listener.clone());
        let kept = SendWrapper::new((hub, listener));
        on_cleanup(move || {
            let (hub, listener) = kept.take();
            hub.remove(&listener);
        });
    }

    struct Listener {
        concerns: Box<dyn Fn(&str, &str) -> bool>,
        changed: Box<dyn Fn()>,
        waiting: Cell<bool>,
    }

    impl Listener {
        /// Calls once for many calls within the pause.
        fn soon(self: &Rc<Self>, hub: &Rc<Hub>) {
            if !self.waiting.replace(true) {
                self.call_later(hub);
            }
        }

        fn call_later(self: &Rc<Self>, hub: &Rc<Hub>) {
            let (listener, hub) = (self.clone(), hub.clone());
            let call = move || {
                if matches!(document().query_selector(IN_HANDS), Ok(Some(_))) && hub.has(&listener) {
                    return listener.call_later(&hub);
                }
                listener.waiting.set(false);
                if hub.has(&listener) {
                    (listener.changed)();
                }
            };
            set_timeout(call, PAUSE);
        }
    }

    struct Hub {
        listeners: RefCell<Vec<Rc<Listener>>>,
        source: RefCell<Option<EventSource>>,
        broken: Cell<bool>,
        connection: ArcRwSignal<Connection>,
        handlers: RefCell<Option<Handlers>>,
    }

    /// What the browser calls; kept as long as the page.
    struct Handlers {
        on_open: Closure<dyn FnMut()>,
        on_error: Closure<dyn FnMut()>,
        on_message: Closure<dyn FnMut(MessageEvent)>,
    }

    impl Hub {
        fn new() -> Rc<Self> {
            let hub = Rc::new(Self {
                listeners: RefCell::default(),
                source: RefCell::default(),
                broken: Cell::new(false),
                connection: ArcRwSignal::new(Connection::Idle),
                handlers: RefCell::default(),
            });
            let handler = |act: fn(&Rc<Hub>)| {
                let hub = hub.clone();
                Closure::<dyn FnMut()>::new(move || act(&hub))
            };
            let on_message = {
                let hub = hub.clone();
                Closure::new(move |message: MessageEvent| hub.hear(&message))
            };
            *hub.handlers.borrow_mut() = Some(Handlers { on_open: handler(Self::opened), on_error: handler(Self::failed), on_message });
            let on_visibility = handler(|hub| if document().hidden() { hub.close() } else { hub.look_again() });
            let _ = document().add_event_listener_with_callback("visibilitychange", on_visibility.as_ref().unchecked_ref());
            on_visibility.forget();
            let polled = hub.clone();
            let poll = move || {
                if polled.broken.get() && !document().hidden() {
                    polled.look_again();
                }
            };
            let _ = set_interval_with_handle(poll, POLL);
            hub
        }

        fn add(&self, listener: Rc<Listener>) {
            self.listeners.borrow_mut().push(listener);
            if !document().hidden() {
                self.open();
            }
        }

        fn remove(&self, listener: &Rc<Listener>) {
            self.listeners.borrow_mut().retain(|other| !Rc::ptr_eq(other, listener));
        }

        fn has(&self, listener: &Rc<Listener>) -> bool {
            self.listeners.borrow().iter().any(|other| Rc::ptr_eq(other, listener))
        }

        fn open(&self) {
            let mut source = self.source.borrow_mut();
            if source.as_ref().is_some_and(|source| source.ready_state() != EventSource::CLOSED) {
                return;
            }
            let handlers = self.handlers.borrow();
            let (Some(handlers), Ok(opened)) = (handlers.as_ref(), EventSource::new("/events")) else { return };
            opened.set_onopen(Some(handlers.on_open.as_ref().unchecked_ref()));
            opened.set_onerror(Some(handlers.on_error.as_ref().unchecked_ref()));
            opened.set_onmessage(Some(handlers.on_message.as_ref().unchecked_ref()));
            *source = Some(opened);
        }

        fn close(&self) {
            if let Some(source) = self.source.borrow_mut().take() {
                source.close();
            }
        }

        fn opened(self: &Rc<Self>) {
            self.connection.set(Connection::Live);
            if self.broken.replace(false) {
                self.tell(|_| true);
            }
        }

        fn failed(self: &Rc<Self>) {
            self.connection.set(Connection::Reconnecting);
            self.broken.set(true);
        }

        /// The message is `kind id`.
        fn hear(self: &Rc<Self>, message: &MessageEvent) {
            let Some(data) = message.data().as_string() else { return };
            let (kind, id) = data.split_once(' ').unwrap_or((&data, ""));
            self.tell(|listener| kind == RESYNC || (listener.concerns)(kind, id));
        }

        /// The page is seen again, or has no stream: it may have missed something.
        fn look_again(self: &Rc<Self>) {
            if self.listeners.borrow().is_empty() {
                return;
            }
            self.open();
            self.tell(|_| true);
        }

        fn tell(self: &Rc<Self>, whom: impl Fn(&Listener) -> bool) {
            let listeners = self.listeners.borrow().clone();
            for listener in listeners.iter().filter(|listener| whom(listener)) {
                listener.soon(self);
            }
        }
    }
}
