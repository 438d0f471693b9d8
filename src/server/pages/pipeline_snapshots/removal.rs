//! Taking snapshots off the list: what it means for each, the deed, and how to undo it.
//!
//! A snapshot without a name is no longer listed; nothing is deleted. What was removed travels in the URL, so that Undo
//! needs nothing kept on the server.

use axum::{
    Form,
    extract::{Path, State},
    http::request::Parts,
    response::Response,
};
use leptos::prelude::*;

use super::{find, names};
use crate::{
    components::{
        empty_state::EmptyState,
        error_panel::{Notice, Tone},
    },
    model::{error::PageError, form::FormState, html_page::HtmlPage, list::encode},
    server::{
        api::wire::pipeline_snapshots::{NameChange, PipelineSnapshotUpdate},
        auth::Account,
        db::pipeline_snapshots::PipelineSnapshotRow,
        error::{AppError, Result},
        pages::{context, forms, html::html},
        service,
        state::AppState,
    },
};

/// Most snapshots taken off the list at once: their names have to fit into a URL.
const MOST: usize = 50;

/// The page that asks before snapshots are taken off the list.
pub async fn page(project: &str, ids: &[String]) -> Result<HtmlPage, PageError> {
    let (state, _) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let mut snapshots = Vec::new();
        for id in ids.iter().take(MOST) {
            let snapshot = find(&mut connection, project, id).await?;
            let effect = names::losing_name(&mut connection, &snapshot).await?;
            snapshots.push((snapshot, effect));
        }
        Ok::<_, AppError>(question(project, snapshots, ids.len()))
    };
    Ok(read.await?)
}

fn question(project: &str, snapshots: Vec<(PipelineSnapshotRow, String)>, asked: usize) -> HtmlPage {
    let base = format!("/projects/{}", encode(project));
    let named: Vec<_> = snapshots.into_iter().filter_map(|(snapshot, effect)| Some((snapshot.id, snapshot.name?, effect))).collect();
    let title = match named.as_slice() {
        [(_, name, _)] => format!("Remove {name} from the list?"),
        _ => "Remove snapshots from the list?".to_owned(),
    };
    let content = || {
        if named.is_empty() {
            let (text, all) = ("None of these has a name, so none is on the list.", format!("{base}/snapshots"));
            return view! {
                <EmptyState title="Nothing to remove" text=text>
                    <a class="button" href=all>
                        "All snapshots"
                    </a>
                </EmptyState>
            }
            .into_any();
        }
        let rows = named.iter().map(|(id, name, effect)| {
            view! {
                <li>
                    <input type="hidden" name="id" value=id.to_string() />
                    <strong>{name.clone()}</strong>
                    <span class="table__sub">{effect.clone()}</span>
                </li>
            }
        });
        view! {
            <form class="card narrow removal" method="post" action=format!("{base}/snapshots/remove")>
                <ul class="removal__list">{rows.collect_view()}</ul>
                {(asked > MOST).then(|| view! { <p class="soft">{format!("The first {MOST} of the {asked} that were chosen.")}</p> })}
                <p class="soft">"Nothing is deleted: not the code, not the runs. You can undo it on the next page."</p>
                <div class="dialog__actions">
                    <a class="button" href=format!("{base}/snapshots")>
                        "Cancel"
                    </a>
                    <button class="button button--danger" type="submit">
                        "Remove from list"
                    </button>
                </div>
            </form>
        }
        .into_any()
    };
    HtmlPage { html: html(content), title, crumbs: vec![("Snapshots".to_owned(), format!("{base}/snapshots"))], facts: String::new() }
}

/// `POST …/snapshots/remove`: takes the names of the snapshots and goes to the list, which offers to undo it.
pub async fn remove(
    State(state): State<AppState>,
    account: Account,
    Path(project): Path<String>,
    parts: Parts,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let ids: Vec<&str> = fields.iter().filter(|(name, _)| name == "id").map(|(_, id)| id.as_str()).take(MOST).collect();
    match take_names(&state, &account, &project, &ids).await {
        Ok(removed) => {
            let lines: Vec<String> = removed.iter().map(|(id, name)| format!("{id} {name}")).collect();
            let removed = if lines.is_empty() { String::new() } else { format!("?removed={}", encode(&lines.join("\n"))) };
            forms::see_other(&format!("/projects/{}/snapshots{removed}", encode(&project)))
        }
        Err(error) => Ok(forms::refuse_error(&state, parts, FormState::default(), error).await),
    }
}

async fn take_names(state: &AppState, account: &Account, project: &str, ids: &[&str]) -> Result<Vec<(String, String)>> {
    let mut connection = state.db.begin().await?;
    let mut removed = Vec::new();
    for id in ids {
        let snapshot = find(&mut connection, project, id).await?;
        let update = PipelineSnapshotUpdate { name: NameChange::Remove, ..PipelineSnapshotUpdate::default() };
        service::pipeline_snapshots::update(&mut connection, account.user.id, snapshot.id, update).await?;
        removed.extend(snapshot.name.map(|name| (snapshot.id.hex(), name)));
    }
    connection.commit().await?;
    for id in ids.iter().filter_map(|id| id.parse().ok()) {
        state.events.send("snapshot", id);
    }
    Ok(removed)
}

/// What was just removed, with the button that undoes it; nothing where the URL names nothing.
pub fn removed(lines: &str, base: &str) -> Option<AnyView> {
    let removed: Vec<(&str, &str)> = lines.lines().filter_map(|line| line.split_once(' ')).take(MOST).collect();
    let title = match removed.as_slice() {
        [] => return None,
        [(_, name)] => format!("{name} is off the list. Its runs keep it."),
        many => format!("{} snapshots are off the list. Their runs keep them.", many.len()),
    };
    let field = |(id, name): (&str, &str)| view! { <input type="hidden" name=id.to_owned() value=name.to_owned() /> };
    let fields = removed.into_iter().map(field).collect_view();
    let action = format!("{base}/snapshots/restore");
    let notice = view! {
        <Notice tone=Tone::Good title=title>
            <form class="error-panel__actions" method="post" action=action>
                {fields}
                <button class="button button--small" type="submit">
                    "Undo"
                </button>
            </form>
        </Notice>
    };
    Some(notice.into_any())
}

/// `POST …/snapshots/restore`: gives snapshots the names back that were taken; the fields are named by their ids.
pub async fn restore(
    State(state): State<AppState>,
    account: Account,
    Path(project): Path<String>,
    mut parts: Parts,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let list = format!("/projects/{}/snapshots", encode(&project));
    match give_names(&state, &account, &project, &fields).await {
        Ok(()) => forms::see_other(&list),
        Err(error) => {
            // The list says why; there is no page of this URL.
            parts.uri = list.parse().map_err(anyhow::Error::from)?;
            Ok(forms::refuse_error(&state, parts, FormState::default(), error).await)
        }
    }
}

async fn give_names(state: &AppState, account: &Account, project: &str, names: &[(String, String)]) -> Result<()> {
    let mut connection = state.db.begin().await?;
    for (id, name) in names.iter().take(MOST) {
        let snapshot = find(&mut connection, project, id).await?;
        let update = PipelineSnapshotUpdate { name: NameChange::Set(name.clone()), ..PipelineSnapshotUpdate::default() };
        service::pipeline_snapshots::update(&mut connection, account.user.id, snapshot.id, update).await?;
    }
    connection.commit().await?;
    for id in names.iter().filter_map(|(id, _)| id.parse().ok()) {
        state.events.send("snapshot", id);
    }
    Ok(())
}
