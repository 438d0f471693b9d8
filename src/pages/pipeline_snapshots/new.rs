//! New Snapshot: names what a run did, so that anybody may run it again. The form stands in a dialog of the run's page,
//! on a page below it, and here, where the run is chosen first.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{
    detail::ReadinessList,
    form::{FormOf, SnapshotForm},
};
use crate::{
    components::page_header::{Crumb, PageHeader},
    model::{
        form::FormState,
        list::encode,
        page_request::PageRequest,
        pipeline_snapshots::{NewSnapshot, SnapshotTexts},
    },
    pages::{
        data::{PageResource, parameter, project, show_form},
        html_page::html_page,
        pipeline_runs::RunPath,
    },
};

/// `/projects/:project/snapshots/new`: of the run that the URL names as `run_id` or `run`; without one, the choice of a run.
#[component]
pub fn NewSnapshotPage() -> impl IntoView {
    let (project, query) = (project(), use_query_map());
    let value = move |name: &str| query.with(|query| query.get(name)).unwrap_or_default().trim().to_owned();
    let run = Memo::new(move |_| {
        let typed = value("run_id");
        if typed.is_empty() { value("run") } else { typed }
    });
    let is_chosen = Memo::new(move |_| !run.get().is_empty());
    move || {
        if is_chosen.get() { of_run(project, run) } else { html_page(move || PageRequest::SnapshotSource { project: project.get() }) }
    }
}

/// `/projects/:project/runs/:run/create-snapshot`
#[component]
pub fn NewSnapshotOfRunPage() -> impl IntoView {
    of_run(project(), parameter("run"))
}

fn of_run(project: Memo<String>, run: Memo<String>) -> AnyView {
    let offered = PageResource::new(move || PageRequest::NewSnapshot { project: project.get(), run: run.get() });
    let content = move |offered: NewSnapshot, form: FormState| {
        let path = RunPath::new(&project.get_untracked(), &offered.run.id);
        let run = format!("#{} {}", offered.run_index, offered.run.name);
        let crumbs = vec![Crumb::new("Snapshots", format!("{}/snapshots", path.base)), Crumb::new(run, path.page())];
        let (another, readiness) = (format!("{}/snapshots/new", path.base), offered.readiness.clone());
        view! {
            <PageHeader title="New Snapshot" crumbs=crumbs>
                <a class="button" href=another>
                    "Choose another run"
                </a>
            </PageHeader>
            <div class="columns">
                <div class="card">
                    <NewSnapshotForm project=project.get_untracked() offered=offered form=form />
                </div>
                <aside>
                    <ReadinessList readiness=readiness />
                </aside>
            </div>
        }
        .into_any()
    };
    view! {
        <Title text="New Snapshot" />
        {show_form(offered, content)}
    }
    .into_any()
}

/// The form; it is answered by `POST …/runs/{run}/create-snapshot`.
#[component]
pub fn NewSnapshotForm(project: String, offered: NewSnapshot, form: FormState) -> impl IntoView {
    let action = format!("/projects/{}/runs/{}/create-snapshot", encode(&project), offered.run.id);
    let runnable = offered.readiness.runnable();
    let of = FormOf { project, pipeline: offered.pipeline.id, snapshot: String::new() };
    let texts = SnapshotTexts { name: offered.name, ..SnapshotTexts::default() };
    view! {
        <p class="soft">
            "A snapshot is a copy of " <strong>{offered.pipeline.name}</strong>
            " as it ran here: code, configuration, stack. Who may run it can run it again with other parameters."
            {(!runnable).then_some(" This server cannot run it as it is: people will see it, but not start it from here.")}
        </p>
        <SnapshotForm action=action of=of texts=texts form=form exposable=offered.exposable submit="Create" />
    }
    .into_any()
}
