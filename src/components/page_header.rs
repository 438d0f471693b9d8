//! The top of a page: where it stands, what it is, what can be done.

use leptos::prelude::*;

/// A page on the way from Home to here.
#[derive(Clone, Debug)]
pub struct Crumb {
    pub label: String,
    pub href: String,
}

impl Crumb {
    /// A link of the breadcrumb.
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into() }
    }
}

/// Breadcrumb, heading and actions.
#[component]
pub fn PageHeader(
    #[prop(into)] title: String,
    #[prop(optional)] crumbs: Vec<Crumb>,
    /// Short facts below the heading.
    #[prop(optional_no_strip)]
    facts: Option<AnyView>,
    /// Actions, the main one last.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <header class="page-header">
            <div class="page-header__text">
                {(!crumbs.is_empty())
                    .then(|| {
                        view! {
                            <nav aria-label="Breadcrumb">
                                <ol class="breadcrumb" role="list">
                                    {crumbs
                                        .into_iter()
                                        .map(|crumb| {
                                            view! {
                                                <li>
                                                    <a href=crumb.href>{crumb.label}</a>
                                                </li>
                                            }.into_any()
                                        })
                                        .collect_view()}
                                </ol>
                            </nav>
                        }.into_any()
                    })}
                <h1 tabindex="-1">{title}</h1>
                {facts.map(|facts| view! { <div class="page-header__facts">{facts}</div> }.into_any())}
            </div>
            {children.map(|children| view! { <div class="page-header__actions">{children()}</div> }.into_any())}
        </header>
    }
}
