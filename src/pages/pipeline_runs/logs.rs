//! The logs of a run, followed while they grow.

use leptos::{html, prelude::*};

use super::{RunPath, detail::RunContext};
use crate::{
    components::{
        empty_state::EmptyState,
        error_panel::{Notice, Tone},
        icon::Icon,
        inline_text::InlineText,
        live::use_events,
        status_badge::{icon, tone, word},
    },
    model::{
        list::grouped,
        page_request::PageRequest,
        pipeline_runs::{LOG_PIECE, LogLine, LogPage, LogPlace, LogStream, LogStreams},
    },
    pages::data::{PageResource, ask_once, show},
};

/// How often a log that may grow is read again.
const FOLLOW: std::time::Duration = std::time::Duration::from_secs(2);

/// The tab.
#[component]
pub fn LogsTab(context: RunContext) -> impl IntoView {
    let RunContext { project, run, log, from, .. } = context;
    let request = move || PageRequest::RunLog { project: project.get(), run: run.get(), log: log.get(), from: from.get() };
    let page: PageResource<LogPage> = PageResource::new(request);
    let streams = PageResource::new(move || PageRequest::RunLogStreams { project: project.get(), run: run.get() });
    // The log shown where the URL names none: of several the server chooses the one that tells most.
    let shown = RwSignal::new(String::new());
    use_events(
        move |kind, id| (kind == "logs" || kind == "run") && id == run.get_untracked(),
        move || {
            streams.refetch();
            // The lines of a log that is shown are added by its viewer; reading them again would move them.
            if page.peek().is_none_or(|page| page.shown.is_none()) {
                page.refetch();
            }
        },
    );
    view! {
        <div class="side-layout">
            {show(
                streams,
                move |streams: LogStreams| {
                    let telling = streams.telling;
                    let current = Memo::new(move |_| {
                        let keys = [log.get(), shown.get(), telling.clone()];
                        keys.into_iter().find(|key| !key.is_empty()).unwrap_or_default()
                    });
                    view! { <StreamList streams=streams.streams path=context.path() current=current /> }.into_any()
                },
            )}
            {show(
                page,
                move |page: LogPage| {
                    let key = page.shown.as_ref().map(|shown| shown.key.clone()).unwrap_or_default();
                    Effect::new(move |_| shown.set(key.clone()));
                    view! { <LogView page=page context=context /> }.into_any()
                },
            )}
        </div>
    }
}

#[component]
fn StreamList(streams: Vec<LogStream>, path: RunPath, current: Memo<String>) -> impl IntoView {
    (!streams.is_empty()).then(|| {
        view! {
            <nav class="side-list" aria-label="Logs">
                <ul role="list">{streams.into_iter().map(|stream| stream_link(stream, &path, current)).collect_view()}</ul>
            </nav>
        }
        .into_any()
    })
}

#[component]
fn LogView(page: LogPage, context: RunContext) -> impl IntoView {
    match page.shown.clone() {
        Some(shown) => view! { <LogLines page=page shown=shown context=context /> }.into_any(),
        None => {
            let text = "Nothing was written so far. What the run and its steps write appears here at once.";
            view! { <EmptyState title="No logs" text=text /> }.into_any()
        }
    }
}

fn stream_link(stream: LogStream, path: &RunPath, current: Memo<String>) -> AnyView {
    let (href, key) = (path.log(&stream.key), stream.key);
    let current = move || (current.get() == key).then_some("true");
    view! {
        <li>
            <a class="side-list__link" href=href aria-current=current data-noscroll="true">
                {match stream.status {
                    Some(status) => {
                        view! {
                            <span class=format!("status status--{}", tone(status)) title=word(status)>
                                <Icon name=icon(status) />
                                <span class="visually-hidden">{word(status)}</span>
                            </span>
                        }
                            .into_any()
                    }
                    None => {
                        view! {
                            <span class="status">
                                <Icon name="terminal" />
                            </span>
                        }
                            .into_any()
                    }
                }}
                <span class="side-list__text">{stream.label}</span>
            </a>
        </li>
    }
    .into_any()
}

