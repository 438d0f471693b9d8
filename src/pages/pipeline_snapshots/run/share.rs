//! The draft as code and as a link, in step with it.

use leptos::prelude::*;

use super::{draft::DraftState, several::Several};
use crate::{components::code_block::CodeBlock, model::pipeline_snapshots::CodeExample};

/// What starts this very run from elsewhere. In the browser it is made anew with every change while it is open.
#[component]
pub fn Share(code: Vec<CodeExample>, state: DraftState, several: Several) -> impl IntoView {
    let open = RwSignal::new(false);
    let of_draft = move || if open.get() && state.is_live() { state.code().unwrap_or_default() } else { code.clone() };
    let of_runs = move || Some(several.view.with(|view| view.code.clone())).filter(|code| !code.is_empty());
    let examples = move || of_runs().unwrap_or_else(&of_draft);
    let blocks = move || {
        let examples = examples();
        if examples.is_empty() {
            return view! { <p class="soft">"The text cannot be read; there is no code for it yet."</p> }.into_any();
        }
        examples.into_iter().map(block).collect_view().into_any()
    };
    view! {
        <details class="card card--folded" id="share" on:toggle=move |_| open.update(|open| *open = !*open)>
            <summary class="card__summary">"This run as code"</summary>
            <div class="stack">{blocks}</div>
        </details>
    }
}

fn block(example: CodeExample) -> AnyView {
    view! {
        <div class="section">
            <h3>{example.label.clone()}</h3>
            <CodeBlock code=example.code label=example.label />
        </div>
    }
    .into_any()
}
