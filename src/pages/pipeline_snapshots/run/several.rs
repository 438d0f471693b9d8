//! Several values for fields: while somebody types them, the server is asked which runs they make.

use leptos::prelude::*;

use super::keeping::Keeping;
use crate::model::launches::SweepView;

/// Typing has paused when nothing was typed for this long.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(300);
/// How the names of the controls begin.
const PREFIX: &str = "several.";

/// What the fields with several values come to; copies share it.
#[derive(Clone, Copy)]
pub struct Several {
    pub view: RwSignal<SweepView>,
    keeping: Keeping,
    /// Counts the questions: only the answer to the newest counts.
    turn: StoredValue<u32>,
}

impl Several {
    pub fn new(view: SweepView, keeping: Keeping) -> Self {
        Self { view: RwSignal::new(view), keeping, turn: StoredValue::new(0) }
    }

    /// How many runs the launch makes.
    pub fn runs(self) -> usize {
        self.view.with(|view| view.runs.max(1))
    }

    /// Follows the text, which all runs start from.
    pub fn follow(self, text: RwSignal<String>) {
        Effect::new(move |before: Option<()>| {
            text.track();
            if before.is_some() && self.view.with_untracked(|view| !view.html.is_empty()) {
                self.ask();
            }
        });
    }

    /// Something was typed in the form.
    pub fn touched(self, event: &web_sys::Event) {
        let name = event.target().and_then(|target| js_sys::Reflect::get(&target, &"name".into()).ok()?.as_string());
        if name.is_some_and(|name| name.starts_with(PREFIX)) {
            self.ask();
        }
    }

    fn ask(self) {
        let turn = self.turn.get_value().wrapping_add(1);
        self.turn.set_value(turn);
        let is_newest = move || self.turn.try_get_value() == Some(turn);
        let ask = move || {
            if is_newest() {
                self.keeping.ask_runs(move |view| {
                    if is_newest() {
                        self.view.set(view);
                    }
                });
            }
        };
        set_timeout(ask, PAUSE);
    }
}
