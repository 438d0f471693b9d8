//! The page of one run: head, errors, tabs.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{
    RunPath,
    answer::Answer,
    delete,
    graph::GraphTab,
    logs::LogsTab,
    tabs::{CodeTab, ConfigurationTab, StepsTab},
};
use crate::{
    components::{
        clock::{Ago, DurationText},
        dialog::{Dialog, DialogRef, open_on_click},
        error_panel::{Notice, Tone},
        icon::Icon,
        inline_text::InlineText,
        live::{LiveIndicator, use_events},
        page_header::{Crumb, PageHeader},
        server_html::ServerHtml,
        status_badge::StatusBadge,
    },
    model::{
        form::FormState,
        list::encode,
        page_request::PageRequest,
        pipeline_runs::{ChangeRow, Failure, RunDetail},
        pipeline_snapshots::NewSnapshot,
        roles::Action,
        status::ExecutionStatus,
    },
    pages::{
        data::{PageResource, parameter, project, show, show_form},
        pipeline_snapshots::new::NewSnapshotForm,
        reader::{allowed, may},
    },
};

/// What every tab knows.
#[derive(Clone, Copy)]
pub struct RunContext {
    pub project: Memo<String>,
    pub run: Memo<String>,
    pub detail: PageResource<RunDetail>,
    /// The step that the URL names; empty if none.
    pub step: Memo<String>,
    /// The log that the URL names.
    pub log: Memo<String>,
    /// Line of the log from which on the URL wants to see it.
    pub from: Memo<Option<usize>>,
}

impl RunContext {
    /// Where the run's page is.
    pub fn path(&self) -> RunPath {
        RunPath::new(&self.project.get_untracked(), &self.run.get_untracked())
    }

    /// What the URL shows, on this tab, without a fragment.
    fn here(&self, tab: &str) -> String {
        let from = self.from.get_untracked().map(|line| line.to_string()).unwrap_or_default();
        let values = [("tab", tab.to_owned()), ("step", self.step.get_untracked()), ("log", self.log.get_untracked()), ("from", from)];
        let given = values.iter().filter(|(_, value)| !value.is_empty());
        let query: Vec<String> = given.map(|(name, value)| format!("{name}={}", encode(value))).collect();
        format!("{}?{}", self.path().page(), query.join("&"))
    }
}

/// Tabs by the value of `tab` in the URL, and their names.
const TABS: [(&str, &str); 5] =
    [("graph", "Graph"), ("steps", "Steps"), ("logs", "Logs"), ("configuration", "Configuration"), ("code", "Code")];

/// `/projects/:project/runs/:run`
#[component]
pub fn RunPage() -> impl IntoView {
    let (project, run) = (project(), parameter("run"));
    let query = use_query_map();
    let value = move |name: &'static str| Memo::new(move |_| query.with(|query| query.get(name)).unwrap_or_default());
    let tab = value("tab");
    let tab = Memo::new(move |_| {
        let wanted = tab.get();
        TABS.iter().find(|(key, _)| *key == wanted).map_or(TABS[0].0, |(key, _)| key)
    });
    let from = value("from");
    let detail = PageResource::new(move || PageRequest::Run { project: project.get(), run: run.get() });
    let context =
        RunContext { project, run, detail, step: value("step"), log: value("log"), from: Memo::new(move |_| from.get().parse().ok()) };
    use_events(move |kind, id| kind == "run" && id == run.get_untracked(), move || detail.refetch());
    let dialogs = Dialogs { snapshot: DialogRef::new(), delete: DialogRef::new() };
    let content = move || match tab.get() {
        "steps" => view! { <StepsTab context=context /> }.into_any(),
        "logs" => view! { <LogsTab context=context /> }.into_any(),
        "configuration" => view! { <ConfigurationTab context=context /> }.into_any(),
        "code" => view! { <CodeTab context=context /> }.into_any(),
        _ => view! { <GraphTab context=context /> }.into_any(),
    };
    view! {
        {show_form(detail, move |detail, form| head(detail, form, context.path(), context.here(tab.get_untracked()), dialogs))}
        <nav class="tabs" aria-label="Run">
            {TABS
                .into_iter()
                .map(|(key, label)| {
                    let href = move || RunPath::new(&project.get(), &run.get()).tab(key);
                    view! {
                        <a class="tabs__tab" href=href aria-current=move || (tab.get() == key).then_some("page") data-noscroll="true">
                            {label}
                        </a>
                    }.into_any()
                })
                .collect_view()}
        </nav>
        {content}
        {dialogs.view(context)}
    }
    .into_any()
}

