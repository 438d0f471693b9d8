//! What keeps a draft while somebody types: in the browser's storage half a second later, on the server every ten seconds.
//!
//! The form itself is what is kept, as it would be sent: so the server reads both in one way, and what a page could not
//! send before it went is sent by the next page of the same snapshot. On the server every post of the form is kept besides.

use leptos::{html, prelude::*};

use crate::model::{
    drafts::{DraftChoice, DraftPlace},
    launches::SweepView,
};

/// The draft of a page and where it is kept; copies share it.
#[derive(Clone, Copy)]
pub struct Keeping {
    pub place: RwSignal<DraftPlace>,
    /// Drafts that can be restored instead.
    pub offers: RwSignal<Vec<DraftChoice>>,
    /// Nothing more is kept on the server before somebody signs in again.
    pub signed_out: RwSignal<bool>,
    /// The form was to be sent, and the server was away.
    pub away: RwSignal<bool>,
    #[cfg(feature = "hydrate")]
    keeper: StoredValue<Option<std::rc::Rc<browser::Keeper>>, LocalStorage>,
}

impl Keeping {
    /// A page as the server sent it.
    pub fn new(place: DraftPlace, offers: Vec<DraftChoice>) -> Self {
        Self {
            place: RwSignal::new(place),
            offers: RwSignal::new(offers),
            signed_out: RwSignal::new(false),
            away: RwSignal::new(false),
            #[cfg(feature = "hydrate")]
            keeper: StoredValue::new_local(None),
        }
    }

    /// Keeps what is typed in a form from now on, and sends what an earlier page could not. In the storage it has its own
    /// name, behind that of the account and the snapshot.
    pub fn follow(self, form: NodeRef<html::Form>, (prefix, name): (String, String), text: RwSignal<String>) {
        #[cfg(feature = "hydrate")]
        browser::follow(self, form, (prefix, name), text);
        #[cfg(not(feature = "hydrate"))]
        let _ = (form, prefix, name, text);
    }

    /// Something was typed.
    pub fn touched(self) {
        #[cfg(feature = "hydrate")]
        self.with(browser::Keeper::touched);
    }

    /// The form is about to be sent. It goes once the server has answered at all; else the page stays, and says so.
    pub fn submits(self, event: &web_sys::Event) {
        #[cfg(feature = "hydrate")]
        self.with(|keeper| keeper.submits(event));
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
    }

    /// The page is left on purpose: nobody is asked.
    pub fn leaves(self) {
        #[cfg(feature = "hydrate")]
        self.with(browser::Keeper::leaves);
    }

    /// Asks the server which runs the form makes; no answer where it has none.
    pub fn ask_runs(self, answer: impl FnOnce(SweepView) + 'static) {
        #[cfg(feature = "hydrate")]
        self.with(|keeper| {
            let keeper = keeper.clone();
            leptos::task::spawn_local(async move {
                if let Some(data) = keeper.data("runs")
                    && let Ok(view) = keeper.send(&data).await
                {
                    answer(view);
                }
            });
        });
        #[cfg(not(feature = "hydrate"))]
        drop(answer);
    }

    /// What was typed is not wanted any more.
    pub fn forget(self) {
        #[cfg(feature = "hydrate")]
        self.with(|keeper| keeper.forget());
    }

