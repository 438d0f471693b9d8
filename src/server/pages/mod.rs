//! The pages' half on the server: the HTML document around the application, who may see it, and the forms that it sends.
//!
//! A form that is accepted is answered 303 to the page that shows the result; a form that is refused is answered 422 with
//! the page it came from, what was typed and what is wrong (see [`render`]).

pub mod access;
pub mod activation;
pub mod appearance;
#[cfg(debug_assertions)]
mod component_gallery;
pub mod context;
pub mod devices;
pub mod docs;
pub mod durations;
pub mod events;
pub mod form_views;
pub mod forms;
pub mod home;
mod home_view;
pub mod html;
pub mod launches;
pub mod pipeline_run;
pub mod pipeline_runs;
pub mod pipeline_snapshots;
pub mod pipelines;
mod pipelines_view;
pub mod present;
pub mod proposals;
mod questions;
pub mod refusals;
pub mod routes;
pub mod run_actions;
mod run_compare;
mod run_compare_view;
pub mod run_graph;
mod run_graph_view;
mod run_list_view;
pub mod run_logs;
mod run_table;
mod run_tabs;
pub mod session;
pub mod shell;
pub mod stacks;
mod stacks_view;
pub mod users;

use std::sync::LazyLock;

use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    middleware::from_fn_with_state,
    response::Response,
    routing::{get, post},
};
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{AxumRouteListing, LeptosRoutes as _, ResponseOptions, generate_route_list};
use tower_http::compression::CompressionLayer;

use serde::Serialize;

use self::routes::PageRoutes;
use crate::{
    app::App,
    model::{error::PageError, form::FormState, page_request::PageRequest, payload, roles::Action},
    pages::data::PATH,
    server::{assets, state::AppState},
};

/// The routes of the application, found out once: while Leptos lists them, no resource of the whole process is loaded, and one
/// that is asked for in that time never answers. Servers that start beside each other, as in tests, would hold up each
/// other's pages.
static ROUTES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));

/// The forms and downloads of the pages, with what each needs.
pub fn routes(state: &AppState) -> PageRoutes {
    PageRoutes::new(state)
        .post(Action::Open, "/activate-server", activation::activate_server)
        .post(Action::Open, "/activate-user", activation::activate_user)
        .post(Action::Open, "/appearance", appearance::choose)
        .post(Action::KeepAccount, "/devices/verify", devices::verify)
        .post(Action::Open, "/login", session::sign_in)
        .post(Action::Open, "/logout", session::sign_out)
        .get(Action::Read, "/projects/{project}", pipelines::home)
        .get(Action::Read, "/projects/{project}/pipelines/{pipeline}/run", pipelines::run)
        .get(Action::Read, "/projects/{project}/presets/{preset}/yaml", launches::download_preset)
        .post(Action::Steer, "/projects/{project}/runs/{run}/answer", run_actions::answer)
        .post(Action::Edit, "/projects/{project}/runs/{run}/create-snapshot", pipeline_snapshots::new::create)
        .post(Action::Edit, "/projects/{project}/runs/{run}/delete", run_actions::delete)
        .post(Action::Steer, "/projects/{project}/runs/{run}/stop", run_actions::stop)
        .post(Action::Edit, "/projects/{project}/snapshots/remove", pipeline_snapshots::remove)
        .post(Action::Edit, "/projects/{project}/snapshots/restore", pipeline_snapshots::restore)
        .post(Action::Edit, "/projects/{project}/snapshots/{snapshot}/access", pipeline_snapshots::access::save)
        .get(Action::Read, "/projects/{project}/snapshots/{snapshot}/code", pipeline_snapshots::download_code)
        .post(Action::Edit, "/projects/{project}/snapshots/{snapshot}/edit", pipeline_snapshots::edit::edit)
        .post(Action::Edit, "/projects/{project}/snapshots/{snapshot}/form", form_views::submit)
        .get(Action::Read, "/projects/{project}/snapshots/{snapshot}/form/yaml", form_views::download)
        .post(Action::Edit, "/projects/{project}/snapshots/{snapshot}/preset", pipeline_snapshots::duplicate)
        // Everybody may fill the form in, at least to propose it; what its buttons do may take more.
        .post(Action::Read, "/projects/{project}/snapshots/{snapshot}/run", launches::submit)
        .get(Action::Read, "/projects/{project}/snapshots/{snapshot}/template", pipeline_snapshots::template)
        .post(Action::Administer, "/settings/users", users::change)
        .post(Action::Open, "/signup", activation::activate_user)
        .post(Action::Edit, "/stacks/{stack}/protect", stacks::protect)
}

/// The paths of the application's own pages. What a page needs is said for its [`PageRequest`].
pub fn paths() -> impl Iterator<Item = &'static str> {
    ROUTES.iter().map(AxumRouteListing::path)
}

