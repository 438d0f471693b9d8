//! A YAML editor over a real `<textarea>`.
//!
//! The textarea is the form's field and works by itself. In the browser an editor (`editor.js`, loaded only here) is put
//! over it, writes every edit back into it, and is told about problems. If it cannot be loaded the textarea stays.

use leptos::{html, prelude::*};

use super::field::textarea_content;

/// A problem at a place of the text, both from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub is_error: bool,
    pub line: usize,
    pub column: usize,
    pub message: String,
}

/// What the editor asks while a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// What may be written at a place.
    Complete,
    /// What the key at a place means.
    Hover,
}

/// A question about a place of a text; line and column from 1.
pub type Asked = (Question, String, u32, u32);

/// The editor.
#[component]
pub fn YamlEditor(
    /// Name of the form's field.
    name: &'static str,
    label: &'static str,
    /// The text, from outside.
    #[prop(into)]
    text: Signal<String>,
    /// Called with the text after every edit by the reader.
    changed: Callback<String>,
    /// Answers what the editor asks: records with separators, as `checker::Checker` writes them.
    ask: Callback<Asked, String>,
    #[prop(into)] marks: Signal<Vec<Mark>>,
    /// Set to show a line.
    #[prop(into)]
    line: Signal<Option<usize>>,
) -> impl IntoView {
    let (area, host) = (NodeRef::<html::Textarea>::new(), NodeRef::<html::Div>::new());
    let mounted = RwSignal::new(false);
    #[cfg(feature = "hydrate")]
    browser::mount(area, host, browser::Outside { text, changed, ask, marks, line, mounted });
    #[cfg(not(feature = "hydrate"))]
    let _ = (marks, line, ask);
    let typed = move |event| changed.run(event_target_value(&event));
    view! {
        <div class="yaml-editor" class:yaml-editor--mounted=mounted>
            <textarea
                class="input input--mono yaml-editor__area"
                name=name
                id=name
                rows="16"
                spellcheck="false"
                autocapitalize="off"
                autocomplete="off"
                aria-label=label
                node_ref=area
                inner_html=textarea_content(&text.get_untracked())
                prop:value=move || text.get()
                on:input=typed
            />
            <div class="yaml-editor__host" node_ref=host></div>
        </div>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::{html, prelude::*};
    use send_wrapper::SendWrapper;
    use wasm_bindgen::{JsCast as _, JsValue, closure::Closure, prelude::wasm_bindgen};
    use web_sys::{HtmlDivElement, HtmlTextAreaElement};

    use super::{Asked, Mark, Question};

    #[wasm_bindgen(module = "/src/components/yaml_editor/binding.js")]
    extern "C" {
        #[wasm_bindgen(js_name = mountEditor, catch)]
        async fn mount_editor(
            url: &str,
            host: &HtmlDivElement,
            textarea: &HtmlTextAreaElement,
            changed: &js_sys::Function,
            ask: &js_sys::Function,
        ) -> Result<JsValue, JsValue>;

        /// What `mount` of `editor.js` gives.
        type Editor;
        #[wasm_bindgen(method, js_name = setText)]
        fn set_text(this: &Editor, text: &str);
        #[wasm_bindgen(method, js_name = setProblems)]
        fn set_problems(this: &Editor, problems: &JsValue);
        #[wasm_bindgen(method, js_name = goTo)]
        fn go_to(this: &Editor, line: u32);
        #[wasm_bindgen(method)]
        fn destroy(this: &Editor);
    }

    /// The editor's connections to the page.
    #[derive(Clone, Copy)]
    pub struct Outside {
        pub text: Signal<String>,
        pub changed: Callback<String>,
        pub ask: Callback<Asked, String>,
        pub marks: Signal<Vec<Mark>>,
        pub line: Signal<Option<usize>>,
        pub mounted: RwSignal<bool>,
    }

    /// `(is hover, text, line, column)`
    type Ask = Closure<dyn FnMut(bool, String, u32, u32) -> String>;
    /// A mounted editor with the functions it calls.
    type Mounted = SendWrapper<(Editor, Closure<dyn FnMut(String)>, Ask)>;

    /// Puts an editor over the textarea once the page runs, and keeps it in step with the outside.
    pub fn mount(area: NodeRef<html::Textarea>, host: NodeRef<html::Div>, outside: Outside) {
        let editor = StoredValue::new(None::<Mounted>);
        Effect::new(move |_| {
            let (Some(area), Some(host), Some(url)) = (area.get(), host.get(), module_url()) else { return };
            let (callback, answer) = (outside.changed, outside.ask);
            let ask: Ask = Closure::new(move |is_hover: bool, text: String, line: u32, column: u32| {
                answer.run((if is_hover { Question::Hover } else { Question::Complete }, text, line, column))
            });
            let changed = Closure::new(move |text: String| callback.run(text));
            leptos::task::spawn_local(async move {
                let Ok(handle) = mount_editor(&url, &host, &area, changed.as_ref().unchecked_ref(), ask.as_ref().unchecked_ref()).await
                else {
                    return;
                };
                let handle: Editor = handle.unchecked_into();
                // The page may be gone by now.
                if editor.is_disposed() {
                    handle.destroy();
                    return;
                }
                editor.set_value(Some(SendWrapper::new((handle, changed, ask))));
                outside.mounted.set(true);
            });
        });
        let with = move |act: &dyn Fn(&Editor)| {
            editor.with_value(|editor| {
                if let Some(editor) = editor {
                    act(&editor.0);
                }
            });
        };
        // Each also runs when the editor has come.
        Effect::new(move |_| {
            outside.mounted.track();
            let text = outside.text.get();
            with(&|editor| editor.set_text(&text));
        });
        Effect::new(move |_| {
            outside.mounted.track();
            let marks = as_objects(&outside.marks.get());
            with(&|editor| editor.set_problems(&marks));
        });
        Effect::new(move |_| {
            if let Some(line) = outside.line.get() {
                with(&|editor| editor.go_to(line as u32));
            }
        });
        on_cleanup(move || {
            if let Some(Some(mounted)) = editor.try_update_value(Option::take) {
                mounted.take().0.destroy();
            }
        });
    }

    /// Where the editor's file is: its name has a hash, which the document says.
    fn module_url() -> Option<String> {
        document().document_element()?.get_attribute("data-editor")
    }

    /// `[{isError, line, column, message}]`
    fn as_objects(marks: &[Mark]) -> JsValue {
        let list = js_sys::Array::new();
        for mark in marks {
            let object = js_sys::Object::new();
            let pairs = [
                ("isError", JsValue::from(mark.is_error)),
                ("line", JsValue::from(mark.line as u32)),
                ("column", JsValue::from(mark.column as u32)),
                ("message", JsValue::from(&mark.message)),
            ];
            for (key, value) in pairs {
                let _ = js_sys::Reflect::set(&object, &JsValue::from(key), &value);
            }
            list.push(&object);
        }
        list.into()
    }
}
