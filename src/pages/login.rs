//! Sign-in with user name and password.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{
    data::{PageResource, show},
    session_card::SessionCard,
};
use crate::{
    components::{
        error_panel::{Notice, Tone},
        field::TextField,
    },
    model::{form::FormState, page_request::PageRequest},
};

/// The sign-in page; the form is answered by `POST /login`.
#[component]
pub fn Login() -> impl IntoView {
    let submitted: PageResource<FormState> = PageResource::new(|| PageRequest::SubmittedForm);
    let query = use_query_map();
    let redirect = move || query.with_untracked(|query| query.get("redirect")).unwrap_or_default();
    let form = move |form: FormState| {
        view! {
            {form.form_error().map(|error| view! { <Notice tone=Tone::Error title=error /> }.into_any())}
            <form class="session-card__form" method="post" action="/login">
                <input type="hidden" name="redirect" value=form.typed("redirect").unwrap_or_else(redirect) />
                {form.typed("typed").map(|typed| view! { <input type="hidden" name="typed" value=typed /> }.into_any())}
                <TextField
                    name="username"
                    label="User name"
                    value=form.value("username")
                    required=true
                    autocomplete="username"
                    focus=!form.is_refused()
                />
                <TextField
                    name="password"
                    label="Password"
                    kind="password"
                    required=true
                    autocomplete="current-password"
                    focus=form.is_refused()
                />
                <button class="button button--primary button--wide" type="submit">
                    "Sign in"
                </button>
            </form>
        }
        .into_any()
    };
    view! {
        <Title text="Sign in" />
        <SessionCard title="Sign in">{show(submitted, form)}</SessionCard>
    }
    .into_any()
}
