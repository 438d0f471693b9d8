//! The question before snapshots are taken off the list; the server makes the page.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    model::page_request::PageRequest,
    pages::{data::project, html_page::html_page},
};

/// `/projects/:project/snapshots/remove`
#[component]
pub fn RemoveSnapshotsPage() -> impl IntoView {
    let (project, query) = (project(), use_query_map());
    html_page(move || PageRequest::SnapshotRemoval {
        project: project.get(),
        snapshots: query.with(|query| query.get_all("id")).unwrap_or_default(),
    })
}
