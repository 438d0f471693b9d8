//! Failures and notes in place, with a way out.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::{icon::Icon, inline_text::InlineText};
use crate::model::{
    error::{PageError, PageErrorKind},
    list::encode,
};

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Error,
    Warning,
    Note,
    Good,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Error => "error-panel",
            Self::Warning => "error-panel error-panel--warning",
            Self::Note => "error-panel error-panel--note",
            Self::Good => "error-panel error-panel--good",
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Self::Error => "failed",
            Self::Warning => "alert",
            Self::Note => "info",
            Self::Good => "completed",
        }
    }
}

/// A framed message with a heading; errors are announced.
#[component]
pub fn Notice(
    tone: Tone,
    #[prop(into)] title: String,
    /// The message, list or links below the heading.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class=tone.class() role=(tone == Tone::Error).then_some("alert")>
            <Icon name=tone.icon() />
            <p class="error-panel__title">{title}</p>
            {children.map(|children| children())}
        </div>
    }
}

/// Why a page, or a part of it, cannot be shown.
#[component]
pub fn ErrorPanel(error: PageError) -> impl IntoView {
    let retry = matches!(error.kind, PageErrorKind::Server | PageErrorKind::Offline);
    let signed_out = (error.kind == PageErrorKind::SignedOut).then(|| {
        let location = use_location();
        let here = format!(
            "{}{}",
            location.pathname.get_untracked(),
            location.search.with_untracked(|search| if search.is_empty() { String::new() } else { format!("?{search}") })
        );
        format!("/login?redirect={}", encode(&here))
    });
    view! {
        <Notice tone=Tone::Error title=error.title()>
            <p>
                <InlineText text=error.message />
            </p>
            {(retry || signed_out.is_some())
                .then(|| {
                    view! {
                        <p class="error-panel__actions">
                            {retry.then(|| view! { <a class="button" href="" rel="external">"Try again"</a> }.into_any())}
                            {signed_out.map(|login| view! { <a class="button" href=login rel="external">"Sign in"</a> }.into_any())}
                        </p>
                    }.into_any()
                })}
        </Notice>
    }
}
