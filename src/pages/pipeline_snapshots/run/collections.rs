//! Controls of values with parts: any of a few choices, and rows of keys and values.

use leptos::prelude::*;

use crate::{
    model::launches::Typed,
    run_configuration::form::{join_rows, split_rows},
};

/// Checkboxes, one for each choice; what is chosen is posted one a line, in the order of the choices.
pub fn checkboxes(
    id: &str,
    options: Vec<(String, String)>,
    typed: Signal<Typed>,
    set: impl Fn(String) + Clone + Send + Sync + 'static,
    described: Signal<Option<String>>,
    invalid: Signal<Option<&'static str>>,
) -> AnyView {
    let has = |typed: &Typed, value: &str| !typed.is_null && typed.text.lines().any(|line| line == value);
    let values: Vec<String> = options.iter().map(|(value, _)| value.clone()).collect();
    let checkbox = |(value, label): (String, String)| {
        let is_first = has(&typed.get_untracked(), &value);
        let (set, values, shown, toggled) = (set.clone(), values.clone(), value.clone(), value.clone());
        let toggle = move |event: leptos::ev::Event| {
            let is_checked = event_target_checked(&event);
            let before = typed.get_untracked();
            let chosen = values.iter().filter(|value| if **value == toggled { is_checked } else { has(&before, value) });
            set(chosen.cloned().collect::<Vec<_>>().join("\n"));
        };
        view! {
            <label class="choice">
                <input
                    type="checkbox"
                    id=format!("{id}={value}")
                    name=id.to_owned()
                    value=value
                    checked=is_first
                    prop:checked=move || typed.with(|typed| has(typed, &shown))
                    on:change=toggle
                />
                <span>{label}</span>
            </label>
        }
        .into_any()
    };
    let boxes = options.into_iter().map(checkbox).collect_view();
    let label = format!("{id}-label");
    view! {
        // Says that the field is there when nothing is chosen.
        <input type="hidden" name=id.to_owned() value="" />
        <div class="parameter__choices" role="group" aria-labelledby=label aria-describedby=described data-invalid=invalid>
            {boxes}
        </div>
    }
    .into_any()
}

/// Rows of a key and a value, with an empty one at the end.
#[component]
pub fn Rows(
    /// Id of the label of all rows.
    label: String,
    key_input: String,
    value_input: String,
    mode: Option<String>,
    typed: Signal<Typed>,
    set: Callback<String>,
    described: Signal<Option<String>>,
    invalid: Signal<Option<&'static str>>,
) -> impl IntoView {
    let with_empty = |text: &str| {
        let mut rows = split_rows(text);
        rows.push(<(String, String)>::default());
        rows
    };
    let rows = RwSignal::new(with_empty(&typed.get_untracked().text));
    Effect::new(move |_| {
        let text = typed.get().text;
        if join_rows(&rows.get_untracked()) != text {
            rows.set(with_empty(&text));
        }
    });
    let change = move |row: usize, is_key: bool, text: String| {
        rows.update(|rows| {
            let Some((key, value)) = rows.get_mut(row) else { return };
            *(if is_key { key } else { value }) = text;
            if rows.last().is_some_and(|(key, value)| !key.is_empty() || !value.is_empty()) {
                rows.push(Default::default());
            }
        });
        set.run(join_rows(&rows.get_untracked()));
    };
    let input = move |row: usize, is_key: bool| {
        let shown = move || {
            rows.with(|rows| rows.get(row).map(|(key, value)| if is_key { key.clone() } else { value.clone() })).unwrap_or_default()
        };
        let first = untrack(shown);
        let name = if is_key { key_input.clone() } else { value_input.clone() };
        let words = format!("{} {}", if is_key { "Key" } else { "Value" }, row + 1);
        view! {
            <input
                class="input input--mono"
                type="text"
                id=format!("{name}.{row}")
                name=name
                inputmode=mode.clone().filter(|_| !is_key)
                autocomplete="off"
                spellcheck="false"
                placeholder=if is_key { "key" } else { "value" }
                aria-label=words
                aria-invalid=invalid
                value=first
                prop:value=shown
                on:input=move |event| change(row, is_key, event_target_value(&event))
            />
        }
        .into_any()
    };
    view! {
        <div class="rows" role="group" aria-labelledby=label aria-describedby=described>
            <For each=move || 0..rows.with(Vec::len) key=|row| *row let:row>
                <div class="rows__row">{input(row, true)} {input(row, false)}</div>
            </For>
        </div>
    }
}
