//! The list of runs: its filters. Rows are made by the server.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    components::{
        filter_form::{FilterForm, FilterSelect},
        live::{LiveIndicator, use_events},
        page_header::PageHeader,
        server_html::ServerHtml,
    },
    model::{
        list::{ListQuery, encode},
        page_request::PageRequest,
        pipeline_runs::{RunList, RunPlace},
    },
    pages::data::{PageResource, project, query, show},
};

/// `/projects/:project/runs`
#[component]
pub fn RunListPage() -> impl IntoView {
    let (project, query) = (project(), query());
    let runs = PageResource::new(move || PageRequest::Runs { project: project.get(), query: query.get(), place: RunPlace::Project });
    use_events(|kind, _| kind == "run", move || runs.refetch());
    view! {
        <Title text="Runs" />
        <PageHeader title="Runs">
            <LiveIndicator />
        </PageHeader>
        {show(
            runs,
            move |list| {
                let path = format!("/projects/{}/runs", encode(&project.get_untracked()));
                view! { <RunListView list=list query=query.get_untracked() path=path place=RunPlace::Project /> }.into_any()
            },
        )}
    }
    .into_any()
}

/// A list of runs with its filters.
#[component]
pub fn RunListView(
    list: RunList,
    query: ListQuery,
    /// Path of the list.
    path: String,
    place: RunPlace,
) -> impl IntoView {
    let RunList { tabs, html, pipelines, snapshots } = list;
    let of_pipeline = (place == RunPlace::Project).then(|| {
        let chosen = query.pipeline.clone();
        view! { <FilterSelect name="pipeline" all="All pipelines" label="Pipeline" choices=pipelines chosen=chosen /> }.into_any()
    });
    view! {
        <div class="stack">
            <ServerHtml html=tabs class="" />
            <FilterForm path=path query=query.clone() label="Run name contains">
                {of_pipeline} <FilterSelect name="snapshot" all="All snapshots" label="Snapshot" choices=snapshots chosen=query.snapshot.clone() />
                {(!query.tag.is_empty())
                    .then(|| {
                        let chosen = query.tag.clone();
                        view! { <FilterSelect name="tag" all="All tags" label="Tag" choices=Vec::new() chosen=chosen /> }.into_any()
                    })}
            </FilterForm>
            <ServerHtml html=html class="" />
        </div>
    }
}
