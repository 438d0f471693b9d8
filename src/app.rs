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
    pages,
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
                <Route path=path!("/activate-server") view=pages::activation::ActivateServer ssr=SsrMode::Async />
                <Route path=path!("/activate-user") view=pages::activation::ActivateUser ssr=SsrMode::Async />
                <Route path=path!("/devices/verify") view=pages::devices::VerifyDevice ssr=SsrMode::Async />
                <Route path=path!("/login") view=pages::login::Login ssr=SsrMode::Async />
                <Route path=path!("/signup") view=pages::activation::ActivateUser ssr=SsrMode::Async />
                <ParentRoute path=path!("") view=pages::layout::Layout ssr=SsrMode::Async>
                    <Route path=path!("") view=pages::home::HomePage ssr=SsrMode::Async />
                    <Route path=path!("/components/:component") view=pages::stacks::ComponentPage ssr=SsrMode::Async />
                    <Route path=path!("/projects/:project/pipelines") view=pages::pipelines::list::PipelineListPage ssr=SsrMode::Async />
                    <Route
                        path=path!("/projects/:project/pipelines/:pipeline")
                        view=pages::pipelines::detail::PipelineRunsPage
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/projects/:project/pipelines/:pipeline/snapshots")
                        view=pages::pipelines::detail::PipelineSnapshotsPage
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/projects/:project/run")
                        view=pages::pipeline_snapshots::choose::ChooseSnapshotPage
                        ssr=SsrMode::Async
                    />
                    <Route path=path!("/projects/:project/runs") view=pages::pipeline_runs::list::RunListPage ssr=SsrMode::Async />
                    <Route path=path!("/projects/:project/runs/:run") view=pages::pipeline_runs::detail::RunPage ssr=SsrMode::Async />
                    <Route
                        path=path!("/projects/:project/runs/:run/create-snapshot")
                        view=pages::pipeline_snapshots::new::NewSnapshotOfRunPage
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/projects/:project/runs/:run/delete")
                        view=pages::pipeline_runs::delete::DeleteRunPage
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/projects/:project/snapshots")
                        view=pages::pipeline_snapshots::list::SnapshotListPage
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/projects/:project/snapshots/compare")
                        view=pages::pipeline_snapshots::compare::CompareSnapshotsPage
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/projects/:project/snapshots/new")
                        view=pages::pipeline_snapshots::new::NewSnapshotPage
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/projects/:project/snapshots/remove")
                        view=pages::pipeline_snapshots::removal::RemoveSnapshotsPage
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/projects/:project/snapshots/:snapshot")
                        view=pages::pipeline_snapshots::detail::SnapshotPage
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/projects/:project/snapshots/:snapshot/edit")
                        view=pages::pipeline_snapshots::edit::EditSnapshotPage
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/projects/:project/snapshots/:snapshot/form")
                        view=pages::pipeline_snapshots::form_view::FormViewPage
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/projects/:project/snapshots/:snapshot/run")
                        view=pages::pipeline_snapshots::run::RunDetailsPage
                        ssr=SsrMode::Async
                    />
                    <Route path=path!("/settings/users") view=pages::users::UsersPage ssr=SsrMode::Async />
                    <Route path=path!("/stacks") view=pages::stacks::StackListPage ssr=SsrMode::Async />
                    <Route path=path!("/stacks/:stack") view=pages::stacks::StackPage ssr=SsrMode::Async />
                </ParentRoute>
            </Routes>
        </Router>
    }
}
