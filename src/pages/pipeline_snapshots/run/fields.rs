//! The typed form: one control for each value, with its type, the snapshot's value and what is wrong.

use leptos::{either::Either, prelude::*};
use serde_json::Value;

use super::draft::{DraftState, FieldState};
use crate::{
    components::field::{FieldNotes, described_by},
    pages::pipeline_snapshots::words::kind_in_words,
    run_configuration::{
        diff::render,
        form::{Entry, Field, FieldKind, input_name, null_input_name, option_to_form},
        problem::Problem,
    },
};

/// Characters of a value on one line.
const VALUE_LIMIT: usize = 80;
/// More options than these are a list to choose from.
const MOST_RADIOS: usize = 5;

/// All fields, by step; the options of the run last.
#[component]
pub fn Fields(state: DraftState) -> impl IntoView {
    let fields = state.fields.get_value();
    let mut groups: Vec<(String, Vec<FieldState>)> = Vec::new();
    for field in fields {
        let group = match &field.field.step {
            Some(step) => step.clone(),
            None if field.field.path.segments().len() > 1 => "Parameters".to_owned(),
            None => "Run".to_owned(),
        };
        match groups.last_mut() {
            Some((name, members)) if *name == group => members.push(field),
            _ => groups.push((group, vec![field])),
        }
    }
    let broken = move || state.review.with(|review| review.configuration.is_none());
    view! {
        {move || {
            broken()
                .then(|| {
                    let line = state.review.with(|review| review.problems.iter().find_map(|problem| problem.line));
                    let place = line.map_or_else(|| "the text".to_owned(), |line| format!("line {line} of the text"));
                    view! { <p class="launch__broken">{format!("Fix {place} to go on in the form.")}</p> }.into_any()
                })
        }}
        <fieldset class="launch__fields" disabled=broken>
            {groups
                .into_iter()
                .map(|(name, members)| {
                    view! {
                        <fieldset class="parameters">
                            <legend class="parameters__name">{name}</legend>
                            {members.into_iter().map(|field| view! { <FieldView state=state field=field /> }.into_any()).collect_view()}
                        </fieldset>
                    }.into_any()
                })
                .collect_view()}
        </fieldset>
    }
}

#[component]
fn FieldView(state: DraftState, field: FieldState) -> impl IntoView {
    let id = input_name(&field.field.path);
    let path = field.field.path.clone();
    let found = {
        let (own, path) = (field.problem, path.clone());
        // What the text says about this value, or what could not be read from the field.
        Memo::new(move |_| {
            own.get()
                .or_else(|| state.review.with(|review| review.problems.iter().find(|problem| problem.path.starts_with(&path)).cloned()))
        })
    };
    let changed = {
        let path = path.clone();
        Memo::new(move |_| state.review.with(|review| review.changes.iter().any(|change| change.path.starts_with(&path))))
    };
    let kind = state.snapshot.with_value(|snapshot| kind_in_words(snapshot, &field.field));
    let help = help(&field.field);
    let label = view! {
        <span class="parameter__name">{field.field.name.clone()}</span>
        {field.field.required.then(|| view! { <span class="parameter__required">"required"</span> }.into_any())}
        <span class="parameter__kind">{kind}</span>
    };
    let is_group = is_group(&field.field.kind);
    let described = {
        let (id, has_help) = (id.clone(), !help.is_empty());
        Signal::derive(move || described_by(&id, has_help, found.get().is_some()))
    };
    let reset = move |_| state.reset(&path);
    view! {
        <div class="parameter" class:parameter--changed=changed>
            <div class="parameter__head">
                {if is_group {
                    Either::Left(view! { <span class="parameter__label" id=format!("{id}-label")>{label}</span> })
                } else {
                    Either::Right(
                        view! {
                            <label class="parameter__label" for=id.clone()>
                                {label}
                            </label>
                        },
                    )
                }}
                {move || {
                    let reset = reset.clone();
                    changed
                        .get()
                        .then(|| {
                            view! {
                                <span class="parameter__state">"changed"</span>
                                <button type="button" class="button button--quiet button--small parameter__reset" on:click=reset>
                                    "Reset"
                                </button>
                            }.into_any()
                        })
                }}
            </div>
            <Control state=state field=field.clone() id=id.clone() described=described invalid=Signal::derive(move || found.get().is_some_and(|problem| problem.is_error())) />
            <NullChoice state=state field=field />
            {
                let id = id.clone();
                move || {
                    let error = found.get().map(in_words);
                    view! { <FieldNotes name=id.clone() help=help.clone() error=error /> }
                }
            }
        </div>
    }
}

fn in_words(problem: Problem) -> String {
    match problem.fix {
        Some(fix) => format!("{} {fix}", problem.message),
        None => problem.message,
    }
}

/// Description, the snapshot's value, limits.
fn help(field: &Field) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(field.description.clone());
    parts.extend(field.current.as_ref().map(|value| format!("Snapshot: {}", render(value, VALUE_LIMIT))));
    match (&field.minimum, &field.maximum) {
        (Some(minimum), Some(maximum)) => parts.push(format!("{minimum}, {maximum}")),
        (Some(limit), None) | (None, Some(limit)) => parts.push(limit.clone()),
        (None, None) => {}
    }
    if field.kind == FieldKind::Lines {
        parts.push("One a line".to_owned());
    }
    parts.join(" · ")
}

/// Whether a field has several controls.
fn is_group(kind: &FieldKind) -> bool {
    match kind {
        FieldKind::Boolean => true,
        FieldKind::Choice { options } => options.len() <= MOST_RADIOS,
        _ => false,
    }
}

