//! The typed form: one control for each value, with its type, the snapshot's value and what is wrong.

use leptos::prelude::*;

use super::{
    draft::{DraftState, FieldState},
    find::{FindFields, by_group, group_id},
    options,
};
use crate::{
    components::field::{FieldNotes, described_by, textarea_content},
    model::launches::{Control, FormField, Section, ShownProblem, StepChoice, Typed},
};

/// All fields, by step; behind them the options of the run, and in folded sections all else.
#[component]
pub fn Fields(
    state: DraftState,
    /// Path of the list of runs.
    runs: String,
    /// Steps whose options can be shown besides.
    steps: StepChoice,
) -> impl IntoView {
    let runs = StoredValue::new(runs);
    let groups: Vec<Group> = by_group(state.fields.get_value()).into_iter().enumerate().collect();
    // Without the checker text and fields are two forms that the server brings together.
    let broken = move || state.is_live() && state.findings.with(|findings| findings.is_unreadable);
    let section = |(_, (_, members)): &Group| members.first().map(|first| first.field.section).unwrap_or_default();
    let sections = groups.chunk_by(|left, right| section(left) == section(right));
    view! {
        {move || {
            broken()
                .then(|| {
                    let line = state.findings.with(|findings| findings.problems.iter().find_map(|problem| problem.line));
                    let place = line.map_or_else(|| "the text".to_owned(), |line| format!("line {line} of the text"));
                    view! { <p class="launch__broken">{format!("Fix {place} to go on in the form.")}</p> }.into_any()
                })
        }}
        <FindFields state=state />
        <fieldset class="launch__fields" disabled=broken>
            {sections
                .map(|groups| match section(&groups[0]) {
                    Section::Parameters | Section::Run => groups.iter().map(|group| group_view(state, runs, group)).collect_view().into_any(),
                    folded => options::section(state, runs, folded, groups, &steps),
                })
                .collect_view()}
        </fieldset>
    }
}

/// A heading with its number on the page, and the fields under it.
pub type Group = (usize, (String, Vec<FieldState>));

/// The fields under one heading.
pub fn group_view(state: DraftState, runs: StoredValue<String>, (number, (name, members)): &Group) -> AnyView {
    // A section of one group is told by its own heading.
    let is_told = members.first().and_then(|first| first.field.section.heading()) == Some(name.as_str());
    let class = if is_told { "visually-hidden" } else { "parameters__name" };
    view! {
        <fieldset class="parameters" id=group_id(*number)>
            // Those of a form view stand in no group.
            {(!name.is_empty()).then(|| view! { <legend class=class>{name.clone()}</legend> }.into_any())}
            {members_view(state, runs, members, 0)}
        </fieldset>
    }
    .into_any()
}

/// Fields, and the models among them as groups of their own.
fn members_view(state: DraftState, runs: StoredValue<String>, members: &[FieldState], depth: usize) -> AnyView {
    let model = |field: &FieldState| field.field.models.get(depth).cloned();
    let groups = members.chunk_by(|left, right| model(left).is_some() && model(left) == model(right));
    let views = groups.map(|group| match model(&group[0]) {
        Some(name) => view! {
            <fieldset class="model">
                <legend class="model__name">{name}</legend>
                {members_view(state, runs, group, depth + 1)}
            </fieldset>
        }
        .into_any(),
        None => view! { <FieldView state=state runs=runs field=group[0].clone() /> }.into_any(),
    });
    views.collect_view().into_any()
}

