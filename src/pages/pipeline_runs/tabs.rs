//! Tabs of a run that only show, and the panel of a step: the server makes them.

use leptos::prelude::*;

use super::detail::RunContext;
use crate::{
    components::{live::use_events, server_html::ServerHtml},
    model::page_request::PageRequest,
    pages::data::{PageResource, show},
};

/// HTML that answers a request, read again when something happens to the run.
fn tab(context: RunContext, class: &'static str, request: impl Fn() -> PageRequest + Send + Sync + 'static) -> AnyView {
    let html: PageResource<String> = PageResource::new(request);
    let run = context.run;
    use_events(move |kind, id| kind == "run" && id == run.get_untracked(), move || html.refetch());
    show(html, move |html| if html.is_empty() { ().into_any() } else { view! { <ServerHtml html=html class=class /> }.into_any() })
}

/// The steps as a table.
#[component]
pub fn StepsTab(context: RunContext) -> impl IntoView {
    let RunContext { project, run, step, .. } = context;
    view! {
        <div class="graph-layout" class:graph-layout--panel=move || !step.get().is_empty()>
            {tab(context, "", move || PageRequest::RunSteps { project: project.get(), run: run.get() })}
            <StepPanel context=context tab="steps" />
        </div>
    }
}

/// The panel of the step that the URL names, if it does.
#[component]
pub fn StepPanel(
    context: RunContext,
    /// The tab it stands on, which closing it leads back to.
    tab: &'static str,
) -> impl IntoView {
    let RunContext { project, run, step, .. } = context;
    let request = move || PageRequest::RunStep { project: project.get(), run: run.get(), step: step.get(), tab: tab.to_owned() };
    self::tab(context, "step-panel", request)
}

/// How the run was configured.
#[component]
pub fn ConfigurationTab(context: RunContext) -> impl IntoView {
    let RunContext { project, run, .. } = context;
    tab(context, "stack stack--wide", move || PageRequest::RunConfiguration { project: project.get(), run: run.get() })
}

/// The source of a step.
#[component]
pub fn CodeTab(context: RunContext) -> impl IntoView {
    let RunContext { project, run, step, .. } = context;
    tab(context, "", move || PageRequest::RunCode { project: project.get(), run: run.get(), step: step.get() })
}
