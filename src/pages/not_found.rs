//! The page for URLs that lead nowhere.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::components::empty_state::EmptyState;

/// Says so, with status 404, and leads home.
#[component]
pub fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(axum::http::StatusCode::NOT_FOUND);
    }
    view! {
        <Title text="Not found" />
        <main class="plain" id="main">
            <EmptyState is_page=true title="There is no such page" text="The address may be mistyped, or what it showed was deleted.">
                <a class="button" href="/" rel="external">
                    "Go to Home"
                </a>
            </EmptyState>
        </main>
    }
    .into_any()
}
