//! The card in the middle of pages that stand outside the frame: sign-in, activation, devices.

use leptos::prelude::*;

use super::layout::BrandMark;

/// The program's mark, a heading, and the page's content.
#[component]
pub fn SessionCard(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <main class="plain" id="main">
            <div class="session-card">
                <div class="session-card__brand">
                    <BrandMark />
                    "Darkroom"
                </div>
                <h1 tabindex="-1">{title}</h1>
                {children()}
            </div>
        </main>
    }
}
