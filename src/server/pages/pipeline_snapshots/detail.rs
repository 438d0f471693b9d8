//! One snapshot: its head, and what each tab of its page shows.

use leptos::prelude::*;

use super::{
    access, commit, description, edit,
    examples::{examples, target},
    fields, find, graph_view, history, only, parameters, rows, usage,
};
use crate::{
    components::clock::Ago,
    model::{
        error::PageError,
        list::encode,
        pipeline_snapshots::{FORM_TAB, SNAPSHOT_TABS, SnapshotDetail, SnapshotRow},
    },
    run_configuration::snapshot::Snapshot,
    server::{
        db::{Connection, pipeline_snapshots::PipelineSnapshotRow, users::UserRow},
        error::Result,
        launch::readiness,
        pages::{context, html::html, proposals},
        service,
        state::AppState,
    },
};

/// A snapshot's page with what one tab shows; `search` finds parameters.
pub async fn get(project: &str, id: &str, tab: &str, search: &str) -> Result<SnapshotDetail, PageError> {
    let (state, account) = context::account().await?;
    Ok(detail(&state, &account.user, project, id, tab, search).await?)
}

async fn detail(state: &AppState, account: &UserRow, project: &str, id: &str, tab: &str, search: &str) -> Result<SnapshotDetail> {
    let tab = SNAPSHOT_TABS.iter().find(|(key, _)| *key == tab).unwrap_or(&SNAPSHOT_TABS[0]).0;
    let base = format!("/projects/{}", encode(project));
    let mut connection = state.db.read().await?;
    let row = find(&mut connection, project, id).await?;
    let core = service::pipeline_snapshots::for_run_configuration(&mut connection, &row).await?;
    // Told by a check made now, not by what was stored when something last changed.
    let readiness = readiness::check_for(&mut connection, state, account.id, &row, &core).await?;
    let snapshot = only(rows(&mut connection, std::slice::from_ref(&row)).await?)?;
    let (runnable, denied) = (readiness.runnable_by_some(), readiness.denied());
    let mut shown = SnapshotDetail {
        id: snapshot.id.clone(),
        title: snapshot.title(),
        pipeline: snapshot.pipeline.clone(),
        texts: edit::texts_of(&mut connection, &row).await?,
        runnable,
        denied,
        has_code: row.code_archive_hash.is_some() || row.code_path.is_some(),
        facts: html(|| facts(&snapshot, &row, &base)),
        html: String::new(),
        readiness: (tab == "overview").then_some(readiness),
        examples: Vec::new(),
    };
    match tab {
        "parameters" => shown.html = html(|| parameters::section(fields(&core), &format!("{base}/snapshots/{}", row.id), search)),
        "usage" => shown.html = usage::section(&mut connection, &row, &base).await?,
        "access" => shown.html = access::section(&mut connection, &row, &format!("{base}/snapshots/{}", row.id)).await?,
        "history" => shown.html = history::section(&mut connection, &row, &base).await?,
        // Made elsewhere, below the same head.
        FORM_TAB => {}
        "api" => shown.examples = examples(&target(state, project, &row, &snapshot.pipeline.name), &core),
        _ => {
            shown.html = proposals::of_snapshot(&mut connection, project, account, &row).await?;
            let about = overview(&mut connection, &row, &core).await?;
            shown.html.push_str(&about);
        }
    }
    Ok(shown)
}

async fn overview(connection: &mut Connection, row: &PipelineSnapshotRow, core: &Snapshot) -> Result<String> {
    let text = row.description.as_deref().filter(|text| !text.is_empty()).map(description::html);
    let graph = graph_view::draw(core).await?;
    let code = commit(connection, row).await?;
    let content = move || {
        let written = match text {
            Some(text) => view! { <div class="markdown" inner_html=text></div> }.into_any(),
            None => {
                view! { <p class="soft">"Nobody described it yet: what it is for, and what to look at before running it."</p> }.into_any()
            }
        };
        view! {
            <section class="section" aria-labelledby="about">
                <h2 id="about">"Description"</h2>
                {written}
            </section>
            <section class="section" aria-labelledby="steps">
                <div class="section__head">
                    <h2 id="steps">"What it runs"</h2>
                    {code.map(|commit| view! { <span class="soft">"Commit " <code>{commit}</code></span> })}
                </div>
                {graph.unwrap_or_else(|| view! { <p class="soft">"A dynamic pipeline: it decides on its steps while it runs."</p> }.into_any())}
            </section>
        }
        .into_any()
    };
    Ok(html(content))
}

fn facts(snapshot: &SnapshotRow, row: &PipelineSnapshotRow, base: &str) -> AnyView {
    let steps = match row.step_count {
        0 => "Dynamic pipeline".to_owned(),
        1 => "1 step".to_owned(),
        count => format!("{count} steps"),
    };
    let stack = snapshot.stack.clone().map(|stack| {
        view! {
            <span>
                "Stack " <a href=format!("/stacks/{}", stack.id)>{stack.name}</a>
            </span>
        }
    });
    view! {
        <span>
            "Pipeline " <a href=format!("{base}/pipelines/{}", snapshot.pipeline.id)>{snapshot.pipeline.name.clone()}</a>
        </span>
        {stack}
        <span>{steps}</span>
        {row.client_version.clone().map(|version| view! { <span>{format!("ZenML {version}")}</span> })}
        <span>"Created " <Ago moment=snapshot.created.clone() /> {snapshot.user.clone().map(|user| format!(" by {user}"))}</span>
        <code class="faint">{snapshot.id.clone()}</code>
        {row.protected.then(|| view! { <span class="tag">"Protected"</span> })}
        {snapshot.tags.iter().map(|tag| view! { <span class="tag">{tag.clone()}</span> }).collect_view()}
    }
    .into_any()
}
