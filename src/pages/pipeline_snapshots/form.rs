//! The form of a snapshot's texts, for a new one and for one that is there: in dialogs and on pages of their own.
//!
//! While a name is typed the page says whether it is taken, and what replacing its holder does. Without scripts the
//! answer to the form says the same.

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast as _;

use crate::{
    components::field::{FieldNotes, TextArea, TextField, described_by},
    model::{
        form::FormState,
        page_request::PageRequest,
        pipeline_snapshots::{EXPOSE, EXPOSE_CHOSEN, Exposable, NameCheck, SnapshotTexts},
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
    /// What a form view of a new snapshot can offer.
    #[prop(optional)]
    exposable: Vec<Exposable>,
    /// The word on the button.
    submit: &'static str,
) -> impl IntoView {
    let exposure = (!exposable.is_empty()).then(|| exposure(exposable, &form));
    let check = NameField::new(of, form.error("replace"));
    let ticked = !form.value("replace").is_empty();
    let protected = form.typed("protected").map_or(texts.protected, |typed| !typed.is_empty());
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
            <label class="choice">
                <input type="checkbox" name="protected" value="true" checked=protected />
                <span>
                    "Protected" <span class="table__sub">"Launching it here repeats the changes and asks first."</span>
                </span>
            </label>
            {exposure}
            <div class="dialog__actions">
                <button class="button button--primary" type="submit">
                    {submit}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// Whether others get all values in the form of the snapshot, or which of them: the first form view.
fn exposure(all: Vec<Exposable>, form: &FormState) -> AnyView {
    let is_chosen = form.value(EXPOSE) == EXPOSE_CHOSEN;
    let error = form.error(EXPOSE);
    let described = described_by(EXPOSE, true, error.is_some());
    let radio = |value: &'static str, label: &'static str, checked: bool| {
        view! {
            <label class="choice">
                <input type="radio" name=EXPOSE value=value checked=checked />
                <span>{label}</span>
            </label>
        }
        .into_any()
    };
    let groups = all.chunk_by(|left, right| left.group == right.group).map(|group| {
        let boxes = group.iter().map(|one| {
            let checked = !form.value(&one.input()).is_empty();
            view! {
                <label class="choice">
                    <input type="checkbox" name=one.input() value="true" checked=checked />
                    <span>
                        <span class="mono">{one.name.clone()}</span>
                        {one.value.clone().map(|value| view! { <span class="table__sub mono">{value}</span> }.into_any())}
                    </span>
                </label>
            }
            .into_any()
        });
        view! {
            <fieldset class="exposure__group">
                <legend>{group[0].group.clone()}</legend>
                {boxes.collect_view()}
            </fieldset>
        }
        .into_any()
    });
    view! {
        <fieldset class="exposure" aria-describedby=described>
            <legend class="field__label">"In the form of others"</legend>
            {radio("all", "All parameters", !is_chosen)} {radio(EXPOSE_CHOSEN, "Only those chosen here", is_chosen)}
            <div class="exposure__groups">{groups.collect_view()}</div>
            <FieldNotes
                name=EXPOSE
                help="Those who may not edit the snapshot can set nothing else. Names, help and limits: on its Form view tab."
                error=error
            />
        </fieldset>
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
