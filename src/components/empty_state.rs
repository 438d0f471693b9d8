//! What stands where rows would be when there are none.

use leptos::prelude::*;

/// One sentence, and the way on.
#[component]
pub fn EmptyState(
    #[prop(into)] title: String,
    /// A sentence that says what would be here, or why nothing is.
    #[prop(into)]
    text: String,
    /// Links, buttons or a command to copy.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <p class="empty__title">{title}</p>
            <p>{text}</p>
            {children.map(|children| children())}
        </div>
    }
}
