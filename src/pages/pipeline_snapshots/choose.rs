//! "Run a Pipeline": the choice of a snapshot.

use leptos::prelude::*;
use leptos_meta::Title;

use super::list::SnapshotListView;
use crate::{
    components::{
        error_panel::{Notice, Tone},
        page_header::{Crumb, PageHeader},
    },
    model::{
        list::encode,
        page_request::PageRequest,
        pipeline_snapshots::{SnapshotList, SnapshotPlace},
    },
    pages::data::{PageResource, project, query, show},
};

/// `/projects/:project/run`
#[component]
pub fn ChooseSnapshotPage() -> impl IntoView {
    let (project, query) = (project(), query());
    let request = move || PageRequest::Snapshots { project: project.get(), query: query.get(), place: SnapshotPlace::Choice };
    let snapshots = PageResource::new(request);
    let base = move || format!("/projects/{}", encode(&project.get_untracked()));
    let crumbs = vec![Crumb::new("Pipelines", format!("{}/pipelines", base()))];
    view! {
        <Title text="Run a Pipeline" />
        <PageHeader title="Run a Pipeline" crumbs=crumbs />
        <p class="soft">"Choose the snapshot to run. The next page shows its parameters; nothing runs before you say so there."</p>
        {show(
            snapshots,
            move |list: SnapshotList| {
                let warning = list
                    .nothing_runs
                    .then(|| {
                        view! {
                            <Notice tone=Tone::Warning title="None of these can be run by this server">
                                <p>"Open a snapshot to see what is missing and what to do about it."</p>
                            </Notice>
                        }
                            .into_any()
                    });
                let path = format!("{}/run", base());
                view! {
                    {warning}
                    <SnapshotListView list=list query=query.get_untracked() path=path place=SnapshotPlace::Choice />
                }
                    .into_any()
            },
        )}
    }
    .into_any()
}
