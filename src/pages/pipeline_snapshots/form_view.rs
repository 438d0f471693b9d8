//! The form view of a snapshot; the server makes the page.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    model::page_request::PageRequest,
    pages::{
        data::{parameter, project},
        html_page::html_page,
    },
};

/// `/projects/:project/snapshots/:snapshot/form`
#[component]
pub fn FormViewPage() -> impl IntoView {
    let (project, id, query) = (project(), parameter("snapshot"), use_query_map());
    let saved = move || query.with(|query| query.get("saved").is_some());
    html_page(move || PageRequest::FormView { project: project.get(), snapshot: id.get(), saved: saved() })
}
