//! Run Details: the form that runs a snapshot. Fields and YAML are two views of one text; both worlds check it with the
//! same code.

mod checking;
mod draft;
mod fields;
mod presets;
mod review;
mod share;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use self::{checking::About, draft::DraftState, fields::Fields, presets::Presets, review::ReviewPanel, share::Share};
use crate::{
    components::{
        error_panel::{Notice, Tone},
        icon::Icon,
        inline_text::InlineText,
        page_header::{Crumb, PageHeader},
        yaml_editor::YamlEditor,
    },
    model::{
        launches::{LaunchForm, Note, TYPED},
        list::encode,
        page_request::PageRequest,
    },
    pages::data::{PageResource, parameter, project, show},
};

/// `/projects/:project/snapshots/:snapshot/run`
#[component]
pub fn RunDetailsPage() -> impl IntoView {
    let (project, id) = (project(), parameter("snapshot"));
    let query = use_query_map();
    // Read once: a link fills the form in, and what is typed afterwards is not in the URL. Values have a dot in their names.
    let values = move || {
        let pairs = query.with_untracked(|query| query.clone().into_iter().collect::<Vec<_>>());
        pairs
            .into_iter()
            .map(|(name, value)| (name.into_owned(), value))
            .filter(|(name, _)| name.contains('.') || name == "preset" || name == "from_run")
            .collect::<Vec<_>>()
    };
    let form = PageResource::new(move || PageRequest::LaunchForm { project: project.get(), snapshot: id.get(), values: values() });
    show(form, move |form| {
        let base = format!("/projects/{}", encode(&project.get_untracked()));
        view! { <LaunchView form=form base=base /> }.into_any()
    })
}

/// Which views of the draft are shown: without scripts both, one below the other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Both,
    Form,
    Yaml,
}

#[component]
fn LaunchView(form: LaunchForm, base: String) -> impl IntoView {
    let LaunchForm { row, readiness, snapshot, layers, layer_titles, presets, target, code, estimate, fields, text, findings, note, key } =
        form;
    let (shown, unreadable) = (text.clone(), findings.is_unreadable);
    let posted_layers = layers.clone();
    let state = DraftState::new(About { snapshot, layers, target }, fields, text, findings);
    let mode = RwSignal::new(Mode::Both);
    // From when the checker is there one view is enough; the one that has something to say comes first.
    let first = if unreadable { Mode::Yaml } else { Mode::Form };
    Effect::new(move |_| {
        if state.is_live() {
            mode.set(first);
        }
    });
    state.follow();
    let crumbs =
        vec![Crumb::new("Snapshots", format!("{base}/snapshots")), Crumb::new(row.title(), format!("{base}/snapshots/{}", row.id))];
    let title = format!("Run {}", row.title());
    let description = row.description.clone();
    view! {
        <Title text=title.clone() />
        <PageHeader title=title crumbs=crumbs facts=Some(facts(&row.pipeline.name, row.stack.as_ref().map(|stack| stack.name.as_str()))) />
        {description.map(|text| view! { <p class="prose">{text}</p> }.into_any())}
        {note.map(|note| view! { <NoteView note=note /> }.into_any())}
        <form class="launch" method="post" enctype="multipart/form-data">
            <input type="hidden" name="key" value=key />
            <input type="hidden" name="layers" value=posted_layers />
            // What the fields show; what differs from it was typed since. Follows the text while the checker is there.
            <input type="hidden" name="shown" value=shown prop:value=move || state.shown.get() />
            // What Enter in a field means: never a run. Without scripts the form is checked, with them it is all the time.
            <button type="submit" name="action" value="check" hidden on:click=move |event| if state.is_live() { event.prevent_default() }>
                "Check"
            </button>
            <div class="launch__edit">
                <div class="launch__bar">
                    <ModeSwitch mode=mode />
                    <Layers titles=layer_titles state=state />
                </div>
                <div class="launch__view" hidden=move || mode.get() == Mode::Yaml>
                    <Fields state=state />
                </div>
                <div class="launch__view" hidden=move || mode.get() == Mode::Form>
                    <YamlView state=state mode=mode />
                </div>
            </div>
            <div class="launch__review">
                <ReviewPanel state=state readiness=readiness estimate=estimate mode=mode />
                <Presets presets=presets base=base />
                <Share code=code state=state />
            </div>
        </form>
    }
}