/// Choices as they are posted and shown.
fn options(field: &Field) -> Vec<(String, String)> {
    let mut options: Vec<(String, String)> = match &field.kind {
        FieldKind::Boolean => vec![("true".to_owned(), "True".to_owned()), ("false".to_owned(), "False".to_owned())],
        FieldKind::Choice { options } => {
            let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            options.iter().map(|value| (option_to_form(options, value), plain(value))).collect()
        }
        _ => Vec::new(),
    };
    if field.current.is_none() {
        options.insert(0, (String::new(), if field.required { "Not chosen".to_owned() } else { "Not set".to_owned() }));
    }
    options
}

/// The control, or the controls, of a field.
#[component]
fn Control(state: DraftState, field: FieldState, id: String, described: Signal<Option<String>>, invalid: Signal<bool>) -> impl IntoView {
    let entry = field.entry;
    let first = entry.get_untracked().text;
    let text = Signal::derive(move || entry.get().text);
    let kind = field.field.kind.clone();
    let typed = {
        let field = field.clone();
        move |text: String| state.set_entry(&field, Entry { text, is_null: false })
    };
    let invalid = move || invalid.get().then_some("true");
    match kind {
        FieldKind::Boolean | FieldKind::Choice { .. } if is_group(&kind) => {
            let radio = |(value, label): (String, String)| {
                let (typed, chosen) = (typed.clone(), value.clone());
                let (is_first, is_chosen) = (first == value && !entry.get_untracked().is_null, value.clone());
                view! {
                    <label class="choice">
                        <input
                            type="radio"
                            id=format!("{id}={value}")
                            name=id.clone()
                            value=value
                            checked=is_first
                            prop:checked=move || entry.with(|entry| entry.text == is_chosen && !entry.is_null)
                            on:change=move |_| typed(chosen.clone())
                        />
                        <span>{label}</span>
                    </label>
                }
            };
            let radios = options(&field.field).into_iter().map(radio).collect_view();
            view! {
                <div class="parameter__choices" role="radiogroup" aria-labelledby=format!("{id}-label") aria-describedby=described aria-invalid=invalid>
                    {radios}
                </div>
            }
            .into_any()
        }
        FieldKind::Choice { .. } => {
            let choices = options(&field.field)
                .into_iter()
                .map(|(value, label)| {
                    let selected = value == first;
                    view! {
                        <option value=value selected=selected>
                            {label}
                        </option>
                    }
                    .into_any()
                })
                .collect_view();
            view! {
                <select
                    class="input parameter__control"
                    id=id.clone()
                    name=id
                    aria-describedby=described
                    aria-invalid=invalid
                    prop:value=text
                    on:change=move |event| typed(event_target_value(&event))
                >
                    {choices}
                </select>
            }
            .into_any()
        }
        FieldKind::MultilineText | FieldKind::Lines | FieldKind::Yaml => {
            let class = if kind == FieldKind::MultilineText { "input" } else { "input input--mono" };
            let rows = first.lines().count().clamp(2, 8);
            view! {
                <textarea
                    class=class
                    id=id.clone()
                    name=id
                    rows=rows
                    spellcheck="false"
                    aria-describedby=described
                    aria-invalid=invalid
                    prop:value=text
                    on:input=move |event| typed(event_target_value(&event))
                >
                    {first}
                </textarea>
            }
            .into_any()
        }
        FieldKind::Text | FieldKind::Integer | FieldKind::Number | FieldKind::Date | FieldKind::DateTime | FieldKind::Boolean => {
            let (input_type, mode) = input_type(&field.field);
            view! {
                <input
                    class="input parameter__control"
                    id=id.clone()
                    name=id
                    type=input_type
                    inputmode=mode
                    step=(input_type == "datetime-local").then_some("any")
                    autocomplete="off"
                    spellcheck="false"
                    aria-describedby=described
                    aria-invalid=invalid
                    value=first
                    prop:value=text
                    on:input=move |event| typed(event_target_value(&event))
                />
            }
            .into_any()
        }
    }
}

/// `type` and `inputmode`. Numbers are text, so that `1e-4` and a digit more than a double has stay as they were typed.
fn input_type(field: &Field) -> (&'static str, Option<&'static str>) {
    match (&field.kind, field.format.as_deref()) {
        (FieldKind::Integer, _) => ("text", Some("numeric")),
        (FieldKind::Number, _) => ("text", Some("decimal")),
        (FieldKind::Date, _) => ("date", None),
        (FieldKind::DateTime, _) => ("datetime-local", None),
        (_, Some("password")) => ("password", None),
        _ => ("text", None),
    }
}

/// "Not set (null)", where null is a value.
#[component]
fn NullChoice(state: DraftState, field: FieldState) -> impl IntoView {
    field.field.nullable.then(|| {
        let (entry, name) = (field.entry, null_input_name(&field.field.path));
        let toggle = move |event| {
            let is_null = event_target_checked(&event);
            let text = if is_null {
                String::new()
            } else {
                field.field.current.as_ref().map_or_else(String::new, |value| field.field.entry(Some(value)).text)
            };
            state.set_entry(&field, Entry { text, is_null });
        };
        view! {
            <label class="choice parameter__null">
                <input
                    type="checkbox"
                    name=name.clone()
                    id=name
                    value="true"
                    checked=entry.get_untracked().is_null
                    prop:checked=move || entry.get().is_null
                    on:change=toggle
                />
                <span>"Not set (null)"</span>
            </label>
        }
        .into_any()
    })
}
