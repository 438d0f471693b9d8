//! Run Details: the form that runs a snapshot. Fields and YAML are two views of one text; both worlds check it with the
//! same code.

mod checking;
mod collections;
mod draft;
mod drafts;
mod fields;
mod find;
pub mod form_view;
mod keeping;
mod keys;
mod modes;
mod nested;
mod options;
mod presets;
mod recent;
mod review;
mod several;
mod share;
mod text;
mod upload;

use leptos::{html, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use self::{
    checking::About,
    draft::DraftState,
    drafts::{Drafts, Kept},
    fields::Fields,
    form_view::{FormIntro, WhichFields},
    keeping::Keeping,
    modes::{Mode, ModeSwitch},
    presets::Presets,
    review::ReviewPanel,
    several::Several,
    share::Share,
    text::YamlView,
    upload::Upload,
};
use crate::{
    components::{
        error_panel::{Notice, Tone},
        inline_text::InlineText,
        page_header::{Crumb, PageHeader},
        server_html::ServerHtml,
    },
    model::{
        launches::{LaunchForm, Note, ShownLayer, TYPED},
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
            .filter(|(name, _)| {
                name.contains('.')
                    || ["draft", "fields", "from_run", "mode", "options", "preset", "proposal", "propose", "replay"]
                        .contains(&name.as_str())
            })
            .collect::<Vec<_>>()
    };
    let form = PageResource::new(move || PageRequest::LaunchForm { project: project.get(), snapshot: id.get(), values: values() });
    show(form, move |form| {
        let base = format!("/projects/{}", encode(&project.get_untracked()));
        view! { <LaunchView form=form base=base /> }.into_any()
    })
}

#[component]
fn LaunchView(form: LaunchForm, base: String) -> impl IntoView {
    let LaunchForm {
        row,
        readiness,
        snapshot,
        layers,
        shown_layers,
        presets,
        target,
        again,
        proposal,
        propose,
        code,
        estimate,
        form: shown_form,
        fields,
        steps,
        sweep,
        text,
        findings,
        note,
        confirm,
        report,
        key,
        account,
        draft,
        drafts,
    } = form;
    let (shown, unreadable) = (text.clone(), findings.is_unreadable);
    let posted_layers = layers.clone();
    let state = DraftState::new(About { snapshot, layers, target }, fields, text, findings, report);
    // Who has only the form has no other view of the draft.
    let only = shown_form.as_ref().is_some_and(|form| form.only);
    let mode = if only { RwSignal::new(Mode::Form) } else { modes::mode(state, unreadable) };
    let becomes_form = modes::becomes_form(state, unreadable);
    let (intro, which) = (shown_form.clone(), shown_form);
    state.follow();
    let (form, keeping) = (NodeRef::<html::Form>::new(), Keeping::new(draft, drafts));
    keeping.follow(form, (format!("draft/{account}/{}/", row.id), key.clone()), state.text);
    let several = Several::new(sweep, keeping);
    several.follow(state.text);
    keys::follow(state);
    let place = keeping.place;
    let (draft_id, revision) = (place.get_untracked().id, place.get_untracked().revision.to_string());
    let crumbs =
        vec![Crumb::new("Snapshots", format!("{base}/snapshots")), Crumb::new(row.title(), format!("{base}/snapshots/{}", row.id))];
    let title = format!("Run {}", row.title());
    let description = row.description.clone();
    let runs = format!("{base}/runs");
    view! {
        <Title text=title.clone() />
        <PageHeader title=title crumbs=crumbs facts=Some(facts(&row.pipeline.name, row.stack.as_ref().map(|stack| stack.name.as_str()))) />
        {description.map(|text| view! { <p class="prose">{text}</p> }.into_any())}
        {note.map(|note| view! { <NoteView note=note /> }.into_any())}
        <form
            class="launch"
            class:launch--split=move || mode.get() == Mode::Split
            class:launch--becomes-form=becomes_form
            method="post"
            enctype="multipart/form-data"
            node_ref=form
            on:input=move |event| {
                keeping.touched();
                several.touched(&event);
            }
            on:submit=move |event| keeping.submits(&event)
            on:dragover=|event| event.prevent_default()
            on:drop:capture=move |event| if !only { upload::dropped(state, &event) }
        >
            <input type="hidden" name="key" value=key />
            <input type="hidden" name="account" value=account />
            <input type="hidden" name="draft" value=draft_id prop:value=move || place.get().id />
            <input type="hidden" name="revision" value=revision prop:value=move || place.get().revision.to_string() />
            <input type="hidden" name="layers" value=posted_layers />
            // What the fields show; what differs from it was typed since. Follows the text while the checker is there.
            <input type="hidden" name="shown" value=shown prop:value=move || state.shown.get() />
            // What Enter in a field means: never a run. Without scripts the form is checked, with them it is all the time.
            <button type="submit" name="action" value="check" hidden on:click=move |event| if state.is_live() { event.prevent_default() }>
                "Check"
            </button>
            {confirm.map(|html| view! { <ServerHtml html=html class="launch__confirm" /> }.into_any())}
            <Drafts keeping=keeping />
            <div class="launch__edit" id="fields">
                <div class="launch__bar">
                    {(!only).then(|| view! { <ModeSwitch mode=mode state=state /> }.into_any())}
                    {(!only).then(|| view! { <Upload state=state /> }.into_any())}
                    {which.map(|form| view! { <WhichFields form=form /> }.into_any())}
                    <Layers layers=shown_layers state=state />
                </div>
                {intro.map(|form| view! { <FormIntro form=form /> }.into_any())}
                <div class="launch__views" class:launch__views--split=move || mode.get() == Mode::Split>
                    <div class="launch__view" hidden=move || mode.get() == Mode::Yaml>
                        <Fields state=state runs=runs steps=steps />
                    </div>
                    {if only {
                        let text = state.text;
                        view! { <input type="hidden" name="yaml" value=text.get_untracked() prop:value=move || text.get() /> }.into_any()
                    } else {
                        view! {
                            <div class="launch__view" hidden=move || mode.get() == Mode::Form>
                                <YamlView state=state />
                            </div>
                        }
                            .into_any()
                    }}
                </div>
            </div>
            <div class="launch__review">
                {proposal.map(|html| view! { <ServerHtml html=html /> }.into_any())}
                {again.map(|html| view! { <ServerHtml html=html /> }.into_any())}
                <ReviewPanel state=state several=several away=keeping.away readiness=readiness estimate=estimate mode=mode only=only />
                <Kept keeping=keeping />
                <ServerHtml html=propose />
                <Presets presets=presets base=base />
                <Share code=code state=state several=several />
            </div>
        </form>
    }
}

/// Where the values come from, lowest first. What removes one sends the form, so that what was typed stays; its URL is that of the
/// page without it.
#[component]
fn Layers(layers: Vec<ShownLayer>, state: DraftState) -> impl IntoView {
    let remove = |label: String, which: String, url: Option<String>| {
        view! {
            <button
                class="layers__remove"
                type="submit"
                name="action"
                value=format!("without:{which}")
                formaction=url
                aria-label=label.clone()
                title=label
            >
                "×"
            </button>
        }
        .into_any()
    };
    let layer = move |(position, layer): (usize, ShownLayer)| {
        let ShownLayer { title, without } = layer;
        let button = remove(format!("Remove the values of {title}"), position.to_string(), Some(without));
        view! { <li class="layers__layer">{title} {button}</li> }.into_any()
    };
    let typed = move || {
        let count = state.findings.with(|findings| findings.changes.iter().filter(|change| change.origin == TYPED).count());
        let button = move || remove("Remove what you typed".to_owned(), "you".to_owned(), None);
        (count > 0).then(|| view! { <li class="layers__layer">{format!("you ({count})")} {button()}</li> }.into_any())
    };
    view! {
        <div class="layers">
            <span class="soft" id="layers">
                "Values from"
            </span>
            <ol class="layers__list" role="list" aria-labelledby="layers">
                <li class="layers__layer">"the snapshot"</li>
                {layers.into_iter().enumerate().map(layer).collect_view()}
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