#[component]
fn FieldView(state: DraftState, runs: StoredValue<String>, field: FieldState) -> impl IntoView {
    let FormField { path, input: id, help, about, secret, .. } = field.field.clone();
    let (is_named, shown) = (field.field.group.is_empty(), field.clone());
    // What the text says about this value, or what could not be read from the field.
    let problem = {
        let (own, id) = (field.refused, id.clone());
        Memo::new(move |_| {
            let of_text =
                || state.findings.with(|findings| findings.problems.iter().find(|problem| problem.input.as_ref() == Some(&id)).cloned());
            own.get().or_else(of_text)
        })
    };
    let label = label_view(&field.field, false);
    let described = {
        let (id, has_help, about) = (id.clone(), !help.is_empty(), about.is_some().then(|| format!("{id}-about")));
        Signal::derive(move || {
            let notes = described_by(&id, has_help, problem.get().is_some());
            let all: Vec<String> = about.clone().into_iter().chain(notes).collect();
            (!all.is_empty()).then(|| all.join(" "))
        })
    };
    let invalid = Signal::derive(move || problem.get().is_some_and(|problem| problem.is_error));
    let set = {
        let field = field.clone();
        Callback::new(move |typed| state.set_field(&field, typed))
    };
    let (changed, read_as) = (field.changed, field.read_as);
    let reset = move || {
        let path = path.clone();
        view! {
            <span class="parameter__state">"changed"</span>
            <button
                type="button"
                class="button button--quiet button--small parameter__reset"
                hidden=move || !state.is_live()
                on:click=move |_| state.reset(&path)
            >
                "Reset"
            </button>
        }
        .into_any()
    };
    view! {
        <div class="parameter" class:parameter--secret=secret class:parameter--changed=changed class:parameter--named=is_named hidden=move || !state.filter.shows(state, &shown)>
            <div class="parameter__head">{label} {move || changed.get().then(&reset)}</div>
            {about
                .map(|html| {
                    view! { <div class="parameter__about markdown" id=format!("{id}-about") inner_html=html></div> }.into_any()
                })}
            {control(Within { state, problem: problem.into() }, field.field.clone(), field.typed.into(), set, described, invalid)}
            {move || {
                read_as.get().filter(|_| problem.with(Option::is_none)).map(|value| view! { <p class="parameter__read">{format!("Read as {value}")}</p> }.into_any())
            }}
            {super::recent::values(state, &field, runs)}
            {null_choice(&field.field, field.typed.into(), set)}
            {field.field.several.map(|html| view! { <div class="parameter__several" inner_html=html></div> }.into_any())}
            {move || view! { <FieldNotes name=id.clone() help=help.clone() error=problem.get().map(|problem| problem.message) /> }.into_any()}
        </div>
    }
}

/// What a field is called and takes; where it has several controls, they are labelled by its id.
pub fn label_view(field: &FormField, is_hidden: bool) -> AnyView {
    let FormField { input: id, name, kind, required, .. } = field.clone();
    let label = view! {
        <span class="parameter__name">{name}</span>
        {required.then(|| view! { <span class="parameter__required">"required"</span> }.into_any())}
        {(!is_hidden).then(|| view! { <span class="parameter__kind">{kind}</span> }.into_any())}
    };
    let class = if is_hidden { "visually-hidden" } else { "parameter__label" };
    let has_one = matches!(field.control, Control::Line { .. } | Control::Lines { .. } | Control::Select(_));
    match has_one {
        false => view! {
            <span class=class id=format!("{id}-label")>
                {label}
            </span>
        }
        .into_any(),
        true => view! {
            <label class=class for=id>
                {label}
            </label>
        }
        .into_any(),
    }
}

/// What the controls of one field of the form share.
#[derive(Clone, Copy)]
pub struct Within {
    pub state: DraftState,
    /// What is wrong with its value.
    pub problem: Signal<Option<ShownProblem>>,
}