/// The lines of one log, with what is before them and what is added.
#[component]
fn LogLines(page: LogPage, shown: LogStream, context: RunContext) -> impl IntoView {
    let path = context.path();
    let box_ref = NodeRef::<html::Div>::new();
    let end = page.next.line;
    let follows = page.is_live && end == page.total;
    let tail = Tail {
        context,
        key: shown.key.clone(),
        next: RwSignal::new(page.next),
        added: RwSignal::new(Vec::new()),
        live: RwSignal::new(follows),
        box_ref,
    };
    tail.clone().follow();
    let (added, live, next) = (tail.added, tail.live, tail.next);
    let link = |label: &'static str, from: usize| {
        view! {
            <a class="button button--small" href=format!("{}&from={from}", path.log(&shown.key)) data-noscroll="true">
                {label}
            </a>
        }
    };
    let earlier = (page.from > 0).then(|| link("Earlier lines", page.from.saturating_sub(LOG_PIECE)));
    let later = (end < page.total).then(|| link("Later lines", end));
    let from = page.from;
    let is_empty = page.lines.is_empty();
    view! {
        <div class="log">
            <div class="log__head">
                <strong class="mono">{shown.label}</strong>
                <span class="faint">
                    {move || {
                        let last = next.get().line;
                        if last == 0 { "No lines".to_owned() } else { format!("Lines {}–{}", grouped(from as u64 + 1), grouped(last as u64)) }
                    }}
                </span>
                {move || {
                    live.get()
                        .then(|| {
                            view! {
                                <span class="live live--on">
                                    <Icon name="dot" />
                                    "Following"
                                </span>
                            }.into_any()
                        })
                }}
                <span class="log__links">{earlier} {later}</span>
            </div>
            {page
                .note
                .map(|note| {
                    view! {
                        <Notice tone=Tone::Note title="This log cannot be shown here">
                            <p>
                                <InlineText text=note />
                            </p>
                        </Notice>
                    }.into_any()
                })}
            <div class="log__box" node_ref=box_ref tabindex="0" role="log" aria-label="Log" aria-live="off">
                {page.lines.into_iter().map(line).collect_view()}
                <For each=move || added.get().into_iter().enumerate() key=|(index, _)| *index children=|(_, added)| line(added) />
                {move || (is_empty && added.get().is_empty()).then(|| view! { <p class="log__empty">"Nothing was written yet."</p> }.into_any())}
            </div>
        </div>
    }
}

fn line(line: LogLine) -> AnyView {
    let class = match line.level {
        level if level >= 40 => "log__line log__line--error",
        30..40 => "log__line log__line--warning",
        _ => "log__line",
    };
    view! {
        <div class=class>
            <span class="log__time">{line.time}</span>
            <span class="log__text" inner_html=line.html></span>
        </div>
    }
    .into_any()
}

/// The end of a log that may grow.
#[derive(Clone)]
struct Tail {
    context: RunContext,
    key: String,
    /// Where reading goes on.
    next: RwSignal<LogPlace>,
    added: RwSignal<Vec<LogLine>>,
    live: RwSignal<bool>,
    box_ref: NodeRef<html::Div>,
}

impl Tail {
    /// Shows the end at first, and reads on while the log may grow.
    fn follow(self) {
        Effect::new(move |_| {
            if let Some(element) = self.box_ref.get() {
                element.set_scroll_top(element.scroll_height());
            }
            if !self.live.get_untracked() {
                return;
            }
            let tail = self.clone();
            if let Ok(handle) = set_interval_with_handle(move || tail.clone().read_on(), FOLLOW) {
                on_cleanup(move || handle.clear());
            }
        });
    }

    fn read_on(self) {
        if !self.live.try_get_untracked().unwrap_or(false) || document().hidden() {
            return;
        }
        leptos::task::spawn_local(async move {
            let (project, run) = (self.context.project.get_untracked(), self.context.run.get_untracked());
            let Some(after) = self.next.try_get_untracked() else { return };
            let request = PageRequest::RunLogAdded { project, run, log: self.key.clone(), after };
            let Ok(page) = ask_once::<LogPage>(request).await else { return };
            // A slower answer to an earlier question must not be added twice.
            if self.next.try_get_untracked() == Some(after) {
                self.take(page);
            }
        });
    }

    fn take(&self, page: LogPage) {
        let element = self.box_ref.get_untracked();
        let at_end = element.as_ref().is_some_and(|element| element.scroll_top() + element.client_height() >= element.scroll_height() - 24);
        self.next.set(page.next);
        if !page.lines.is_empty() {
            self.added.update(|added| added.extend(page.lines));
        }
        self.live.set(page.is_live || page.next.line < page.total);
        if let Some(element) = element.filter(|_| at_end) {
            request_animation_frame(move || element.set_scroll_top(element.scroll_height()));
        }
    }
}
