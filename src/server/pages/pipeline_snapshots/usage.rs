//! How a snapshot is used: who ran it, how often, how it went, how long it took.

use std::collections::HashMap;

use leptos::prelude::*;

use super::{RECENT_DAYS, chart, days_ago};
use crate::{
    components::{
        clock::Ago,
        empty_state::EmptyState,
        table::{Column, Table},
    },
    model::{list::grouped, pipeline_runs::RunRow, time},
    server::{
        db::{
            Connection,
            list::ListRequest,
            pipeline_runs as runs,
            pipeline_snapshot_usage::{self, LaunchedRun},
            pipeline_snapshots::PipelineSnapshotRow,
            users::UserRow,
        },
        error::Result,
        id::Id,
        pages::{
            durations,
            html::html,
            pipeline_runs,
            present::{moment, referred},
            run_table::{RunColumn, run_table},
        },
        time::Timestamp,
    },
};

/// The newest runs that everything but their number is told from.
const RUNS_READ: usize = 1000;
/// Runs shown in the table.
const RUNS_SHOWN: u64 = 10;
/// Days after which a snapshot that nobody runs is called unused.
const UNUSED_DAYS: i64 = 90;

/// How a snapshot of the project at `base` is used.
pub async fn section(connection: &mut Connection, row: &PipelineSnapshotRow, base: &str) -> Result<String> {
    let request = ListRequest { page: 1, size: RUNS_SHOWN, sort_by: "desc:created".to_owned(), ..ListRequest::default() };
    let request = request.with("source_snapshot_id", row.id.to_string());
    let page = runs::list(connection, row.project_id, &request).await?;
    let runs = pipeline_runs::rows(connection, &page.items).await?;
    let launched = pipeline_snapshot_usage::newest_runs(connection, row.project_id, row.id, RUNS_READ).await?;
    let users = referred::<UserRow>(connection, launched.iter().map(|run| run.user_id)).await?;
    let name = |id: Option<Id>| id.and_then(|id| users.get(&id)).map_or_else(|| "A deleted account".to_owned(), |user| user.name.clone());
    let total = page.total;
    let unused = row.latest_run_created.unwrap_or(row.created) < days_ago(UNUSED_DAYS);
    let all = format!("{base}/runs?snapshot={}", row.id);
    Ok(html(|| view! { {content(launched, name, total, unused, base)} {newest(runs, total, &all, base)} }.into_any()))
}

/// The newest runs of it; `all` is the list of all of them.
fn newest(runs: Vec<RunRow>, total: u64, all: &str, base: &str) -> Option<AnyView> {
    let more = (total > runs.len() as u64).then(|| {
        view! {
            <a class="section__more" href=all.to_owned()>
                {format!("All {}", grouped(total))}
            </a>
        }
    });
    let section = || {
        view! {
            <section class="section" aria-labelledby="runs">
                <div class="section__head">
                    <h2 id="runs">"Runs of it"</h2>
                    {more}
                </div>
                {run_table(runs, base, None, &[RunColumn::Pipeline, RunColumn::Snapshot])}
            </section>
        }
        .into_any()
    };
    (total > 0).then(section)
}

fn content(launched: Vec<LaunchedRun>, name: impl Fn(Option<Id>) -> String, total: u64, unused: bool, base: &str) -> AnyView {
    if launched.is_empty() {
        let text = if unused {
            format!(
                "Nobody ran it in its {UNUSED_DAYS} days or more. If nobody needs it, take it off the list; runs are never lost by that."
            )
        } else {
            "Nobody ran it yet. Who does, how often and how it goes is told here then.".to_owned()
        };
        return view! { <EmptyState title="Not run yet" text=text /> }.into_any();
    }
    let read = launched.len();
    let of_newest = (total > read as u64).then(|| format!("Rates and durations are those of the newest {} runs.", grouped(read as u64)));
    let (tiles, people) = (tiles(&launched, total), people(&launched, &name));
    let chart = chart::durations(&launched, &name, base);
    view! {
        {tiles}
        {of_newest.map(|text| view! { <p class="soft">{text}</p> })}
        <section class="section" aria-labelledby="durations">
            <h2 id="durations">"Duration over time"</h2>
            {chart}
        </section>
        <section class="section" aria-labelledby="people">
            <h2 id="people">"Who ran it"</h2>
            {people}
        </section>
    }
    .into_any()
}

