//! Sign-in with user name and password.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{data::submitted_form, session_card::SessionCard};
use crate::components::{
    error_panel::{Notice, Tone},
    field::TextField,
};

/// The sign-in page; the form is answered by `POST /login`.
#[component]
pub fn Login() -> impl IntoView {
    let submitted = submitted_form();
    let query = use_query_map();
    let redirect = move || query.with_untracked(|query| query.get("redirect")).unwrap_or_default();
    view! {
        <Title text="Sign in" />
        <SessionCard title="Sign in">
            <Suspense>
                {move || Suspend::new(async move {
                    let form = submitted.await;
                    view! {
                        {form.form_error().map(|error| view! { <Notice tone=Tone::Error title=error /> })}
                        <form class="session-card__form" method="post" action="/login">
                            <input type="hidden" name="redirect" value=form.typed("redirect").unwrap_or_else(redirect) />
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
                })}
            </Suspense>
        </SessionCard>
    }
    .into_any()
}