/// Heading, facts, actions and what went wrong; `here` is what the URL shows.
fn head(detail: RunDetail, form: FormState, path: RunPath, here: String, dialogs: Dialogs) -> AnyView {
    let title = format!("#{} {}", detail.run.index, detail.run.name);
    let mut crumbs = vec![Crumb::new("Runs", format!("{}/runs", path.base))];
    if let Some(pipeline) = &detail.run.pipeline {
        crumbs.push(Crumb::new(pipeline.name.clone(), format!("{}/pipelines/{}", path.base, pipeline.id)));
    }
    let (live, can_stop, stop) = (detail.is_live(), detail.can_stop, path.below("stop"));
    let started = detail.started.clone();
    let (facts, again, menu) = (facts(&detail, &path), detail.again.clone(), menu(&path, dialogs));
    let asked = detail.question.clone().map(|question| view! { <Answer question=question path=path.clone() form=form /> }.into_any());
    let (failures, changed) = (detail.failures.clone(), detail.changed.clone().unwrap_or_default());
    view! {
        <Title text=title.clone() />
        // Not while somebody types an answer, which would be lost.
        {(live && detail.question.is_none())
            .then(|| {
                // With its address: a page that was opened with a fragment, as forms leave it, would only scroll.
                let refresh = format!("<meta http-equiv=\"refresh\" content=\"10; url={here}\">");
                view! { <noscript inner_html=refresh></noscript> }.into_any()
            })}
        <PageHeader title=title crumbs=crumbs facts=Some(facts)>
            {live.then(|| view! { <LiveIndicator /> }.into_any())}
            {can_stop
                .then(|| {
                    allowed(
                        Action::Steer,
                        "button",
                        "stopped",
                        "Stop",
                        || {
                            view! {
                                <form method="post" action=stop>
                                    <button class="button" type="submit">
                                        <Icon name="stopped" />
                                        "Stop"
                                    </button>
                                </form>
                            }.into_any()
                        },
                    )
                })}
            <ServerHtml html=again class="page-header__menu" /> {menu}
        </PageHeader>
        {started.map(|html| view! { <ServerHtml html=html /> }.into_any())}
        {asked}
        <Reason detail=detail />
        {(!failures.is_empty()).then(|| view! { <Failures failures=failures path=path /> }.into_any())}
        {(!changed.is_empty()).then(|| view! { <Changes changed=changed /> }.into_any())}
    }
    .into_any()
}

fn facts(detail: &RunDetail, path: &RunPath) -> AnyView {
    let run = detail.run.clone();
    let (done, all) = detail.progress;
    let snapshot = match &run.snapshot {
        Some(snapshot) => Some((snapshot.id.clone(), snapshot.name.clone())),
        None => detail.own_snapshot_name.clone().map(|name| (detail.own_snapshot.clone(), name)),
    };
    let base = path.base.clone();
    let by = match (run.user, detail.proposer.clone()) {
        (Some(user), Some(proposer)) => Some(format!(", proposed by {proposer}, launched by {user}")),
        (user, _) => user.map(|user| format!(" by {user}")),
    };
    view! {
        <StatusBadge status=run.status chip=true />
        <span>"Started " <Ago moment=run.started.unwrap_or(run.created) /> {by}</span>
        <span>
            <DurationText duration=run.duration />
        </span>
        {(all > 0).then(|| view! { <span>{format!("{done} of {all} steps done")}</span> }.into_any())}
        {snapshot
            .map(|(id, name)| {
                view! {
                    <span>
                        "Snapshot " <a href=format!("{base}/snapshots/{id}")>{name}</a>
                    </span>
                }.into_any()
            })}
        {detail
            .stack
            .clone()
            .map(|stack| {
                view! {
                    <span>
                        "Stack " <a href=format!("/stacks/{}", stack.id)>{stack.name}</a>
                    </span>
                }.into_any()
            })}
        {detail
            .parent
            .clone()
            .map(|parent| {
                view! {
                    <span>
                        "Started by run " <a href=format!("{}/runs/{}", path.base, parent.id)>{parent.name}</a>
                    </span>
                }.into_any()
            })}
        {detail
            .starter
            .clone()
            .map(|starter| view! { <span>{format!("Started by {} {}", starter.kind, starter.name)}</span> }.into_any())}
        {detail.tags.clone().into_iter().map(|tag| view! { <span class="tag">{tag}</span> }.into_any()).collect_view()}
    }
    .into_any()
}

