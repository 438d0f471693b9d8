//! The source of a run's steps, with the line that failed.

use leptos::prelude::*;

use crate::{
    components::{code_block::CopyButton, empty_state::EmptyState},
    pages::pipeline_runs::RunPath,
};

/// The source of a step or of the pipeline.
pub struct RunCode {
    /// Names whose source is known: the pipeline's first, as the empty text.
    pub names: Vec<String>,
    /// The one shown.
    pub shown: String,
    pub code: Option<String>,
    /// Line of the code that raised the error, from 1.
    pub failing_line: Option<u64>,
}

/// The source, and links to the others. The numbers of lines are drawn by the style sheet, so that they are not copied.
pub fn code(code: RunCode, path: &RunPath) -> AnyView {
    let RunCode { names, shown, code, failing_line } = code;
    let Some(code) = code else {
        let text = "The client did not record the source of this run's steps, or no step was started yet.";
        return view! { <EmptyState title="No code" text=text /> }.into_any();
    };
    let title = if shown.is_empty() { "Pipeline".to_owned() } else { shown.clone() };
    let link = |name: String| {
        let current = (name == shown).then_some("true");
        let (href, label) = if name.is_empty() { (path.tab("code"), "Pipeline".to_owned()) } else { (path.step("code", &name), name) };
        view! {
            <li>
                <a class="side-list__link" href=href aria-current=current data-noscroll="true">
                    {label}
                </a>
            </li>
        }
    };
    let line = |(line, number): (&str, u64)| {
        let failed = failing_line == Some(number);
        let class = if failed { "source__line source__line--failed" } else { "source__line" };
        view! { <span class=class id=failed.then_some("failed-line")>{format!("{line}\n")}</span> }
    };
    let links = names.into_iter().map(link).collect_view();
    let lines = code.lines().zip(1_u64..).map(line).collect_view();
    let failed = failing_line.map(|line| {
        view! {
            <p class="source__failure">
                <a href="#failed-line" rel="external">
                    {format!("Line {line} failed")}
                </a>
            </p>
        }
    });
    view! {
        <div class="side-layout">
            <nav class="side-list" aria-label="Sources">
                <ul role="list">{links}</ul>
            </nav>
            <div class="code-block">
                {failed} <pre class="code-block__text source" tabindex="0" role="region" aria-label=format!("Source of {title}")>
                    {lines}
                </pre> <CopyButton label=title />
            </div>
        </div>
    }
    .into_any()
}
