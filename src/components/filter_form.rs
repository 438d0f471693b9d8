//! The filters of a list: a GET form, so that the URL is the state; in the browser a change of a choice applies at once.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wasm_bindgen::JsCast as _;
use web_sys::{FormData, HtmlFormElement};

use super::icon::Icon;
use crate::model::list::{ListQuery, Reference};

/// The form; its fields have the names of the URL's parameters. Order, status, view and page size stay as they are.
#[component]
pub fn FilterForm(
    /// Path of the list.
    #[prop(into)]
    path: String,
    query: ListQuery,
    /// What the name field finds.
    label: &'static str,
    /// Further fields.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let navigate = use_navigate();
    let apply = {
        let path = path.clone();
        move |form: Option<HtmlFormElement>| {
            let Some(data) = form.and_then(|form| FormData::new_with_form(&form).ok()) else { return false };
            let query = ListQuery::read(|name| data.get(name).as_string());
            navigate(&query.href(&path), NavigateOptions { scroll: false, ..NavigateOptions::default() });
            true
        }
    };
    let on_submit = {
        let apply = apply.clone();
        move |event: leptos::ev::SubmitEvent| {
            if apply(event.target().and_then(|target| target.dyn_into().ok())) {
                event.prevent_default();
            }
        }
    };
    let on_change = move |event: leptos::ev::Event| {
        let chosen = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlSelectElement>().ok());
        if let Some(chosen) = chosen {
            apply(chosen.form());
        }
    };
    let kept = [
        ("status", query.status.clone()),
        ("view", query.view.clone()),
        ("sort", query.sort.clone()),
        ("size", if query.size == 0 { String::new() } else { query.size.to_string() }),
    ];
    view! {
        <form class="filters" method="get" action=path role="search" on:submit=on_submit on:change=on_change>
            <span class="filters__search">
                <Icon name="search" />
                <input class="input" type="search" name="q" value=query.q.clone() placeholder=label aria-label=label />
            </span>
            {children.map(|children| children())}
            {kept
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| view! { <input type="hidden" name=name value=value /> }.into_any())
                .collect_view()}
            <button class="button" type="submit">
                "Apply"
            </button>
        </form>
    }
}

/// A choice among objects; the first choice is all.
#[component]
pub fn FilterSelect(
    name: &'static str,
    /// "All pipelines"
    all: &'static str,
    label: &'static str,
    choices: Vec<Reference>,
    /// Id or name of what is chosen; kept as a choice of its own if it is not among them.
    chosen: String,
) -> impl IntoView {
    let known = chosen.is_empty() || choices.iter().any(|choice| choice.id == chosen || choice.name == chosen);
    let options = choices
        .into_iter()
        .map(|choice| {
            let selected = choice.id == chosen || choice.name == chosen;
            view! {
                <option value=choice.id selected=selected>
                    {choice.name}
                </option>
            }
            .into_any()
        })
        .collect_view();
    view! {
        <select class="input filters__select" name=name aria-label=label>
            <option value="">{all}</option>
            {(!known)
                .then(|| {
                    view! {
                        <option value=chosen.clone() selected=true>
                            {chosen.clone()}
                        </option>
                    }.into_any()
                })}
            {options}
        </select>
    }
}
