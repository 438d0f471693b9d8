//! The form view of a snapshot: the page on which its owner makes it, with the form as others see it beside.
//!
//! Each button sends all of the editor, so that nothing that was typed is lost, with scripts or without.

mod typed;
mod view;

use axum::{
    body::Body,
    extract::{Multipart, Path, Request, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use leptos::prelude::{provide_context, use_context};

use self::typed::{Refusal, Typed};
use super::{
    context, forms,
    html::html,
    launches::{Posted, file_name},
    pipeline_snapshots as snapshots, render,
};
use crate::{
    checker::{self, Refused},
    model::{
        error::PageError,
        html_page::HtmlPage,
        launches::Note,
        list::encode,
        pipeline_snapshots::{FORM_TAB, SnapshotDetail},
    },
    run_configuration::{
        document, emit,
        form::{Field, all_fields},
        form_view::{Form, FormView, check},
        problem::{Problem, has_errors},
        snapshot::Snapshot,
    },
    server::{
        auth::Account,
        db::pipeline_snapshots::PipelineSnapshotRow,
        error::{AppError, Result},
        service::{self, form_views},
        state::AppState,
    },
};

/// The editor as it was sent, with what there is to say about it.
#[derive(Clone, Debug, Default)]
struct Edited {
    typed: Typed,
    refusals: Vec<Refusal>,
    note: Option<Note>,
}

/// What the page is made of.
struct Page {
    base: String,
    row: PipelineSnapshotRow,
    all: Vec<Field>,
    /// Whether this account may change the view.
    may_edit: bool,
    /// Whether the snapshot has a view that was saved.
    is_saved: bool,
    edited: Edited,
    preview: view::Preview,
}

/// The page, with what was sent if it answers that.
pub async fn get(project: &str, id: &str, saved: bool) -> Result<HtmlPage, PageError> {
    let answered = use_context::<Edited>();
    let (state, account) = context::account().await?;
    let SnapshotDetail { title, pipeline, facts, .. } = snapshots::get(project, id, FORM_TAB, "").await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let row = snapshots::find(&mut connection, project, id).await?;
        let snapshot = service::pipeline_snapshots::for_run_configuration(&mut connection, &row).await?;
        let stored = form_views::find(&mut connection, row.id).await?.map(|(_, view)| view);
        let may_edit = form_views::may_edit(&account.user);
        let all = all_fields(&snapshot);
        let is_saved = stored.is_some();
        let edited = answered.unwrap_or_else(|| opened(&snapshot, &all, stored.unwrap_or_default(), saved && is_saved));
        let base = format!("/projects/{}", encode(project));
        let crumbs = vec![
            ("Snapshots".to_owned(), format!("{base}/snapshots")),
            (pipeline.name, format!("{base}/pipelines/{}/snapshots", pipeline.id)),
        ];
        let preview = preview(snapshot, edited.typed.read(&all).0);
        let page = Page { base, row, all, may_edit, is_saved, edited, preview };
        Ok::<_, AppError>(HtmlPage { html: html(|| view::page(page)), title, crumbs, facts })
    };
    Ok(read.await?)
}

fn opened(snapshot: &Snapshot, all: &[Field], view: FormView, saved: bool) -> Edited {
    let (refusals, _) = mistakes(snapshot, &view);
    let note = saved.then(|| Note {
        is_error: false,
        title: "Saved".to_owned(),
        text: "Whoever may not edit the snapshot now gets this form, here and by every other way to launch it.".to_owned(),
    });
    Edited { typed: Typed::of(&view, all), refusals, note }
}

/// The form as those see it who get nothing else.
fn preview(snapshot: Snapshot, view: FormView) -> view::Preview {
    let intro = if view.intro.is_empty() { String::new() } else { snapshots::description::html(&view.intro) };
    let snapshot = Snapshot { form: Some(Form { view, only: true, is_own: true }), ..snapshot };
    let mut fields = checker::fields(&snapshot);
    super::launches::explain(&mut fields);
    view::Preview { intro, fields, findings: checker::look(&snapshot, &[], "", &Refused::new()) }
}

/// What is wrong with a view, by the names of its controls; and whether that keeps it from being saved.
fn mistakes(snapshot: &Snapshot, view: &FormView) -> (Vec<Refusal>, bool) {
    let problems = check(snapshot, view);
    let is_wrong = has_errors(&problems);
    let told = |problem: Problem| {
        let message = [Some(problem.message), problem.fix].into_iter().flatten().collect::<Vec<_>>().join(" ");
        (problem.path.to_string(), message.replace('`', ""))
    };
    (problems.into_iter().map(told).collect(), is_wrong)
}

/// `POST …/snapshots/{snapshot}/form`: what a button of the editor does; saved, it is answered 303.
pub async fn submit(
    State(state): State<AppState>,
    account: Account,
    Path((project, id)): Path<(String, String)>,
    parts: Parts,
    multipart: Multipart,
) -> Result<Response> {
    let posted = Posted::read(multipart).await?;
    let mut connection = state.db.read().await?;
    let row = snapshots::find(&mut connection, &project, &id).await?;
    let snapshot = service::pipeline_snapshots::for_run_configuration(&mut connection, &row).await?;
    drop(connection);
    let all = all_fields(&snapshot);
    let mut edited = Edited { typed: Typed::posted(&posted), ..Edited::default() };
    let path = format!("/projects/{}/snapshots/{}/form", encode(&project), row.id);
    let status = match posted.action() {
        ("save", _) => match saved(&state, &account, (&row, &snapshot, &all), &mut edited).await? {
            None => return forms::see_other(&format!("{path}?saved=1")),
            Some(status) => status,
        },
        ("delete", _) => {
            let mut connection = state.db.begin().await?;
            form_views::delete(&mut connection, row.id).await?;
            connection.commit().await?;
            state.events.send("snapshot", row.id);
            return forms::see_other(&path);
        }
        ("load", _) => loaded(&posted, &all, &mut edited),
        (action, position) => {
            changed(&posted, &all, &mut edited.typed, (action, position.parse().ok()));
            StatusCode::OK
        }
    };
    let (view, refusals) = edited.typed.read(&all);
    edited.refusals = [refusals, mistakes(&snapshot, &view).0].concat();
    let request = Request::from_parts(parts, Body::empty());
    Ok(render(&state, request, status, move || provide_context(edited.clone())).await)
}

/// What the buttons beside the fields do.
fn changed(posted: &Posted, all: &[Field], typed: &mut Typed, action: (&str, Option<usize>)) {
    match action {
        ("add", _) => typed.add(posted.pairs.iter().filter(|(name, _)| name == "add").map(|(_, path)| path.as_str()), all),
        ("remove", Some(position)) if position < typed.fields.len() => drop(typed.fields.remove(position)),
        ("up", Some(position)) => drop(typed.shift(position, false)),
        ("down", Some(position)) => drop(typed.shift(position, true)),
        _ => {}
    }
}

/// Saves what was typed; else says why not, and gives the status of the answer.
async fn saved(
    state: &AppState,
    account: &Account,
    (row, snapshot, all): (&PipelineSnapshotRow, &Snapshot, &[Field]),
    edited: &mut Edited,
) -> Result<Option<StatusCode>> {
    let (view, refusals) = edited.typed.read(all);
    let text = match (refusals.len(), mistakes(snapshot, &view).1, view.fields.is_empty()) {
        (0, false, false) => match put(state, account, row, &view).await {
            Ok(()) => return Ok(None),
            Err(error) if error.status().is_server_error() => return Err(error),
            Err(error) => error.message(),
        },
        (0, false, true) => "The form has no fields yet. Add those that others may set.".to_owned(),
        _ => "Look at the fields that are marked. Everything you typed is still here.".to_owned(),
    };
    edited.note = Some(Note { is_error: true, title: "Not saved".to_owned(), text });
    Ok(Some(StatusCode::UNPROCESSABLE_ENTITY))
}

async fn put(state: &AppState, account: &Account, row: &PipelineSnapshotRow, view: &FormView) -> Result<()> {
    let mut connection = state.db.begin().await?;
    form_views::put(&mut connection, account.user.id, row, view).await?;
    connection.commit().await?;
    state.events.send("snapshot", row.id);
    Ok(())
}

/// Takes a file in place of what was typed; one that cannot be read changes nothing.
fn loaded(posted: &Posted, all: &[Field], edited: &mut Edited) -> StatusCode {
    let read = |text: &str| -> Result<FormView, String> {
        let value = document::read(text).map_err(|problems| crate::run_configuration::problem::error_text(&problems))?.value;
        serde_json::from_value(value).map_err(|error| format!("This is no form view: {error}."))
    };
    let view = match &posted.file {
        Some((_, Ok(text))) => read(text),
        Some((name, Err(reason))) => Err(format!("`{name}` {reason}.")),
        None => Err("Choose a file first.".to_owned()),
    };
    let (note, status) = match view {
        Ok(view) => {
            edited.typed = Typed::of(&view, all);
            let text = "The file took the place of what stood here. Nothing is saved yet.".to_owned();
            (Note { is_error: false, title: "Loaded".to_owned(), text }, StatusCode::OK)
        }
        Err(text) => (Note { is_error: true, title: "Not loaded".to_owned(), text }, StatusCode::UNPROCESSABLE_ENTITY),
    };
    edited.note = Some(note);
    status
}

/// `GET …/snapshots/{snapshot}/form/yaml`: the view as a file, to be kept in git and loaded again.
pub async fn download(State(state): State<AppState>, _: Account, Path((project, id)): Path<(String, String)>) -> Result<Response> {
    let mut connection = state.db.read().await?;
    let row = snapshots::find(&mut connection, &project, &id).await?;
    let (_, view) = form_views::find(&mut connection, row.id).await?.ok_or_else(|| form_views::missing(row.id))?;
    let name = file_name(row.name.as_deref().unwrap_or("snapshot"));
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}.form.yaml\"")).map_err(anyhow::Error::from)?;
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static("application/yaml")), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, emit::to_yaml(&serde_json::to_value(&view)?)).into_response())
}