    #[cfg(feature = "hydrate")]
    fn with(self, act: impl FnOnce(&std::rc::Rc<browser::Keeper>)) {
        self.keeper.with_value(|keeper| keeper.as_ref().map(act));
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::{cell::Cell, rc::Rc, time::Duration};

    use leptos::{ev, html, prelude::*, task::spawn_local};
    use send_wrapper::SendWrapper;
    use serde::de::DeserializeOwned;
    use wasm_bindgen::JsCast as _;
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{AbortSignal, FormData, HtmlFormElement, RequestInit, RequestRedirect, Response, Storage, UrlSearchParams};

    use super::Keeping;
    use crate::model::{drafts::DraftKept, payload};

    /// From typing to the browser's storage.
    const TO_STORAGE: Duration = Duration::from_millis(500);
    /// From typing to the server.
    const TO_SERVER: Duration = Duration::from_secs(10);
    /// A form that was sent and has no answer by then may be left only after a question again.
    const ANSWERED: Duration = Duration::from_secs(5);

    /// Answered by every server that is there.
    const REACHED: &str = "/ready";
    /// Milliseconds after which a server that does not answer is away.
    const AWAY: u32 = 5_000;

    /// Why the server did not take the form.
    pub enum Refusal {
        SignedOut,
        /// It may do so later.
        Later,
    }

    /// Keeps one form.
    pub struct Keeper {
        keeping: Keeping,
        form: HtmlFormElement,
        /// Path of the page.
        path: String,
        /// Of the names in the storage under which drafts of this account and snapshot are.
        prefix: String,
        /// The name of this page's.
        name: String,
        /// Counts what was typed; how far the server has it.
        edits: Cell<u32>,
        saved: Cell<u32>,
        waits_for_storage: Cell<bool>,
        waits_for_server: Cell<bool>,
        leaves: Cell<bool>,
        /// The server is asked whether it is there: a second press waits for that too.
        asks: Cell<bool>,
        /// The server answered: what is sent next goes.
        goes: Cell<bool>,
    }

    /// See [`Keeping::follow`].
    pub fn follow(keeping: Keeping, form: NodeRef<html::Form>, names: (String, String), text: RwSignal<String>) {
        Effect::new(move |_| {
            let (Some(form), Ok(path)) = (form.get(), window().location().pathname()) else { return };
            let (prefix, name) = names.clone();
            let keeper = Rc::new(Keeper {
                keeping,
                form: (*form).clone().unchecked_into(),
                path,
                name: format!("{prefix}{name}"),
                prefix,
                edits: Cell::new(0),
                saved: Cell::new(0),
                waits_for_storage: Cell::new(false),
                waits_for_server: Cell::new(false),
                leaves: Cell::new(false),
                asks: Cell::new(false),
                goes: Cell::new(false),
            });
            keeping.keeper.set_value(Some(keeper.clone()));
            spawn_local(keeper.clone().recover());
            let asked = keeper.clone();
            let ask = window_event_listener(ev::beforeunload, move |event| {
                if asked.is_unsaved() && !asked.leaves.get() {
                    event.prevent_default();
                    event.set_return_value("kept");
                }
            });
            let hidden = keeper.clone();
            let hide = window_event_listener(ev::pagehide, move |_| hidden.keep_here());
            let keeper = SendWrapper::new(keeper);
            on_cleanup(move || {
                ask.remove();
                hide.remove();
                keeper.keep_here();
                spawn_local(keeper.take().save());
            });
        });
        // Commands change the text without typing.
        Effect::new(move |before: Option<()>| {
            text.track();
            if before.is_some() {
                keeping.touched();
            }
        });
    }

    impl Keeper {
        pub fn touched(self: &Rc<Self>) {
            self.edits.set(self.edits.get() + 1);
            if !self.waits_for_storage.replace(true) {
                let keeper = self.clone();
                let keep = move || {
                    keeper.waits_for_storage.set(false);
                    keeper.keep_here();
                };
                set_timeout(keep, TO_STORAGE);
            }
            self.save_later();
        }

        /// A browser that sends a form to a server that is away shows a page of its own in place of what was typed.
        pub fn submits(self: &Rc<Self>, event: &web_sys::Event) {
            if self.goes.replace(false) {
                return self.leaves();
            }
            event.prevent_default();
            if self.asks.replace(true) {
                return;
            }
            self.keep_here();
            let button = js_sys::Reflect::get(event, &"submitter".into()).unwrap_or_default();
            let keeper = self.clone();
            spawn_local(async move {
                let limit = RequestInit::new();
                limit.set_signal(Some(&AbortSignal::timeout_with_u32(AWAY)));
                let is_away = JsFuture::from(window().fetch_with_str_and_init(REACHED, &limit)).await.is_err();
                keeper.asks.set(false);
                if keeper.keeping.away.try_set(is_away).is_some() || is_away {
                    return;
                }
                keeper.goes.set(true);
                let send = js_sys::Reflect::get(&keeper.form, &"requestSubmit".into()).unwrap_or_default();
                if let Some(send) = send.dyn_ref::<js_sys::Function>() {
                    let _ = send.call1(&keeper.form, &button);
                }
                keeper.goes.set(false);
            });
        }

        pub fn leaves(self: &Rc<Self>) {
            self.keep_here();
            self.leaves.set(true);
            let keeper = self.clone();
            set_timeout(move || keeper.leaves.set(false), ANSWERED);
        }

        pub fn forget(&self) {
            self.saved.set(self.edits.get());
            self.remove(&self.name);
        }

        fn is_unsaved(&self) -> bool {
            self.saved.get() != self.edits.get()
        }

        fn save_later(self: &Rc<Self>) {
            if !self.waits_for_server.replace(true) {
                let keeper = self.clone();
                set_timeout(move || spawn_local(keeper.save()), TO_SERVER);
            }
        }

        /// The form as it is sent for an action without the reader's doing.
        pub fn data(&self, action: &str) -> Option<FormData> {
            let data = FormData::new_with_form(&self.form).ok()?;
            data.delete("file");
            data.set_with_str("action", action).ok()?;
            data.set_with_str("typed", &(js_sys::Date::now() as u64).to_string()).ok()?;
            Some(data)
        }

        /// Puts the form into the browser's storage; not if it has a secret in it.
        fn keep_here(&self) {
            if !self.is_unsaved() || self.has_secret() {
                return;
            }
            let text = self.data("keep").and_then(|data| UrlSearchParams::new_with_str_sequence_sequence(&data).ok());
            if let (Some(storage), Some(text)) = (storage(), text) {
                let _ = storage.set_item(&self.name, &String::from(text.to_string()));
            }
        }

        fn has_secret(&self) -> bool {
            let Ok(inputs) = self.form.query_selector_all("input[type=password], .parameter--secret textarea") else { return true };
            let value = |index| {
                let input = inputs.get(index)?;
                js_sys::Reflect::get(&input, &"value".into()).ok()?.as_string()
            };
            (0..inputs.length()).filter_map(value).any(|value| !value.is_empty())
        }

        fn remove(&self, name: &str) {
            if let Some(storage) = storage() {
                let _ = storage.remove_item(name);
            }
        }

        /// Sends the form to the server; tries again later where that fails.
        async fn save(self: Rc<Self>) {
            self.waits_for_server.set(false);
            let (true, edits, Some(data)) = (self.is_unsaved(), self.edits.get(), self.data("keep")) else { return };
            let answer = self.send::<DraftKept>(&data).await;
            let signed_out = matches!(answer, Err(Refusal::SignedOut));
            if self.keeping.signed_out.is_disposed() {
                if answer.is_ok() {
                    self.remove(&self.name);
                }
                return;
            }
            self.keeping.signed_out.set(signed_out);
            match answer {
                Ok(DraftKept { place, .. }) => {
                    if place.problem.is_none() {
                        self.saved.set(edits);
                        if !self.is_unsaved() {
                            self.remove(&self.name);
                        }
                    }
                    self.keeping.place.set(place);
                }
                Err(_) => self.save_later(),
            }
        }

        /// The answer to a form that is sent.
        pub async fn send<T: DeserializeOwned>(&self, data: &FormData) -> Result<T, Refusal> {
            let options = RequestInit::new();
            options.set_method("POST");
            options.set_redirect(RequestRedirect::Manual);
            options.set_body(data);
            let sent = JsFuture::from(window().fetch_with_str_and_init(&self.path, &options)).await;
            let response: Response = sent.map_err(|_| Refusal::Later)?.unchecked_into();
            match response.status() {
                200 => {}
                401 => return Err(Refusal::SignedOut),
                _ => return Err(Refusal::Later),
            }
            let text = JsFuture::from(response.text().map_err(|_| Refusal::Later)?).await;
            let text = text.ok().and_then(|text| text.as_string()).ok_or(Refusal::Later)?;
            payload::read(&text).map_err(|_| Refusal::Later)
        }

        /// Sends what earlier pages left in the storage, and offers it.
        async fn recover(self: Rc<Self>) {
            let Some(storage) = storage() else { return };
            let names = (0..storage.length().unwrap_or_default()).filter_map(|index| storage.key(index).ok().flatten());
            let names: Vec<String> = names.filter(|name| name.starts_with(&self.prefix) && *name != self.name).collect();
            for name in names {
                let Some(data) = storage.get_item(&name).ok().flatten().and_then(|text| form_data(&text)) else { continue };
                let Ok(DraftKept { place, choice }) = self.send(&data).await else { return };
                if place.problem.is_some() || self.keeping.place.is_disposed() {
                    return;
                }
                self.remove(&name);
                let shown = self.keeping.place.get_untracked();
                if place.id == shown.id {
                    // This very draft is newer than what the page shows.
                    if place.revision > shown.revision && !self.is_unsaved() {
                        let _ = window().location().reload();
                    }
                } else if let Some(choice) = choice {
                    self.keeping.offers.update(|offers| {
                        offers.retain(|offer| offer.id != choice.id);
                        offers.insert(0, choice);
                    });
                }
            }
        }
    }

    fn storage() -> Option<Storage> {
        window().local_storage().ok().flatten()
    }

    fn form_data(text: &str) -> Option<FormData> {
        let (data, pairs) = (FormData::new().ok()?, UrlSearchParams::new_with_str(text).ok()?);
        for pair in js_sys::try_iter(&pairs).ok()?? {
            let pair: js_sys::Array = pair.ok()?.unchecked_into();
            data.append_with_str(&pair.get(0).as_string()?, &pair.get(1).as_string()?).ok()?;
        }
        Some(data)
    }
}
