//! Form fields: label, control, help and error, tied together for readers of the screen.

use leptos::prelude::*;

use super::icon::Icon;

/// A single-line field.
#[component]
pub fn TextField(
    /// Name in the form, and id of the control.
    name: &'static str,
    label: &'static str,
    /// `text`, `password`, `email`, …
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(optional, into)] value: String,
    #[prop(optional)] required: bool,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(optional, into)] help: String,
    #[prop(optional_no_strip)] error: Option<String>,
    /// Takes the focus when the page opens.
    #[prop(optional)]
    focus: bool,
) -> impl IntoView {
    let described = described_by(name, !help.is_empty(), error.is_some());
    view! {
        <div class="field">
            <label class="field__label" for=name>
                {label}
                {(!required).then(|| view! { <span class="field__required">"optional"</span> }.into_any())}
            </label>
            <input
                class="input"
                id=name
                name=name
                type=kind
                value=value
                required=required
                autocomplete=autocomplete
                autofocus=focus
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described
            />
            <FieldNotes name=name help=help error=error />
        </div>
    }
}

/// A field of several lines.
#[component]
pub fn TextArea(
    name: &'static str,
    label: &'static str,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] help: String,
    #[prop(optional_no_strip)] error: Option<String>,
) -> impl IntoView {
    let described = described_by(name, !help.is_empty(), error.is_some());
    view! {
        <div class="field">
            <label class="field__label" for=name>
                {label}
                <span class="field__required">"optional"</span>
            </label>
            <textarea
                class="input"
                id=name
                name=name
                rows="3"
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described
                inner_html=textarea_content(&value)
                prop:value=value
            />
            <FieldNotes name=name help=help error=error />
        </div>
    }
}

/// The content of a `<textarea>` as HTML, for its `inner_html`; with it goes a `prop:value` of the same text.
///
/// Leptos writes the children of a textarea as they are, so that a text with `</textarea>` in it would become part of the
/// page. Browsers drop a line break at the start of the content, so one is put before the text's own.
pub fn textarea_content(text: &str) -> String {
    format!("\n{}", text.replace('&', "&amp;").replace('<', "&lt;"))
}

/// Help and error below a control.
#[component]
pub fn FieldNotes(#[prop(into)] name: String, #[prop(into)] help: String, error: Option<String>) -> impl IntoView {
    view! {
        {(!help.is_empty())
            .then(|| {
                view! {
                    <p class="field__help" id=format!("{name}-help")>
                        {help}
                    </p>
                }.into_any()
            })}
        {error
            .map(|error| {
                view! {
                    <p class="field__error" id=format!("{name}-error")>
                        <Icon name="failed" />
                        <span>{error}</span>
                    </p>
                }.into_any()
            })}
    }
}

/// The `aria-describedby` of a control with these notes.
pub fn described_by(name: &str, help: bool, error: bool) -> Option<String> {
    match (help, error) {
        (false, false) => None,
        (true, false) => Some(format!("{name}-help")),
        (false, true) => Some(format!("{name}-error")),
        (true, true) => Some(format!("{name}-error {name}-help")),
    }
}

#[cfg(test)]
mod tests {
    use super::textarea_content;

    #[test]
    fn a_text_cannot_end_its_textarea() {
        assert_eq!(textarea_content("a & b\n</textarea>"), "\na &amp; b\n&lt;/textarea>");
        assert_eq!(textarea_content("\nfirst line empty"), "\n\nfirst line empty");
    }
}
