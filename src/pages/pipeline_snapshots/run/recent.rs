//! The values that a field had in earlier runs, each with its run; a click takes one over.

use leptos::prelude::*;

use super::draft::{DraftState, FieldState};
use crate::model::launches::RecentValue;

/// The values of one field, if there are any; `runs` is the path of the list of runs. Without scripts each is a button of
/// the page's form, so that the draft is kept.
pub fn values(state: DraftState, field: &FieldState, runs: StoredValue<String>) -> Option<AnyView> {
    let recent = field.field.recent.clone();
    let value = |value: RecentValue| {
        let RecentValue { label, typed, run, index, mark, status } = value;
        let (action, field) = (format!("recent:{run}:{}", field.field.path), field.clone());
        let (told, page) = (format!("Run {index}, {status}"), runs.with_value(|runs| format!("{runs}/{run}")));
        let take = move |event: leptos::ev::MouseEvent| {
            if state.is_live_untracked() {
                event.prevent_default();
                state.set_field(&field, typed.clone());
            }
        };
        view! {
            <li class="recent__value">
                <button class="recent__take mono" type="submit" name="action" value=action title="Use this value" on:click=take>
                    {label}
                </button>
                <a class="recent__run" href=page title=told.clone() aria-label=told>
                    {format!("#{index} {mark}")}
                </a>
            </li>
        }
        .into_any()
    };
    (!recent.is_empty()).then(|| {
        view! {
            <div class="recent">
                <span>"Recent"</span>
                <ul class="recent__list" role="list">
                    {recent.into_iter().map(value).collect_view()}
                </ul>
            </div>
        }
        .into_any()
    })
}
