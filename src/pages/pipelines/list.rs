//! The list of pipelines.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    components::{
        button::ButtonKind,
        clock::Ago,
        empty_state::EmptyState,
        filter_form::FilterForm,
        icon::Icon,
        live::use_events,
        page_header::PageHeader,
        pagination::Pagination,
        status_badge::StatusBadge,
        table::{Column, Table},
    },
    model::{
        list::{ListQuery, encode, grouped},
        page_request::PageRequest,
        pipeline_runs::LatestRun,
        pipelines::{PipelineList, PipelineListRow},
        roles::Action,
    },
    pages::{
        data::{PageResource, project, query, show},
        reader::allowed,
    },
};

const USUAL_SORT: &str = "desc:latest_run";

/// `/projects/:project/pipelines`
#[component]
pub fn PipelineListPage() -> impl IntoView {
    let (project, query) = (project(), query());
    let pipelines = PageResource::new(move || PageRequest::Pipelines { project: project.get(), query: query.get() });
    use_events(|kind, _| kind == "run" || kind == "snapshot", move || pipelines.refetch());
    let base = move || format!("/projects/{}", encode(&project.get_untracked()));
    view! {
        <Title text="Pipelines" />
        <PageHeader title="Pipelines">
            <a class=ButtonKind::Primary.class() href=move || format!("/projects/{}/run", encode(&project.get()))>
                <Icon name="runs" />
                "Run a Pipeline"
            </a>
        </PageHeader>
        {show(pipelines, move |list| view! { <PipelineListView list=list query=query.get_untracked() base=base() /> }.into_any())}
    }
    .into_any()
}

#[component]
fn PipelineListView(list: PipelineList, query: ListQuery, base: String) -> impl IntoView {
    let path = format!("{base}/pipelines");
    if list.rows.is_empty() && !query.is_filtered() {
        return view! {
            <EmptyState
                title="No pipelines yet"
                text="A pipeline appears here when the ZenML client that is signed in to this server runs it or makes a snapshot of it."
            />
        }
        .into_any();
    }
    let columns = vec![
        Column::sorted("Pipeline", &query, "name", USUAL_SORT, &path),
        Column::sorted("Last run", &query, "latest_run", USUAL_SORT, &path),
        Column { number: true, ..Column::plain("Runs") },
        Column { number: true, ..Column::plain("Snapshots") },
        Column::sorted("Created", &query, "created", USUAL_SORT, &path),
        Column::plain(""),
    ];
    let (position, clear) = (list.position, path.clone());
    let content = if list.rows.is_empty() {
        view! {
            <EmptyState title="No pipelines match" text="No pipeline has this name.">
                <a class="button" href=clear>
                    "Clear the filter"
                </a>
            </EmptyState>
        }
        .into_any()
    } else {
        let rows = list.rows.into_iter().map(|pipeline| row(pipeline, &base)).collect_view();
        let (page_query, page_path) = (query.clone(), path.clone());
        view! {
            <div>
                <Table caption="Pipelines" columns=columns>
                    {rows}
                </Table>
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
            <FilterForm path=path query=query label="Pipeline name contains" />
            {content}
        </div>
    }
    .into_any()
}

fn row(pipeline: PipelineListRow, base: &str) -> AnyView {
    let path = format!("{base}/pipelines/{}", pipeline.id);
    let run = format!("{path}/run");
    let label = format!("Run {}", pipeline.name);
    view! {
        <tr>
            <th scope="row" class="table__name">
                <a href=path>{pipeline.name}</a>
                {pipeline.description.map(|text| view! { <span class="table__sub">{text}</span> }.into_any())}
            </th>
            <td>
                <LatestRunLink run=pipeline.latest_run base=base.to_owned() />
            </td>
            <td class="table__number">{grouped(pipeline.run_count)}</td>
            <td class="table__number">{grouped(pipeline.snapshot_count)}</td>
            <td>
                <Ago moment=pipeline.created />
            </td>
            <td class="table__actions">
                {pipeline
                    .runnable
                    .map(|_| {
                        allowed(
                            Action::Launch,
                            "button button--small",
                            "",
                            "Run",
                            || {
                                view! {
                                    <a class="button button--small" href=run rel="external" aria-label=label>
                                        "Run"
                                    </a>
                                }.into_any()
                            },
                        )
                    })}
            </td>
        </tr>
    }
    .into_any()
}

/// The newest run of something: its status and when it was made.
#[component]
pub fn LatestRunLink(
    run: Option<LatestRun>,
    /// Path of the project.
    base: String,
) -> impl IntoView {
    match run {
        Some(run) => view! {
            <a class="latest-run" href=format!("{base}/runs/{}", run.id)>
                <StatusBadge status=run.status />
                <span class="faint">
                    <Ago moment=run.created />
                </span>
            </a>
        }
        .into_any(),
        None => view! { <span class="faint">"–"</span> }.into_any(),
    }
}
