//! The list of runs as HTML: the groups of statuses, rows with their pages, and what stands there when there are none.

use leptos::prelude::*;

use super::run_table::{RunColumn, run_table};
use crate::{
    components::{
        empty_state::{EmptyState, FilteredOut},
        pagination::Pagination,
    },
    model::{
        list::{ListQuery, Listing, encode, grouped},
        pipeline_runs::{RunPlace, RunRow, STATUS_GROUPS},
        status::ExecutionStatus,
    },
};

/// Where a list stands: the path of its project, and its own.
pub struct Paths {
    base: String,
    list: String,
}

impl Paths {
    /// The paths of a list that a query asks for.
    pub fn new(project: &str, query: &ListQuery, place: RunPlace) -> Self {
        let base = format!("/projects/{}", encode(project));
        let list = match place {
            RunPlace::Project => format!("{base}/runs"),
            RunPlace::Pipeline => format!("{base}/pipelines/{}", encode(&query.pipeline)),
        };
        Self { base, list }
    }
}

/// Rows with the pages.
pub fn content(runs: Listing<RunRow>, query: &ListQuery, paths: &Paths, place: RunPlace) -> AnyView {
    // The pipeline of its own page is in the path.
    let query = &if place == RunPlace::Pipeline { ListQuery { pipeline: String::new(), ..query.clone() } } else { query.clone() };
    if runs.rows.is_empty() {
        return none(query, &paths.list);
    }
    let without: &[RunColumn] = if place == RunPlace::Pipeline { &[RunColumn::Pipeline] } else { &[] };
    let (position, page_query, path) = (runs.position, query.clone(), paths.list.clone());
    view! {
        {run_table(runs.rows, &paths.base, Some((query, &paths.list)), without)}
        <Pagination position=position href=move |page, size| ListQuery { page, size, ..page_query.clone() }.href(&path) />
    }
    .into_any()
}

/// The groups of statuses as links, with their numbers where they are known.
pub fn status_tabs(counts: Option<Vec<(ExecutionStatus, u64)>>, query: &ListQuery, paths: &Paths, place: RunPlace) -> AnyView {
    let query = &if place == RunPlace::Pipeline { ListQuery { pipeline: String::new(), ..query.clone() } } else { query.clone() };
    let tabs = STATUS_GROUPS
        .iter()
        .map(|group| {
            let count =
                counts.as_ref().map(|counts| counts.iter().filter(|(status, _)| (group.holds)(*status)).map(|(_, n)| n).sum::<u64>());
            let href = query.with(|query| query.status = group.value.to_owned()).href(&paths.list);
            let current = (query.status == group.value).then_some("true");
            view! {
                <a class="tabs__tab" href=href aria-current=current>
                    {group.label}
                    {count.map(|count| view! { <span class="tabs__count">{grouped(count)}</span> })}
                </a>
            }
        })
        .collect_view();
    view! {
        <nav class="tabs" aria-label="Status">
            {tabs}
        </nav>
    }
    .into_any()
}

fn none(query: &ListQuery, path: &str) -> AnyView {
    if query.is_filtered() {
        let filters = query.without_each(
            path,
            &[
                ("Any name", |query| &mut query.q),
                ("Any status", |query| &mut query.status),
                ("Any pipeline", |query| &mut query.pipeline),
                ("Any snapshot", |query| &mut query.snapshot),
                ("Any tag", |query| &mut query.tag),
            ],
        );
        return view! { <FilteredOut thing="run" filters=filters clear=path.to_owned() /> }.into_any();
    }
    view! {
        <EmptyState
            title="No runs yet"
            text="Every run of a pipeline is listed here: of a snapshot, or of code with the ZenML client that is signed in to this server."
        >
            <a class="button button--primary" href="/">
                "What to run"
            </a>
        </EmptyState>
    }
    .into_any()
}
