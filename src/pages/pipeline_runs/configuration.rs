//! How a run was configured.

use leptos::prelude::*;

use super::detail::RunContext;
use crate::{
    components::code_block::CodeBlock,
    model::{page_request::PageRequest, pipeline_runs::RunConfiguration},
    pages::{
        data::{PageResource, show},
        pipeline_snapshots::detail::ParameterTable,
    },
};

/// The tab.
#[component]
pub fn ConfigurationTab(context: RunContext) -> impl IntoView {
    let RunContext { project, run, .. } = context;
    let configuration = PageResource::new(move || PageRequest::RunConfiguration { project: project.get(), run: run.get() });
    show(configuration, |configuration: RunConfiguration| {
        view! {
            <div class="stack stack--wide">
                <ParameterTable parameters=configuration.parameters />
                <section class="section" aria-labelledby="yaml">
                    <h2 id="yaml">"As a run configuration"</h2>
                    <CodeBlock code=configuration.yaml label="Run configuration in YAML" />
                </section>
            </div>
        }
        .into_any()
    })
}
