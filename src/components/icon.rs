//! Icons: symbols of one sprite (`icons.svg`), which the server puts into every page.

use leptos::prelude::*;

/// An icon beside a word that says the same; readers of the screen skip it.
#[component]
pub fn Icon(
    /// The symbol's id in the sprite, without `i-`.
    name: &'static str,
) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true">
            <use_ href=format!("#i-{name}")></use_>
        </svg>
    }
}
