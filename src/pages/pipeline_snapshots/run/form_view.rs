//! The form view of the snapshot: what its owner says first, and the way to all fields for those who may edit it.

use leptos::prelude::*;

use super::{checking::About, draft::DraftState, fields::Fields};
use crate::model::launches::{Findings, FormField, ShownForm, StepChoice};

/// What the owner says above the fields.
#[component]
pub fn FormIntro(form: ShownForm) -> impl IntoView {
    let shown = !form.intro.is_empty() && !form.shows_all;
    shown.then(|| view! { <div class="launch__intro markdown" inner_html=form.intro></div> }.into_any())
}

/// The switch between the form and all fields. It sends the form, so that nothing that was typed is lost.
#[component]
pub fn WhichFields(form: ShownForm) -> impl IntoView {
    if form.only {
        return None;
    }
    let (label, action) = match form.shows_all {
        true => ("Show the form".to_owned(), "?fields=form"),
        false => (format!("Show all {} fields", form.all), "?fields=all"),
    };
    let view = view! {
        <button class="button button--small" type="submit" name="action" value="check" formaction=action>
            {label}
        </button>
    };
    Some(view.into_any())
}

/// The fields of a form to be looked at, with nothing that can be typed.
#[component]
pub fn FormPreview(intro: String, fields: Vec<FormField>, findings: Findings) -> impl IntoView {
    let about = About { snapshot: String::new(), layers: String::new(), target: String::new() };
    let state = DraftState::new(about, fields, String::new(), findings, None);
    view! {
        {(!intro.is_empty()).then(|| view! { <div class="markdown" inner_html=intro></div> }.into_any())}
        <fieldset class="form-view__shown" disabled aria-label="Preview of the form">
            <Fields state=state runs=String::new() steps=StepChoice::default() />
        </fieldset>
    }
}
