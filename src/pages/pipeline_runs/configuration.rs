//! How a run was configured.

use leptos::prelude::*;

use super::detail::RunContext;
use crate::{
    components::code_block::CodeBlock,
    model::{error::PageError, pipeline_runs::RunConfiguration},
    pages::{data::show, pipeline_snapshots::detail::ParameterTable},
};

/// The configuration of a run.
#[server]
pub async fn get_run_configuration(project: String, run: String) -> Result<RunConfiguration, PageError> {
    crate::server::pages::pipeline_run::configuration(&project, &run).await
}

/// The tab.
#[component]
pub fn ConfigurationTab(context: RunContext) -> impl IntoView {
    let RunContext { project, run, .. } = context;
    let configuration = Resource::new(move || (project.get(), run.get()), |(project, run)| get_run_configuration(project, run));
    show(configuration, |configuration| {
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
