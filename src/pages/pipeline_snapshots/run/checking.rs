//! The checker in the browser: a WebAssembly module of its own, loaded with the form; and what stands in the page's
//! controls. On the server there is neither.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlInputElement;

use crate::{
    components::yaml_editor::Question,
    model::{
        launches::{Cleared, Control, Edit, Findings, FormField, Loaded, Typed},
        pipeline_snapshots::CodeExample,
    },
    run_configuration::form::join_rows,
};

/// What the checker is about, each in JSON as it reads it.
#[derive(Clone)]
pub struct About {
    pub snapshot: String,
    pub layers: String,
    pub target: String,
}

/// The checker of one snapshot, once it is loaded.
#[derive(Clone, Copy)]
pub struct Checking {
    ready: RwSignal<bool>,
    #[cfg(feature = "hydrate")]
    checker: StoredValue<Option<browser::Checker>, LocalStorage>,
}

impl Checking {
    /// Loads the checker in the browser, with what it is about as JSON.
    pub fn load(about: About) -> Self {
        let checking = Self {
            ready: RwSignal::new(false),
            #[cfg(feature = "hydrate")]
            checker: StoredValue::new_local(None),
        };
        #[cfg(feature = "hydrate")]
        Effect::new(move |_| browser::load(checking, about.clone()));
        #[cfg(not(feature = "hydrate"))]
        drop(about);
        checking
    }

    /// Whether it is there.
    pub fn is_ready(self) -> bool {
        self.ready.get()
    }

    /// What there is to say about a text.
    pub fn look(self, text: &str) -> Option<Findings> {
        #[cfg(feature = "hydrate")]
        return self.ask(|checker| checker.look(text));
        #[cfg(not(feature = "hydrate"))]
        {
            let _ = text;
            None
        }
    }

    /// A text as code.
    pub fn code(self, text: &str) -> Option<Vec<CodeExample>> {
        #[cfg(feature = "hydrate")]
        return self.ask(|checker| checker.code(text));
        #[cfg(not(feature = "hydrate"))]
        {
            let _ = text;
            None
        }
    }

    /// What typing in a field makes of a text.
    pub fn set_field(self, text: &str, path: &str, typed: &Typed) -> Option<Edit> {
        #[cfg(feature = "hydrate")]
        return self.ask(|checker| checker.set_field(text, path, &typed.text, typed.is_null));
        #[cfg(not(feature = "hydrate"))]
        {
            let _ = (text, path, typed);
            None
        }
    }

    /// A text without a value.
    pub fn reset(self, text: &str, path: &str) -> String {
        #[cfg(feature = "hydrate")]
        return self.edit(text, |checker| checker.reset(text, path));
        #[cfg(not(feature = "hydrate"))]
        {
            let _ = path;
            text.to_owned()
        }
    }

    /// A text with all values.
    pub fn expanded(self, text: &str) -> String {
        #[cfg(feature = "hydrate")]
        return self.edit(text, |checker| checker.expanded(text));
        #[cfg(not(feature = "hydrate"))]
        text.to_owned()
    }

    /// A text with what is required and not there.
    pub fn with_required(self, text: &str) -> String {
        #[cfg(feature = "hydrate")]
        return self.edit(text, |checker| checker.with_required(text));
        #[cfg(not(feature = "hydrate"))]
        text.to_owned()
    }

    /// A text without unknown keys.
    pub fn cleared(self, text: &str) -> Option<Cleared> {
        #[cfg(feature = "hydrate")]
        return self.ask(|checker| checker.cleared(text));
        #[cfg(not(feature = "hydrate"))]
        {
            let _ = text;
            None
        }
    }

    /// A text with a file in its place, or laid over it.
    pub fn load_file(self, text: &str, name: &str, file: &str, merge: bool) -> Option<Loaded> {
        #[cfg(feature = "hydrate")]
        return self.ask(|checker| checker.load(text, name, file, merge));
        #[cfg(not(feature = "hydrate"))]
        {
            let _ = (text, name, file, merge);
            None
        }
    }

