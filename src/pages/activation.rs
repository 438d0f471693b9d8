//! `/activate-server`: the first admin of a new server. `/activate-user` (and `/signup`): an account that an admin made.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{
    data::{PageResource, show_form},
    session_card::SessionCard,
};
use crate::{
    components::field::TextField,
    model::{activation::Activation, form::FormState, page_request::PageRequest},
};

/// Makes the first admin.
#[component]
pub fn ActivateServer() -> impl IntoView {
    let query = use_query_map();
    let token = Memo::new(move |_| query.with(|query| query.get("token")).unwrap_or_default());
    let setup = PageResource::new(move || PageRequest::Setup { token: token.get() });
    let form = move |setup: Activation, form: FormState| {
        view! {
            <p class="soft">"This server is new. Create its first admin."</p>
            <form class="session-card__form" method="post">
                <input type="hidden" name="token" value=token.get_untracked() />
                <UserNameField value=form.typed("username").unwrap_or(setup.name) error=form.error("username") />
                <NewPasswordField error=form.error("password") />
                <TextField
                    name="server_name"
                    label="Server name"
                    value=form.typed("server_name").unwrap_or(setup.server_name)
                    required=true
                    help="Shown on pages and to clients."
                />
                <button class="button button--primary button--wide" type="submit">
                    "Create admin and sign in"
                </button>
            </form>
        }
        .into_any()
    };
    view! {
        <Title text="Set up" />
        <SessionCard title="Set up Darkroom">{show_form(setup, form)}</SessionCard>
    }
    .into_any()
}

/// Sets name and password of an account.
#[component]
pub fn ActivateUser() -> impl IntoView {
    let query = use_query_map();
    let link = Memo::new(move |_| query.with(|query| (query.get("user").unwrap_or_default(), query.get("token").unwrap_or_default())));
    let account = PageResource::new(move || {
        let (user, token) = link.get();
        PageRequest::Activation { user, token }
    });
    let form = move |account: Activation, form: FormState| {
        let (user, token) = link.get_untracked();
        view! {
            <p class="soft">{format!("Your account on {} is ready. Choose a password to use it.", account.server_name)}</p>
            <form class="session-card__form" method="post">
                <input type="hidden" name="user" value=user />
                <input type="hidden" name="token" value=token />
                <UserNameField value=form.typed("username").unwrap_or(account.name) error=form.error("username") />
                <TextField
                    name="full_name"
                    label="Full name"
                    value=form.typed("full_name").unwrap_or(account.full_name)
                    autocomplete="name"
                />
                <NewPasswordField error=form.error("password") />
                <button class="button button--primary button--wide" type="submit">
                    "Activate and sign in"
                </button>
            </form>
        }
        .into_any()
    };
    view! {
        <Title text="Activate account" />
        <SessionCard title="Activate your account">{show_form(account, form)}</SessionCard>
    }
    .into_any()
}

#[component]
fn UserNameField(value: String, error: Option<String>) -> impl IntoView {
    view! { <TextField name="username" label="User name" value=value required=true autocomplete="username" error=error /> }
}

#[component]
fn NewPasswordField(error: Option<String>) -> impl IntoView {
    view! {
        <TextField
            name="password"
            label="Password"
            kind="password"
            required=true
            autocomplete="new-password"
            help="At least 8 characters."
            error=error
            focus=true
        />
    }
}
