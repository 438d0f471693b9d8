//! Text to be read or copied as it is: commands, code, configuration.

use leptos::prelude::*;

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
                <code>{code.clone()}</code>
            </pre>
            <CopyButton text=code label=label />
        </div>
    }
}

/// Copies a text. Without scripts there is no such button: text can always be selected.
#[component]
pub fn CopyButton(text: String, label: String) -> impl IntoView {
    let (ready, set_ready) = signal(false);
    let (copied, set_copied) = signal(false);
    Effect::new(move |_| set_ready.set(clipboard().is_some()));
    let copy = move |_| {
        if let Some(clipboard) = clipboard() {
            let _ = clipboard.write_text(&text);
            set_copied.set(true);
            set_timeout(move || _ = set_copied.try_set(false), std::time::Duration::from_secs(2));
        }
    };
    view! {
        <button type="button" class="button button--quiet button--small code-block__copy" hidden=move || !ready.get() on:click=copy>
            {move || view! { <Icon name=if copied.get() { "check" } else { "copy" } /> }}
            <span aria-live="polite">{move || if copied.get() { "Copied" } else { "Copy" }}</span>
            <span class="visually-hidden">{label}</span>
        </button>
    }
}

/// The clipboard, which browsers give to pages of a safe origin only.
fn clipboard() -> Option<web_sys::Clipboard> {
    let navigator = window().navigator();
    js_sys::Reflect::get(&navigator, &"clipboard".into()).ok().filter(|value| value.is_object()).map(wasm_bindgen::JsCast::unchecked_into)
}