/// Every page, every form and what they load.
pub fn router(state: &AppState) -> Router<AppState> {
    let pages =
        Router::new().leptos_routes(state, ROUTES.clone(), shell::shell).route(PATH, post(questions::ask)).merge(routes(state).router());
    #[cfg(debug_assertions)]
    let pages = pages.route("/dev/components", get(leptos_axum::render_app_async(component_gallery::document)));
    let pages = pages.fallback(not_found).layer(from_fn_with_state(state.clone(), access::require_session)).layer(CompressionLayer::new());
    // Outside the page stack: files need no session, and streams are not compressed.
    let files = Router::new()
        .route("/assets/{file}", get(assets::hashed))
        .route("/events", get(events::stream))
        .route("/favicon.svg", get(assets::public))
        .route("/robots.txt", get(assets::public));
    files.merge(pages)
}

/// Answers a page's question, if its reader may ask it. Everything but what the pages without a session need asks for the
/// account itself.
pub async fn answer(request: PageRequest) -> Result<String, PageError> {
    context::require(request.action()).await?;
    match request {
        PageRequest::Activation { user, token } => text(activation::account(&user, &token).await),
        PageRequest::Component { component } => text(stacks::component(&component).await),
        PageRequest::Device { device_id, user_code } => text(devices::find(&device_id, &user_code).await),
        PageRequest::FormView { project, snapshot, saved } => text(form_views::get(&project, &snapshot, saved).await),
        PageRequest::Home => text(home::get().await),
        PageRequest::LaunchForm { project, snapshot, values } => text(launches::get(&project, &snapshot, &values).await),
        PageRequest::NewSnapshot { project, run } => text(pipeline_snapshots::new::get(&project, &run).await),
        PageRequest::Pipeline { project, pipeline } => text(pipelines::get(&project, &pipeline).await),
        PageRequest::Pipelines { project, query } => text(pipelines::list(&project, &query).await),
        PageRequest::Run { project, run } => text(pipeline_run::get(&project, &run).await),
        PageRequest::RunCode { project, run, step } => text(pipeline_run::code(&project, &run, &step).await),
        PageRequest::RunComparison { project, a, b } => text(run_compare::compare(&project, &a, &b).await),
        PageRequest::RunConfiguration { project, run } => text(pipeline_run::configuration(&project, &run).await),
        PageRequest::RunGraph { project, run, step } => text(run_graph::get(&project, &run, &step).await),
        PageRequest::RunLogAdded { project, run, log, after } => text(run_logs::added(&project, &run, &log, after).await),
        PageRequest::RunLog { project, run, log, from } => text(run_logs::get(&project, &run, &log, from).await),
        PageRequest::RunLogStreams { project, run } => text(run_logs::streams(&project, &run).await),
        PageRequest::RunStep { project, run, step, tab } => text(pipeline_run::step_panel(&project, &run, &step, &tab).await),
        PageRequest::RunSteps { project, run } => text(pipeline_run::step_table(&project, &run).await),
        PageRequest::Runs { project, query, place } => text(pipeline_runs::list(&project, &query, place).await),
        PageRequest::Session => text(session::current().await),
        PageRequest::Setup { token } => text(activation::setup(&token).await),
        PageRequest::Snapshot { project, snapshot, tab, search } => text(pipeline_snapshots::get(&project, &snapshot, &tab, &search).await),
        PageRequest::SnapshotComparison { project, a, b } => text(pipeline_snapshots::compare::page(&project, &a, &b).await),
        PageRequest::SnapshotName { project, pipeline, name, except } => {
            text(pipeline_snapshots::check_name(&project, &pipeline, &name, &except).await)
        }
        PageRequest::SnapshotRemoval { project, snapshots } => text(pipeline_snapshots::removal(&project, &snapshots).await),
        PageRequest::SnapshotSource { project } => text(pipeline_snapshots::new::source(&project).await),
        PageRequest::SnapshotTexts { project, snapshot } => text(pipeline_snapshots::edit::texts(&project, &snapshot).await),
        PageRequest::Snapshots { project, query, place } => text(pipeline_snapshots::list(&project, &query, place).await),
        PageRequest::Stack { stack } => text(stacks::get(&stack).await),
        PageRequest::Stacks { query } => text(stacks::list(&query).await),
        PageRequest::Users => text(users::page().await),
        PageRequest::SubmittedForm => text(Ok(use_context::<FormState>().unwrap_or_default())),
    }
}

fn text<T: Serialize>(data: Result<T, PageError>) -> Result<String, PageError> {
    payload::write(&data?)
}

/// URLs that no route knows: the application shows its own page for them, with status 404.
async fn not_found(State(state): State<AppState>, request: Request) -> Response {
    render(&state, request, StatusCode::NOT_FOUND, || {}).await
}

/// Renders the page of a request's URL with a status and with something for the page to find in its context.
pub async fn render(
    state: &AppState,
    request: Request,
    status: StatusCode,
    provide: impl Fn() + Clone + Send + Sync + 'static,
) -> Response {
    let state = state.clone();
    let context = move || {
        provide_context(state.clone());
        if let Some(response) = use_context::<ResponseOptions>() {
            response.set_status(status);
        }
        provide();
    };
    leptos_axum::render_app_async_with_context(context, shell::shell)(request).await
}
