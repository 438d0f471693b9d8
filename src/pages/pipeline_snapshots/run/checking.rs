//! The checker in the browser, which is asked from the moment on that the page runs there; and what stands in the page's
//! controls. On the server there is neither.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlInputElement;

use crate::{
    checker::Checker,
    components::yaml_editor::Question,
    model::{
        launches::{Cleared, Control, Edit, Findings, FormField, Loaded, Typed},
        pipeline_snapshots::CodeExample,
    },
    run_configuration::form::{Part, Parts, branch_path, count_input_name, given_input_name, join_rows, type_input_name},
};

/// What the checker is about, each in JSON as it reads it.
#[derive(Clone)]
pub struct About {
    pub snapshot: String,
    pub layers: String,
    pub target: String,
}

/// The checker of one snapshot, once the page runs in the browser.
#[derive(Clone, Copy)]
pub struct Checking {
    ready: RwSignal<bool>,
    checker: StoredValue<Option<Checker>>,
}

impl Checking {
    /// Makes the checker in the browser, after the first view, which is the one that the server made.
    pub fn of(about: About) -> Self {
        let checking = Self { ready: RwSignal::new(false), checker: StoredValue::new(None) };
        Effect::new(move |_| {
            // Without it the form works as it does without scripts.
            if let Ok(checker) = Checker::read(&about.snapshot, &about.layers, &about.target) {
                checking.checker.set_value(Some(checker));
                checking.ready.set(true);
            }
        });
        checking
    }

    /// Whether it is there.
    pub fn is_ready(self) -> bool {
        self.ready.get()
    }

    fn ask<T>(self, question: impl FnOnce(&Checker) -> T) -> Option<T> {
        self.checker.with_value(|checker| checker.as_ref().map(question))
    }

    /// What there is to say about a text.
    pub fn look(self, text: &str) -> Option<Findings> {
        self.ask(|checker| checker.look(text))
    }

    /// A text as code.
    pub fn code(self, text: &str) -> Option<Vec<CodeExample>> {
        self.ask(|checker| checker.code(text))
    }

    /// What typing in a field makes of a text.
    pub fn set_field(self, text: &str, path: &str, typed: &Typed) -> Option<Edit> {
        self.ask(|checker| checker.set_field(text, path, typed))
    }

    /// A text without a value.
    pub fn reset(self, text: &str, path: &str) -> Option<String> {
        self.ask(|checker| checker.reset(text, path))
    }

    /// A text with all values.
    pub fn expanded(self, text: &str) -> Option<String> {
        self.ask(|checker| checker.expanded(text))
    }

    /// A text with what is required and not there.
    pub fn with_required(self, text: &str) -> Option<String> {
        self.ask(|checker| checker.with_required(text))
    }

    /// A text without unknown keys.
    pub fn cleared(self, text: &str) -> Option<Cleared> {
        self.ask(|checker| checker.cleared(text))
    }

    /// A text with a file in its place, or laid over it.
    pub fn load_file(self, text: &str, name: &str, file: &str, merge: bool) -> Option<Loaded> {
        self.ask(|checker| checker.load(text, name, file, merge))
    }

    /// What the editor asks while a text is written: records with separators.
    pub fn help(self, question: Question, text: &str, line: u32, column: u32) -> String {
        let answer = self.ask(|checker| match question {
            Question::Complete => checker.complete(text, line, column),
            Question::Hover => checker.hover(text, line, column),
        });
        answer.unwrap_or_default()
    }
}

/// What stands in the controls of a field; none where the page has no such control.
pub fn typed_in(field: &FormField) -> Option<Typed> {
    let page = document();
    let is_null = field.null_input.as_ref().and_then(|id| page.get_element_by_id(id)?.dyn_into::<HtmlInputElement>().ok());
    let is_null = is_null.is_some_and(|input| input.checked());
    let value = |element: web_sys::Element| js_sys::Reflect::get(&element, &"value".into()).ok()?.as_string();
    let is_checked = |option: &str| {
        let input =
            page.get_element_by_id(&format!("{}={option}", field.input)).and_then(|input| input.dyn_into::<HtmlInputElement>().ok());
        input.is_some_and(|input| input.checked())
    };
    let chosen = |options: &[(String, String)]| {
        options.iter().map(|(option, _)| option.clone()).filter(|option| is_checked(option)).collect::<Vec<_>>()
    };
    let text = match &field.control {
        // The only value of a type stands in one hidden control.
        Control::Radios(options) => match page.get_element_by_id(&field.input) {
            Some(hidden) => value(hidden)?,
            None => chosen(options).into_iter().next().unwrap_or_default(),
        },
        Control::Checkboxes(options) => chosen(options).join("\n"),
        Control::Rows { key_input, value_input, .. } => {
            let input = |name: &str, row: usize| value(page.get_element_by_id(&format!("{name}.{row}"))?);
            let rows = (0..).map_while(|row| Some((input(key_input, row)?, input(value_input, row)?)));
            join_rows(&rows.collect::<Vec<_>>())
        }
        Control::Union { branches, .. } => {
            let name = type_input_name(&field.path);
            page.get_element_by_id(&format!("{name}=0"))?;
            let is_chosen = |place: &usize| {
                let radio = page.get_element_by_id(&format!("{name}={place}"));
                radio.and_then(|radio| radio.dyn_into::<HtmlInputElement>().ok()).is_some_and(|radio| radio.checked())
            };
            let part = |(place, branch): (usize, &FormField)| part_in(&branch.within(&branch_path(&field.path, place)));
            match (0..branches.len()).find(is_chosen) {
                Some(chosen) => Parts { chosen: Some(chosen), parts: branches.iter().enumerate().map(part).collect() }.write(),
                None => String::new(),
            }
        }
        Control::Cards { item } => {
            let count: usize = value(page.get_element_by_id(&count_input_name(&field.path))?)?.parse().ok()?;
            let parts = (0..count).map(|place| part_in(&item.within(&format!("{}.{place}", field.path))));
            Parts { chosen: None, parts: parts.collect() }.write()
        }
        Control::Model { fields } => {
            let part = |own: &FormField| {
                let own = own.within(&field.path);
                let is_given = page.get_element_by_id(&given_input_name(&own.path)).is_some();
                Part { is_given, ..part_in(&own) }
            };
            Parts { chosen: None, parts: fields.iter().map(part).collect() }.write()
        }
        _ => value(page.get_element_by_id(&field.input)?)?,
    };
    Some(Typed { text, is_null })
}

fn part_in(field: &FormField) -> Part {
    let Typed { text, is_null } = typed_in(field).unwrap_or_else(|| field.usual.clone());
    Part { text, is_null, is_given: false }
}
