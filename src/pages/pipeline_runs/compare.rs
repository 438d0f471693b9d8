//! What differs between two runs; the server makes the page.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    model::page_request::PageRequest,
    pages::{data::project, html_page::html_page},
};

/// `/projects/:project/runs/compare`
#[component]
pub fn CompareRunsPage() -> impl IntoView {
    let (project, query) = (project(), use_query_map());
    let value = move |name: &str| query.with(|query| query.get(name)).unwrap_or_default();
    html_page(move || PageRequest::RunComparison { project: project.get(), a: value("a"), b: value("b") })
}
