//! The text of the draft, and the commands on it.

use leptos::prelude::*;

use super::draft::DraftState;
use crate::components::{inline_text::InlineText, yaml_editor::YamlEditor};

/// The editor and its commands.
#[component]
pub fn YamlView(state: DraftState) -> impl IntoView {
    let command = move |action: &'static str, label: &'static str, title: &'static str, run: fn(DraftState)| {
        let click = move |event: leptos::ev::MouseEvent| {
            if state.is_live() {
                event.prevent_default();
                run(state);
            }
        };
        view! {
            <button class="button button--small" type="submit" name="action" value=action title=title on:click=click>
                {label}
            </button>
        }
        .into_any()
    };
    view! {
        <section class="section" aria-labelledby="yaml-title">
            <div class="section__head">
                <h2 id="yaml-title">"Run configuration"</h2>
                <div class="row">
                    {command("required", "Scaffold required", "Write out the values that are missing", DraftState::scaffold)}
                    {command("expand", "Expand defaults", "Write out every parameter at the snapshot's value", DraftState::expand)}
                    {command("clear", "Remove unknown", "Remove the keys that have no effect", DraftState::clear_unknown)}
                </div>
            </div>
            <p class="soft">
                "Only what is written here differs from the snapshot. An empty text runs it as it is. "
                {move || if state.is_live() {
                    "Ctrl+Space completes. Esc, then Tab leaves the editor."
                } else {
                    "Fields and text can both be changed before the form is sent; where both have a new value for the same thing, you are asked."
                }}
            </p>
            <YamlEditor
                name="yaml"
                label="Run configuration in YAML"
                text=state.text
                changed=Callback::new(move |text| state.set_text(text))
                ask=Callback::new(move |(question, text, line, column): (_, String, _, _)| state.help(question, &text, line, column))
                marks=Signal::derive(move || state.marks())
                line=state.line
            />
            <p class="soft" role="status">
                {move || state.told.get().map(|told| view! { <InlineText text=told /> }.into_any())}
            </p>
        </section>
    }
}
