//! Failures and notes in place, with a way out.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

use super::{empty_state::EmptyState, icon::Icon, inline_text::InlineText};
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
    // A step of a run is a part of the run's page; everything else that is not there is all that its page is about.
    if matches!(error.kind, PageErrorKind::NotFound | PageErrorKind::Forbidden) && !search.contains("step=") {
        return view! { <Missing error=error path=path /> }.into_any();
    }
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
    .into_any()
}

/// What stands in place of a page whose thing is not there, or not for this account: why, and the list to go on from. Nothing
/// else of the page is shown below it.
#[component]
fn Missing(error: PageError, path: String) -> impl IntoView {
    let (href, label) = list_above(&path);
    view! {
        <Title text=error.title() />
        <div class="missing">
            <EmptyState is_page=true title=error.title() text=error.message>
                <a class="button" href=href rel="external">
                    {label}
                </a>
            </EmptyState>
        </div>
    }
}

/// The list that a page's thing stands in, and how a link to it reads.
fn list_above(path: &str) -> (String, &'static str) {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        ["projects", project, kind @ ("pipelines" | "snapshots" | "runs"), _, ..] => {
            let label = match *kind {
                "pipelines" => "All pipelines",
                "snapshots" => "All snapshots",
                _ => "All runs",
            };
            (format!("/projects/{project}/{kind}"), label)
        }
        ["stacks" | "components", _, ..] => ("/stacks".to_owned(), "All stacks"),
        _ => ("/".to_owned(), "Go to Home"),
    }
}

#[cfg(test)]
mod tests {
    use super::list_above;

    #[test]
    fn a_missing_thing_leads_to_its_list() {
        assert_eq!(list_above("/projects/p/runs/1"), ("/projects/p/runs".to_owned(), "All runs"));
        assert_eq!(list_above("/projects/p/snapshots/1/run"), ("/projects/p/snapshots".to_owned(), "All snapshots"));
        assert_eq!(list_above("/components/1"), ("/stacks".to_owned(), "All stacks"));
        assert_eq!(list_above("/projects/nowhere/runs"), ("/".to_owned(), "Go to Home"));
    }
}
