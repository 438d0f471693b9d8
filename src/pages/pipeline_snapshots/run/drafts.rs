//! Drafts on Run Details: those of earlier, to be restored, and where the one that is typed is kept.

use leptos::prelude::*;

use super::keeping::Keeping;
use crate::{
    components::{
        clock::Ago,
        error_panel::{Notice, Tone},
        inline_text::InlineText,
    },
    model::{drafts::DraftChoice, list::encode},
};

/// Drafts that can be restored, or discarded, and what stands in the way of keeping this one.
#[component]
pub fn Drafts(keeping: Keeping) -> impl IntoView {
    view! {
        <div class="launch__drafts">
            {move || keeping.signed_out.get().then(|| signed_out(keeping))}
            {move || keeping.offers.get().into_iter().map(offer).collect_view()}
        </div>
    }
}

fn offer(choice: DraftChoice) -> AnyView {
    let DraftChoice { id, typed, summary } = choice;
    view! {
        <Notice tone=Tone::Note title="Restore your draft?">
            <p>
                "Typed " <Ago moment=typed /> " and not launched: " <InlineText text=format!("{summary}.") />
            </p>
            <p class="error-panel__actions">
                <a class="button button--small" href=format!("?draft={id}") rel="external">
                    "Restore"
                </a>
                <button class="button button--small" type="submit" name="action" value=format!("discard:{id}")>
                    "Discard"
                </button>
            </p>
        </Notice>
    }
    .into_any()
}

fn signed_out(keeping: Keeping) -> AnyView {
    let href = move || {
        let path = window().location().pathname().unwrap_or_default();
        format!("/login?redirect={}", encode(&format!("{path}?draft={}", keeping.place.get().id)))
    };
    view! {
        <Notice tone=Tone::Warning title="You are signed out">
            <p>"What you type is kept in this browser. Sign in again to go on with it."</p>
            <p class="error-panel__actions">
                <a class="button button--small" href=href rel="external" on:click=move |_| keeping.leaves()>
                    "Sign in"
                </a>
            </p>
        </Notice>
    }
    .into_any()
}

/// Where what is typed is kept.
#[component]
pub fn Kept(keeping: Keeping) -> impl IntoView {
    let line = move || {
        let place = keeping.place.get();
        match (place.problem, place.kept) {
            (Some(problem), _) => view! { <span>"Not kept as a draft. " <InlineText text=problem /></span> }.into_any(),
            (None, Some(moment)) => {
                let (link, action) = (format!("?draft={}", place.id), format!("discard:{}", place.id));
                view! {
                    <span>"Draft kept " <Ago moment=moment /></span>
                    <a href=link rel="external" title="A link to this draft. Only you can open it.">
                        "Link to it"
                    </a>
                    <button class="button button--small button--quiet" type="submit" name="action" value=action on:click=move |_| keeping.forget()>
                        "Discard it"
                    </button>
                }
                .into_any()
            }
            (None, None) => ().into_any(),
        }
    };
    view! {
        <p class="launch__kept" role="status">
            {line}
        </p>
    }
}
