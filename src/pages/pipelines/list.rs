//! The list of pipelines: its filter. Rows are made by the server.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    components::{
        button::ButtonKind, filter_form::FilterForm, icon::Icon, live::use_events, page_header::PageHeader, server_html::ServerHtml,
    },
    model::{list::encode, page_request::PageRequest},
    pages::data::{PageResource, project, query, show},
};

/// `/projects/:project/pipelines`
#[component]
pub fn PipelineListPage() -> impl IntoView {
    let (project, query) = (project(), query());
    let pipelines: PageResource<String> = PageResource::new(move || PageRequest::Pipelines { project: project.get(), query: query.get() });
    use_events(|kind, _| kind == "run" || kind == "snapshot", move || pipelines.refetch());
    let base = move || format!("/projects/{}", encode(&project.get()));
    view! {
        <Title text="Pipelines" />
        <PageHeader title="Pipelines">
            <a class=ButtonKind::Primary.class() href=move || format!("{}/run", base())>
                <Icon name="runs" />
                "Run a Pipeline"
            </a>
        </PageHeader>
        {show(
            pipelines,
            move |html| {
                let path = format!("{}/pipelines", base());
                view! {
                    <div class="stack">
                        <FilterForm path=path query=query.get_untracked() label="Pipeline name contains" />
                        <ServerHtml html=html class="" />
                    </div>
                }
                    .into_any()
            },
        )}
    }
    .into_any()
}
