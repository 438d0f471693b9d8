//! How pages get their data and show it, and the form that was refused, if the page answers one.
//!
//! Data travels as text up to the function that shows it, by a plain request and not by a server function: their client
//! weighs more than some pages. What is generic here is small on purpose: everything else
//! is compiled once for all pages.

use std::{marker::PhantomData, sync::Arc};

use leptos::{
    prelude::*,
    server::codee::{Decoder, Encoder},
};
use leptos_router::hooks::{use_location, use_params_map, use_query_map};
use serde::de::DeserializeOwned;

use crate::{
    components::error_panel::{ErrorPanel, Notice, Tone},
    model::{
        error::{PageError, PageErrorKind},
        form::FormState,
        list::ListQuery,
        page_request::PageRequest,
        payload,
    },
};

/// A part of the path, by its name in the route.
pub fn parameter(name: &'static str) -> Memo<String> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get(name)).unwrap_or_default())
}

/// The project of the path, by name or id.
pub fn project() -> Memo<String> {
    parameter("project")
}

/// What the URL asks of a list.
pub fn query() -> Memo<ListQuery> {
    let query = use_query_map();
    Memo::new(move |_| query.with(|query| ListQuery::read(|name| query.get(name))))
}

/// The path that browsers ask under; the question is the body, both in the words of [`payload`].
pub const PATH: &str = "/_fn/page";

/// The text of the type that a request names: found in this process on the server, asked for by a browser.
async fn read_page(request: PageRequest) -> Result<String, PageError> {
    #[cfg(feature = "ssr")]
    return crate::server::pages::answer(request).await;
    #[cfg(not(feature = "ssr"))]
    return send_wrapper::SendWrapper::new(browser::ask(request)).await;
}

/// The text of an answer, or why there is none.
type Answer = Result<Arc<str>, PageError>;

/// Puts an answer into the page as it is, behind a letter that says which of the two it is.
struct AnswerCodec;

impl Encoder<Answer> for AnswerCodec {
    type Error = PageError;
    type Encoded = String;

    fn encode(answer: &Answer) -> Result<String, PageError> {
        Ok(match answer {
            Ok(text) => format!("+{text}"),
            Err(error) => format!("-{}", payload::write(error)?),
        })
    }
}

impl Decoder<Answer> for AnswerCodec {
    type Error = PageError;
    type Encoded = str;

    fn decode(text: &str) -> Result<Answer, PageError> {
        match text.strip_prefix('+') {
            Some(text) => Ok(Ok(text.into())),
            None => payload::read(text.get(1..).unwrap_or_default()).map(Err),
        }
    }
}

/// The data of a page, of type `T`.
pub struct PageResource<T> {
    answer: Resource<Answer, AnswerCodec>,
    data: PhantomData<fn() -> T>,
}

impl<T> Clone for PageResource<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for PageResource<T> {}

impl<T: DeserializeOwned> PageResource<T> {
    /// Asks on the server while it renders the page, and in the browser whenever the request changes.
    pub fn new(request: impl Fn() -> PageRequest + Send + Sync + 'static) -> Self {
        Self { answer: ask(Box::new(request)), data: PhantomData }
    }

    /// Asks again.
    pub fn refetch(self) {
        self.answer.refetch();
    }

    /// The newest data, if it is there.
    pub fn peek(self) -> Option<T> {
        payload::read(&self.answer.get_untracked()?.ok()?).ok()
    }
}

fn ask(request: Box<dyn Fn() -> PageRequest + Send + Sync>) -> Resource<Answer, AnswerCodec> {
    Resource::new_with_options(
        request,
        |request| async move {
            // A refused form is there only while the server answers it.
            if !cfg!(feature = "ssr") && request == PageRequest::SubmittedForm {
                return payload::write(&FormState::default()).map(Arc::from);
            }
            read_page(request).await.map(Arc::from)
        },
        false,
    )
}

/// Asks once, beside the page's own data.
pub async fn ask_once<T: DeserializeOwned>(request: PageRequest) -> Result<T, PageError> {
    payload::read(&read_page(request).await?)
}

/// Shows a resource: its value by `view`, or why it is not there. While it reloads, the old value stays.
pub fn show<T, V>(resource: PageResource<T>, view: V) -> AnyView
where
    T: DeserializeOwned + 'static,
    V: Fn(T) -> AnyView + Send + Sync + 'static,
{
    show_answer(resource.answer, None, Arc::new(move |text, _| Ok(view(payload::read(text)?))))
}

