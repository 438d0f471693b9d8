//! The folded sections of the form: what a run asks of machines, settings of single steps, and what is seldom set.
//!
//! What is folded is not laid out before it is opened. A section that has something changed or wrong in it is open from the
//! start, so that nothing of a draft is out of sight.

use leptos::{html, prelude::*};

use super::{
    draft::{DraftState, FieldState},
    fields::{Group, group_view},
};
use crate::{
    components::icon::Icon,
    model::launches::{Section, StepChoice},
};

/// One section; among the resources also the options of steps, and the choice of one more.
pub fn section(state: DraftState, runs: StoredValue<String>, section: Section, groups: &[Group], steps: &StepChoice) -> AnyView {
    let members: Vec<FieldState> = groups.iter().flat_map(|(_, (_, members))| members.clone()).collect();
    let is_asked = section == Section::Resources && !steps.asked.is_empty();
    let has_steps = section == Section::Resources && !(steps.hidden.is_empty() && steps.asked.is_empty());
    let content = view! {
        {groups.iter().map(|group| group_view(state, runs, group)).collect_view()}
        {has_steps.then(|| choice(steps.clone()))}
    };
    folded(state, section.heading().unwrap_or_default(), members, is_asked, content.into_any())
}

/// Fields behind a heading that opens them.
fn folded(state: DraftState, heading: &'static str, members: Vec<FieldState>, is_asked: bool, content: AnyView) -> AnyView {
    let is_wrong =
        |input: &String| state.findings.with(|findings| findings.problems.iter().any(|problem| problem.input.as_ref() == Some(input)));
    let matters = |member: &FieldState| member.changed.get() || member.refused.with(Option::is_some) || is_wrong(&member.field.input);
    let first = is_asked || untrack(|| members.iter().any(matters));
    // As somebody left it; a filter opens what it finds, and does not change this.
    let is_left_open = RwSignal::new(first);
    let (node, filter) = (NodeRef::<html::Details>::new(), state.filter);
    let members = StoredValue::new(members);
    let has_found =
        Memo::new(move |_| filter.is_active() && members.with_value(|members| members.iter().any(|member| filter.shows(state, member))));
    let is_open = move || if filter.is_active() { has_found.get() } else { is_left_open.get() };
    let toggled = move |_| {
        if let Some(details) = node.get_untracked().filter(|_| untrack(|| !filter.is_active())) {
            is_left_open.set(details.open());
        }
    };
    let changed = move || match members.with_value(|members| members.iter().filter(|member| member.changed.get()).count()) {
        0 => None,
        count => Some(view! { <span class="options__changed">{format!("{count} changed")}</span> }.into_any()),
    };
    view! {
        <details
            class="card card--folded"
            node_ref=node
            open=first
            prop:open=is_open
            hidden=move || filter.is_active() && !has_found.get()
            on:toggle=toggled
        >
            <summary class="card__summary">{heading} " " {changed}</summary>
            <div class="options__content">{content}</div>
        </details>
    }
    .into_any()
}

/// The choice of a step whose options are shown too. It sends the form, so that nothing that was typed is lost.
fn choice(steps: StepChoice) -> AnyView {
    let StepChoice { hidden, asked } = steps;
    let kept = asked.into_iter().map(|step| view! { <input type="hidden" name="options" value=step /> }.into_any()).collect_view();
    let select = (!hidden.is_empty()).then(|| {
        let option = |step: String| {
            let value = step.clone();
            view! { <option value=value>{step}</option> }.into_any()
        };
        view! {
            <label class="options__label" for="step-options">
                "Set options of a step"
            </label>
            // It is no value of the draft, which must not hear of it.
            <select class="input options__steps" id="step-options" name="options" on:input=|event| event.stop_propagation()>
                <option value="">"Choose a step"</option>
                {hidden.into_iter().map(option).collect_view()}
            </select>
            <button class="button" type="submit" name="action" value="check" formaction="#step-options">
                <Icon name="plus" />
                "Show"
            </button>
        }
        .into_any()
    });
    view! { <div class="options__choice" id="steps">{kept} {select}</div> }.into_any()
}
