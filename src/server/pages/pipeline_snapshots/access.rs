//! The tab Access of a snapshot: who may run it, and the form that changes that.

use axum::{
    Form,
    extract::{Path, State},
    http::request::Parts,
    response::Response,
};
use leptos::prelude::*;

use super::find;
use crate::{
    model::{form::FormState, list::encode, pipeline_snapshots::MayRun, roles::Action},
    pages::reader::may,
    server::{
        auth::Account,
        db::{
            Connection,
            pipeline_snapshots::PipelineSnapshotRow,
            users::{self, UserRow},
        },
        error::{AppError, Result},
        pages::{forms, html::html},
        service::{self, snapshot_access::Access},
        state::AppState,
    },
};

/// Most accounts that the form offers; the REST surface takes any.
const MAX_OFFERED: usize = 500;

/// What the tab shows; `path` is that of the snapshot's page.
pub async fn section(connection: &mut Connection, snapshot: &PipelineSnapshotRow, path: &str) -> Result<String> {
    let access = service::snapshot_access::of(connection, snapshot).await?;
    let offered = if may(Action::Edit) { users::launchers(connection, true, MAX_OFFERED).await? } else { Vec::new() };
    Ok(html(|| {
        let inherited = access.inherited.then(|| view! { <p class="soft">"The rule is that of the snapshot it was made from."</p> });
        let form = may(Action::Edit).then(|| form(&access, &offered, format!("{path}/access")));
        view! {
            <section class="section" aria-labelledby="access">
                <h2 id="access">"Who may run it"</h2>
                <p>{access.in_words()}</p>
                {inherited}
                {form}
            </section>
        }
        .into_any()
    }))
}

fn form(access: &Access, offered: &[UserRow], action: String) -> AnyView {
    let rule = |rule: MayRun| {
        view! {
            <label class="choice">
                <input type="radio" name="may_run" value=rule.as_str() checked=access.may_run == rule />
                <span>{rule.label()}</span>
            </label>
        }
    };
    let account = |user: &UserRow| {
        let named = access.named.iter().any(|named| named.id == user.id);
        view! {
            <label class="choice">
                <input type="checkbox" name="user" value=user.id.to_string() checked=named />
                <span>{user.name.clone()} " " <span class="faint">{user.role.as_str()}</span></span>
            </label>
        }
    };
    view! {
        <form class="stack" method="post" action=action>
            <fieldset class="field">
                <legend class="field__label">"It may be run by"</legend>
                {MayRun::ALL.map(rule).into_iter().collect_view()}
            </fieldset>
            <fieldset class="field">
                <legend class="field__label">"Those who are named"</legend>
                {offered.iter().map(account).collect_view()}
            </fieldset>
            <p>
                <button class="button button--primary" type="submit">
                    "Save"
                </button>
            </p>
        </form>
    }
    .into_any()
}

/// `POST …/snapshots/{snapshot}/access`: sets who may run it and shows it.
pub async fn save(
    State(state): State<AppState>,
    _: Account,
    Path((project, id)): Path<(String, String)>,
    mut parts: Parts,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let path = format!("/projects/{}/snapshots/{}?tab=access", encode(&project), encode(&id));
    match store(&state, &project, &id, &fields).await {
        Ok(()) => forms::see_other(&path),
        Err(error) => {
            parts.uri = path.parse().map_err(anyhow::Error::from)?;
            Ok(forms::refuse_error(&state, parts, FormState::default(), error).await)
        }
    }
}

async fn store(state: &AppState, project: &str, id: &str, fields: &[(String, String)]) -> Result<()> {
    let all = |wanted: &'static str| fields.iter().filter(move |(name, _)| name == wanted).map(|(_, value)| value.clone());
    let may_run: MayRun = all("may_run").next().unwrap_or_default().parse().map_err(AppError::Invalid)?;
    let mut connection = state.db.begin().await?;
    let snapshot = find(&mut connection, project, id).await?;
    service::snapshot_access::set(&mut connection, &snapshot, may_run, &all("user").collect::<Vec<_>>()).await?;
    connection.commit().await?;
    state.events.send("snapshot", snapshot.id);
    Ok(())
}
