//! Controls of values with parts: one of several types, entries of a list as cards, fields of a mapping.
//!
//! Their parts have controls like those of fields. Which type is shown is left to the browser, so that it works without
//! scripts; there the buttons of a list send the form.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

use super::fields::{Within, control, label_view, null_choice};
use crate::{
    components::{
        field::{FieldNotes, described_by},
        icon::Icon,
    },
    model::launches::{Control, FormField, Typed},
    run_configuration::{
        form::{
            CardAction, MOST_CARDS, Part, Parts, branch_path, count_input_name, given_input_name, input_name, type_input_name, value_place,
        },
        value_path::ValuePath,
    },
};

/// What stands in a field, and how it is changed.
type Shown = (Signal<Typed>, Callback<Typed>);

/// The parts of one value.
#[derive(Clone, Copy)]
struct PartsOf {
    parts: Memo<Option<Parts>>,
    /// What stands in parts that were never filled in.
    fresh: StoredValue<Vec<Part>>,
    give: Callback<Typed>,
}

impl PartsOf {
    fn new((typed, give): Shown, fresh: Vec<Part>) -> Self {
        let parts = Memo::new(move |_| typed.with(|typed| Parts::read(&typed.text).filter(|_| !typed.is_null)));
        Self { parts, fresh: StoredValue::new(fresh), give }
    }

    fn change(self, edit: impl FnOnce(&mut Parts)) {
        let fresh = || Parts { chosen: None, parts: self.fresh.get_value() };
        let mut parts = self.parts.get_untracked().unwrap_or_else(fresh);
        edit(&mut parts);
        self.give.run(Typed { text: parts.write(), is_null: false });
    }

    fn get(self, place: usize) -> Part {
        let part = self.parts.with(|parts| parts.as_ref().and_then(|parts| parts.parts.get(place)).cloned());
        part.or_else(|| self.fresh.with_value(|fresh| fresh.get(place).cloned())).unwrap_or_default()
    }

    fn chosen(self) -> Option<usize> {
        self.parts.with(|parts| parts.as_ref().and_then(|parts| parts.chosen))
    }

    /// One of them; `chooses` says that filling it in makes it the type that counts.
    fn part(self, place: usize, chooses: bool) -> Shown {
        let typed = Memo::new(move |_| {
            let Part { text, is_null, .. } = self.get(place);
            Typed { text, is_null }
        });
        let give = move |Typed { text, is_null }: Typed| {
            self.change(|parts| {
                if let Some(part) = parts.parts.get_mut(place) {
                    (part.text, part.is_null) = (text, is_null);
                }
                if chooses {
                    parts.chosen = Some(place);
                }
            });
        };
        (typed.into(), Callback::new(give))
    }
}

/// What stands in a field that is new.
fn fresh(field: &FormField) -> Part {
    let Typed { text, is_null } = field.usual.clone();
    Part { text, is_null, is_given: false }
}

/// The controls of a value with parts.
pub fn controls(within: Within, field: FormField, shown: Shown, described: Signal<Option<String>>) -> AnyView {
    let FormField { path, input: id, control, .. } = field;
    let content = match control {
        Control::Union { branches, unset } => types(within, &path, branches, unset, shown),
        Control::Cards { item } => cards(within, path, *item, shown),
        Control::Model { fields } => model(within, &path, fields, shown),
        _ => ().into_any(),
    };
    let label = format!("{id}-label");
    view! {
        <div class="nested" id=id tabindex="-1" role="group" aria-labelledby=label aria-describedby=described>
            {content}
        </div>
    }
    .into_any()
}

