//! The list of snapshots: its filters. Rows and cards are made by the server.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    components::{
        filter_form::{FilterForm, FilterSelect},
        icon::Icon,
        live::use_events,
        page_header::PageHeader,
        server_html::ServerHtml,
    },
    model::{
        form::FormState,
        list::{ListQuery, Reference, encode},
        page_request::PageRequest,
        pipeline_snapshots::{SnapshotList, SnapshotPlace},
        roles::Action,
    },
    pages::{
        data::{PageResource, project, query, show_form},
        reader::allowed,
    },
};

/// `/projects/:project/snapshots`
#[component]
pub fn SnapshotListPage() -> impl IntoView {
    let (project, query) = (project(), query());
    let request = move || PageRequest::Snapshots { project: project.get(), query: query.get(), place: SnapshotPlace::Project };
    let snapshots = PageResource::new(request);
    use_events(|kind, _| kind == "snapshot" || kind == "run", move || snapshots.refetch());
    let path = move || format!("/projects/{}/snapshots", encode(&project.get()));
    view! {
        <Title text="Snapshots" />
        <PageHeader title="Snapshots">
            <a class="button" href=move || format!("{}/compare", path())>
                "Compare"
            </a>
            {allowed(
                Action::Edit,
                "button button--primary",
                "plus",
                "New Snapshot",
                move || {
                    view! {
                        <a class="button button--primary" href=move || format!("{}/new", path())>
                            <Icon name="plus" />
                            "New Snapshot"
                        </a>
                    }.into_any()
                },
            )}
        </PageHeader>
        {show_form(
            snapshots,
            move |list: SnapshotList, _: FormState| {
                let query = query.get_untracked();
                view! { <SnapshotListView list=list query=query path=path() place=SnapshotPlace::Project /> }.into_any()
            },
        )}
    }
    .into_any()
}

/// A list of snapshots with its filters.
#[component]
pub fn SnapshotListView(
    list: SnapshotList,
    query: ListQuery,
    /// Path of the list.
    path: String,
    place: SnapshotPlace,
) -> impl IntoView {
    let tab = |label: &'static str, value: &'static str| {
        let current = (query.status == value).then_some("true");
        view! {
            <a class="tabs__tab" href=query.with(|query| query.status = value.to_owned()).href(&path) aria-current=current>
                {label}
            </a>
        }
    };
    let shape = |label: &'static str, value: &'static str| {
        let shown = ListQuery { view: value.to_owned(), ..query.clone() };
        let is_current = shown.shows_cards() == query.shows_cards();
        let href = shown.href(&path);
        view! {
            <a class="segmented__choice" href=href aria-current=is_current.then_some("true") data-noscroll="true">
                {label}
            </a>
        }
    };
    let named = |id: &str, name: &str| Reference { id: id.to_owned(), name: name.to_owned() };
    let tags = list.tags.into_iter().map(|tag| Reference { id: tag.clone(), name: tag }).collect();
    let unused = vec![named("30", "Unused 30 days"), named("90", "Unused 90 days")];
    let pipelines = (place != SnapshotPlace::Pipeline).then(|| {
        let chosen = query.pipeline.clone();
        view! { <FilterSelect name="pipeline" all="All pipelines" label="Pipeline" choices=list.pipelines chosen=chosen /> }.into_any()
    });
    view! {
        <div class="stack">
            <div class="tabs-row">
                <nav class="tabs" aria-label="Which snapshots">
                    {tab("All", "")} {tab("Can run", "runnable")} {tab("Cannot run", "blocked")}
                </nav>
                <nav class="segmented" aria-label="Show as">
                    {shape("Table", "")} {shape("Cards", ListQuery::CARDS)}
                </nav>
            </div>
            <FilterForm path=path query=query.clone() label="Snapshot name contains">
                {pipelines} <FilterSelect name="stack" all="All stacks" label="Stack" choices=list.stacks chosen=query.stack.clone() />
                <FilterSelect name="tag" all="All tags" label="Tag" choices=tags chosen=query.tag.clone() />
                <FilterSelect name="user" all="By anyone" label="Made by" choices=list.users chosen=query.user.clone() />
                <FilterSelect name="unused" all="Any use" label="Use" choices=unused chosen=query.unused.clone() />
                <FilterSelect
                    name="unnamed"
                    all="Named"
                    label="Names"
                    choices=vec![named("true", "With unnamed")]
                    chosen=query.unnamed.clone()
                />
            </FilterForm>
            <ServerHtml html=list.html />
        </div>
    }
    .into_any()
}

/// Whether a snapshot can be run by this server, in a shape and a word.
#[component]
pub fn CanRun(runnable: bool) -> impl IntoView {
    let (class, icon, word) = if runnable { ("status status--good", "check", "Yes") } else { ("status", "close", "No") };
    view! {
        <span class=class>
            <Icon name=icon />
            {word}
        </span>
    }
}
