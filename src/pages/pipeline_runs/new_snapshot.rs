//! New Snapshot: names what a run did, so that anybody may run it again. The form stands in a dialog of the run's page
//! and on a page of its own.

use leptos::prelude::*;
use leptos_meta::Title;

use super::RunPath;
use crate::{
    components::{
        field::{TextArea, TextField},
        page_header::{Crumb, PageHeader},
    },
    model::{form::FormState, page_request::PageRequest, pipeline_runs::NewSnapshot},
    pages::data::{PageResource, parameter, project, show_form},
};

/// `/projects/:project/runs/:run/create-snapshot`
#[component]
pub fn NewSnapshotPage() -> impl IntoView {
    let (project, run) = (project(), parameter("run"));
    let offered = PageResource::new(move || PageRequest::NewSnapshot { project: project.get(), run: run.get() });
    let content = move |offered: NewSnapshot, form: FormState| {
        let path = RunPath::new(&project.get_untracked(), &run.get_untracked());
        let crumbs = vec![Crumb::new("Runs", format!("{}/runs", path.base)), Crumb::new(offered.run_name.clone(), path.page())];
        view! {
            <PageHeader title="New Snapshot" crumbs=crumbs />
            <div class="card narrow">
                <Form path=path offered=offered form=form />
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

/// The form; it is answered by `POST …/create-snapshot`.
#[component]
pub fn Form(path: RunPath, offered: NewSnapshot, form: FormState) -> impl IntoView {
    let name_taken = form.error("replace").is_some();
    view! {
        <form class="stack" method="post" action=path.below("create-snapshot")>
            <p class="soft">
                "A snapshot is a copy of " <strong>{offered.pipeline}</strong>
                " as it ran here: code, configuration, stack. Anybody with an account may run it again with other parameters."
            </p>
            <TextField
                name="name"
                label="Name"
                value=form.typed("name").unwrap_or(offered.name)
                required=true
                autocomplete="off"
                error=form.error("name")
            />
            {name_taken
                .then(|| {
                    view! {
                        <label class="choice">
                            <input type="checkbox" name="replace" value="true" checked=!form.value("replace").is_empty() />
                            <span>"Replace it: the other snapshot loses this name. Its runs keep it."</span>
                        </label>
                    }.into_any()
                })}
            <TextArea
                name="description"
                label="Description"
                value=form.value("description")
                help="What it is for, and what to look at before running it."
            />
            <TextField
                name="tags"
                label="Tags"
                value=form.value("tags")
                autocomplete="off"
                help="Separated by commas."
            />
            <div class="dialog__actions">
                <button class="button button--primary" type="submit">
                    "Create"
                </button>
            </div>
        </form>
    }
}