/// Shows a form over a resource, with what was typed and what was wrong when it was last sent.
pub fn show_form<T, V>(resource: PageResource<T>, view: V) -> AnyView
where
    T: DeserializeOwned + 'static,
    V: Fn(T, FormState) -> AnyView + Send + Sync + 'static,
{
    let submitted = ask(Box::new(|| PageRequest::SubmittedForm));
    show_answer(resource.answer, Some(submitted), Arc::new(move |text, form| Ok(view(payload::read(text)?, form))))
}

/// Shows the text of an answer.
type Show = Arc<dyn Fn(&str, FormState) -> Result<AnyView, PageError> + Send + Sync>;

fn show_answer(answer: Resource<Answer, AnswerCodec>, submitted: Option<Resource<Answer, AnswerCodec>>, show: Show) -> AnyView {
    let kept = Kept::new();
    view! {
        <Transition>
            {move || {
                let show = show.clone();
                Suspend::new(async move {
                    let form = match submitted {
                        Some(submitted) => submitted.await.and_then(|text| payload::read(&text)).unwrap_or_default(),
                        None => FormState::default(),
                    };
                    let error = form.form_error().map(|error| view! { <Notice tone=Tone::Error title=error /> }.into_any());
                    let shown = kept.or_new(answer.await).and_then(|text| show(&text, form));
                    let shown = shown.unwrap_or_else(|error| view! { <ErrorPanel error=error /> }.into_any());
                    view! { {error} {shown} }.into_any()
                })
            }}
        </Transition>
    }
    .into_any()
}

/// What was shown last, and the URL it was shown for.
#[derive(Clone, Copy)]
struct Kept {
    place: Memo<Place>,
    shown: StoredValue<Option<(Place, Arc<str>)>>,
}

/// The path of a URL and its query.
type Place = (String, String);

impl Kept {
    fn new() -> Self {
        let location = use_location();
        let place = Memo::new(move |_| (location.pathname.get(), location.search.get()));
        Self { place, shown: StoredValue::new(None) }
    }

    /// The answer. If the server cannot be reached when the same page asks again, what it shows stays; whether the page is still current
    /// is told elsewhere, see [`crate::components::live`].
    fn or_new(self, answer: Answer) -> Answer {
        if cfg!(feature = "ssr") {
            return answer;
        }
        let place = self.place.get_untracked();
        match answer {
            Ok(text) => {
                self.shown.set_value(Some((place, text.clone())));
                Ok(text)
            }
            Err(error) if error.kind == PageErrorKind::Offline => {
                self.shown.get_value().filter(|(shown, _)| *shown == place).map(|(_, text)| text).ok_or(error)
            }
            Err(error) => Err(error),
        }
    }
}

#[cfg(not(feature = "ssr"))]
mod browser {
    use std::cell::Cell;

    use leptos::prelude::{document, window};
    use wasm_bindgen::JsCast as _;
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{RequestInit, Response};

    use super::PATH;
    use crate::model::{
        error::{PageError, PageErrorKind},
        page_request::PageRequest,
        payload,
    };

    thread_local! {
        /// How many answers are waited for.
        static WAITING: Cell<u32> = const { Cell::new(0) };
    }

    /// While there is one, the document has the attribute by which the style shows that something loads.
    struct Waiting;

    impl Waiting {
        fn new() -> Self {
            Self::change(|count| count + 1);
            Self
        }

        fn change(by: fn(u32) -> u32) {
            let count = by(WAITING.get());
            WAITING.set(count);
            if let Some(root) = document().document_element() {
                let _ = if count == 0 { root.remove_attribute("data-waits") } else { root.set_attribute("data-waits", "") };
            }
        }
    }

    impl Drop for Waiting {
        fn drop(&mut self) {
            Self::change(|count| count.saturating_sub(1));
        }
    }

    /// Asks the server; an answer that is no success is a [`PageError`].
    pub async fn ask(request: PageRequest) -> Result<String, PageError> {
        let _waiting = Waiting::new();
        let offline = || PageError::new(PageErrorKind::Offline, "Check the connection, then try again.");
        let options = RequestInit::new();
        options.set_method("POST");
        options.set_body(&payload::write(&request)?.into());
        let sent = JsFuture::from(window().fetch_with_str_and_init(PATH, &options)).await;
        let response: Response = sent.map_err(|_| offline())?.unchecked_into();
        let text = match response.text() {
            Ok(text) => JsFuture::from(text).await.ok().and_then(|text| text.as_string()),
            Err(_) => None,
        };
        let text = text.ok_or_else(offline)?;
        if response.ok() { Ok(text) } else { Err(payload::read::<PageError>(&text).unwrap_or_else(|error| error)) }
    }
}
