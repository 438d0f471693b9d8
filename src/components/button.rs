//! Buttons that submit, and links that look like buttons.

use leptos::prelude::*;

/// How much a button asks for attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    #[default]
    Plain,
    /// The one main action of a page or dialog.
    Primary,
    /// Destroys something.
    Danger,
    /// No frame until it is pointed at.
    Quiet,
}

impl ButtonKind {
    /// The classes of the kind.
    pub fn class(self) -> &'static str {
        match self {
            Self::Plain => "button",
            Self::Primary => "button button--primary",
            Self::Danger => "button button--danger",
            Self::Quiet => "button button--quiet",
        }
    }
}

/// A button that submits the form it stands in.
#[component]
pub fn SubmitButton(
    #[prop(optional)] kind: ButtonKind,
    /// Why the button cannot be pressed; shown as its tooltip.
    #[prop(optional_no_strip)]
    disabled_reason: Option<String>,
    children: Children,
) -> impl IntoView {
    let disabled = disabled_reason.is_some();
    view! {
        <button type="submit" class=kind.class() disabled=disabled title=disabled_reason>
            {children()}
        </button>
    }
}

/// A link to another page in the shape of a button.
#[component]
pub fn LinkButton(#[prop(into)] href: String, #[prop(optional)] kind: ButtonKind, children: Children) -> impl IntoView {
    view! {
        <a href=href class=kind.class()>
            {children()}
        </a>
    }
}