/// Radio buttons for the types, each with its control behind it.
fn types(within: Within, path: &str, branches: Vec<FormField>, unset: Option<String>, shown: Shown) -> AnyView {
    let parts = PartsOf::new(shown, branches.iter().map(fresh).collect());
    // What stood in the types before none was chosen, for when one is again.
    let aside = StoredValue::new(String::new());
    let (name, yaml, is_one) = (type_input_name(path), branches.len() - 1, branches.len() == 2);
    let has_yaml = move || parts.chosen() == Some(yaml) || !parts.get(yaml).text.is_empty();
    let is_hidden = move |place: Option<usize>| match place {
        // A value that is there, and can be nothing else, needs no choice.
        _ if is_one && parts.chosen() == Some(0) && !has_yaml() => true,
        Some(place) => place == yaml && !has_yaml(),
        None => false,
    };
    let radio = |place: Option<usize>, label: String| {
        let value = place.map(|place| place.to_string()).unwrap_or_default();
        let is_chosen = move || parts.chosen() == place && (place.is_some() || !shown.0.with(|typed| typed.is_null));
        let choose = move |_| match (place, Parts::read(&aside.get_value())) {
            (Some(place), Some(kept)) if parts.chosen().is_none() => {
                shown.1.run(Typed { text: Parts { chosen: Some(place), ..kept }.write(), is_null: false });
            }
            (Some(place), _) => parts.change(|parts| parts.chosen = Some(place)),
            (None, _) => {
                aside.set_value(shown.0.get_untracked().text);
                shown.1.run(Typed::default());
            }
        };
        view! {
            <label class="choice" hidden=move || is_hidden(place)>
                <input
                    type="radio"
                    id=format!("{name}={value}")
                    name=name.clone()
                    value=value
                    checked=untrack(is_chosen)
                    prop:checked=is_chosen
                    on:change=choose
                />
                <span>{label}</span>
            </label>
        }
        .into_any()
    };
    let none = unset.map(|label| radio(None, label));
    let branch = |(place, branch): (usize, FormField)| {
        let label = branch.name.clone();
        let field = branch.within(&branch_path(path, place));
        let content = match &field.control {
            // A type of one value is chosen with it.
            Control::Radios(options) if options.len() == 1 => {
                view! { <input type="hidden" name=field.input.clone() id=field.input.clone() value=options[0].0.clone() /> }.into_any()
            }
            _ => view! { <div class="types__panel">{part(within, &field, parts.part(place, true), true)}</div> }.into_any(),
        };
        view! { <div class="types__type">{radio(Some(place), label)} {content}</div> }.into_any()
    };
    let branches = branches.into_iter().enumerate().map(branch).collect_view();
    view! { <div class="types">{none} {branches}</div> }.into_any()
}

/// The fields of a mapping.
fn model(within: Within, path: &str, fields: Vec<FormField>, shown: Shown) -> AnyView {
    let parts = PartsOf::new(shown, fields.iter().map(fresh).collect());
    let field = |(place, field): (usize, FormField)| {
        let field = field.within(path);
        let given = given_input_name(&field.path);
        let is_given = Memo::new(move |_| parts.get(place).is_given);
        view! {
            {move || is_given.get().then(|| view! { <input type="hidden" name=given.clone() id=given.clone() value="true" /> }.into_any())}
            {part(within, &field, parts.part(place, false), false)}
        }
        .into_any()
    };
    let fields = fields.into_iter().enumerate().map(field).collect_view();
    view! { <div class="parts">{fields}</div> }.into_any()
}

/// One part with what it is called, its help, and what is wrong with it.
fn part(within: Within, field: &FormField, (typed, give): Shown, has_heading: bool) -> AnyView {
    let (id, help, place) = (field.input.clone(), field.help.clone(), value_place(&ValuePath::from(field.path.as_str())).to_string());
    // What is wrong with the whole value is told below it.
    let is_wrong = Memo::new(move |_| {
        within.problem.with(|problem| problem.as_ref().is_some_and(|problem| problem.is_error && problem.path == place))
    });
    let described = {
        let (id, has_help) = (id.clone(), !help.is_empty());
        Signal::derive(move || described_by(&id, has_help, false))
    };
    view! {
        <div class="part">
            {label_view(field, has_heading)} {control(within, field.clone(), typed, give, described, is_wrong.into())}
            {null_choice(field, typed, give)} <FieldNotes name=id help=help error=None />
        </div>
    }
    .into_any()
}

