//! Which views of the draft are shown: the form, the text, or both. The URL says it: `?mode=form`, `yaml` or `split`.

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate, use_query_map},
};

use super::draft::DraftState;

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Form,
    Yaml,
    Split,
}

impl Mode {
    fn of_name(name: &str) -> Option<Self> {
        [Self::Form, Self::Yaml, Self::Split].into_iter().find(|mode| mode.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Yaml => "yaml",
            Self::Split => "split",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Form => "Form",
            Self::Yaml => "YAML",
            Self::Split => "Split",
        }
    }
}

fn of_url() -> Option<Mode> {
    use_query_map().with_untracked(|query| query.get("mode").and_then(|name| Mode::of_name(&name)))
}

/// Whether both views are there only until the checker is: where scripts run, the page is laid out as the form from the start.
pub fn becomes_form(state: DraftState, is_unreadable: bool) -> Signal<bool> {
    let is_open = of_url().is_none() && !is_unreadable;
    Signal::derive(move || is_open && !state.is_live())
}

/// The mode of the page. Where the URL says none, both views are there until the checker keeps them in step; then the form,
/// or the text if that cannot be read.
pub fn mode(state: DraftState, is_unreadable: bool) -> RwSignal<Mode> {
    let of_url = of_url();
    let mode = RwSignal::new(of_url.unwrap_or(Mode::Split));
    Effect::new(move |_| {
        if of_url.is_none() && state.is_live() {
            mode.set(if is_unreadable { Mode::Yaml } else { Mode::Form });
        }
    });
    mode
}

/// The choice of the mode. Without scripts it sends the form, so that nothing that was typed is lost.
#[component]
pub fn ModeSwitch(mode: RwSignal<Mode>, state: DraftState) -> impl IntoView {
    let (navigate, location) = (use_navigate(), use_location());
    let choose = Callback::new(move |wanted: Mode| {
        mode.set(wanted);
        let mut query = location.query.get_untracked();
        query.replace("mode", wanted.name().to_owned());
        let url = format!("{}{}", location.pathname.get_untracked(), query.to_query_string());
        navigate(&url, NavigateOptions { replace: true, scroll: false, resolve: false, ..NavigateOptions::default() });
    });
    // What the form shows besides stays in the URL.
    let all = use_query_map().with_untracked(|query| query.get("fields").is_some_and(|fields| fields == "all"));
    let besides = if all { "&fields=all" } else { "" };
    let button = move |wanted: Mode| {
        let click = move |event: leptos::ev::MouseEvent| {
            if state.is_live() {
                event.prevent_default();
                choose.run(wanted);
            }
        };
        view! {
            <button
                type="submit"
                name="action"
                value="check"
                formaction=format!("?mode={}{besides}", wanted.name())
                class="segmented__choice"
                aria-pressed=move || if mode.get() == wanted { "true" } else { "false" }
                on:click=click
            >
                {wanted.label()}
            </button>
        }
    };
    view! {
        <div class="segmented" role="group" aria-label="Edit as">
            {button(Mode::Form)} {button(Mode::Yaml)} {button(Mode::Split)}
        </div>
    }
}
