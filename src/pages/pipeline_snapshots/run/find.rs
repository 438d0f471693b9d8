//! Finding a field among many: a filter, and a list of the steps that leads to them.

use leptos::{html, prelude::*};

use super::draft::{DraftState, FieldState};
use crate::{components::icon::Icon, model::launches::FormField};

/// Fewer fields are found by looking at them.
const MANY: usize = 12;

/// Which fields are shown; copies share it.
#[derive(Clone, Copy)]
pub struct FieldFilter {
    words: RwSignal<String>,
    changed: RwSignal<bool>,
    required: RwSignal<bool>,
}

impl FieldFilter {
    /// Everything is shown.
    pub fn new() -> Self {
        Self { words: RwSignal::new(String::new()), changed: RwSignal::new(false), required: RwSignal::new(false) }
    }

    /// Whether a field is shown: it is of the kind that is wanted and has all words in its name, step, type or help.
    pub fn shows(self, draft: DraftState, state: &FieldState) -> bool {
        let has_words = self.words.with(|words| words.is_empty() || has_words(&state.field, words));
        has_words && (!self.required.get() || state.field.required) && (!self.changed.get() || is_or_was_changed(draft, state))
    }

    /// Whether some fields may not be shown.
    pub fn is_active(self) -> bool {
        self.required.get() || self.changed.get() || self.words.with(|words| !words.is_empty())
    }

    /// Shows everything again.
    pub fn clear(self) {
        self.words.set(String::new());
        self.changed.set(false);
        self.required.set(false);
    }
}

/// A field that is set back while only changed ones are shown stays: somebody is in it.
fn is_or_was_changed(draft: DraftState, state: &FieldState) -> bool {
    state.changed.get() || state.refused.with(Option::is_some) || draft.is_edited_last(&state.field)
}

fn has_words(field: &FormField, words: &str) -> bool {
    let FormField { path, models, name, kind, help, .. } = field;
    let text = [path, &models.join(" "), name, kind, help].map(|part| part.to_ascii_lowercase()).join(" ");
    words.to_ascii_lowercase().split_whitespace().all(|word| text.contains(word))
}

/// Id of the group of fields with this number.
pub fn group_id(number: usize) -> String {
    format!("group.{number}")
}

/// Fields under the headings that they stand under, in their order; those of one heading are in one section.
pub fn by_group(fields: Vec<FieldState>) -> Vec<(String, Vec<FieldState>)> {
    let mut groups: Vec<(String, Vec<FieldState>)> = Vec::new();
    for field in fields {
        match groups.last_mut() {
            Some((name, members)) if *name == field.field.group => members.push(field),
            _ => groups.push((field.field.group.clone(), vec![field])),
        }
    }
    groups
}

/// The controls above the fields, where there are many.
#[component]
pub fn FindFields(state: DraftState) -> impl IntoView {
    let fields = state.fields.get_value();
    let in_sight = fields.iter().filter(|field| field.field.section.heading().is_none()).count();
    (in_sight > MANY).then(|| {
        view! {
            <div class="find">
                {filter(state, fields.clone())}
                {steps(state, fields)}
            </div>
        }
        .into_any()
    })
}

/// Does nothing without scripts, and is not shown then.
fn filter(state: DraftState, fields: Vec<FieldState>) -> AnyView {
    let filter = state.filter;
    let total = fields.len();
    let has_required = fields.iter().any(|field| field.field.required);
    let shown = Memo::new(move |_| fields.iter().filter(|field| filter.shows(state, field)).count());
    let told = move || match shown.get() {
        count if count == total => format!("{total} fields"),
        0 => "No field is like that.".to_owned(),
        count => format!("{count} of {total} fields"),
    };
    let switch = move |label: &'static str, signal: RwSignal<bool>| {
        view! {
            <label class="choice">
                <input type="checkbox" prop:checked=move || signal.get() on:change=move |event| signal.set(event_target_checked(&event)) />
                <span>{label}</span>
            </label>
        }
        .into_any()
    };
    view! {
        // What is typed and ticked here is no value: the form must not hear of it.
        <div
            class="find__filter"
            role="search"
            aria-label="Fields"
            hidden=move || !state.is_live()
            on:input=|event| event.stop_propagation()
        >
            <input
                class="input find__words"
                type="search"
                aria-label="Find fields"
                placeholder="Name, step or help"
                autocomplete="off"
                spellcheck="false"
                prop:value=move || filter.words.get()
                on:input=move |event| filter.words.set(event_target_value(&event))
            />
            {switch("Only changed", filter.changed)}
            {has_required.then(|| switch("Only required", filter.required))}
            <span class="find__count" role="status">
                {told}
            </span>
        </div>
    }
    .into_any()
}

/// Links to the groups, with what is wrong or changed in each.
fn steps(state: DraftState, fields: Vec<FieldState>) -> Option<AnyView> {
    let groups = by_group(fields);
    let problems = Memo::new(move |_| {
        state.problems().into_iter().filter(|problem| problem.is_error).filter_map(|problem| problem.input).collect::<Vec<String>>()
    });
    let menu = NodeRef::<html::Details>::new();
    let close = move |_| {
        state.filter.clear();
        if let Some(menu) = menu.get_untracked() {
            menu.set_open(false);
        }
    };
    let link = move |(number, (name, members)): (usize, (String, Vec<FieldState>))| {
        let href = format!("#{}", group_id(number));
        let counts = move || {
            let is_wrong = |state: &&FieldState| problems.with(|inputs| inputs.contains(&state.field.input));
            let wrong = members.iter().filter(is_wrong).count();
            let changed = members.iter().filter(|state| state.changed.get()).count();
            match (wrong, changed) {
                (0, 0) => None,
                (0, changed) => Some(view! { <span class="find__changed">{format!("{changed} changed")}</span> }.into_any()),
                (wrong, _) => {
                    Some(view! { <span class="find__wrong">{if wrong == 1 { "1 problem".to_owned() } else { format!("{wrong} problems") }}</span> }.into_any())
                }
            }
        };
        view! {
            <a class="menu__item find__step" href=href rel="external" on:click=close>
                <span class="mono">{name}</span>
                {counts}
            </a>
        }
        .into_any()
    };
    (groups.len() > 1).then(|| {
        let count = groups.len();
        view! {
            <details class="menu find__steps" node_ref=menu>
                <summary class="button button--small">{format!("Go to ({count})")} <Icon name="down" /></summary>
                <div class="menu__panel find__panel">{groups.into_iter().enumerate().map(link).collect_view()}</div>
            </details>
        }
        .into_any()
    })
}

#[cfg(test)]
mod tests {
    use super::has_words;
    use crate::{checker::fields, run_configuration::snapshot::Snapshot};

    #[test]
    fn a_field_is_found_by_all_words() {
        let snapshot = Snapshot { run_name_template: "{date}".to_owned(), ..Snapshot::default() };
        let field = &fields(&snapshot)[0];
        for words in ["run", "NAME", "run name", "  name  "] {
            assert!(has_words(field, words), "{words:?} in {field:?}");
        }
        assert!(!has_words(field, "name elsewhere"));
    }
}
