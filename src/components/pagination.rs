//! Links between the pages of a list; where they lead is the URL's business.

use leptos::prelude::*;

use super::icon::Icon;
use crate::model::list::{PagePosition, SIZES, grouped};

/// The foot of a list.
#[component]
pub fn Pagination<F>(
    position: PagePosition,
    /// The URL of the same list at (page, size).
    href: F,
) -> impl IntoView
where
    F: Fn(u64, u64) -> String,
{
    let step = |page: u64, enabled: bool, label: &'static str, icon: &'static str, rel: &'static str| {
        if enabled {
            view! {
                <a class="button button--icon button--small" href=href(page, position.size) rel=rel aria-label=label>
                    <Icon name=icon />
                </a>
            }
            .into_any()
        } else {
            ().into_any()
        }
    };
    let previous = step(position.page.saturating_sub(1), position.page > 1, "Previous page", "left", "prev");
    let next = step(position.page + 1, position.page < position.total_pages, "Next page", "right", "next");
    let sizes = SIZES
        .iter()
        .map(|size| {
            let current = (*size == position.size).then_some("true");
            view! {
                <a class="pagination__size" href=href(1, *size) aria-current=current>
                    {*size}
                </a>
            }
            .into_any()
        })
        .collect_view();
    view! {
        <nav class="pagination" aria-label="Pages">
            <span>{position.summary()}</span>
            <span class="pagination__links">
                {previous} {(position.total_pages > 1).then(|| format!("Page {} of {}", grouped(position.page), grouped(position.total_pages)))}
                {next}
            </span>
            {(position.total > SIZES[0])
                .then(|| view! { <span class="pagination__sizes">"Rows" <span class="visually-hidden">"on a page:"</span> {sizes}</span> }.into_any())}
        </nav>
    }
}
