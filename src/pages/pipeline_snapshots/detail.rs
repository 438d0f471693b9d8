//! One snapshot: whether it can be run and why not, its parameters, how to run it, its runs.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    components::{
        clock::Ago,
        code_block::CodeBlock,
        icon::Icon,
        inline_text::InlineText,
        live::use_events,
        page_header::{Crumb, PageHeader},
        table::{Column, Table},
    },
    model::{
        list::{encode, grouped},
        page_request::PageRequest,
        pipeline_snapshots::{CodeExample, ParameterRow, SnapshotDetail},
        readiness::{Check, CheckState, Readiness},
    },
    pages::{
        data::{PageResource, parameter, project, show},
        pipeline_runs::table::{RunColumn, RunTable},
    },
};

/// `/projects/:project/snapshots/:snapshot`
#[component]
pub fn SnapshotPage() -> impl IntoView {
    let (project, id) = (project(), parameter("snapshot"));
    let snapshot = PageResource::new(move || PageRequest::Snapshot { project: project.get(), snapshot: id.get() });
    use_events(move |kind, event| kind == "run" || event == id.get_untracked(), move || snapshot.refetch());
    show(snapshot, move |detail| {
        let base = format!("/projects/{}", encode(&project.get_untracked()));
        view! { <SnapshotView detail=detail base=base /> }.into_any()
    })
}

#[component]
fn SnapshotView(detail: SnapshotDetail, base: String) -> impl IntoView {
    let path = format!("{base}/snapshots/{}", detail.snapshot.id);
    let crumbs = vec![Crumb::new("Snapshots", format!("{base}/snapshots"))];
    let runnable = detail.snapshot.runnable;
    let runs = detail.runs.clone();
    let all_runs = format!("{base}/runs?snapshot={}", detail.snapshot.id);
    view! {
        <Title text=detail.snapshot.title() />
        <PageHeader title=detail.snapshot.title() crumbs=crumbs facts=Some(facts(&detail, &base))>
            {detail
                .has_code
                .then(|| {
                    view! {
                        <a class="button" href=format!("{path}/code") rel="external" download="">
                            "Download Code"
                        </a>
                    }.into_any()
                })}
            {runnable
                .then(|| {
                    view! {
                        <a class="button button--primary" href=format!("{path}/run")>
                            <Icon name="runs" />
                            "Run Snapshot"
                        </a>
                    }.into_any()
                })}
        </PageHeader>
        {detail.snapshot.description.clone().map(|text| view! { <p class="prose">{text}</p> }.into_any())}
        <div class="columns">
            <div class="stack stack--wide">
                <ParameterTable parameters=detail.parameters />
                <section class="section" aria-labelledby="runs">
                    <div class="section__head">
                        <h2 id="runs">"Runs of it"</h2>
                        {(detail.run_count > runs.len() as u64)
                            .then(|| view! { <a class="section__more" href=all_runs>{format!("All {}", grouped(detail.run_count))}</a> }.into_any())}
                    </div>
                    {if runs.is_empty() {
                        view! { <p class="soft">"It has not been run yet."</p> }.into_any()
                    } else {
                        view! { <RunTable runs=runs base=base.clone() without=vec![RunColumn::Pipeline, RunColumn::Snapshot] /> }.into_any()
                    }}
                </section>
                <Examples examples=detail.examples />
            </div>
            <aside class="stack stack--wide">
                <ReadinessList readiness=detail.readiness />
            </aside>
        </div>
    }
}

