//! The draft of a run in the browser: one text, the fields that show it, and what the checker says about it.

use leptos::prelude::*;

use super::{
    checking::{About, Checking},
    find::FieldFilter,
};
use crate::{
    components::yaml_editor::{Mark, Question},
    model::{
        launches::{Edit, FieldEntry, FileReport, Findings, FormField, ShownProblem, Typed},
        pipeline_snapshots::CodeExample,
    },
    run_configuration::form::keep_aside,
};

/// How long after the last edit the text is checked.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(200);

/// A field and what is typed in it.
#[derive(Clone)]
pub struct FieldState {
    pub field: FormField,
    pub typed: RwSignal<Typed>,
    pub changed: RwSignal<bool>,
    /// Why what is typed could not be taken over into the text.
    pub refused: RwSignal<Option<ShownProblem>>,
    /// What a field that takes YAML is read as.
    pub read_as: RwSignal<Option<String>>,
}

impl FieldState {
    fn new(field: FormField, entry: FieldEntry) -> Self {
        let (typed, changed, refused) = (RwSignal::new(entry.typed), RwSignal::new(entry.changed), RwSignal::new(entry.refused));
        Self { field, typed, changed, refused, read_as: RwSignal::new(entry.read_as) }
    }
}

/// The whole draft; copies share it.
#[derive(Clone, Copy)]
pub struct DraftState {
    pub fields: StoredValue<Vec<FieldState>>,
    /// The run configuration in YAML.
    pub text: RwSignal<String>,
    /// What there is to say about the text; follows it after a moment.
    pub findings: RwSignal<Findings>,
    /// The field that the last edit was made in; none if it was made in the text or by a command.
    typing: RwSignal<Option<String>>,
    /// Line of the text to be shown.
    pub line: RwSignal<Option<usize>>,
    /// What came of the file that was loaded last.
    pub report: RwSignal<Option<FileReport>>,
    /// Whether a file is laid over the text instead of taking its place.
    pub merge: RwSignal<bool>,
    /// What a command did, in words.
    pub told: RwSignal<Option<String>>,
    /// The text that the fields show the values of: the one that was checked last.
    pub shown: RwSignal<String>,
    /// Which fields are shown.
    pub filter: FieldFilter,
    checking: Checking,
}

impl DraftState {
    /// A draft as the server sent it.
    pub fn new(about: About, fields: Vec<FormField>, text: String, findings: Findings, report: Option<FileReport>) -> Self {
        let states = fields.into_iter().zip(findings.entries.iter().cloned()).map(|(field, entry)| FieldState::new(field, entry)).collect();
        Self {
            fields: StoredValue::new(states),
            shown: RwSignal::new(text.clone()),
            text: RwSignal::new(text),
            findings: RwSignal::new(findings),
            typing: RwSignal::new(None),
            line: RwSignal::new(None),
            report: RwSignal::new(report),
            merge: RwSignal::new(false),
            told: RwSignal::new(None),
            filter: FieldFilter::new(),
            checking: Checking::of(about),
        }
    }

    /// Whether the checker is there: from then on form and text are kept in step.
    pub fn is_live(self) -> bool {
        self.checking.is_ready()
    }

    /// The same, where nothing follows it.
    pub fn is_live_untracked(self) -> bool {
        untrack(move || self.is_live())
    }

    /// Takes over what was typed in a field: into the text, or as a problem of the field.
    pub fn set_field(self, state: &FieldState, typed: Typed) {
        let Some(edit) = self.checking.set_field(&self.text.get_untracked(), &state.field.path, &typed) else { return };
        let Edit { text, refused } = edit;
        state.typed.set(typed);
        // The review reads this of every field: a key that changes nothing must not make it anew.
        if state.refused.with_untracked(|before| *before != refused) {
            state.refused.set(refused);
        }
        self.set_text(text);
        self.typing.set(Some(state.field.path.clone()));
    }

    /// The text that was checked last, as code; none where there is no checker.
    pub fn code(self) -> Option<Vec<CodeExample>> {
        self.shown.with(|text| self.checking.code(text))
    }

    /// Sets a value back to the snapshot's.
    pub fn reset(self, path: &str) {
        let state = self.fields.with_value(|fields| fields.iter().find(|state| state.field.path == path).cloned());
        match state {
            Some(state) => self.set_field(&state, state.field.usual.clone()),
            None => self.edit(|text| self.checking.reset(text, path)),
        }
    }

    /// Writes out all values.
    pub fn expand(self) {
        self.edit(|text| self.checking.expanded(text));
    }

    /// Writes out what is required.
    pub fn scaffold(self) {
        self.edit(|text| self.checking.with_required(text));
    }

