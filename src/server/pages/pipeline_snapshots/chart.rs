//! The durations of the last runs as bars, and the same as a table.

use leptos::prelude::*;

use crate::{
    components::{
        clock::Ago,
        status_badge::{StatusBadge, tone, word},
        table::{Column, Table},
    },
    model::time,
    server::{db::pipeline_snapshot_usage::LaunchedRun, id::Id, pages::present::moment},
};

/// Runs drawn, the newest at the right.
const RUNS_DRAWN: usize = 40;
/// The drawing, in its own units; it is scaled to the page.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 170.0;
/// Left of the bars, for the scale.
const LEFT: f64 = 56.0;
/// Above the bars, for the mark of what failed.
const TOP: f64 = 18.0;
/// Below the bars, for the times.
const BOTTOM: f64 = 22.0;
/// The widest bar.
const WIDEST: f64 = 28.0;

struct Bar<'a> {
    run: &'a LaunchedRun,
    seconds: f64,
}

/// The runs that are over, oldest first.
fn bars(launched: &[LaunchedRun]) -> Vec<Bar<'_>> {
    let seconds = |run: &LaunchedRun| Some(run.end_time?.seconds_since(run.start_time?).max(0.0));
    let over = launched.iter().filter(|run| run.status.is_finished()).filter_map(|run| Some(Bar { run, seconds: seconds(run)? }));
    let mut bars: Vec<Bar> = over.take(RUNS_DRAWN).collect();
    bars.reverse();
    bars
}

/// The chart and its twin.
pub fn durations(launched: &[LaunchedRun], name: &impl Fn(Option<Id>) -> String, base: &str) -> AnyView {
    let bars = bars(launched);
    if bars.is_empty() {
        return view! { <p class="soft">"No run of it is over yet."</p> }.into_any();
    }
    view! {
        // It scrolls where the screen is narrow.
        <figure class="chart" tabindex="0">
            {drawing(&bars, base)}
            <figcaption class="chart__legend">
                <span class="chart__key chart__key--good">"Completed"</span>
                <span class="chart__key chart__key--bad">"✕ Failed"</span>
                <span class="chart__key chart__key--idle">"■ Stopped"</span>
            </figcaption>
        </figure>
        <details class="twin">
            <summary>"Durations as a table"</summary>
            {table(&bars, name, base)}
        </details>
    }
    .into_any()
}

fn drawing(bars: &[Bar], base: &str) -> AnyView {
    let longest = scale(bars.iter().map(|bar| bar.seconds).fold(0.0, f64::max));
    let (space, ground) = (WIDTH - LEFT, HEIGHT - BOTTOM);
    let place = space / bars.len() as f64;
    let width = (place * 0.72).min(WIDEST);
    let bar = |(position, bar): (usize, &Bar)| {
        let height = (bar.seconds / longest * (ground - TOP)).max(2.0);
        let (x, y) = (LEFT + place * (position as f64 + 0.5) - width / 2.0, ground - height);
        let run = bar.run;
        let words = format!("#{} {}, {}, {}", run.run_index, word(run.status), time::duration(bar.seconds), moment(run.created).absolute);
        let title = words.clone();
        let mark = match tone(run.status) {
            "bad" => Some("✕"),
            "idle" => Some("■"),
            _ => None,
        };
        view! {
            <a href=format!("{base}/runs/{}", run.id) aria-label=words tabindex="-1">
                <title>{title}</title>
                // The whole height answers the pointer.
                <rect class="chart__hit" x=x y=TOP width=width height=ground - TOP />
                <rect class=format!("chart__bar chart__bar--{}", tone(run.status)) x=x y=y width=width height=height rx="2" />
                {mark
                    .map(|mark| {
                        view! {
                            <text class="chart__mark" x=x + width / 2.0 y=y - 4.0 text-anchor="middle">
                                {mark}
                            </text>
                        }
                    })}
            </a>
        }
    };
    let line = |share: f64| {
        let y = ground - (ground - TOP) * share;
        view! {
            <line class="chart__line" x1=LEFT x2=WIDTH y1=y y2=y />
            <text class="chart__label" x=LEFT - 8.0 y=y + 4.0 text-anchor="end">
                {time::duration(longest * share)}
            </text>
        }
    };
    let date = |run: &LaunchedRun| run.created.format("%-d %b %Y");
    let (first, last) = (bars.first().map(|bar| date(bar.run)), bars.last().map(|bar| date(bar.run)));
    let summary =
        format!("Durations of the last {} finished runs, at most {}; the table below has them all", bars.len(), time::duration(longest));
    view! {
        <svg class="chart__drawing" viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="group" aria-label=summary>
            {line(0.5)} {line(1.0)} {line(0.0)} {bars.iter().enumerate().map(bar).collect_view()}
            <text class="chart__label" x=LEFT y=HEIGHT - 4.0>
                {first}
            </text>
            {(bars.len() > 1)
                .then(|| {
                    view! {
                        <text class="chart__label" x=WIDTH y=HEIGHT - 4.0 text-anchor="end">
                            {last}
                        </text>
                    }
                })}
        </svg>
    }
    .into_any()
}

/// The upper end of the scale for a longest duration: half of it is a round number too.
fn scale(longest: f64) -> f64 {
    let steps =
        [1.0, 2.0, 4.0, 10.0, 20.0, 30.0, 60.0, 120.0, 240.0, 600.0, 1_200.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0, 28_800.0, 86_400.0];
    steps.into_iter().find(|step| *step >= longest).unwrap_or_else(|| (longest / 172_800.0).ceil() * 172_800.0)
}

fn table(bars: &[Bar], name: &impl Fn(Option<Id>) -> String, base: &str) -> AnyView {
    let columns = vec![
        Column::plain("Run"),
        Column::plain("Status"),
        Column { number: true, ..Column::plain("Duration") },
        Column::plain("Started"),
        Column::plain("By"),
    ];
    let row = |bar: &Bar| {
        view! {
            <tr>
                <th scope="row">
                    <a href=format!("{base}/runs/{}", bar.run.id)>{format!("#{}", bar.run.run_index)}</a>
                </th>
                <td>
                    <StatusBadge status=bar.run.status />
                </td>
                <td class="table__number">{time::duration(bar.seconds)}</td>
                <td>
                    <Ago moment=moment(bar.run.created) />
                </td>
                <td class="table__text">{name(bar.run.user_id)}</td>
            </tr>
        }
    };
    let rows = bars.iter().rev().map(row).collect_view();
    view! {
        <Table caption="Durations of the last finished runs" columns=columns>
            {rows}
        </Table>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::scale;

    #[test]
    fn the_scale_ends_at_or_above_the_longest() {
        assert_eq!(scale(0.0), 1.0);
        assert_eq!(scale(61.0), 120.0);
        assert_eq!(scale(100_000.0), 172_800.0);
        assert_eq!(scale(400_000.0), 518_400.0);
    }
}
