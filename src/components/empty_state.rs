//! What stands where rows would be when there are none.

use leptos::prelude::*;

use super::inline_text::InlineText;

/// One sentence, and the way on.
#[component]
pub fn EmptyState(
    #[prop(into)] title: String,
    /// A sentence that says what would be here, or why nothing is.
    #[prop(into)]
    text: String,
    /// It is all that the page has to say, so its title is the page's heading.
    #[prop(optional)]
    is_page: bool,
    /// Links, buttons or a command to copy.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            {if is_page {
                view! { <h1 class="empty__title" tabindex="-1">{title}</h1> }.into_any()
            } else {
                view! { <p class="empty__title">{title}</p> }.into_any()
            }}
            <p>
                <InlineText text=text />
            </p>
            {children.map(|children| children())}
        </div>
    }
}
