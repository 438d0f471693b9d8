//! The browser application: the page title, the routes, and what stands around them.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

use crate::{
    components::{clock::Clock, code_block::copy_on_click},
    pages::{
        self,
        module::{of_launch, of_main},
    },
};

/// The whole application, rendered on the server first and taken over by the browser.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    Clock::provide();
    copy_on_click();
    let (routing, set_routing) = signal(false);
    view! {
        <Title formatter=|page: String| if page.is_empty() { "Darkroom".to_owned() } else { format!("{page} · Darkroom") } />
        <Router set_is_routing=set_routing>
            <div class="progress" class:progress--on=routing aria-hidden="true"></div>
            <Routes fallback=pages::not_found::NotFound>
                <Route path=path!("/activate-server") view=of_main!(pages::activation::ActivateServer) ssr=SsrMode::Async />
                <Route path=path!("/activate-user") view=of_main!(pages::activation::ActivateUser) ssr=SsrMode::Async />
                <Route path=path!("/devices/verify") view=of_main!(pages::devices::VerifyDevice) ssr=SsrMode::Async />
                <Route path=path!("/login") view=of_main!(pages::login::Login) ssr=SsrMode::Async />
                <Route path=path!("/signup") view=of_main!(pages::activation::ActivateUser) ssr=SsrMode::Async />
                <ParentRoute path=path!("") view=pages::layout::Layout ssr=SsrMode::Async>
                    <Route path=path!("") view=of_main!(pages::home::HomePage) ssr=SsrMode::Async />
                    <Route path=path!("/components/:component") view=of_main!(pages::stacks::ComponentPage) ssr=SsrMode::Async />
                    <Route path=path!("/projects/:project/pipelines") view=of_main!(pages::pipelines::list::PipelineListPage) ssr=SsrMode::Async />
                    <Route
                        path=path!("/projects/:project/pipelines/:pipeline")
                        view=of_main!(pages::pipelines::detail::PipelineRunsPage)
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/projects/:project/pipelines/:pipeline/snapshots")
                        view=of_main!(pages::pipelines::detail::PipelineSnapshotsPage)
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/projects/:project/run")
                        view=of_main!(pages::pipeline_snapshots::choose::ChooseSnapshotPage)
                        ssr=SsrMode::Async
                    />
                    <Route path=path!("/projects/:project/runs") view=of_main!(pages::pipeline_runs::list::RunListPage) ssr=SsrMode::Async />
                    <Route
                        path=path!("/projects/:project/runs/compare")
                        view=of_main!(pages::pipeline_runs::compare::CompareRunsPage)
                        ssr=SsrMode::Async
                    />
                    <Route path=path!("/projects/:project/runs/:run") view=of_main!(pages::pipeline_runs::detail::RunPage) ssr=SsrMode::Async />
                    <Route
                        path=path!("/projects/:project/runs/:run/create-snapshot")
                        view=of_main!(pages::pipeline_snapshots::new::NewSnapshotOfRunPage)
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/projects/:project/runs/:run/delete")
                        view=of_main!(pages::pipeline_runs::delete::DeleteRunPage)
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/projects/:project/snapshots")
                        view=of_main!(pages::pipeline_snapshots::list::SnapshotListPage)
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/projects/:project/snapshots/compare")
                        view=of_main!(pages::pipeline_snapshots::compare::CompareSnapshotsPage)
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/projects/:project/snapshots/new")
                        view=of_main!(pages::pipeline_snapshots::new::NewSnapshotPage)
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/projects/:project/snapshots/remove")
                        view=of_main!(pages::pipeline_snapshots::removal::RemoveSnapshotsPage)
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/projects/:project/snapshots/:snapshot")
                        view=of_main!(pages::pipeline_snapshots::detail::SnapshotPage)
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/projects/:project/snapshots/:snapshot/edit")
                        view=of_main!(pages::pipeline_snapshots::edit::EditSnapshotPage)
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/projects/:project/snapshots/:snapshot/form")
                        view=of_main!(pages::pipeline_snapshots::form_view::FormViewPage)
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/projects/:project/snapshots/:snapshot/run")
                        view=of_launch!(pages::pipeline_snapshots::run::RunDetailsPage)
                        ssr=SsrMode::Async
                    />
                    <Route path=path!("/settings/users") view=of_main!(pages::users::UsersPage) ssr=SsrMode::Async />
                    <Route path=path!("/stacks") view=of_main!(pages::stacks::StackListPage) ssr=SsrMode::Async />
                    <Route path=path!("/stacks/:stack") view=of_main!(pages::stacks::StackPage) ssr=SsrMode::Async />
                </ParentRoute>
            </Routes>
        </Router>
    }
}
