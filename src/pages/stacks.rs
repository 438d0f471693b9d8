//! Stacks and their components, to be looked at: the client prints links to them. The server makes them.

use leptos::prelude::*;
use leptos_meta::Title;

use super::html_page::html_page;
use crate::{
    components::{filter_form::FilterForm, page_header::PageHeader, server_html::ServerHtml},
    model::page_request::PageRequest,
    pages::data::{PageResource, parameter, query, show},
};

/// `/stacks`
#[component]
pub fn StackListPage() -> impl IntoView {
    let query = query();
    let stacks: PageResource<String> = PageResource::new(move || PageRequest::Stacks { query: query.get() });
    view! {
        <Title text="Stacks" />
        <PageHeader title="Stacks" />
        {show(
            stacks,
            move |html| {
                view! {
                    <div class="stack">
                        <FilterForm path="/stacks" query=query.get_untracked() label="Stack name contains" />
                        <ServerHtml html=html class="" />
                    </div>
                }
                    .into_any()
            },
        )}
    }
    .into_any()
}

/// `/stacks/:stack`
#[component]
pub fn StackPage() -> impl IntoView {
    let id = parameter("stack");
    html_page(move || PageRequest::Stack { stack: id.get() })
}

/// `/components/:component`
#[component]
pub fn ComponentPage() -> impl IntoView {
    let id = parameter("component");
    html_page(move || PageRequest::Component { component: id.get() })
}
