//! How pages get their data and show it, and the form that was refused, if the page answers one.

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::{
    components::error_panel::{ErrorPanel, Notice, Tone},
    model::{error::PageError, form::FormState, list::ListQuery},
};

/// The data of a page, read by a server function.
pub type PageResource<T> = Resource<Result<T, PageError>>;

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

/// The form that was just refused: the server renders the page again as its answer.
pub fn submitted_form() -> OnceResource<FormState> {
    #[cfg(feature = "ssr")]
    let state = use_context::<FormState>().unwrap_or_default();
    #[cfg(not(feature = "ssr"))]
    let state = FormState::default();
    OnceResource::new(async move { state })
}

/// Shows a resource: its value by `view`, or why it is not there. While it reloads, the old value stays.
pub fn show<T, V>(resource: PageResource<T>, view: V) -> AnyView
where
    T: Clone + Send + Sync + 'static,
    V: Fn(T) -> AnyView + Clone + Send + Sync + 'static,
{
    view! {
        <Transition>
            {move || {
                let view = view.clone();
                Suspend::new(async move { shown(resource.await, view) })
            }}
        </Transition>
    }
    .into_any()
}

/// Shows a form over a resource, with what was typed and what was wrong when it was last sent.
pub fn show_form<T, V>(resource: PageResource<T>, view: V) -> AnyView
where
    T: Clone + Send + Sync + 'static,
    V: Fn(T, FormState) -> AnyView + Clone + Send + Sync + 'static,
{
    let submitted = submitted_form();
    view! {
        <Transition>
            {move || {
                let view = view.clone();
                Suspend::new(async move {
                    let form = submitted.await;
                    let error = form.form_error().map(|error| view! { <Notice tone=Tone::Error title=error /> });
                    let shown = shown(resource.await, move |value| view(value, form));
                    view! { {error} {shown} }
                })
            }}
        </Transition>
    }
    .into_any()
}

fn shown<T>(value: Result<T, PageError>, view: impl FnOnce(T) -> AnyView) -> AnyView {
    match value {
        Ok(value) => view(value),
        Err(error) => view! { <ErrorPanel error=error /> }.into_any(),
    }
}