    /// What the editor asks while a text is written: see `checker::exports`.
    pub fn help(self, question: Question, text: &str, line: u32, column: u32) -> String {
        #[cfg(feature = "hydrate")]
        return self.edit("", |checker| match question {
            Question::Complete => checker.complete(text, line, column),
            Question::Hover => checker.hover(text, line, column),
        });
        #[cfg(not(feature = "hydrate"))]
        {
            let _ = (question, text, line, column);
            String::new()
        }
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
        Control::Radios(options) => chosen(options).into_iter().next().unwrap_or_default(),
        Control::Checkboxes(options) => chosen(options).join("\n"),
        Control::Rows { key_input, value_input, .. } => {
            let input = |name: &str, row: usize| value(page.get_element_by_id(&format!("{name}.{row}"))?);
            let rows = (0..).map_while(|row| Some((input(key_input, row)?, input(value_input, row)?)));
            join_rows(&rows.collect::<Vec<_>>())
        }
        _ => value(page.get_element_by_id(&field.input)?)?,
    };
    Some(Typed { text, is_null })
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::*;
    use serde::de::DeserializeOwned;
    use wasm_bindgen::{JsCast as _, JsValue, prelude::wasm_bindgen};

    use super::{About, Checking};
    use crate::model::payload;

    #[wasm_bindgen(module = "/src/checker/binding.js")]
    extern "C" {
        #[wasm_bindgen(js_name = loadChecker, catch)]
        async fn load_checker(url: &str, module: &str, snapshot: &str, layers: &str, target: &str) -> Result<JsValue, JsValue>;

        /// `Checker` of `checker::exports`.
        #[derive(Clone)]
        pub type Checker;
        #[wasm_bindgen(method, catch)]
        pub fn look(this: &Checker, text: &str) -> Result<String, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub fn code(this: &Checker, text: &str) -> Result<String, JsValue>;
        #[wasm_bindgen(method, catch, js_name = setField)]
        pub fn set_field(this: &Checker, text: &str, path: &str, typed: &str, is_null: bool) -> Result<String, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub fn reset(this: &Checker, text: &str, path: &str) -> Result<String, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub fn expanded(this: &Checker, text: &str) -> Result<String, JsValue>;
        #[wasm_bindgen(method, catch, js_name = withRequired)]
        pub fn with_required(this: &Checker, text: &str) -> Result<String, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub fn cleared(this: &Checker, text: &str) -> Result<String, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub fn load(this: &Checker, text: &str, name: &str, file: &str, merge: bool) -> Result<String, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub fn complete(this: &Checker, text: &str, line: u32, column: u32) -> Result<String, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub fn hover(this: &Checker, text: &str, line: u32, column: u32) -> Result<String, JsValue>;
    }

    impl Checking {
        pub fn ask<T: DeserializeOwned>(self, question: impl FnOnce(&Checker) -> Result<String, JsValue>) -> Option<T> {
            let answer = self.checker.with_value(|checker| checker.as_ref().map(question))?;
            payload::read(&answer.ok()?).ok()
        }

        pub fn edit(self, text: &str, edit: impl FnOnce(&Checker) -> Result<String, JsValue>) -> String {
            let edited = self.checker.with_value(|checker| checker.as_ref().map(edit));
            edited.and_then(Result::ok).unwrap_or_else(|| text.to_owned())
        }
    }

    /// Loads the module; the form works without it, as it does without scripts.
    pub fn load(checking: Checking, about: About) {
        let attribute = |name: &str| document().document_element().and_then(|root| root.get_attribute(name));
        let (Some(url), Some(module)) = (attribute("data-checker"), attribute("data-checker-module")) else { return };
        leptos::task::spawn_local(async move {
            if let Ok(checker) = load_checker(&url, &module, &about.snapshot, &about.layers, &about.target).await
                && !checking.checker.is_disposed()
            {
                checking.checker.set_value(Some(checker.unchecked_into()));
                checking.ready.set(true);
            }
        });
    }
}
