//! The list of pipelines as HTML.

use leptos::prelude::*;

use super::{pipelines::USUAL_SORT, run_table::latest_run_link};
use crate::{
    components::{
        clock::Ago,
        empty_state::EmptyState,
        pagination::Pagination,
        table::{Column, Table},
    },
    model::{
        list::{ListQuery, Listing, encode, grouped},
        pipelines::PipelineListRow,
        roles::Action,
    },
    pages::reader::allowed,
};

/// Rows with the pages, or why there are none.
pub fn content(list: Listing<PipelineListRow>, query: &ListQuery, project: &str) -> AnyView {
    let base = format!("/projects/{}", encode(project));
    let path = format!("{base}/pipelines");
    if list.rows.is_empty() {
        return none(query.is_filtered(), path);
    }
    let column = |label: &'static str, key: &str| Column::sorted(label, query, key, USUAL_SORT, &path);
    let number = |label: &'static str| Column { number: true, ..Column::plain(label) };
    let columns = vec![
        column("Pipeline", "name"),
        column("Last run", "latest_run"),
        number("Runs"),
        number("Snapshots"),
        column("Created", "created"),
        Column::plain(""),
    ];
    let position = list.position;
    let rows = list.rows.into_iter().map(|pipeline| row(pipeline, &base)).collect_view();
    let (page_query, page_path) = (query.clone(), path.clone());
    view! {
        <Table caption="Pipelines" columns=columns folds=true>
            {rows}
        </Table>
        <Pagination position=position href=move |page, size| ListQuery { page, size, ..page_query.clone() }.href(&page_path) />
    }
    .into_any()
}

fn none(is_filtered: bool, path: String) -> AnyView {
    if is_filtered {
        return view! {
            <EmptyState title="No pipelines match" text="No pipeline has this name.">
                <a class="button" href=path>
                    "Clear the filter"
                </a>
            </EmptyState>
        }
        .into_any();
    }
    view! {
        <EmptyState
            title="No pipelines yet"
            text="A pipeline appears here when the ZenML client that is signed in to this server runs it or makes a snapshot of it."
        >
            <a class="button button--primary" href="/">
                "What to run"
            </a>
        </EmptyState>
    }
    .into_any()
}

fn row(pipeline: PipelineListRow, base: &str) -> AnyView {
    let path = format!("{base}/pipelines/{}", pipeline.id);
    let run = format!("{path}/run");
    let label = format!("Run {}", pipeline.name);
    let link = || {
        view! {
            <a class="button button--small" href=run rel="external" aria-label=label>
                "Run"
            </a>
        }
        .into_any()
    };
    view! {
        <tr>
            <th scope="row" class="table__name">
                <a href=path>{pipeline.name}</a>
                {pipeline.description.map(|text| view! { <span class="table__sub">{text}</span> }.into_any())}
            </th>
            <td>
                {latest_run_link(pipeline.latest_run, base)}
            </td>
            <td class="table__number">{grouped(pipeline.run_count)}</td>
            <td class="table__number">{grouped(pipeline.snapshot_count)}</td>
            <td>
                <Ago moment=pipeline.created />
            </td>
            <td class="table__actions">
                {pipeline.runnable.map(|_| allowed(Action::Launch, "button button--small", "", "Run", link))}
            </td>
        </tr>
    }
    .into_any()
}
