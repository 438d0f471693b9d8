//! The list of snapshots.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    components::{
        clock::Ago,
        empty_state::EmptyState,
        filter_form::{FilterForm, FilterSelect},
        icon::Icon,
        live::use_events,
        page_header::PageHeader,
        pagination::Pagination,
        table::{Column, Table},
    },
    model::{
        list::{ListQuery, encode},
        page_request::PageRequest,
        pipeline_snapshots::{SnapshotList, SnapshotRow},
    },
    pages::{
        data::{PageResource, project, query, show},
        pipelines::list::LatestRunLink,
    },
};

const USUAL_SORT: &str = "desc:created";

/// `/projects/:project/snapshots`
#[component]
pub fn SnapshotListPage() -> impl IntoView {
    let (project, query) = (project(), query());
    let snapshots = PageResource::new(move || PageRequest::Snapshots { project: project.get(), query: query.get() });
    use_events(|kind, _| kind == "snapshot" || kind == "run", move || snapshots.refetch());
    view! {
        <Title text="Snapshots" />
        <PageHeader title="Snapshots" />
        {show(
            snapshots,
            move |list| {
                let base = format!("/projects/{}", encode(&project.get_untracked()));
                let path = format!("{base}/snapshots");
                view! { <SnapshotListView list=list query=query.get_untracked() base=base path=path /> }.into_any()
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
    /// Path of the project.
    base: String,
    /// Path of the list.
    path: String,
    /// All are snapshots of one pipeline, which is not shown again.
    #[prop(optional)]
    of_pipeline: bool,
) -> impl IntoView {
    let SnapshotList { snapshots, pipelines } = list;
    let content = if snapshots.rows.is_empty() {
        view! { <NoSnapshots filtered=query.is_filtered() path=path.clone() /> }.into_any()
    } else {
        let column = |label: &'static str, key: &str| Column::sorted(label, &query, key, USUAL_SORT, &path);
        let mut columns = vec![column("Snapshot", "name"), column("Pipeline", "pipeline"), column("Stack", "stack")];
        if of_pipeline {
            columns.remove(1);
        }
        columns.extend([
            Column::plain("Can run"),
            Column::plain("Last run"),
            column("Created", "created"),
            column("By", "user"),
            Column::plain(""),
        ]);
        let position = snapshots.position;
        let rows = snapshots.rows.into_iter().map(|snapshot| row(snapshot, &base, of_pipeline)).collect_view();
        let (page_query, page_path) = (query.clone(), path.clone());
        view! {
            <div>
                <Table caption="Snapshots" columns=columns>
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
    let tab = |label: &'static str, value: &'static str| {
        let current = (query.status == value).then_some("true");
        view! {
            <a class="tabs__tab" href=query.with(|query| query.status = value.to_owned()).href(&path) aria-current=current>
                {label}
            </a>
        }
    };
    view! {
        <div class="stack">
            <nav class="tabs" aria-label="Which snapshots">
                {tab("All", "")} {tab("Can run", "runnable")}
            </nav>
            <FilterForm path=path query=query.clone() label="Snapshot name contains">
                {(!of_pipeline)
                    .then(|| {
                        view! { <FilterSelect name="pipeline" all="All pipelines" label="Pipeline" choices=pipelines chosen=query.pipeline /> }.into_any()
                    })}
            </FilterForm>
            {content}
        </div>
    }
}

#[component]
fn NoSnapshots(filtered: bool, path: String) -> impl IntoView {
    if filtered {
        return view! {
            <EmptyState title="No snapshots match" text="No snapshot has this name, pipeline and state.">
                <a class="button" href=path>
                    "Clear all filters"
                </a>
            </EmptyState>
        }
        .into_any();
    }
    view! {
        <EmptyState
            title="No snapshots yet"
            text="A snapshot is a copy of a pipeline that anybody may run again with other parameters. Open a run and choose New Snapshot from its menu."
        />
    }
    .into_any()
}

fn row(snapshot: SnapshotRow, base: &str, of_pipeline: bool) -> AnyView {
    let path = format!("{base}/snapshots/{}", snapshot.id);
    let run = format!("{path}/run");
    let title = snapshot.title();
    let label = format!("Run {title}");
    let pipeline = snapshot.pipeline;
    view! {
        <tr>
            <th scope="row" class="table__name">
                <a href=path>{title}</a>
                {snapshot.description.map(|text| view! { <span class="table__sub table__sub--line">{text}</span> }.into_any())}
                {(!snapshot.tags.is_empty())
                    .then(|| {
                        view! {
                            <span class="table__sub">
                                {snapshot.tags.into_iter().map(|tag| view! { <span class="tag">{tag}</span> " " }.into_any()).collect_view()}
                            </span>
                        }.into_any()
                    })}
            </th>
            {(!of_pipeline)
                .then(|| {
                    view! {
                        <td class="table__text">
                            <a href=format!("{base}/pipelines/{}", pipeline.id)>{pipeline.name}</a>
                        </td>
                    }.into_any()
                })}
            <td class="table__text">
                {snapshot.stack.map(|stack| view! { <a href=format!("/stacks/{}", stack.id)>{stack.name}</a> }.into_any())}
            </td>
            <td>
                <CanRun runnable=snapshot.runnable />
            </td>
            <td>
                <LatestRunLink run=snapshot.latest_run base=base.to_owned() />
            </td>
            <td>
                <Ago moment=snapshot.created />
            </td>
            <td class="table__text">{snapshot.user}</td>
            <td class="table__actions">
                {snapshot
                    .runnable
                    .then(|| {
                        view! {
                            <a class="button button--small" href=run aria-label=label>
                                "Run"
                            </a>
                        }.into_any()
                    })}
            </td>
        </tr>
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
