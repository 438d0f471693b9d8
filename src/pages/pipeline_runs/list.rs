//! The list of runs.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    components::{
        empty_state::EmptyState,
        filter_form::{FilterForm, FilterSelect},
        live::{LiveIndicator, use_events},
        page_header::PageHeader,
        pagination::Pagination,
    },
    model::{
        list::{ListQuery, encode, grouped},
        page_request::PageRequest,
        pipeline_runs::{RunList, STATUS_GROUPS},
        status::ExecutionStatus,
    },
    pages::{
        data::{PageResource, project, query, show},
        pipeline_runs::table::{RunColumn, RunTable},
    },
};

/// `/projects/:project/runs`
#[component]
pub fn RunListPage() -> impl IntoView {
    let (project, query) = (project(), query());
    let runs = PageResource::new(move || PageRequest::Runs { project: project.get(), query: query.get() });
    use_events(|kind, _| kind == "run", move || runs.refetch());
    view! {
        <Title text="Runs" />
        <PageHeader title="Runs">
            <LiveIndicator />
        </PageHeader>
        {show(
            runs,
            move |list| {
                let base = format!("/projects/{}", encode(&project.get_untracked()));
                let path = format!("{base}/runs");
                view! { <RunListView list=list query=query.get_untracked() base=base path=path /> }.into_any()
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
    /// Path of the project.
    base: String,
    /// Path of the list.
    path: String,
    /// All are runs of one pipeline, which is not shown again.
    #[prop(optional)]
    of_pipeline: bool,
) -> impl IntoView {
    let without = if of_pipeline { vec![RunColumn::Pipeline] } else { Vec::new() };
    let RunList { runs, counts, pipelines, snapshots } = list;
    let position = runs.position;
    let content = if runs.rows.is_empty() {
        view! { <NoRuns query=query.clone() path=path.clone() /> }.into_any()
    } else {
        let page_query = query.clone();
        let page_path = path.clone();
        view! {
            <div>
                <RunTable runs=runs.rows base=base sort=Some((query.clone(), path.clone())) without=without />
                <Pagination
                    position=position
                    href=move |page, size| ListQuery { page, size, ..page_query.clone() }.href(&page_path)
                />
            </div>
        }
        .into_any()
    };
    view! {
        <div class="stack">
            <StatusTabs counts=counts query=query.clone() path=path.clone() />
            <FilterForm path=path query=query.clone() label="Run name contains">
                {(!of_pipeline)
                    .then(|| {
                        let chosen = query.pipeline.clone();
                        view! { <FilterSelect name="pipeline" all="All pipelines" label="Pipeline" choices=pipelines chosen=chosen /> }.into_any()
                    })}
                <FilterSelect name="snapshot" all="All snapshots" label="Snapshot" choices=snapshots chosen=query.snapshot.clone() />
                {(!query.tag.is_empty())
                    .then(|| {
                        let chosen = query.tag.clone();
                        view! { <FilterSelect name="tag" all="All tags" label="Tag" choices=Vec::new() chosen=chosen /> }.into_any()
                    })}
            </FilterForm>
            {content}
        </div>
    }
}

/// The groups of statuses as links, with their numbers where they are known.
#[component]
fn StatusTabs(counts: Option<Vec<(ExecutionStatus, u64)>>, query: ListQuery, path: String) -> impl IntoView {
    let tabs = STATUS_GROUPS
        .iter()
        .map(|group| {
            let count =
                counts.as_ref().map(|counts| counts.iter().filter(|(status, _)| (group.holds)(*status)).map(|(_, n)| n).sum::<u64>());
            let href = query.with(|query| query.status = group.value.to_owned()).href(&path);
            let current = (query.status == group.value).then_some("true");
            view! {
                <a class="tabs__tab" href=href aria-current=current>
                    {group.label}
                    {count.map(|count| view! { <span class="tabs__count">{grouped(count)}</span> }.into_any())}
                </a>
            }
            .into_any()
        })
        .collect_view();
    view! {
        <nav class="tabs" aria-label="Status">
            {tabs}
        </nav>
    }
}

#[component]
fn NoRuns(query: ListQuery, path: String) -> impl IntoView {
    if query.is_filtered() {
        return view! {
            <EmptyState title="No runs match" text="No run has this name, status, pipeline, snapshot and tag.">
                <a class="button" href=path>
                    "Clear all filters"
                </a>
            </EmptyState>
        }
        .into_any();
    }
    view! {
        <EmptyState
            title="No runs yet"
            text="Run a pipeline with the ZenML client that is signed in to this server, or run a snapshot from its page."
        />
    }
    .into_any()
}
