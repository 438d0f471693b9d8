//! New Snapshot: gives what a run did a name, so that anybody may run it again.

use axum::{
    Form,
    extract::{Path, State},
    http::request::Parts,
    response::Response,
};
use leptos::prelude::*;

use super::edit::SnapshotForm;
use crate::{
    components::{empty_state::EmptyState, status_badge::word},
    model::{
        error::PageError,
        html_page::HtmlPage,
        list::{Reference, encode},
        pipeline_runs::RunRow,
        pipeline_snapshots::{EXPOSE, Exposable, NewSnapshot},
    },
    run_configuration::{
        diff::render,
        form::{Field, all_fields},
        form_view::FormView,
        snapshot::Snapshot,
        value_path::ValuePath,
    },
    server::{
        auth::Account,
        db::{
            Connection, list::ListRequest, pipeline_runs as runs, pipeline_runs::PipelineRunRow, pipeline_snapshots::PipelineSnapshotRow,
            pipelines::PipelineRow,
        },
        error::{AppError, Result},
        launch::readiness,
        pages::{context, forms, html::html, pipeline_run, pipeline_runs},
        service::{self, projects},
        state::AppState,
        time::Timestamp,
    },
};

/// Characters of a value on one line.
const VALUE_LIMIT: usize = 60;
/// Runs offered where none is named.
const RUNS_OFFERED: u64 = 50;

/// What the form of a new snapshot of a run begins with.
pub async fn get(project: &str, run: &str) -> Result<NewSnapshot, PageError> {
    let (state, _) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let run = pipeline_run::find(&mut connection, project, run).await?;
        let own = service::pipeline_snapshots::get(&mut connection, run.snapshot_id).await?;
        let pipeline = connection.get::<PipelineRow>(own.pipeline_id).await?;
        let pipeline = pipeline.ok_or_else(|| AppError::missing("pipeline", own.pipeline_id))?;
        Ok::<_, AppError>(NewSnapshot {
            run: Reference { id: run.id.to_string(), name: run.name },
            run_index: run.run_index,
            name: format!("{}-{}", pipeline.name, Timestamp::now().format("%Y-%m-%d-%H%M")),
            pipeline: Reference { id: pipeline.id.to_string(), name: pipeline.name },
            readiness: readiness::check(&mut connection, &state, &own).await?,
            exposable: exposable(&service::pipeline_snapshots::for_run_configuration(&mut connection, &own).await?),
        })
    };
    Ok(read.await?)
}

/// What a form view mostly offers, in the order of the snapshot; the rest can be added to it later.
fn exposable(snapshot: &Snapshot) -> Vec<Exposable> {
    let one = |field: Field| Exposable {
        path: field.path.to_string(),
        group: field.group(),
        name: field.full_name(),
        value: field.current.as_ref().filter(|_| !field.secret).map(|value| render(value, VALUE_LIMIT)),
    };
    all_fields(snapshot).into_iter().filter(|field| field.section().heading().is_none()).map(one).collect()
}

/// The choice of the run that a new snapshot is made of.
pub async fn source(project: &str) -> Result<HtmlPage, PageError> {
    let (state, _) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let id = projects::find(&mut connection, project).await?.id;
        let request = ListRequest { page: 1, size: RUNS_OFFERED, sort_by: "desc:created".to_owned(), ..ListRequest::default() };
        let page = runs::list(&mut connection, id, &request).await?;
        let rows = pipeline_runs::rows(&mut connection, &page.items).await?;
        let base = format!("/projects/{}", encode(project));
        let crumbs = vec![("Snapshots".to_owned(), format!("{base}/snapshots"))];
        Ok::<_, AppError>(HtmlPage { html: html(|| choice(rows, &base)), title: "New Snapshot".to_owned(), crumbs, facts: String::new() })
    };
    Ok(read.await?)
}

