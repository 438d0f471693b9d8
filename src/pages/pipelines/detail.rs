//! One pipeline: its runs and its snapshots.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    components::{
        clock::Ago,
        icon::Icon,
        live::{LiveIndicator, use_events},
        page_header::{Crumb, PageHeader},
    },
    model::{
        list::{ListQuery, encode, grouped},
        page_request::PageRequest,
        pipeline_runs::RunPlace,
        pipeline_snapshots::SnapshotPlace,
        pipelines::PipelineDetail,
        roles::Action,
    },
    pages::{
        data::{PageResource, parameter, project, query, show},
        pipeline_runs::list::RunListView,
        pipeline_snapshots::list::SnapshotListView,
        reader::allowed,
    },
};

/// What a pipeline's page lists.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Runs,
    Snapshots,
}

/// `/projects/:project/pipelines/:pipeline`, and `…/runs`
#[component]
pub fn PipelineRunsPage() -> impl IntoView {
    page(Tab::Runs)
}

/// `/projects/:project/pipelines/:pipeline/snapshots`
#[component]
pub fn PipelineSnapshotsPage() -> impl IntoView {
    page(Tab::Snapshots)
}

fn page(tab: Tab) -> AnyView {
    let (project, pipeline) = (project(), parameter("pipeline"));
    let detail: PageResource<PipelineDetail> =
        PageResource::new(move || PageRequest::Pipeline { project: project.get(), pipeline: pipeline.get() });
    use_events(|kind, _| kind == "run" || kind == "snapshot", move || detail.refetch());
    let base = move || format!("/projects/{}", encode(&project.get_untracked()));
    let path = move || format!("{}/pipelines/{}", base(), encode(&pipeline.get_untracked()));
    let list = match tab {
        Tab::Runs => runs(project, pipeline),
        Tab::Snapshots => snapshots(project, pipeline),
    };
    let current = move |wanted: Tab| (tab == wanted).then_some("page");
    view! {
        {show(
            detail,
            move |detail| {
                let crumbs = vec![Crumb::new("Pipelines", format!("{}/pipelines", base()))];
                let (runs, named) = (detail.pipeline.run_count, detail.pipeline.snapshot_count);
                let run = format!("{}/run", path());
                view! {
                    <Title text=detail.pipeline.name.clone() />
                    <PageHeader title=detail.pipeline.name.clone() crumbs=crumbs facts=Some(facts(detail.clone()))>
                        <LiveIndicator />
                        {allowed(
                            Action::Launch,
                            "button button--primary",
                            "runs",
                            "Run",
                            || {
                                view! {
                                    <a class="button button--primary" href=run rel="external">
                                        <Icon name="runs" />
                                        "Run"
                                    </a>
                                }.into_any()
                            },
                        )}
                    </PageHeader>
                    <nav class="tabs" aria-label="Pipeline">
                        <a class="tabs__tab" href=path() aria-current=current(Tab::Runs)>
                            "Runs"
                            <span class="tabs__count">{grouped(runs)}</span>
                        </a>
                        <a class="tabs__tab" href=format!("{}/snapshots", path()) aria-current=current(Tab::Snapshots)>
                            "Snapshots"
                            <span class="tabs__count">{grouped(named)}</span>
                        </a>
                    </nav>
                }
                    .into_any()
            },
        )}
        {list}
    }
    .into_any()
}

fn facts(detail: PipelineDetail) -> AnyView {
    view! {
        {detail.pipeline.description.map(|text| view! { <span>{text}</span> }.into_any())}
        <span>"Created " <Ago moment=detail.pipeline.created /> {detail.user.map(|user| format!(" by {user}"))}</span>
    }
    .into_any()
}

fn runs(project: Memo<String>, pipeline: Memo<String>) -> AnyView {
    let query = query();
    let of_pipeline = move || ListQuery { pipeline: pipeline.get(), ..query.get() };
    let runs = PageResource::new(move || PageRequest::Runs { project: project.get(), query: of_pipeline(), place: RunPlace::Pipeline });
    use_events(|kind, _| kind == "run", move || runs.refetch());
    show(runs, move |list| {
        let path = format!("/projects/{}/pipelines/{}", encode(&project.get_untracked()), encode(&pipeline.get_untracked()));
        view! { <RunListView list=list query=query.get_untracked() path=path place=RunPlace::Pipeline /> }.into_any()
    })
}

fn snapshots(project: Memo<String>, pipeline: Memo<String>) -> AnyView {
    let query = query();
    let of_pipeline = move || ListQuery { pipeline: pipeline.get(), ..query.get() };
    let request = move || PageRequest::Snapshots { project: project.get(), query: of_pipeline(), place: SnapshotPlace::Pipeline };
    let snapshots = PageResource::new(request);
    use_events(|kind, _| kind == "snapshot" || kind == "run", move || snapshots.refetch());
    show(snapshots, move |list| {
        let base = format!("/projects/{}", encode(&project.get_untracked()));
        let path = format!("{base}/pipelines/{}/snapshots", encode(&pipeline.get_untracked()));
        view! { <SnapshotListView list=list query=query.get_untracked() path=path place=SnapshotPlace::Pipeline /> }.into_any()
    })
}
