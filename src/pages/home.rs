//! Home: what can be run, what runs, what ran; on an empty server the first steps.

use leptos::prelude::*;
use leptos_meta::Title;

use super::{
    data::{PageResource, show},
    pipeline_runs::table::RunTable,
};
use crate::{
    components::{
        clock::Ago,
        code_block::CodeBlock,
        live::{LiveIndicator, use_events},
        page_header::PageHeader,
        server_html::ServerHtml,
        status_badge::StatusBadge,
    },
    model::{home::Home, page_request::PageRequest, pipeline_snapshots::SnapshotRow, roles::Action},
    pages::reader::allowed,
};

/// Path of the project that Home is about.
const BASE: &str = "/projects/default";

/// `/`
#[component]
pub fn HomePage() -> impl IntoView {
    let home = PageResource::new(|| PageRequest::Home);
    use_events(|kind, _| kind == "run" || kind == "snapshot", move || home.refetch());
    view! {
        <Title text="" />
        <PageHeader title="Home">
            <LiveIndicator />
        </PageHeader>
        {show(home, |home| view! { <HomeView home=home /> }.into_any())}
    }
    .into_any()
}

#[component]
fn HomeView(home: Home) -> impl IntoView {
    let Home { proposals, snapshots, active, recent, url, client_version } = home;
    if snapshots.is_empty() && active.is_empty() && recent.is_empty() {
        return view! { <FirstSteps url=url client_version=client_version /> }.into_any();
    }
    view! {
        {(!proposals.is_empty()).then(|| view! { <ServerHtml html=proposals /> }.into_any())}
        <section class="section" aria-labelledby="snapshots">
            <div class="section__head">
                <h2 id="snapshots">"Run a snapshot"</h2>
                <a class="section__more" href=format!("{BASE}/snapshots")>
                    "All snapshots"
                </a>
            </div>
            {if snapshots.is_empty() {
                view! {
                    <p class="soft">
                        "There is no snapshot that can be run yet. Open a run and choose New Snapshot from its menu."
                    </p>
                }
                    .into_any()
            } else {
                view! {
                    <ul class="snapshot-cards" role="list">
                        {snapshots.into_iter().map(card).collect_view()}
                    </ul>
                }
                    .into_any()
            }}
        </section>
        {(!active.is_empty())
            .then(|| {
                view! {
                    <section class="section" aria-labelledby="active">
                        <h2 id="active">"Active now"</h2>
                        <RunTable runs=active base=BASE.to_owned() />
                    </section>
                }.into_any()
            })}
        {(!recent.is_empty())
            .then(|| {
                view! {
                    <section class="section" aria-labelledby="recent">
                        <div class="section__head">
                            <h2 id="recent">"Recent runs"</h2>
                            <a class="section__more" href=format!("{BASE}/runs")>
                                "All runs"
                            </a>
                        </div>
                        <RunTable runs=recent base=BASE.to_owned() />
                    </section>
                }.into_any()
            })}
    }
    .into_any()
}

fn card(snapshot: SnapshotRow) -> AnyView {
    let path = format!("{BASE}/snapshots/{}", snapshot.id);
    let run = format!("{path}/run");
    let label = format!("Run {}", snapshot.title());
    view! {
        <li class="snapshot-card">
            <div class="snapshot-card__text">
                <a class="snapshot-card__name" href=path>
                    {snapshot.title()}
                </a>
                <span class="snapshot-card__pipeline">{snapshot.pipeline.name}</span>
                {snapshot.description.map(|text| view! { <p class="snapshot-card__description">{text}</p> }.into_any())}
            </div>
            <div class="snapshot-card__foot">
                {match snapshot.latest_run {
                    Some(run) => {
                        view! {
                            <a class="latest-run" href=format!("{BASE}/runs/{}", run.id)>
                                <StatusBadge status=run.status />
                                <span class="faint">
                                    <Ago moment=run.created />
                                </span>
                            </a>
                        }
                            .into_any()
                    }
                    None => view! { <span class="faint">"Not run yet"</span> }.into_any(),
                }}
                {allowed(
                    Action::Launch,
                    "button button--primary button--small",
                    "",
                    "Run",
                    || {
                        view! {
                            <a class="button button--primary button--small" href=run aria-label=label>
                                "Run"
                            </a>
                        }.into_any()
                    },
                )}
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

/// What to do on an empty server.
#[component]
fn FirstSteps(url: String, client_version: String) -> impl IntoView {
    view! {
        <section class="card first-steps" aria-labelledby="first">
            <h2 id="first">"Run a first pipeline"</h2>
            <p class="soft">"Darkroom shows what the ZenML client does once it is signed in here."</p>
            <ol class="first-steps__list">
                <li>
                    <h3>"Install the client"</h3>
                    <CodeBlock code=format!("pip install zenml=={client_version}") label="Install command" />
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
}
