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

/// What stands where rows would be when filters leave none: each of them can be taken away by itself.
#[component]
pub fn FilteredOut(
    /// What the list lists: "snapshot".
    thing: &'static str,
    /// The filters that are set: how the list would be without each ("Any name"), and its address.
    filters: Vec<(&'static str, String)>,
    /// Address of the list without any.
    clear: String,
) -> impl IntoView {
    let text = match filters.len() {
        0 | 1 => format!("No {thing} meets this filter."),
        count => format!("No {thing} meets all {count} filters."),
    };
    let each = (filters.len() > 1).then(|| {
        let link = |(label, href): (&'static str, String)| {
            view! {
                <a class="button" href=href>
                    {label}
                </a>
            }
            .into_any()
        };
        filters.into_iter().map(link).collect_view()
    });
    view! {
        <EmptyState title=format!("No {thing}s match") text=text>
            <div class="row">
                {each}
                <a class="button" href=clear>
                    "Clear all filters"
                </a>
            </div>
        </EmptyState>
    }
}
