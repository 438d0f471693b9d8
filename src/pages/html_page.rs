//! Pages that the server makes whole: heading, breadcrumb, content.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    components::{
        page_header::{Crumb, PageHeader},
        server_html::ServerHtml,
    },
    model::{form::FormState, html_page::HtmlPage, page_request::PageRequest},
    pages::data::{PageResource, show_form},
};

/// The page that answers a request; a form on it that was refused says why above it.
pub fn html_page(request: impl Fn() -> PageRequest + Send + Sync + 'static) -> AnyView {
    let page = PageResource::new(request);
    show_form(page, |page: HtmlPage, _: FormState| {
        let crumbs = page.crumbs.into_iter().map(|(label, href)| Crumb::new(label, href)).collect();
        // The elements of the facts are those of the header's own row.
        let facts = (!page.facts.is_empty()).then(|| view! { <ServerHtml html=page.facts class="page-header__facts" /> }.into_any());
        view! {
            <Title text=page.title.clone() />
            <PageHeader title=page.title crumbs=crumbs facts=facts />
            <ServerHtml html=page.html />
        }
        .into_any()
    })
}