/// The control, or the controls, of a field, or of a part of one.
pub fn control(
    within: Within,
    field: FormField,
    signal: Signal<Typed>,
    give: Callback<Typed>,
    described: Signal<Option<String>>,
    invalid: Signal<bool>,
) -> AnyView {
    let id = field.input.clone();
    let first = signal.get_untracked();
    let text = Signal::derive(move || signal.get().text);
    let invalid = Signal::derive(move || invalid.get().then_some("true"));
    let set = move |text: String| give.run(Typed { text, is_null: false });
    if matches!(field.control, Control::Union { .. } | Control::Cards { .. } | Control::Model { .. }) {
        return super::nested::controls(within, field, (signal, give), described);
    }
    match field.control {
        Control::Union { .. } | Control::Cards { .. } | Control::Model { .. } => ().into_any(),
        Control::Fixed { is_hidden } => {
            let label = format!("{id}-label");
            let shown = move || if is_hidden { "••••••".to_owned() } else { text.get() };
            // Sent along for those who may set it elsewhere: among all fields.
            let sent = (!is_hidden).then(|| view! { <input type="hidden" name=id.clone() value=first.text.clone() /> }.into_any());
            view! {
                <p class="parameter__fixed" role="group" aria-labelledby=label>
                    {sent}
                    <span class="mono">{shown}</span>
                    <span class="parameter__required">"fixed"</span>
                </p>
            }
            .into_any()
        }
        Control::Radios(options) => {
            let radio = |(value, label): (String, String)| {
                let (chosen, shown) = (value.clone(), value.clone());
                let is_first = first.text == value && !first.is_null;
                view! {
                    <label class="choice">
                        <input
                            type="radio"
                            id=format!("{id}={value}")
                            name=id.clone()
                            value=value
                            checked=is_first
                            prop:checked=move || signal.with(|typed| typed.text == shown && !typed.is_null)
                            on:change=move |_| set(chosen.clone())
                        />
                        <span>{label}</span>
                    </label>
                }
                .into_any()
            };
            let radios = options.into_iter().map(radio).collect_view();
            let label = format!("{id}-label");
            view! {
                <div class="parameter__choices" role="radiogroup" aria-labelledby=label aria-describedby=described aria-invalid=invalid>
                    {radios}
                </div>
            }
            .into_any()
        }
        Control::Checkboxes(options) => super::collections::checkboxes(&id, options, signal, set, described, invalid),
        Control::Rows { key_input, value_input, mode } => {
            let label = format!("{id}-label");
            view! {
                <super::collections::Rows
                    label=label
                    key_input=key_input
                    value_input=value_input
                    mode=mode
                    typed=signal
                    set=Callback::new(set)
                    described=described
                    invalid=invalid
                />
            }
            .into_any()
        }
        Control::Select(options) => {
            let option = |(value, label): (String, String)| {
                let selected = value == first.text;
                view! {
                    <option value=value selected=selected>
                        {label}
                    </option>
                }
                .into_any()
            };
            let options = options.into_iter().map(option).collect_view();
            view! {
                <select
                    class="input parameter__control"
                    id=id.clone()
                    name=id
                    aria-describedby=described
                    aria-invalid=invalid
                    prop:value=text
                    on:change=move |event| set(event_target_value(&event))
                >
                    {options}
                </select>
            }
            .into_any()
        }
        Control::Lines { mono } => {
            let class = if mono { "input input--mono" } else { "input" };
            let rows = first.text.lines().count().clamp(2, 8).to_string();
            view! {
                <textarea
                    class=class
                    id=id.clone()
                    name=id
                    rows=rows
                    spellcheck="false"
                    aria-describedby=described
                    aria-invalid=invalid
                    inner_html=textarea_content(&first.text)
                    prop:value=text
                    on:input=move |event| set(event_target_value(&event))
                />
            }
            .into_any()
        }
        Control::Line { input_type, mode } => view! {
            <input
                class="input parameter__control"
                id=id.clone()
                name=id
                type=input_type
                inputmode=mode
                autocomplete="off"
                spellcheck="false"
                aria-describedby=described
                aria-invalid=invalid
                value=first.text
                prop:value=text
                on:input=move |event| set(event_target_value(&event))
            />
        }
        .into_any(),
    }
}

/// "Not set (null)", where null is a value.
pub fn null_choice(field: &FormField, signal: Signal<Typed>, give: Callback<Typed>) -> Option<AnyView> {
    let name = field.null_input.clone()?;
    // What was there before is there again when null is taken back.
    let before = StoredValue::new(field.usual.text.clone());
    let toggle = move |event| {
        let is_null = event_target_checked(&event);
        if is_null {
            before.set_value(signal.get_untracked().text);
        }
        give.run(Typed { text: if is_null { String::new() } else { before.get_value() }, is_null });
    };
    let view = view! {
        <label class="choice parameter__null">
            <input
                type="checkbox"
                name=name.clone()
                id=name
                value="true"
                checked=signal.get_untracked().is_null
                prop:checked=move || signal.get().is_null
                on:change=toggle
            />
            <span>"Not set (null)"</span>
        </label>
    };
    Some(view.into_any())
}