fn choice(rows: Vec<RunRow>, base: &str) -> AnyView {
    let option = |run: RunRow| {
        let pipeline = run.pipeline.map(|pipeline| pipeline.name).unwrap_or_default();
        let label = format!("#{} {} · {} · {pipeline} · {}", run.index, run.name, word(run.status), run.created.absolute);
        view! { <option value=run.id>{label}</option> }
    };
    if rows.is_empty() {
        return view! {
            <EmptyState title="No runs yet" text="A snapshot is a copy of a pipeline as it ran once, so there must be a run first.">
                <a class="button button--primary" href="/">
                    "What to run"
                </a>
            </EmptyState>
        }
        .into_any();
    }
    view! {
        <form class="card narrow" method="get" action=format!("{base}/snapshots/new")>
            <p class="soft">
                "A snapshot is a copy of a pipeline as it ran once: code, configuration, stack. Who may run it can run it again with other parameters."
            </p>
            <div class="field">
                <label class="field__label" for="run">
                    "Run"
                </label>
                <select class="input" id="run" name="run">
                    {rows.into_iter().map(option).collect_view()}
                </select>
                <p class="field__help">{format!("The newest {RUNS_OFFERED} runs of the project.")}</p>
            </div>
            <div class="field">
                <label class="field__label" for="run_id">
                    "Or the id of any run"
                    <span class="field__required">"optional"</span>
                </label>
                <input class="input input--mono" id="run_id" name="run_id" autocomplete="off" />
            </div>
            <div class="dialog__actions">
                <button class="button button--primary" type="submit">
                    "Continue"
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// `POST …/runs/{run}/create-snapshot`: names the run's snapshot and goes to it.
pub async fn create(
    State(state): State<AppState>,
    account: Account,
    Path((project, run)): Path<(String, String)>,
    parts: Parts,
    Form(form): Form<SnapshotForm>,
) -> Result<Response> {
    if form.name.trim().is_empty() {
        return Ok(forms::refuse(&state, parts, form.typed().with_error("name", "Give the snapshot a name.")).await);
    }
    if form.exposed().is_some_and(|paths| paths.is_empty()) {
        let message = "Choose at least one value, or all parameters.";
        return Ok(forms::refuse(&state, parts, form.typed().with_error(EXPOSE, message)).await);
    }
    match store(&state, &account, &project, &run, &form).await {
        Ok(snapshot) => forms::see_other(&format!("/projects/{}/snapshots/{}", encode(&project), snapshot.id)),
        Err(error) => {
            let run = pipeline_run::find(&mut state.db.read().await?, &project, &run).await.ok();
            form.refuse(&state, parts, error, run.and_then(|run| run.pipeline_id), None).await
        }
    }
}

async fn store(state: &AppState, account: &Account, project: &str, run: &str, form: &SnapshotForm) -> Result<PipelineSnapshotRow> {
    let mut connection = state.db.begin().await?;
    let run = pipeline_run::find(&mut connection, project, run).await?;
    let unnamed = unnamed_snapshot(&mut connection, account, &run).await?;
    let named = form.store(&mut connection, account.user.id, &unnamed).await?;
    if let Some(paths) = form.exposed() {
        expose(&mut connection, account, &named, &paths).await?;
    }
    readiness::refresh(&mut connection, state, &named).await?;
    connection.commit().await?;
    state.events.send("snapshot", named.id);
    Ok(named)
}

/// Gives a snapshot its first form view.
async fn expose(connection: &mut Connection, account: &Account, snapshot: &PipelineSnapshotRow, paths: &[ValuePath]) -> Result<()> {
    let view = FormView::offering(&service::pipeline_snapshots::for_run_configuration(connection, snapshot).await?, paths);
    service::form_views::put(connection, account.user.id, snapshot, &view).await?;
    Ok(())
}

/// The run's own snapshot, or a copy of it where that has a name already.
async fn unnamed_snapshot(connection: &mut Connection, account: &Account, run: &PipelineRunRow) -> Result<PipelineSnapshotRow> {
    let own = service::pipeline_snapshots::get(connection, run.snapshot_id).await?;
    if own.name.is_none() { Ok(own) } else { service::derived_snapshots::copy(connection, account.user.id, &own).await }
}