/// The share of runs that succeeded among those that are over; none if none is.
fn success_rate<'a>(runs: impl Iterator<Item = &'a LaunchedRun>) -> Option<f64> {
    let over: Vec<bool> = runs.filter(|run| run.status.is_finished()).map(|run| run.status.is_successful()).collect();
    (!over.is_empty()).then(|| over.iter().filter(|good| **good).count() as f64 / over.len() as f64)
}

/// How long a run took that succeeded.
fn seconds(run: &LaunchedRun) -> Option<f64> {
    durations::seconds(run.status, run.start_time, run.end_time)
}

/// The median duration of those that succeeded, in words.
fn usual<'a>(runs: impl Iterator<Item = &'a LaunchedRun>) -> String {
    durations::median(&runs.filter_map(seconds).collect::<Vec<_>>()).map_or_else(|| "–".to_owned(), time::duration)
}

fn percent(rate: Option<f64>) -> String {
    // Not quite all is not all.
    rate.map_or_else(|| "–".to_owned(), |rate| if rate < 1.0 { format!("{:.0} %", (rate * 100.0).min(99.0)) } else { "100 %".to_owned() })
}

fn tiles(launched: &[LaunchedRun], total: u64) -> AnyView {
    let since = days_ago(RECENT_DAYS);
    let recent = launched.iter().filter(|run| run.created >= since).count();
    let recent = if recent == RUNS_READ { format!("{}+", grouped(recent as u64)) } else { grouped(recent as u64) };
    let usual_duration = usual(launched.iter());
    let last = launched.first().map(|run| moment(run.created));
    view! {
        <dl class="tiles">
            <div>
                <dt>"Runs"</dt>
                <dd>{grouped(total)}</dd>
            </div>
            <div>
                <dt>"In 30 days"</dt>
                <dd>{recent}</dd>
            </div>
            <div>
                <dt>"Succeeded"</dt>
                <dd>{percent(success_rate(launched.iter()))}</dd>
            </div>
            <div>
                <dt>"Median duration"</dt>
                <dd>{usual_duration}</dd>
            </div>
            <div>
                <dt>"Last used"</dt>
                <dd>{last.map(|moment| view! { <Ago moment=moment /> })}</dd>
            </div>
        </dl>
    }
    .into_any()
}

fn people(launched: &[LaunchedRun], name: &impl Fn(Option<Id>) -> String) -> AnyView {
    let mut by_user: HashMap<Option<Id>, Vec<&LaunchedRun>> = HashMap::new();
    for run in launched {
        by_user.entry(run.user_id).or_default().push(run);
    }
    let mut people: Vec<(String, Vec<&LaunchedRun>)> = by_user.into_iter().map(|(user, runs)| (name(user), runs)).collect();
    people.sort_by(|(left, runs), (right, others)| others.len().cmp(&runs.len()).then_with(|| left.cmp(right)));
    let number = |label: &'static str| Column { number: true, ..Column::plain(label) };
    let columns = vec![Column::plain("Who"), number("Runs"), number("Succeeded"), number("Median duration"), Column::plain("Last run")];
    let row = |(name, runs): (String, Vec<&LaunchedRun>)| {
        let last: Option<Timestamp> = runs.iter().map(|run| run.created).max();
        let usual = usual(runs.iter().copied());
        view! {
            <tr>
                <th scope="row">{name}</th>
                <td class="table__number">{grouped(runs.len() as u64)}</td>
                <td class="table__number">{percent(success_rate(runs.iter().copied()))}</td>
                <td class="table__number">{usual}</td>
                <td>{last.map(|last| view! { <Ago moment=moment(last) /> })}</td>
            </tr>
        }
    };
    let rows = people.into_iter().map(row).collect_view();
    view! {
        <Table caption="Who ran it" columns=columns>
            {rows}
        </Table>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_single_failure_among_many_runs_shows() {
        assert_eq!(percent(Some(0.9999)), "99 %");
        assert_eq!(percent(Some(1.0)), "100 %");
        assert_eq!(percent(None), "–");
    }
}
