//! Text to be read or copied as it is: commands, code, configuration.

use leptos::prelude::*;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::Element;

use super::icon::Icon;

/// A block of text with a button that copies it.
#[component]
pub fn CodeBlock(
    #[prop(into)] code: String,
    /// What it is, for readers of the screen.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! {
        <div class="code-block">
            <pre class="code-block__text" tabindex="0" role="region" aria-label=label.clone()>
                <code>{code}</code>
            </pre>
            <CopyButton label=label />
        </div>
    }
}

/// Copies the text of the code block it stands in, see [`copy_on_click`]. Without scripts it is not shown: text can always be
/// selected.
#[component]
pub fn CopyButton(label: String) -> impl IntoView {
    view! {
        <button type="button" class="button button--quiet button--small code-block__copy" data-copy="">
            <Icon name="copy" />
            <span aria-live="polite">"Copy"</span>
            <span class="visually-hidden">{label}</span>
        </button>
    }
}

/// Lets all copy buttons of the page work, also those in HTML that the server made.
pub fn copy_on_click() {
    Effect::new(|_| {
        let listener = window_event_listener(leptos::ev::click, |event| {
            let clicked = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            if let Some(button) = clicked.and_then(|element| element.closest("[data-copy]").ok().flatten()) {
                copy(&button);
            }
        });
        on_cleanup(move || listener.remove());
    });
}

/// Copies, and says so for two seconds; where the browser gives no clipboard, on pages of no safe origin, it selects the text.
fn copy(button: &Element) {
    let text = button.parent_element().and_then(|block| block.query_selector("pre").ok().flatten());
    let (Some(text), Ok(Some(word))) = (text, button.query_selector("[aria-live]")) else { return };
    let Some(clipboard) = clipboard() else {
        let _ = select(&text);
        return;
    };
    let _ = clipboard.write_text(&text.text_content().unwrap_or_default());
    word.set_text_content(Some("Copied"));
    set_timeout(move || word.set_text_content(Some("Copy")), std::time::Duration::from_secs(2));
}

/// Selects what is in an element.
fn select(element: &Element) -> Option<()> {
    let call = |object: &JsValue, method: &str, argument: &JsValue| {
        let function: js_sys::Function = js_sys::Reflect::get(object, &method.into()).ok()?.dyn_into().ok()?;
        function.call1(object, argument).ok()
    };
    let selection = call(&window(), "getSelection", &JsValue::UNDEFINED)?;
    call(&selection, "selectAllChildren", element).map(|_| ())
}

/// The clipboard, which browsers give to pages of a safe origin only.
fn clipboard() -> Option<web_sys::Clipboard> {
    let navigator = window().navigator();
    js_sys::Reflect::get(&navigator, &"clipboard".into()).ok().filter(|value| value.is_object()).map(wasm_bindgen::JsCast::unchecked_into)
}
