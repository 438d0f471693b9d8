//! The comparison of two runs as HTML.

use leptos::prelude::*;

use super::{
    pipeline_snapshots::compare_view::{choice_of_two, differences, facts, table},
    run_compare::{RunComparison, RunSide, StepOutcome, StepPair},
};
use crate::{
    components::{
        clock::DurationText,
        empty_state::EmptyState,
        error_panel::{Notice, Tone},
        status_badge::{StatusBadge, word},
        table::{Column, Table},
    },
    model::list::Reference,
};

/// The choice of two, what they are, and what differs.
pub fn content(a: Option<&RunSide>, b: Option<&RunSide>, found: Option<RunComparison>, choices: Vec<Reference>, base: &str) -> AnyView {
    let id = |side: Option<&RunSide>| side.map(|side| side.shown.id.clone());
    let picker = choice_of_two(&format!("{base}/runs/compare"), "run", [id(a), id(b)], choices);
    let (Some(a), Some(b), Some(found)) = (a, b, found) else {
        let (title, text) = match b {
            Some(_) => ("Choose a run to compare with", "There is no earlier run of this pipeline."),
            None => (
                "Choose two runs",
                "Status, parameters and settings with their defaults, metadata, steps, code, packages and stack are compared.",
            ),
        };
        return view! { {picker} <EmptyState title=title text=text /> }.into_any();
    };
    let is_same = found.snapshot.count() == 0 && a.snapshot.code() == b.snapshot.code() && a.snapshot.python == b.snapshot.python;
    view! {
        {picker}
        {summary(a, b, base)}
        {is_same.then(|| view! { <Notice tone=Tone::Good title="They ran the same: no parameter, setting, step, package or component differs." /> })}
        {table("metadata", "Metadata", "Name", found.metadata)}
        {differences(found.snapshot)}
        {steps(found.steps)}
    }
    .into_any()
}

/// What the two are, side by side.
fn summary(a: &RunSide, b: &RunSide, base: &str) -> AnyView {
    let none = || "–".to_owned();
    let row = |label: &'static str, fact: &dyn Fn(&RunSide) -> String| (label, fact(a), fact(b));
    let snapshot = |side: &RunSide| side.shown.snapshot.as_ref().map_or_else(none, |snapshot| snapshot.name.clone());
    let stack = |side: &RunSide| side.snapshot.shown.stack.as_ref().map_or_else(|| "deleted".to_owned(), |stack| stack.name.clone());
    let rows = vec![
        row("Status", &|side| word(side.shown.status).to_owned()),
        row("Pipeline", &|side| side.shown.pipeline.as_ref().map_or_else(none, |pipeline| pipeline.name.clone())),
        row("Started", &|side| side.shown.started.as_ref().map_or_else(none, |moment| moment.absolute.clone())),
        row("Duration", &|side| side.shown.duration.text()),
        row("By", &|side| side.shown.user.clone().unwrap_or_else(none)),
        row("Snapshot", &snapshot),
        row("Stack", &stack),
        row("Code", &|side| side.snapshot.code()),
        row("Python", &|side| side.snapshot.python.clone().unwrap_or_else(none)),
    ];
    let link = |side: &RunSide| {
        let title = format!("#{} {}", side.shown.index, side.shown.name);
        view! { <a href=format!("{base}/runs/{}", side.shown.id)>{title}</a> }.into_any()
    };
    facts("Run", [link(a), link(b)], rows)
}

/// Every step of the two, how it went and how long it took.
fn steps(pairs: Vec<StepPair>) -> Option<AnyView> {
    if pairs.is_empty() {
        return None;
    }
    let outcome = |outcome: Option<StepOutcome>| match outcome {
        Some(StepOutcome { status, duration }) => view! {
            <span class="row">
                <StatusBadge status=status />
                <DurationText duration=duration />
            </span>
        }
        .into_any(),
        None => view! { <span class="faint">"not there"</span> }.into_any(),
    };
    let row = |pair: StepPair| {
        let [a, b] = pair.sides;
        view! {
            <tr>
                <th scope="row" class="mono table__name">{pair.name}</th>
                <td>{outcome(a)}</td>
                <td>{outcome(b)}</td>
            </tr>
        }
    };
    let rows = pairs.into_iter().map(row).collect_view();
    let section = view! {
        <section class="section" aria-labelledby="steps">
            <h2 id="steps">"Steps as they went"</h2>
            <div class="compare__table"><Table caption="Steps as they went" columns=vec![Column::plain("Step"), Column::plain("A, before"), Column::plain("B, after")]>
                {rows}
            </Table></div>
        </section>
    };
    Some(section.into_any())
}
