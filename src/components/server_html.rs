//! HTML that the server made of components, shown as it is: the browser needs no code for it but keeps its times current.

use leptos::{html, prelude::*};

use super::clock::Clock;

/// HTML of the server's own making; texts of users are escaped or cleaned in it.
#[component]
pub fn ServerHtml(
    #[prop(into)] html: String,
    /// Classes of the element around it.
    #[prop(default = "stack")]
    class: &'static str,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    Clock::keep_current(node);
    view! { <div class=class node_ref=node inner_html=html></div> }
}
