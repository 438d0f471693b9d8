//! Home.

use leptos::prelude::*;

/// Home
#[component]
pub fn Home() -> impl IntoView {
    view! { <h1>"Home"</h1> }.into_any()
}
