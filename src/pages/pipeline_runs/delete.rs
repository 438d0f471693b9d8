//! Deleting a run: asks once, in a dialog of the run's page or on a page of its own.

use leptos::prelude::*;
use leptos_meta::Title;

use super::RunPath;
use crate::{
    components::page_header::{Crumb, PageHeader},
    model::{form::FormState, page_request::PageRequest, pipeline_runs::RunDetail, roles::Action},
    pages::{
        data::{PageResource, parameter, project, show_form},
        reader::allowed,
    },
};

/// `/projects/:project/runs/:run/delete`
#[component]
pub fn DeleteRunPage() -> impl IntoView {
    let (project, run) = (project(), parameter("run"));
    let detail = PageResource::new(move || PageRequest::Run { project: project.get(), run: run.get() });
    let content = move |detail: RunDetail, _: FormState| {
        let path = RunPath::new(&project.get_untracked(), &run.get_untracked());
        let crumbs = vec![Crumb::new("Runs", format!("{}/runs", path.base)), Crumb::new(detail.run.name.clone(), path.page())];
        view! {
            <PageHeader title="Delete this run?" crumbs=crumbs />
            <div class="card narrow">
                <Form path=path name=detail.run.name />
            </div>
        }
        .into_any()
    };
    view! {
        <Title text="Delete run" />
        {show_form(detail, content)}
    }
    .into_any()
}

/// The question; it is answered by `POST …/delete`.
#[component]
pub fn Form(path: RunPath, name: String) -> impl IntoView {
    view! {
        <form class="stack" method="post" action=path.below("delete")>
            <p class="soft">
                <strong>{name}</strong>
                " goes with its steps and its place in every list. Its artifacts and log files stay in the artifact store, and the snapshot stays. This cannot be undone."
            </p>
            <div class="dialog__actions">
                {allowed(
                    Action::Edit,
                    "button button--danger",
                    "",
                    "Delete run",
                    || {
                        view! {
                            <button class="button button--danger" type="submit">
                                "Delete run"
                            </button>
                        }.into_any()
                    },
                )}
            </div>
        </form>
    }
}
