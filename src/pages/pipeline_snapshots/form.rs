//! The form of a snapshot's texts, for a new one and for one that is there: in dialogs and on pages of their own.
//!
//! While a name is typed the page says whether it is taken, and what replacing its holder does. Without scripts the
//! answer to the form says the same.

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast as _;

use crate::{
    components::field::{TextArea, TextField},
    model::{
        form::FormState,
        page_request::PageRequest,
        pipeline_snapshots::{NameCheck, SnapshotTexts},
    },
    pages::data::ask_once,
};

/// Typing has paused when nothing was typed for this long.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(300);

/// Whose texts they are: what a name is checked against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormOf {
    pub project: String,
    /// Id of the pipeline.
    pub pipeline: String,
    /// Id of the snapshot; empty for a new one.
    pub snapshot: String,
}

/// The form; it is sent to `action`.
#[component]
pub fn SnapshotForm(
    #[prop(into)] action: String,
    of: FormOf,
    texts: SnapshotTexts,
    form: FormState,
    /// The word on the button.
    submit: &'static str,
) -> impl IntoView {
    let check = NameField::new(of, form.error("replace"));
    let ticked = !form.value("replace").is_empty();
    view! {
        <form class="stack" method="post" action=action>
            <TextField
                name="name"
                label="Name"
                value=form.typed("name").unwrap_or(texts.name)
                required=true
                autocomplete="off"
                error=form.error("name")
                on:input=move |event| check.typed(&event)
            />
            {move || {
                check
                    .replacing
                    .get()
                    .map(|effect| {
                        view! {
                            <label class="choice">
                                <input type="checkbox" name="replace" value="true" checked=ticked />
                                <span>
                                    "Replace it" <span class="table__sub">{effect}</span>
                                </span>
                            </label>
                        }
                            .into_any()
                    })
            }}
            <p class="visually-hidden" role="status">
                {move || check.replacing.get().map(|effect| format!("The name is taken. {effect}"))}
            </p>
            <TextArea
                name="description"
                label="Description"
                value=form.typed("description").unwrap_or(texts.description)
                help="What it is for, and what to look at before running it. Markdown."
            />
            <TextField
                name="tags"
                label="Tags"
                value=form.typed("tags").unwrap_or_else(|| texts.tags.join(", "))
                autocomplete="off"
                help="Separated by commas."
                error=form.error("tags")
            />
            <div class="dialog__actions">
                <button class="button button--primary" type="submit">
                    {submit}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// Checks a name when typing has paused.
#[derive(Clone, Copy)]
struct NameField {
    of: StoredValue<FormOf>,
    /// What replacing the holder of the name does; none while the name is free.
    replacing: RwSignal<Option<String>>,
    /// Counts what was typed: only the answer to the newest counts.
    turn: StoredValue<u32>,
}

impl NameField {
    fn new(of: FormOf, replacing: Option<String>) -> Self {
        Self { of: StoredValue::new(of), replacing: RwSignal::new(replacing), turn: StoredValue::new(0) }
    }

    fn typed(self, event: &leptos::ev::Event) {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok()) else { return };
        let (name, of) = (input.value(), self.of.get_value());
        let turn = self.turn.get_value().wrapping_add(1);
        self.turn.set_value(turn);
        let is_newest = move || self.turn.try_get_value() == Some(turn);
        let ask = move || {
            if !is_newest() {
                return;
            }
            spawn_local(async move {
                let request = PageRequest::SnapshotName { project: of.project, pipeline: of.pipeline, name, except: of.snapshot };
                let answer: Result<NameCheck, _> = ask_once(request).await;
                if let Ok(answer) = answer
                    && is_newest()
                {
                    self.replacing.try_set(answer.replacing);
                }
            });
        };
        set_timeout(ask, PAUSE);
    }
}
