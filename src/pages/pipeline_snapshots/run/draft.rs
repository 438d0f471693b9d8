//! The draft of a run: one text, the fields that show it, and what is wrong with it.

use leptos::prelude::*;

use crate::{
    components::yaml_editor::Mark,
    model::launches::Draft,
    run_configuration::{
        form::{self, Entry, Field, apply_to_text, input_name},
        problem::Problem,
        review::{Review, review},
        snapshot::Snapshot,
        value_path::ValuePath,
    },
};

/// A field and what is typed in it.
#[derive(Clone)]
pub struct FieldState {
    pub field: Field,
    pub entry: RwSignal<Entry>,
    /// Why what is typed could not be taken over into the text.
    pub problem: RwSignal<Option<Problem>>,
}

/// The whole draft; copies share it.
#[derive(Clone, Copy)]
pub struct DraftState {
    pub snapshot: StoredValue<Snapshot>,
    pub fields: StoredValue<Vec<FieldState>>,
    /// The run configuration in YAML.
    pub text: RwSignal<String>,
    /// What there is to say about the text; follows it after a moment.
    pub review: Memo<Review>,
    checked: RwSignal<String>,
    /// Line of the text to be shown.
    pub line: RwSignal<Option<usize>>,
    /// Name of the file that was loaded last.
    pub loaded: RwSignal<Option<String>>,
}

/// How long after the last edit the text is checked.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(200);

impl DraftState {
    /// A draft as the server sent it.
    pub fn new(snapshot: Snapshot, draft: Draft) -> Self {
        let first = review(&snapshot, &draft.text);
        let fields = form::fields(&snapshot).into_iter().map(|field| field_state(field, &first, &draft)).collect();
        let snapshot = StoredValue::new(snapshot);
        let checked = RwSignal::new(draft.text.clone());
        let review = Memo::new(move |_| snapshot.with_value(|snapshot| review(snapshot, &checked.get())));
        Self {
            snapshot,
            fields: StoredValue::new(fields),
            text: RwSignal::new(draft.text),
            review,
            checked,
            line: RwSignal::new(None),
            loaded: RwSignal::new(None),
        }
    }

    /// Takes over what was typed in a field: into the text, or as a problem of the field.
    pub fn set_entry(self, state: &FieldState, entry: Entry) {
        let (text, problems) =
            apply_to_text(&self.text.get_untracked(), std::slice::from_ref(&state.field), &[(state.field.path.clone(), entry.clone())]);
        state.entry.set(entry);
        state.problem.set(problems.into_iter().next());
        if text != self.text.get_untracked() {
            self.set_text(text);
        }
    }

    /// Sets a value back to the snapshot's.
    pub fn reset(self, path: &ValuePath) {
        let state = self.fields.with_value(|fields| fields.iter().find(|state| path.starts_with(&state.field.path)).cloned());
        match state {
            Some(state) => self.set_entry(&state, state.field.entry(None)),
            None => {
                if let Ok(text) = crate::run_configuration::edit::remove(&self.text.get_untracked(), path) {
                    self.set_text(text);
                }
            }
        }
    }

    /// Replaces the text.
    pub fn set_text(self, text: String) {
        self.text.set(text);
    }

    /// What is wrong, in the order of the text: problems of fields first.
    pub fn problems(self) -> Vec<Problem> {
        let of_fields = self.fields.with_value(|fields| fields.iter().filter_map(|state| state.problem.get()).collect::<Vec<_>>());
        of_fields.into_iter().chain(self.review.get().problems).collect()
    }

    /// Places of the text to be marked in the editor.
    pub fn marks(self) -> Vec<Mark> {
        let mark = |problem: Problem| {
            let message = problem.fix.map_or_else(|| problem.message.clone(), |fix| format!("{} {fix}", problem.message));
            Some(Mark { line: problem.line?, column: problem.column.unwrap_or(1), message })
        };
        self.review.get().problems.into_iter().filter_map(mark).collect()
    }

    /// Keeps text, fields and findings in step while the page is open.
    pub fn follow(self) {
        // The text is checked when typing pauses.
        Effect::new(move |timer: Option<Option<TimeoutHandle>>| {
            if let Some(Some(timer)) = timer {
                timer.clear();
            }
            let text = self.text.get();
            if text == self.checked.get_untracked() {
                return None;
            }
            set_timeout_with_handle(move || _ = self.checked.try_set(text), PAUSE).ok()
        });
        Effect::new(move |_| {
            let review = self.review.get();
            self.show_in_fields(&review);
        });
    }

    /// Shows the values of the text in all fields but the one that is being typed in.
    fn show_in_fields(self, review: &Review) {
        // What is newer than the findings is shown when it was checked too.
        if review.configuration.is_none() || self.text.get_untracked() != self.checked.get_untracked() {
            return;
        }
        let typing = document().active_element().map(|element| element.id()).unwrap_or_default();
        self.fields.with_value(|fields| {
            for state in fields {
                let entry = state.field.entry(review.configuration.as_ref().and_then(|values| state.field.path.get(values)));
                let is_typing = typing.starts_with(&input_name(&state.field.path));
                if !is_typing && state.problem.get_untracked().is_none() && state.entry.get_untracked() != entry {
                    state.entry.set(entry);
                }
            }
        });
    }

    /// Takes the text of a chosen file.
    pub fn load_file(self, event: &leptos::ev::Event) {
        #[cfg(feature = "hydrate")]
        {
            use wasm_bindgen::JsCast as _;
            let input = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
            let Some(file) = input.and_then(|input| input.files()).and_then(|files| files.get(0)) else { return };
            leptos::task::spawn_local(async move {
                let Ok(text) = wasm_bindgen_futures::JsFuture::from(file.text()).await else { return };
                self.fields.with_value(|fields| fields.iter().for_each(|state| state.problem.set(None)));
                self.set_text(text.as_string().unwrap_or_default().replace("\r\n", "\n"));
                self.loaded.set(Some(file.name()));
            });
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
    }
}

/// A field with what was typed in it, or else what the text says.
fn field_state(field: Field, review: &Review, draft: &Draft) -> FieldState {
    let typed = draft.entries.iter().find(|(path, _)| *path == field.path).map(|(_, entry)| entry.clone());
    let value = review.configuration.as_ref().and_then(|configuration| field.path.get(configuration));
    let entry = typed.unwrap_or_else(|| field.entry(value));
    let problem = draft.problems.iter().find(|problem| problem.path.starts_with(&field.path)).cloned();
    FieldState { field, entry: RwSignal::new(entry), problem: RwSignal::new(problem) }
}