/// The `…` menu; its items are links to pages, which scripts open as dialogs.
fn menu(path: &RunPath, dialogs: Dialogs) -> AnyView {
    let snapshot = || {
        view! {
            <a class="menu__item" href=path.below("create-snapshot") on:click=open_on_click(dialogs.snapshot)>
                <Icon name="snapshots" />
                "New Snapshot"
            </a>
        }
        .into_any()
    };
    let compare = format!("{}/runs/compare?b={}", path.base, path.run);
    let delete = || {
        view! {
            <a class="menu__item menu__item--danger" href=path.below("delete") on:click=open_on_click(dialogs.delete)>
                <Icon name="trash" />
                "Delete"
            </a>
        }
        .into_any()
    };
    view! {
        <details class="menu">
            <summary class="button button--icon" aria-label="More actions">
                <Icon name="more" />
            </summary>
            <div class="menu__panel">
                {allowed(Action::Edit, "menu__item", "snapshots", "New Snapshot", snapshot)}
                <a class="menu__item" href=compare>
                    <Icon name="compare" />
                    "Compare with the run before"
                </a>
                {allowed(Action::Edit, "menu__item", "trash", "Delete", delete)}
            </div>
        </details>
    }
    .into_any()
}

/// The dialogs of the menu. They stand beside the head, which is drawn anew with every change of the run.
#[derive(Clone, Copy)]
struct Dialogs {
    snapshot: DialogRef,
    delete: DialogRef,
}

impl Dialogs {
    fn view(self, context: RunContext) -> AnyView {
        if !may(Action::Edit) {
            return ().into_any();
        }
        let request = move || PageRequest::NewSnapshot { project: context.project.get(), run: context.run.get() };
        let offered = PageResource::new(request);
        let contents = move |offered: NewSnapshot| {
            let (project, delete_path, name) = (context.project.get_untracked(), context.path(), offered.run.name.clone());
            view! {
                <Dialog node=self.delete id="delete-run" title="Delete this run?">
                    <delete::Form path=delete_path name=name />
                </Dialog>
                <Dialog node=self.snapshot id="new-snapshot" title="New Snapshot">
                    <NewSnapshotForm project=project offered=offered form=FormState::default() />
                </Dialog>
            }
            .into_any()
        };
        show(offered, contents)
    }
}

/// Why the run is in its status, where somebody said so and no error tells more.
#[component]
fn Reason(detail: RunDetail) -> impl IntoView {
    // A question says itself what the run waits for.
    let reason = detail.status_reason.filter(|_| detail.failures.is_empty() && detail.question.is_none())?;
    let (tone, title) = match detail.run.status {
        ExecutionStatus::Failed => (Tone::Error, "The run failed"),
        status if status.is_finished() => (Tone::Note, "Why it ended"),
        _ => (Tone::Note, "What it waits for"),
    };
    Some(view! {
        <Notice tone=tone title=title>
            <p class="failure__message">
                <InlineText text=reason />
            </p>
        </Notice>
    })
}

/// The errors, the first one in full.
#[component]
fn Failures(failures: Vec<Failure>, path: RunPath) -> impl IntoView {
    failures
        .into_iter()
        .map(|failure| {
            let title = match &failure.step {
                Some(step) => format!("Step {step} failed"),
                None => "The run failed".to_owned(),
            };
            let links = failure.step.map(|step| {
                view! {
                    <p class="error-panel__actions">
                        <a class="button button--small" href=path.log(&format!("step/{step}")) data-noscroll="true">
                            "Log"
                        </a>
                        <a class="button button--small" href=path.step("code", &step) data-noscroll="true">
                            "Code"
                        </a>
                    </p>
                }
                .into_any()
            });
            view! {
                <Notice tone=Tone::Error title=title>
                    <div class="failure">
                        <p class="failure__message mono">{failure.message}</p>
                        {failure
                            .traceback
                            .map(|traceback| {
                                view! {
                                    <details class="failure__traceback">
                                        <summary>"Traceback"</summary>
                                        <pre tabindex="0">{traceback}</pre>
                                    </details>
                                }.into_any()
                            })}
                        {links}
                    </div>
                </Notice>
            }
            .into_any()
        })
        .collect_view()
}

/// What the launch changed against the snapshot.
#[component]
fn Changes(changed: Vec<ChangeRow>) -> impl IntoView {
    let count = changed.len();
    view! {
        <details class="changes">
            <summary>
                {if count == 1 { "1 value changed against the snapshot".to_owned() } else { format!("{count} values changed against the snapshot") }}
            </summary>
            <dl class="changes__list">
                {changed
                    .into_iter()
                    .map(|row| {
                        view! {
                            <div>
                                <dt class="mono">{row.path}</dt>
                                <dd class="mono">{row.value}</dd>
                            </div>
                        }.into_any()
                    })
                    .collect_view()}
            </dl>
        </details>
    }
}
