//! Sentences that name things in backticks, as messages of the server do.

use leptos::prelude::*;

/// The text with everything between backticks as code.
#[component]
pub fn InlineText(#[prop(into)] text: String) -> impl IntoView {
    let parts: Vec<&str> = text.split('`').collect();
    // An odd number of backticks is no notation.
    if parts.len().is_multiple_of(2) {
        return text.into_any();
    }
    let view = |(position, part): (usize, &str)| {
        let part = part.to_owned();
        if position.is_multiple_of(2) { part.into_any() } else { view! { <code>{part}</code> }.into_any() }
    };
    parts.into_iter().enumerate().map(view).collect_view().into_any()
}
