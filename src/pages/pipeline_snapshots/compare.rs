//! What differs between two snapshots; the server makes the page.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    model::page_request::PageRequest,
    pages::{data::project, html_page::html_page},
};

/// `/projects/:project/snapshots/compare`
#[component]
pub fn CompareSnapshotsPage() -> impl IntoView {
    let (project, query) = (project(), use_query_map());
    let value = move |name: &str| query.with(|query| query.get(name)).unwrap_or_default();
    html_page(move || PageRequest::SnapshotComparison { project: project.get(), a: value("a"), b: value("b") })
}
