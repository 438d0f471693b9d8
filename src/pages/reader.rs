//! What the reader of a page may do, for the pages to show: what is not allowed stays visible, cannot be used and says why. The
//! server enforces it all the same.

use leptos::prelude::*;

use crate::{
    components::icon::Icon,
    model::roles::{Action, Role},
};

/// The role of the reader. It stands in the document, so that it is known before any data is loaded.
pub fn role() -> Role {
    #[cfg(feature = "ssr")]
    let role = crate::server::pages::context::role();
    #[cfg(not(feature = "ssr"))]
    let role = document().document_element().and_then(|root| root.get_attribute("data-role")).and_then(|role| role.parse().ok());
    role.unwrap_or(Role::Viewer)
}

/// Whether the reader may do it.
pub fn may(action: Action) -> bool {
    role().may(action)
}

/// A control where the reader may use it; else one that looks like it, does nothing and says why.
pub fn allowed(action: Action, class: &'static str, icon: &'static str, label: &'static str, control: impl FnOnce() -> AnyView) -> AnyView {
    match role().refusal(action) {
        None => control(),
        Some(reason) => view! { <Denied class=class icon=icon label=label reason=reason /> }.into_any(),
    }
}

/// What the reader may not use. It can be focused, so that its reason can be heard.
#[component]
pub fn Denied(class: &'static str, icon: &'static str, label: &'static str, reason: String) -> impl IntoView {
    view! {
        <button type="button" class=class aria-disabled="true" title=reason.clone()>
            {(!icon.is_empty()).then(|| view! { <Icon name=icon /> })}
            {label}
            <span class="visually-hidden">{format!(" – not allowed. {reason}")}</span>
        </button>
    }
    .into_any()
}