    /// Removes unknown keys.
    pub fn clear_unknown(self) {
        let Some(cleared) = self.checking.cleared(&self.text.get_untracked()) else { return };
        self.told.set(Some(cleared.in_words()));
        self.set_text(cleared.text);
    }

    fn edit(self, edit: impl FnOnce(&str) -> Option<String>) {
        if let Some(text) = edit(&self.text.get_untracked()) {
            self.set_text(text);
        }
    }

    /// Replaces the text.
    pub fn set_text(self, text: String) {
        self.typing.set(None);
        if text != self.text.get_untracked() {
            self.text.set(text);
        }
    }

    /// What is wrong: problems of fields first, then those of the text in its order.
    pub fn problems(self) -> Vec<ShownProblem> {
        let of_fields = self.fields.with_value(|fields| fields.iter().filter_map(|state| state.refused.get()).collect::<Vec<_>>());
        of_fields.into_iter().chain(self.findings.get().problems).collect()
    }

    /// Whether the last edit was made in this field.
    pub fn is_edited_last(self, field: &FormField) -> bool {
        self.typing.with(|path| path.as_ref() == Some(&field.path))
    }

    /// Whether something stops the launch.
    pub fn has_errors(self) -> bool {
        self.problems().iter().any(|problem| problem.is_error)
    }

    /// Places of the text to be marked in the editor.
    pub fn marks(self) -> Vec<Mark> {
        let mark = |problem: ShownProblem| {
            Some(Mark { is_error: problem.is_error, line: problem.line?, column: problem.column.unwrap_or(1), message: problem.message })
        };
        self.findings.get().problems.into_iter().filter_map(mark).collect()
    }

    /// Keeps text, fields and findings in step while the page is open.
    pub fn follow(self) {
        Effect::new(move |_| {
            if self.is_live() {
                self.adopt_what_was_typed();
            }
        });
        // The text is checked when typing pauses.
        Effect::new(move |timer: Option<Option<TimeoutHandle>>| {
            if let Some(Some(timer)) = timer {
                timer.clear();
            }
            let text = self.text.get();
            if !self.is_live() || self.shown.with_untracked(|shown| *shown == text) {
                return None;
            }
            set_timeout_with_handle(move || self.check(text), PAUSE).ok()
        });
    }

    fn check(self, text: String) {
        if self.shown.is_disposed() {
            return;
        }
        let Some(findings) = self.checking.look(&text) else { return };
        self.show_in_fields(&findings);
        self.findings.set(findings);
        self.shown.set(text);
    }

    /// Shows the values of the text in all fields but the one that is being typed in.
    fn show_in_fields(self, findings: &Findings) {
        let focused = document().active_element().map(|element| element.id()).unwrap_or_default();
        let typing = self.typing.get_untracked();
        self.fields.with_value(|fields| {
            for (state, entry) in fields.iter().zip(&findings.entries) {
                if state.changed.get_untracked() != entry.changed {
                    state.changed.set(entry.changed);
                }
                if state.read_as.with_untracked(|read_as| *read_as != entry.read_as) {
                    state.read_as.set(entry.read_as.clone());
                }
                let is_typing = typing.as_ref() == Some(&state.field.path) && state.field.is_control(&focused);
                let waits = is_typing || findings.is_unreadable || state.refused.get_untracked().is_some();
                if waits {
                    continue;
                }
                let before = state.typed.get_untracked();
                let typed = Typed { text: keep_aside(&before.text, &entry.typed.text), ..entry.typed };
                if before != typed {
                    state.typed.set(typed);
                }
            }
        });
    }

    /// The page could be typed in before the checker was there.
    fn adopt_what_was_typed(self) {
        for state in self.fields.get_value() {
            let Some(typed) = super::checking::typed_in(&state.field) else { continue };
            if typed != state.typed.get_untracked() {
                self.set_field(&state, typed);
            }
        }
    }

    /// Takes a file's text in place of the text, or lays it over it.
    pub fn load(self, name: &str, file: &str) {
        let merge = self.merge.get_untracked();
        let Some(loaded) = self.checking.load_file(&self.text.get_untracked(), name, file, merge) else { return };
        if !merge {
            self.fields.with_value(|fields| fields.iter().for_each(|state| state.refused.set(None)));
        }
        self.report.set(Some(loaded.report));
        self.set_text(loaded.text);
    }

    /// Takes the last file back.
    pub fn undo(self) {
        if let Some(report) = self.report.get_untracked() {
            self.report.set(None);
            self.set_text(report.before);
        }
    }

    /// Says what the editor asks for.
    pub fn help(self, question: Question, text: &str, line: u32, column: u32) -> String {
        self.checking.help(question, text, line, column)
    }
}