/// The entries of a list, one below the other, with what can be done with each.
fn cards(within: Within, path: String, item: FormField, shown: Shown) -> AnyView {
    let (parts, new) = (PartsOf::new(shown, Vec::new()), fresh(&item));
    let count = Memo::new(move |_| parts.parts.with(|parts| parts.as_ref().map_or(0, |parts| parts.parts.len())));
    let told = RwSignal::new(String::new());
    let path = StoredValue::new(path);
    let act = move |action: CardAction, at: usize| {
        let mut place = None;
        parts.change(|parts| place = parts.act(action, at, &new));
        let Some(place) = place else { return };
        let word = match action {
            CardAction::Add | CardAction::Copy => "is new",
            CardAction::Remove => "is removed",
            CardAction::Up | CardAction::Down => "is in its new place",
        };
        let entry = if action == CardAction::Remove { at } else { place } + 1;
        told.set(format!("Entry {entry} {word}."));
        focus_later(path.get_value(), action, place);
    };
    let act = Callback::new(move |(action, at)| act(action, at));
    let name = count_input_name(path.get_value());
    let card = move |at: usize| {
        let path = path.with_value(|path| format!("{path}.{at}"));
        let button = |action: CardAction, words: &str, icon: &'static str, disabled: Signal<bool>| {
            button(
                within,
                act,
                (action, at, path.clone()),
                view! { <Icon name=icon /> }.into_any(),
                format!("{words} {}", at + 1),
                disabled,
            )
        };
        let is_full = Signal::derive(move || count.get() >= MOST_CARDS);
        view! {
            <li class="cards__card" id=format!("card.{path}")>
                <fieldset class="cards__entry">
                    <legend class="cards__name">{format!("Entry {}", at + 1)}</legend>
                    <div class="cards__moves">
                        {button(CardAction::Up, "Move up entry", "up", Signal::stored(at == 0))}
                        {button(CardAction::Down, "Move down entry", "down", Signal::derive(move || at + 1 >= count.get()))}
                        {button(CardAction::Copy, "Duplicate entry", "copy", is_full)}
                        {button(CardAction::Remove, "Remove entry", "trash", Signal::stored(false))}
                    </div>
                    {part(within, &item.within(&path), parts.part(at, false), true)}
                </fieldset>
            </li>
        }
        .into_any()
    };
    let add = view! { <Icon name="plus" /> "Add an entry" }.into_any();
    let is_full = Signal::derive(move || count.get() >= MOST_CARDS);
    view! {
        <input type="hidden" name=name.clone() id=name value=count.get_untracked().to_string() prop:value=move || count.get().to_string() />
        <ol class="cards" role="list">
            <For each=move || 0..count.get() key=|at| *at let:at>
                {card(at)}
            </For>
        </ol>
        <div class="cards__add">{button(within, act, (CardAction::Add, 0, path.get_value()), add, "Add an entry".to_owned(), is_full)}</div>
        <p class="visually-hidden" role="status">
            {move || told.get()}
        </p>
    }
    .into_any()
}

/// A button of a list. Without scripts it sends the form, and the answer shows the list.
fn button(
    within: Within,
    act: Callback<(CardAction, usize)>,
    (action, at, path): (CardAction, usize, String),
    content: AnyView,
    words: String,
    disabled: Signal<bool>,
) -> AnyView {
    let list =
        if action == CardAction::Add { path.clone() } else { path.rsplit_once('.').map(|(list, _)| list.to_owned()).unwrap_or_default() };
    let press = move |event: leptos::ev::MouseEvent| {
        if within.state.is_live_untracked() {
            event.prevent_default();
            act.run((action, at));
        }
    };
    view! {
        <button
            type="submit"
            class="button button--quiet button--small"
            name="action"
            value=format!("card:{}:{path}", action.name())
            formaction=format!("#{}", input_name(list))
            id=format!("{}.{path}", action.name())
            aria-label=words.clone()
            title=words
            disabled=disabled
            on:click=press
        >
            {content}
        </button>
    }
    .into_any()
}

/// Puts the focus where the next key is meant for, once the list is shown anew.
fn focus_later(path: String, action: CardAction, place: usize) {
    let focus = move || {
        let page = document();
        let find = |selector: String| page.query_selector(&selector).ok().flatten();
        let id = |name: &str| page.get_element_by_id(&format!("{name}.{path}.{place}"));
        let open = |element: &web_sys::Element| !element.has_attribute("disabled");
        let button = |name: &str| id(name).filter(open);
        let element = match action {
            CardAction::Add | CardAction::Copy => {
                find(format!("[id=\"card.{path}.{place}\"] :is(input:not([type=hidden]), select, textarea)"))
            }
            CardAction::Remove => id("remove").or_else(|| page.get_element_by_id(&format!("add.{path}"))),
            CardAction::Up => button("up").or_else(|| button("down")),
            CardAction::Down => button("down").or_else(|| button("up")),
        };
        if let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
            _ = element.focus();
        }
    };
    set_timeout(focus, std::time::Duration::ZERO);
}
