//! What is about to happen: changes against the snapshot, problems, whether it can be run, and the button that runs it.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

use super::{draft::DraftState, modes::Mode, several::Several};
use crate::{
    components::{
        change::{ChangeRow, count_in_words},
        icon::Icon,
        inline_text::InlineText,
    },
    model::{
        launches::{ShownChange, ShownProblem},
        readiness::Readiness,
        roles::Action,
    },
    pages::{
        pipeline_snapshots::detail::ReadinessList,
        reader::{allowed, role},
    },
};

/// The side of the form.
#[component]
pub fn ReviewPanel(
    state: DraftState,
    several: Several,
    readiness: Readiness,
    estimate: Option<String>,
    mode: RwSignal<Mode>,
    /// The server was away when the form was to be sent.
    away: RwSignal<bool>,
    /// Whether the form is all there is: no text, and so no lines of it.
    only: bool,
) -> impl IntoView {
    let runnable = readiness.runnable();
    let is_one = Memo::new(move |_| several.runs() == 1);
    view! {
        <aside class="stack" aria-label="Review">
            <section class="card" aria-labelledby="review">
                <h2 id="review">"Review"</h2>
                <div aria-live="polite">{move || findings(state, is_one, (mode, only))}</div>
                <div class="several__view" aria-live="polite" inner_html=move || several.view.with(|view| view.html.clone())></div>
                {estimate.filter(|_| runnable).map(|text| view! { <p class="launch__estimate">{text}</p> }.into_any())}
                {if runnable {
                    view! { <RunButton state=state several=several /> }.into_any()
                } else {
                    view! { <p class="launch__refusal">"It cannot be run here; below is what is missing."</p> }.into_any()
                }}
                {move || {
                    away.get()
                        .then(|| {
                            view! {
                                <p class="launch__refusal" role="alert">
                                    "The server cannot be reached. Nothing was started, and what you typed stays here: try again in a moment."
                                </p>
                            }
                        })
                }}
                // Without scripts nothing is checked before the form is sent.
                <button class="button button--wide launch__check" type="submit" name="action" value="check" hidden=move || state.is_live()>
                    "Check without running"
                </button>
            </section>
            {(!runnable).then(|| view! { <ReadinessList readiness=readiness /> }.into_any())}
        </aside>
    }
}

#[component]
fn RunButton(state: DraftState, several: Several) -> impl IntoView {
    let sent = RwSignal::new(false);
    // Only says so: a form with problems is not sent, one that was sent is not sent again.
    let blocked = move || state.is_live() && state.has_errors();
    let send = move |event: leptos::ev::MouseEvent| {
        if sent.get_untracked() || blocked() {
            event.prevent_default();
        } else {
            sent.set(true);
            // A page that comes back by the browser's Back can be sent again.
            set_timeout(move || _ = sent.try_set(false), std::time::Duration::from_secs(5));
        }
    };
    let button = move || {
        view! {
            <button
                class="button button--primary button--wide"
                type="submit"
                name="action"
                value="run"
                aria-disabled=move || if blocked() || sent.get() { "true" } else { "false" }
                on:click=send
            >
                <Icon name="runs" />
                {move || match (sent.get(), several.runs()) {
                    (true, _) => "Starting…".to_owned(),
                    (false, 1) => "Run".to_owned(),
                    (false, count) => format!("Launch {count} runs"),
                }}
            </button>
        }
        .into_any()
    };
    let reason = role().refusal(Action::Launch).map(|reason| view! { <p class="soft">{reason}</p> }.into_any());
    view! {
        {allowed(Action::Launch, "button button--primary button--wide", "runs", "Run", button)}
        {reason}
    }
}

