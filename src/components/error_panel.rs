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
    let location = use_location();
    let path = location.pathname.get_untracked();
    let search = location.search.get_untracked();
    let retry = matches!(error.kind, PageErrorKind::Server | PageErrorKind::Offline);
    let sign_in = (error.kind == PageErrorKind::SignedOut).then(|| {
        let here = if search.is_empty() { path.clone() } else { format!("{path}?{search}") };
        format!("/login?redirect={}", encode(&here))
    });
    // A page beyond the last one, or a filter that the list does not have: the same list from its start.
    let start_over = (error.kind == PageErrorKind::Invalid && !search.is_empty()).then_some(path);
    let way_out = |href: String, label: &'static str| view! { <a class="button" href=href rel="external">{label}</a> }.into_any();
    let ways_out: Vec<AnyView> = [
        retry.then(|| way_out(String::new(), "Try again")),
        sign_in.map(|href| way_out(href, "Sign in")),
        start_over.map(|href| way_out(href, "Start over")),
    ]
    .into_iter()
    .flatten()
    .collect();
    view! {
        <Notice tone=Tone::Error title=error.title()>
            <p>
                <InlineText text=error.message />
            </p>
            {(!ways_out.is_empty()).then(|| view! { <p class="error-panel__actions">{ways_out}</p> }.into_any())}
        </Notice>
    }
}
