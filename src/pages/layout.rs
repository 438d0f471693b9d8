//! The frame around every page of a signed-in user: bar, rail, main.

use leptos::prelude::*;
use leptos_router::{
    components::Outlet,
    hooks::{use_location, use_params_map},
};

use super::{
    data::{PageResource, show},
    reader::may,
};
use crate::{
    components::{icon::Icon, live::ConnectionNotice},
    model::{
        page_request::PageRequest,
        roles::Action,
        session::{Density, Session, Theme},
    },
};

/// The frame; the page stands in its outlet.
#[component]
pub fn Layout() -> impl IntoView {
    let session = PageResource::new(|| PageRequest::Session);
    let params = use_params_map();
    let project = Memo::new(move |_| params.with(|params| params.get("project")).unwrap_or_else(|| "default".to_owned()));
    view! {
        <a class="skip-link" href="#main" rel="external">
            "Skip to content"
        </a>
        <div class="layout">
            <header class="bar">
                <details class="menu bar__menu">
                    <summary class="button button--quiet button--icon" aria-label="Pages">
                        <Icon name="menu" />
                    </summary>
                    <nav class="menu__panel" aria-label="Pages">
                        <NavigationList project=project />
                    </nav>
                </details>
                <a class="bar__brand" href="/">
                    <BrandMark />
                    "Darkroom"
                </a>
                <span class="bar__project truncate" title="Project">
                    {project}
                </span>
                <span class="bar__space"></span>
                {show(session, |session| view! { <UserMenu session=session /> }.into_any())}
            </header>
            <nav class="rail" aria-label="Main">
                <NavigationList project=project />
            </nav>
            <main class="main" id="main">
                <Outlet />
            </main>
            <ConnectionNotice />
        </div>
    }
    .into_any()
}

/// The pages of the project and of the server.
#[component]
fn NavigationList(project: Memo<String>) -> impl IntoView {
    let path = use_location().pathname;
    let link = move |icon: &'static str, label: &'static str, page: &'static str| {
        let href = Memo::new(move |_| if page.starts_with('/') { page.to_owned() } else { format!("/projects/{}/{page}", project.get()) });
        let current = move || {
            let (path, href) = (path.get(), href.get());
            let here = path == href || (href != "/" && path.strip_prefix(href.as_str()).is_some_and(|rest| rest.starts_with('/')));
            here.then_some("page")
        };
        view! {
            <li>
                <a class="rail__link" href=href aria-current=current>
                    <Icon name=icon />
                    {label}
                </a>
            </li>
        }
    };
    view! {
        <ul class="rail__list" role="list">
            {link("home", "Home", "/")}
            {link("pipelines", "Pipelines", "pipelines")}
            {link("snapshots", "Snapshots", "snapshots")}
            {link("runs", "Runs", "runs")}
            <li class="rail__gap" aria-hidden="true"></li>
            {link("stacks", "Stacks", "/stacks")}
            {may(Action::Administer).then(|| link("user", "Accounts", "/settings/users"))}
        </ul>
    }
}

/// Name, theme and density, sign-out.
#[component]
fn UserMenu(session: Session) -> impl IntoView {
    let themes = Theme::ALL.into_iter().map(|theme| (theme.as_str(), theme.label())).collect();
    let densities = Density::ALL.into_iter().map(|density| (density.as_str(), density.label())).collect();
    view! {
        <details class="menu">
            <summary class="button button--quiet">
                <Icon name="user" />
                <span class="truncate user-menu__name">{session.user_name.clone()}</span>
            </summary>
            <div class="menu__panel">
                <p class="menu__title">{format!("{} · {}", session.server_name, session.role)}</p>
                <Appearance name="theme" label="Theme" choices=themes current=session.theme.as_str() />
                <Appearance name="density" label="Density" choices=densities current=session.density.as_str() />
                <hr class="menu__line" />
                <form method="post" action="/logout">
                    <button class="menu__item" type="submit">
                        <Icon name="signout" />
                        "Sign out"
                    </button>
                </form>
            </div>
        </details>
    }
}

/// One choice of how the pages look: a form, so that it works without scripts; with them the page changes at once.
#[component]
fn Appearance(
    /// Name in the form, and of the root element's attribute behind `data-`.
    name: &'static str,
    label: &'static str,
    /// Words and labels.
    choices: Vec<(&'static str, &'static str)>,
    current: &'static str,
) -> impl IntoView {
    let chosen = RwSignal::new(current);
    let choose = move |word: &'static str| {
        move |event: leptos::ev::MouseEvent| {
            if let Some(root) = document().document_element() {
                event.prevent_default();
                chosen.set(word);
                let _ = root.set_attribute(&format!("data-{name}"), word);
                remember(name, word);
            }
        }
    };
    let choices = choices.into_iter().map(|(word, label)| {
        view! {
            <button
                class="segmented__choice"
                type="submit"
                name=name
                value=word
                aria-pressed=move || if chosen.get() == word { "true" } else { "false" }
                on:click=choose(word)
            >
                {label}
            </button>
        }
        .into_any()
    });
    view! {
        <form method="post" action="/appearance" class="appearance">
            <span class="appearance__name" aria-hidden="true">
                {label}
            </span>
            <div class="segmented" role="group" aria-label=label>
                {choices.collect_view()}
            </div>
        </form>
    }
}

/// Tells the server the choice, which keeps it in a cookie.
fn remember(name: &str, word: &str) {
    #[cfg(feature = "hydrate")]
    {
        let options = web_sys::RequestInit::new();
        options.set_method("POST");
        options.set_redirect(web_sys::RequestRedirect::Manual);
        options
            .set_body(&web_sys::UrlSearchParams::new_with_str(&format!("{name}={word}")).map_or(wasm_bindgen::JsValue::NULL, Into::into));
        let _ = window().fetch_with_str_and_init("/appearance", &options);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (name, word);
}

/// The mark of the program.
#[component]
pub fn BrandMark() -> impl IntoView {
    view! {
        <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="8" fill="#1c1b1a" stroke="#3a3935" />
            <circle cx="16" cy="16" r="9" fill="none" stroke="#f4f2ee" stroke-width="2.5" />
            <circle cx="16" cy="16" r="4" fill="#ff6b35" />
        </svg>
    }
}
