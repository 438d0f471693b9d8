//! Name, description and tags of a snapshot, as a page; its own page has the same form in a dialog.

use leptos::prelude::*;
use leptos_meta::Title;

use super::form::{FormOf, SnapshotForm};
use crate::{
    components::page_header::{Crumb, PageHeader},
    model::{form::FormState, list::encode, page_request::PageRequest, pipeline_snapshots::SnapshotTexts},
    pages::data::{PageResource, parameter, project, show_form},
};

/// `/projects/:project/snapshots/:snapshot/edit`
#[component]
pub fn EditSnapshotPage() -> impl IntoView {
    let (project, id) = (project(), parameter("snapshot"));
    let texts = PageResource::new(move || PageRequest::SnapshotTexts { project: project.get(), snapshot: id.get() });
    let content = move |texts: SnapshotTexts, form: FormState| {
        let base = format!("/projects/{}", encode(&project.get_untracked()));
        let path = format!("{base}/snapshots/{}", encode(&id.get_untracked()));
        let title = if texts.name.is_empty() { "Unnamed snapshot".to_owned() } else { texts.name.clone() };
        let crumbs = vec![Crumb::new("Snapshots", format!("{base}/snapshots")), Crumb::new(title, path.clone())];
        let of = FormOf { project: project.get_untracked(), pipeline: texts.pipeline.clone(), snapshot: id.get_untracked() };
        view! {
            <PageHeader title="Name, description and tags" crumbs=crumbs />
            <div class="card narrow">
                <SnapshotForm action=format!("{path}/edit") of=of texts=texts form=form submit="Save" />
            </div>
        }
        .into_any()
    };
    view! {
        <Title text="Edit snapshot" />
        {show_form(texts, content)}
    }
    .into_any()
}
