//! A file as the run configuration: chosen, dropped on the page or pasted; and the report about it, which takes it back.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast as _;
use web_sys::{File, FileList, HtmlInputElement};

use super::draft::DraftState;
use crate::{
    components::{
        error_panel::{Notice, Tone},
        icon::Icon,
        inline_text::InlineText,
    },
    model::launches::{FileReport, ShownProblem},
};

/// The largest file that is read, in bytes: as much as a text may have.
const MAX_FILE: f64 = 1_048_576.0;

/// The control for a file, and what came of the last one.
#[component]
pub fn Upload(state: DraftState) -> impl IntoView {
    let (merge, menu) = (state.merge, NodeRef::<html::Details>::new());
    let choose = move |event: leptos::ev::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        load_first(state, input.and_then(|input| input.files()));
        if let Some(menu) = menu.get_untracked().filter(|_| state.is_live_untracked()) {
            menu.set_open(false);
        }
    };
    let how = move |value: &'static str, label: &'static str, is_merge: bool| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="how"
                    value=value
                    checked=!is_merge
                    prop:checked=move || merge.get() == is_merge
                    on:change=move |_| merge.set(is_merge)
                />
                <span>{label}</span>
            </label>
        }
        .into_any()
    };
    view! {
        <details class="menu upload" node_ref=menu>
            <summary class="button button--small">
                <Icon name="upload" />
                "Upload YAML"
            </summary>
            <div class="menu__panel upload__panel">
                <label class="field__label" for="file">
                    "Load a .yaml file"
                </label>
                <input
                    class="launch__file"
                    type="file"
                    id="file"
                    name="file"
                    accept=".yaml,.yml,.json,application/yaml,application/json"
                    on:change=choose
                />
                <div class="upload__how" role="radiogroup" aria-label="What the file does">
                    {how("replace", "Replace what is set here", false)} {how("merge", "Merge with it", true)}
                </div>
                // In the browser a file is loaded as soon as it is chosen.
                <p class="field__help" hidden=move || !state.is_live()>
                    "It can also be dropped anywhere on this page, or pasted. Nothing runs yet."
                </p>
                <button class="button button--small upload__load" type="submit" name="action" value="load" hidden=move || state.is_live()>
                    "Load"
                </button>
            </div>
        </details>
        <div class="upload__report" role="status">
            {move || state.report.get().map(|report| report_view(report, state))}
        </div>
    }
}

/// Takes a file that is dropped anywhere on the form, before the editor would write it into its text.
pub fn dropped(state: DraftState, event: &leptos::ev::DragEvent) {
    let files = event.data_transfer().and_then(|transfer| transfer.files()).filter(|files| files.length() > 0);
    if files.is_some() && state.is_live_untracked() {
        event.prevent_default();
        event.stop_propagation();
        load_first(state, files);
    }
}

/// Takes a file that is pasted anywhere on the page, and a text that is pasted where nothing takes texts.
pub fn pasted(state: DraftState, event: &web_sys::Event, data: &web_sys::DataTransfer) {
    if !state.is_live_untracked() {
        return;
    }
    let files = data.files().filter(|files| files.length() > 0);
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let is_taken =
        |target: web_sys::Element| target.closest("input:not([type=file]), textarea, [contenteditable=true]").ok().flatten().is_some();
    let text = data.get_data("text/plain").unwrap_or_default();
    if files.is_some() {
        load_first(state, files);
    } else if !target.is_some_and(is_taken) && !text.trim().is_empty() {
        state.load("the clipboard", &text.replace("\r\n", "\n"));
    } else {
        return;
    }
    event.prevent_default();
}

fn load_first(state: DraftState, files: Option<FileList>) {
    let Some(file) = files.and_then(|files| files.get(0)).filter(|_| state.is_live_untracked()) else { return };
    leptos::task::spawn_local(async move { load(state, file).await });
}

async fn load(state: DraftState, file: File) {
    let name = file.name();
    if file.size() > MAX_FILE {
        let error = ShownProblem { is_error: true, message: "It is larger than 1 MiB.".to_owned(), ..ShownProblem::default() };
        let before = state.text.get_untracked();
        state.report.set(Some(FileReport { name, is_refused: true, errors: vec![error], before, ..FileReport::default() }));
        return;
    }
    let Ok(text) = wasm_bindgen_futures::JsFuture::from(file.text()).await else { return };
    let text = text.as_string().unwrap_or_default().replace("\r\n", "\n");
    state.load(&name, &text);
}

fn report_view(report: FileReport, state: DraftState) -> AnyView {
    let tone = if report.is_refused { Tone::Error } else { Tone::Note };
    let undo = move |event: leptos::ev::MouseEvent| {
        if state.is_live() {
            event.prevent_default();
            state.undo();
        }
    };
    let line = |problem: ShownProblem| {
        let place = match (problem.line, problem.path.is_empty()) {
            (Some(line), true) => format!("Line {line}"),
            (Some(line), false) => format!("Line {line}: {}", problem.path),
            (None, _) => problem.path,
        };
        view! {
            <li>
                <span class="mono">{place}</span>
                " "
                <InlineText text=problem.message />
            </li>
        }
        .into_any()
    };
    let list = move |title: &'static str, problems: Vec<ShownProblem>| {
        (!problems.is_empty()).then(|| {
            view! {
                <h3>{title}</h3>
                <ul class="upload__list" role="list">
                    {problems.into_iter().map(line).collect_view()}
                </ul>
            }
            .into_any()
        })
    };
    let summary = report.summary();
    view! {
        <Notice tone=tone title="File">
            <div class="upload__result">
                <p class="failure__message">
                    <InlineText text=format!("{summary} Nothing runs before you choose Run.") />
                </p>
                {list("Unknown keys", report.unknown)} {list("Errors", report.errors)}
                {(!report.is_refused)
                    .then(|| {
                        view! {
                            <input type="hidden" name="before" value=report.before />
                            <button class="button button--small" type="submit" name="action" value="undo" on:click=undo>
                                "Undo"
                            </button>
                        }
                            .into_any()
                    })}
            </div>
        </Notice>
    }
    .into_any()
}