/// Where the values come from, lowest first.
#[component]
fn Layers(titles: Vec<String>, state: DraftState) -> impl IntoView {
    let typed = move || {
        let count = state.findings.with(|findings| findings.changes.iter().filter(|change| change.origin == TYPED).count());
        (count > 0).then(|| view! { <li class="layers__layer">{format!("you ({count})")}</li> }.into_any())
    };
    view! {
        <div class="layers">
            <span class="soft" id="layers">
                "Values from"
            </span>
            <ol class="layers__list" role="list" aria-labelledby="layers">
                <li class="layers__layer">"the snapshot"</li>
                {titles.into_iter().map(|title| view! { <li class="layers__layer">{title}</li> }.into_any()).collect_view()}
                {typed}
            </ol>
        </div>
    }
}

fn facts(pipeline: &str, stack: Option<&str>) -> AnyView {
    view! {
        <span>{format!("Pipeline {pipeline}")}</span>
        {stack.map(|stack| view! { <span>{format!("Runs on the stack {stack}")}</span> }.into_any())}
    }
    .into_any()
}

#[component]
fn NoteView(note: Note) -> impl IntoView {
    let tone = if note.is_error { Tone::Error } else { Tone::Note };
    view! {
        <Notice tone=tone title=note.title>
            <p class="failure__message">
                <InlineText text=note.text />
            </p>
        </Notice>
    }
}

/// Form or YAML; there is no choice without scripts.
#[component]
fn ModeSwitch(mode: RwSignal<Mode>) -> impl IntoView {
    let button = move |label: &'static str, wanted: Mode| {
        view! {
            <button
                type="button"
                class="segments__segment"
                aria-pressed=move || if mode.get() == wanted { "true" } else { "false" }
                on:click=move |_| mode.set(wanted)
            >
                {label}
            </button>
        }
    };
    view! {
        <div class="segments" role="group" aria-label="Edit as" hidden=move || mode.get() == Mode::Both>
            {button("Form", Mode::Form)} {button("YAML", Mode::Yaml)}
        </div>
    }
}

/// The text, the file that replaces it, and the button that writes out all values.
#[component]
fn YamlView(state: DraftState, mode: RwSignal<Mode>) -> impl IntoView {
    let load = move |event: leptos::ev::Event| {
        if state.is_live() {
            state.load_file(&event);
        }
    };
    let expand = move |event: leptos::ev::MouseEvent| {
        if state.is_live() {
            event.prevent_default();
            state.expand();
        }
    };
    view! {
        <section class="section" aria-labelledby="yaml-title">
            <div class="section__head">
                <h2 id="yaml-title">"Run configuration"</h2>
                <button class="button button--small" type="submit" name="action" value="expand" on:click=expand>
                    "Write out all values"
                </button>
            </div>
            <p class="soft">
                "Only what is written here differs from the snapshot. An empty text runs it as it is. "
                {move || match mode.get() {
                    Mode::Both => {
                        "Fields and text can both be changed before the form is sent; where both have a new value for the same thing, you are asked."
                    }
                    _ => "Esc, then Tab leaves the editor.",
                }}
            </p>
            <YamlEditor
                name="yaml"
                label="Run configuration in YAML"
                text=state.text
                changed=Callback::new(move |text| state.set_text(text))
                marks=Signal::derive(move || state.marks())
                line=state.line
            />
            <div class="row">
                <label class="field__label" for="file">
                    "Load a .yaml file"
                </label>
                <input class="launch__file" type="file" id="file" name="file" accept=".yaml,.yml,.json,application/yaml" on:change=load />
                // In the browser a file is loaded as soon as it is chosen.
                <button class="button button--small" type="submit" name="action" value="load" hidden=move || mode.get() != Mode::Both>
                    <Icon name="upload" />
                    "Load"
                </button>
                <span class="soft" role="status">
                    {move || state.loaded.get().map(|report| view! { <InlineText text=report /> }.into_any())}
                </span>
            </div>
        </section>
    }
}
