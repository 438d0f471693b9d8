//! The source of a run's steps, with the line that failed.

use leptos::prelude::*;

use super::{RunPath, detail::RunContext};
use crate::{
    components::{code_block::CopyButton, empty_state::EmptyState},
    model::{page_request::PageRequest, pipeline_runs::RunCode},
    pages::data::{PageResource, show},
};

/// The tab.
#[component]
pub fn CodeTab(context: RunContext) -> impl IntoView {
    let RunContext { project, run, step, .. } = context;
    let code = PageResource::new(move || PageRequest::RunCode { project: project.get(), run: run.get(), step: step.get() });
    show(code, move |code| view! { <CodeView code=code path=context.path() /> }.into_any())
}

#[component]
fn CodeView(code: RunCode, path: RunPath) -> impl IntoView {
    let RunCode { names, shown, code, failing_line } = code;
    let Some(code) = code else {
        let text = "The client did not record the source of this run's steps, or no step was started yet.";
        return view! { <EmptyState title="No code" text=text /> }.into_any();
    };
    let title = if shown.is_empty() { "Pipeline".to_owned() } else { shown.clone() };
    let links = names
        .into_iter()
        .map(|name| {
            let current = (name == shown).then_some("true");
            let (href, label) = if name.is_empty() { (path.tab("code"), "Pipeline".to_owned()) } else { (path.step("code", &name), name) };
            view! {
                <li>
                    <a class="side-list__link" href=href aria-current=current data-noscroll="true">
                        {label}
                    </a>
                </li>
            }
            .into_any()
        })
        .collect_view();
    let lines = code
        .lines()
        .zip(1_u64..)
        .map(|(line, number)| {
            let failed = failing_line == Some(number);
            view! {
                <span class="source__line" class:source__line--failed=failed>
                    <span class="source__number" aria-hidden="true">
                        {number}
                    </span>
                    <span class="source__text">{failed.then(|| view! { <span class="visually-hidden">"Failed here: "</span> }.into_any())} {line.to_owned()}</span>
                </span>
            }.into_any()
        })
        .collect_view();
    view! {
        <div class="side-layout">
            <nav class="side-list" aria-label="Sources">
                <ul role="list">{links}</ul>
            </nav>
            <div class="code-block">
                <pre class="code-block__text source" tabindex="0" role="region" aria-label=format!("Source of {title}")>
                    {lines}
                </pre>
                <CopyButton text=code label=title />
            </div>
        </div>
    }
    .into_any()
}
