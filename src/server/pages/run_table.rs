//! Runs as rows, wherever they are listed.

use leptos::prelude::*;

use crate::{
    components::{
        clock::{Ago, DurationText},
        status_badge::StatusBadge,
        table::{Column, Table},
    },
    model::{
        list::{ListQuery, Reference},
        pipeline_runs::{LatestRun, RunRow},
    },
    server::pages::pipeline_runs::USUAL_SORT,
};

/// A column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunColumn {
    Run,
    Status,
    Pipeline,
    Snapshot,
    Started,
    Duration,
    By,
}

impl RunColumn {
    const ALL: [Self; 7] = [Self::Run, Self::Status, Self::Pipeline, Self::Snapshot, Self::Started, Self::Duration, Self::By];

    /// The heading, and the key it is sorted by.
    fn heading(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Run => ("Run", Some("name")),
            Self::Status => ("Status", Some("status")),
            Self::Pipeline => ("Pipeline", Some("pipeline")),
            Self::Snapshot => ("Snapshot", Some("snapshot")),
            Self::Started => ("Started", Some("created")),
            Self::Duration => ("Duration", None),
            Self::By => ("By", Some("user")),
        }
    }
}

/// A table of runs of the project at `base`. Headings sort the list with this query and path; `without` are columns that would
/// say the same in every row.
pub fn run_table(runs: Vec<RunRow>, base: &str, sort: Option<(&ListQuery, &str)>, without: &[RunColumn]) -> AnyView {
    let shown: Vec<RunColumn> = RunColumn::ALL.into_iter().filter(|column| !without.contains(column)).collect();
    let heading = |column: &RunColumn| {
        let (label, key) = column.heading();
        let heading = match (sort, key) {
            (Some((query, path)), Some(key)) => Column::sorted(label, query, key, USUAL_SORT, path),
            _ => Column::plain(label),
        };
        Column { number: *column == RunColumn::Duration, ..heading }
    };
    let columns = shown.iter().map(heading).collect();
    let row = |run: RunRow| view! { <tr>{shown.iter().map(|column| cell(*column, &run, base)).collect_view()}</tr> };
    let rows = runs.into_iter().map(row).collect_view();
    view! {
        <Table caption="Runs" columns=columns folds=true>
            {rows}
        </Table>
    }
    .into_any()
}

fn cell(column: RunColumn, run: &RunRow, base: &str) -> AnyView {
    let link = |kind: &str, reference: &Option<Reference>| match reference {
        Some(reference) => {
            let href = format!("{base}/{kind}/{}", reference.id);
            view! { <a href=href>{reference.name.clone()}</a> }.into_any()
        }
        None => view! { <span class="faint">"–"</span> }.into_any(),
    };
    match column {
        RunColumn::Run => view! {
            <th scope="row" class="table__name">
                <a href=format!("{base}/runs/{}", run.id)>
                    <span class="table__index">{format!("#{} ", run.index)}</span>
                    {run.name.clone()}
                </a>
            </th>
        }
        .into_any(),
        RunColumn::Status => view! {
            <td>
                <StatusBadge status=run.status />
            </td>
        }
        .into_any(),
        RunColumn::Pipeline => view! { <td class="table__text table__text--wide">{link("pipelines", &run.pipeline)}</td> }.into_any(),
        RunColumn::Snapshot => view! { <td class="table__text table__text--wide">{link("snapshots", &run.snapshot)}</td> }.into_any(),
        RunColumn::Started => view! {
            <td>
                <Ago moment=run.started.clone().unwrap_or_else(|| run.created.clone()) />
            </td>
        }
        .into_any(),
        RunColumn::Duration => view! {
            <td class="table__number">
                <DurationText duration=run.duration.clone() />
            </td>
        }
        .into_any(),
        RunColumn::By => view! { <td>{run.user.clone()}</td> }.into_any(),
    }
}

/// The newest run of something: its status and when it was made.
pub fn latest_run_link(run: Option<LatestRun>, base: &str) -> AnyView {
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
