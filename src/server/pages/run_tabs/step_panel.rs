//! One step of a run, beside the graph or the table of steps.

use leptos::prelude::*;

use crate::{
    components::{
        clock::{Ago, DurationText},
        icon::Icon,
        status_badge::StatusBadge,
    },
    model::pipeline_runs::{ArtifactLink, StepDetail},
    pages::pipeline_runs::RunPath,
};

/// The panel of a step of the run at `path`; closing it leads back to `tab`.
pub fn step_panel(detail: StepDetail, path: &RunPath, tab: &str) -> AnyView {
    let StepDetail { step, parameters, inputs, outputs, metadata, failure, docstring } = detail;
    let status = match step.status {
        Some(status) => view! { <StatusBadge status=status chip=true /> }.into_any(),
        None => view! { <span class="status status--chip">"Not started"</span> }.into_any(),
    };
    let started = step.status.is_some();
    view! {
        <aside class="card step-panel__card" aria-label=format!("Step {}", step.name)>
            <div class="step-panel__head">
                <h2 class="mono">{step.name.clone()}</h2>
                <a class="button button--quiet button--icon button--small" href=path.tab(tab) aria-label="Close" data-noscroll="true">
                    <Icon name="close" />
                </a>
            </div>
            <div class="page-header__facts">
                {status} {step.started.map(|started| view! { <Ago moment=started /> }.into_any())}
                {started.then(|| view! { <DurationText duration=step.duration /> }.into_any())}
                {(step.attempts > 1).then(|| format!("{} attempts", step.attempts))}
            </div>
            {docstring.map(|text| view! { <p class="prose">{text.trim().to_owned()}</p> }.into_any())}
            {failure.map(|failure| view! { <p class="step-panel__failure mono">{failure.message}</p> }.into_any())}
            {started
                .then(|| {
                    view! {
                        <p class="row">
                            <a class="button button--small" href=path.log(&format!("step/{}", step.name)) data-noscroll="true">
                                <Icon name="terminal" />
                                "Log"
                            </a>
                            <a class="button button--small" href=path.step("code", &step.name) data-noscroll="true">
                                "Code"
                            </a>
                        </p>
                    }.into_any()
                })}
            <Pairs title="Parameters" pairs=parameters />
            <Artifacts title="Inputs" links=inputs />
            <Artifacts title="Outputs" links=outputs />
            <Pairs title="Metadata" pairs=metadata />
        </aside>
    }
    .into_any()
}

#[component]
fn Pairs(title: &'static str, pairs: Vec<(String, String)>) -> impl IntoView {
    (!pairs.is_empty()).then(|| {
        view! {
            <section class="section">
                <h3>{title}</h3>
                <dl class="facts">
                    {pairs
                        .into_iter()
                        .map(|(key, value)| {
                            view! {
                                <div>
                                    <dt class="mono">{key}</dt>
                                    <dd class="mono">{value}</dd>
                                </div>
                            }.into_any()
                        })
                        .collect_view()}
                </dl>
            </section>
        }
        .into_any()
    })
}

#[component]
fn Artifacts(title: &'static str, links: Vec<ArtifactLink>) -> impl IntoView {
    (!links.is_empty()).then(|| {
        view! {
            <section class="section">
                <h3>{title}</h3>
                <ul class="artifacts" role="list">
                    {links
                        .into_iter()
                        .map(|link| {
                            view! {
                                <li title=link.uri>
                                    <span class="mono">{link.name}</span>
                                    <span class="artifacts__type">
                                        {format!("{} · {} version {}", link.data_type, link.artifact, link.version)}
                                    </span>
                                </li>
                            }.into_any()
                        })
                        .collect_view()}
                </ul>
            </section>
        }
        .into_any()
    })
}