fn facts(detail: &SnapshotDetail, base: &str) -> AnyView {
    let snapshot = detail.snapshot.clone();
    let steps = match detail.step_count {
        0 => "Dynamic pipeline".to_owned(),
        1 => "1 step".to_owned(),
        count => format!("{count} steps"),
    };
    view! {
        <span>
            "Pipeline " <a href=format!("{base}/pipelines/{}", snapshot.pipeline.id)>{snapshot.pipeline.name}</a>
        </span>
        {snapshot
            .stack
            .map(|stack| {
                view! {
                    <span>
                        "Stack " <a href=format!("/stacks/{}", stack.id)>{stack.name}</a>
                    </span>
                }.into_any()
            })}
        <span>{steps}</span>
        {detail.client_version.clone().map(|version| view! { <span>{format!("ZenML {version}")}</span> }.into_any())}
        <span>"Created " <Ago moment=snapshot.created /> {snapshot.user.map(|user| format!(" by {user}"))}</span>
        {snapshot.tags.into_iter().map(|tag| view! { <span class="tag">{tag}</span> }.into_any()).collect_view()}
    }
    .into_any()
}

/// The checklist: what was looked at, what was found, what to do.
#[component]
pub fn ReadinessList(readiness: Readiness) -> impl IntoView {
    let title = if readiness.runnable() { "Ready to run" } else { "Cannot be run here" };
    view! {
        <section class="card" aria-labelledby="readiness">
            <h2 id="readiness">{title}</h2>
            <ul class="checklist" role="list">
                {readiness.checks.into_iter().map(check).collect_view()}
            </ul>
        </section>
    }
}

fn check(check: Check) -> AnyView {
    let (class, icon, word) = match check.state {
        CheckState::Pass => ("checklist__item checklist__item--pass", "completed", "Passes:"),
        CheckState::Fail => ("checklist__item checklist__item--fail", "failed", "Fails:"),
        CheckState::Unknown => ("checklist__item", "info", "Not known:"),
    };
    let mut name = check.name.as_str().to_owned();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    view! {
        <li class=class>
            <Icon name=icon />
            <div>
                <span class="visually-hidden">{word}</span>
                <strong>{name}</strong>
                <p>
                    <InlineText text=check.message />
                </p>
                {check.fix.map(|fix| view! { <p class="checklist__fix"><InlineText text=fix /></p> }.into_any())}
            </div>
        </li>
    }
    .into_any()
}

/// Parameters with their types and values.
#[component]
pub fn ParameterTable(parameters: Vec<ParameterRow>) -> impl IntoView {
    let with_steps = parameters.iter().any(|row| row.step.is_some());
    let mut columns = vec![Column::plain("Parameter"), Column::plain("Type"), Column::plain("Value")];
    if with_steps {
        columns.insert(0, Column::plain("Step"));
    }
    let none = parameters.is_empty();
    let rows = parameters.into_iter().map(|row| parameter_row(row, with_steps)).collect_view();
    view! {
        <section class="section" aria-labelledby="parameters">
            <h2 id="parameters">"Parameters"</h2>
            {if none {
                view! { <p class="soft">"Its steps take no parameters."</p> }.into_any()
            } else {
                view! {
                    <Table caption="Parameters" columns=columns>
                        {rows}
                    </Table>
                }
                    .into_any()
            }}
        </section>
    }
}

fn parameter_row(row: ParameterRow, with_steps: bool) -> AnyView {
    view! {
        <tr>
            {with_steps.then(|| view! { <td class="mono">{row.step}</td> }.into_any())}
            <th scope="row" class="table__name">
                <span class="mono">{row.name}</span>
                {row.description.map(|text| view! { <span class="table__sub">{text}</span> }.into_any())}
            </th>
            <td>{row.kind}</td>
            <td class="table__value mono">
                {match row.value {
                    Some(value) => view! { <span>{value}</span> }.into_any(),
                    None => view! { <span class="faint">"must be given"</span> }.into_any(),
                }}
            </td>
        </tr>
    }
    .into_any()
}

#[component]
fn Examples(examples: Vec<CodeExample>) -> impl IntoView {
    view! {
        <section class="section" aria-labelledby="examples">
            <h2 id="examples">"Run it from code"</h2>
            {examples
                .into_iter()
                .map(|example| {
                    view! {
                        <div class="section">
                            <h3>{example.label.clone()}</h3>
                            <CodeBlock code=example.code label=example.label />
                        </div>
                    }.into_any()
                })
                .collect_view()}
        </section>
    }
}
