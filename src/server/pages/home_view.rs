//! Home as HTML.

use leptos::prelude::*;

use super::{
    home::Home,
    pipeline_snapshots::list_view::{parameters_in_words, plain},
    run_table::{latest_run_link, run_table},
};
use crate::{
    components::{code_block::CodeBlock, empty_state::EmptyState},
    model::{pipeline_runs::RunRow, pipeline_snapshots::SnapshotRow, roles::Action},
    pages::reader::allowed,
    server::api::wire::server::ZENML_VERSION,
};

/// Path of the project that Home is about.
const BASE: &str = "/projects/default";

/// What can be run, what runs and what ran; on an empty server the first steps.
pub fn content(home: Home) -> AnyView {
    let Home { proposals, snapshots, active, recent, url } = home;
    if snapshots.is_empty() && active.is_empty() && recent.is_empty() {
        return first_steps(&url);
    }
    let cards = if snapshots.is_empty() {
        let text = "There is no snapshot that this server can run. Open a run and choose New Snapshot from its menu.";
        view! {
            <EmptyState title="Nothing to run yet" text=text>
                <a class="button" href=format!("{BASE}/runs")>
                    "Runs"
                </a>
            </EmptyState>
        }
        .into_any()
    } else {
        view! {
            <ul class="snapshot-cards" role="list">
                {snapshots.into_iter().map(card).collect_view()}
            </ul>
        }
        .into_any()
    };
    let proposals = (!proposals.is_empty()).then(|| view! { <div inner_html=proposals></div> });
    view! {
        {proposals} {section("snapshots", "Run a snapshot", Some(("snapshots", "All snapshots")), cards)}
        {runs("active", "Active now", None, active)}
        {runs("recent", "Recent runs", Some(("runs", "All runs")), recent)}
    }
    .into_any()
}

/// A part of the page; `more` is the page of the project with all of it, and how its link reads.
fn section(id: &'static str, title: &'static str, more: Option<(&'static str, &'static str)>, content: AnyView) -> AnyView {
    let more = more.map(|(page, label)| {
        view! {
            <a class="section__more" href=format!("{BASE}/{page}")>
                {label}
            </a>
        }
    });
    view! {
        <section class="section" aria-labelledby=id>
            <div class="section__head">
                <h2 id=id>{title}</h2>
                {more}
            </div>
            {content}
        </section>
    }
    .into_any()
}

fn runs(id: &'static str, title: &'static str, more: Option<(&'static str, &'static str)>, runs: Vec<RunRow>) -> Option<AnyView> {
    (!runs.is_empty()).then(|| section(id, title, more, run_table(runs, BASE, None, &[])))
}

fn card(snapshot: SnapshotRow) -> AnyView {
    let path = format!("{BASE}/snapshots/{}", snapshot.id);
    let run = format!("{path}/run");
    let (title, parameters) = (snapshot.title(), parameters_in_words(&snapshot));
    let label = format!("Run {title}");
    let link = || {
        view! {
            <a class="button button--primary button--small" href=run aria-label=label>
                "Run"
            </a>
        }
        .into_any()
    };
    view! {
        <li class="snapshot-card">
            <div class="snapshot-card__head">
                <h3 class="snapshot-name">
                    <a href=path>{title}</a>
                </h3>
            </div>
            <p class="snapshot-card__text">{snapshot.description.map(|text| plain(&text))}</p>
            <p class="snapshot-card__facts">
                <span>{snapshot.pipeline.name}</span>
                <span>{parameters}</span>
            </p>
            <div class="snapshot-card__foot">
                {match snapshot.latest_run {
                    Some(run) => latest_run_link(Some(run), BASE),
                    None => view! { <span class="faint">"Not run yet"</span> }.into_any(),
                }}
                {allowed(Action::Launch, "button button--primary button--small", "", "Run", link)}
            </div>
        </li>
    }
    .into_any()
}

const FIRST_PIPELINE: &str = "from zenml import pipeline, step

@step
def load(rows: int = 100) -> int:
    return rows

@step
def train(rows: int, learning_rate: float = 0.1) -> float:
    return rows * learning_rate

@pipeline
def first_pipeline():
    train(load())

if __name__ == \"__main__\":
    first_pipeline()
";

/// What to do on an empty server whose clients reach it under this URL.
fn first_steps(url: &str) -> AnyView {
    view! {
        <section class="card first-steps" aria-labelledby="first">
            <h2 id="first">"Run a first pipeline"</h2>
            <p class="soft">"Darkroom shows what the ZenML client does once it is signed in here."</p>
            <ol class="first-steps__list">
                <li>
                    <h3>"Install the client"</h3>
                    <CodeBlock code=format!("pip install zenml=={ZENML_VERSION}") label="Install command" />
                </li>
                <li>
                    <h3>"Sign in"</h3>
                    <CodeBlock code=format!("zenml login {url}") label="Sign-in command" />
                </li>
                <li>
                    <h3>"Save as first.py, then: zenml init && python first.py"</h3>
                    <CodeBlock code=FIRST_PIPELINE label="A first pipeline" />
                </li>
            </ol>
        </section>
    }
    .into_any()
}