fn findings(state: DraftState, is_one: Memo<bool>, place: (RwSignal<Mode>, bool)) -> AnyView {
    let problems = state.problems();
    let changes = state.findings.get().changes;
    let errors = problems.iter().any(|problem| problem.is_error);
    let list = (!problems.is_empty()).then(|| {
        let count = problems.iter().filter(|problem| problem.is_error).count();
        let title = match count {
            0 => "To be looked at".to_owned(),
            1 => "1 problem".to_owned(),
            count => format!("{count} problems"),
        };
        view! {
            <div class="section" id="problems" tabindex="-1">
                <h3>{title}</h3>
                <p class="soft" hidden=!state.is_live_untracked()>
                    "F8 goes to the next one."
                </p>
                <ul class="problems" role="list">
                    {problems.into_iter().map(|problem| problem_view(problem, state, place)).collect_view()}
                </ul>
            </div>
        }
        .into_any()
    });
    view! {
        <div class="stack">
            {list} {(!errors).then(|| view! { <Changes changes=changes state=state is_one=is_one.get() /> }.into_any())}
        </div>
    }
    .into_any()
}

/// A problem leads to its place: the line of the text where there is one, else the field.
fn problem_view(problem: ShownProblem, state: DraftState, (mode, only): (RwSignal<Mode>, bool)) -> AnyView {
    let (class, icon) = if problem.is_error { ("problems__item problems__item--error", "failed") } else { ("problems__item", "alert") };
    let ShownProblem { path, line, input, message, .. } = problem;
    let place = match (line.filter(|_| !only), path.is_empty()) {
        (Some(line), true) => format!("Line {line}"),
        (Some(line), false) => format!("Line {line}: {path}"),
        (None, _) => path,
    };
    let target = input.as_ref().map_or_else(|| "#yaml".to_owned(), |input| format!("#{input}"));
    let go = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        match input.as_ref().and_then(|input| document().get_element_by_id(input)) {
            Some(element) if mode.get_untracked() != Mode::Yaml => {
                state.filter.clear();
                let element = element.unchecked_into::<web_sys::HtmlElement>();
                // What the filter hid is there again by then, and what it folded is folded again.
                request_animation_frame(move || {
                    open_around(&element);
                    _ = element.focus();
                });
            }
            _ if only => {}
            _ => {
                if mode.get_untracked() == Mode::Form {
                    mode.set(Mode::Yaml);
                }
                state.line.set(None);
                request_animation_frame(move || state.line.set(line));
            }
        }
    };
    view! {
        <li class=class>
            <Icon name=icon />
            <div>
                <a class="mono problems__place" href=target rel="external" on:click=go>
                    {place}
                </a>
                <p>
                    <InlineText text=message />
                </p>
            </div>
        </li>
    }
    .into_any()
}

/// Opens what an element is folded in.
fn open_around(element: &web_sys::Element) {
    let mut place = element.parent_element();
    while let Some(folded) = place.and_then(|place| place.closest("details").ok().flatten()) {
        _ = folded.set_attribute("open", "");
        place = folded.parent_element();
    }
}

#[component]
fn Changes(
    changes: Vec<ShownChange>,
    state: DraftState,
    /// Of several runs the values that differ are told below.
    is_one: bool,
) -> impl IntoView {
    let title = count_in_words(changes.len());
    if changes.is_empty() && !is_one {
        return ().into_any();
    }
    if changes.is_empty() {
        return view! { <p class="soft">{title}</p> }.into_any();
    }
    let row = move |change: ShownChange| {
        let path = change.path.clone();
        let label = format!("Take back {path}");
        view! {
            <ChangeRow change=change>
                <button
                    type="button"
                    class="button button--quiet button--icon button--small"
                    aria-label=label.clone()
                    title=label
                    hidden=move || !state.is_live()
                    on:click=move |_| state.reset(&path)
                >
                    <Icon name="cached" />
                </button>
            </ChangeRow>
        }
    };
    view! {
        <div class="section">
            <h3>{title}</h3>
            <ul class="change-list" role="list">
                {changes.into_iter().map(row).collect_view()}
            </ul>
        </div>
    }
    .into_any()
}
