//! The graph of a run: drawn by the server; here it is scaled, and its nodes are followed.

use leptos::{ev::MouseEvent, html, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wasm_bindgen::JsCast as _;

use super::{detail::RunContext, tabs::StepPanel};
use crate::{
    components::{elements, icon::Icon, live::use_events},
    model::page_request::PageRequest,
    pages::data::{PageResource, show},
};

/// Scales to choose from, in percent.
const SCALES: [i32; 9] = [10, 20, 30, 45, 60, 80, 100, 125, 150];

/// The tab.
#[component]
pub fn GraphTab(context: RunContext) -> impl IntoView {
    let RunContext { project, run, step, .. } = context;
    // Another step is marked in the drawing that is there.
    let request = move || PageRequest::RunGraph { project: project.get(), run: run.get(), step: step.get_untracked() };
    let graph: PageResource<String> = PageResource::new(request);
    use_events(move |kind, id| kind == "run" && id == run.get_untracked(), move || graph.refetch());
    view! {
        <div class="graph-layout" class:graph-layout--panel=move || !step.get().is_empty()>
            {show(graph, move |drawing| view! { <GraphView drawing=drawing selected=step /> }.into_any())}
            <StepPanel context=context tab="graph" />
        </div>
    }
}

#[component]
fn GraphView(drawing: String, selected: Memo<String>) -> impl IntoView {
    let box_ref = NodeRef::<html::Div>::new();
    let scale = RwSignal::new(100);
    start_in_the_middle(box_ref);
    mark_selected(box_ref, selected);
    let navigate = use_navigate();
    let follow = move |event: MouseEvent| {
        let clicked = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let href = clicked.and_then(|element| element.closest("a").ok().flatten()?.get_attribute("href"));
        if let Some(href) = href.filter(|_| !(event.ctrl_key() || event.meta_key() || event.shift_key())) {
            event.prevent_default();
            navigate(&href, NavigateOptions { scroll: false, ..NavigateOptions::default() });
        }
    };
    let summary = "Graph of the run's steps and artifacts. The tab Steps lists the steps as a table.";
    view! {
        <div class="graph">
            <ZoomButtons scale=scale box_ref=box_ref />
            <div
                class="graph__box"
                node_ref=box_ref
                style=("--scale", move || scale.get().to_string())
                tabindex="0"
                role="region"
                aria-label=summary
                on:click=follow
                inner_html=drawing
            ></div>
        </div>
    }
    .into_any()
}

/// A wide graph begins in the middle: there its first steps are.
fn start_in_the_middle(box_ref: NodeRef<html::Div>) {
    Effect::new(move |done: Option<bool>| {
        if done == Some(true) {
            return true;
        }
        let Some(element) = box_ref.get() else { return false };
        element.set_scroll_left((element.scroll_width() - element.client_width()) / 2);
        true
    });
}

/// Marks the step that is shown beside the graph.
fn mark_selected(box_ref: NodeRef<html::Div>, selected: Memo<String>) {
    Effect::new(move |_| {
        let (Some(element), selected) = (box_ref.get(), selected.get()) else { return };
        for link in elements(&element, "[data-step]") {
            let _ = if link.get_attribute("data-step").as_ref() == Some(&selected) {
                link.set_attribute("aria-current", "true")
            } else {
                link.remove_attribute("aria-current")
            };
        }
    });
}

/// Larger, smaller, all of it; there are none without scripts, where the drawing scrolls.
#[component]
fn ZoomButtons(scale: RwSignal<i32>, box_ref: NodeRef<html::Div>) -> impl IntoView {
    let (ready, set_ready) = signal(false);
    Effect::new(move |_| set_ready.set(true));
    let zoom = move |larger: bool| {
        let now = scale.get_untracked();
        let next = if larger { SCALES.into_iter().find(|s| *s > now) } else { SCALES.into_iter().rfind(|s| *s < now) };
        if let Some(next) = next {
            scale.set(next);
        }
    };
    let fit = move |_| {
        let Some(element) = box_ref.get_untracked() else { return };
        let drawing = elements(&element, "svg.graph__drawing").next();
        let size = |name: &str| drawing.as_ref().and_then(|drawing| drawing.get_attribute(name)?.parse().ok()).unwrap_or(1).max(1);
        let (across, down) = (element.client_width() * 100 / size("width"), element.client_height() * 100 / size("height"));
        scale.set(across.min(down).clamp(SCALES[0], 100));
    };
    let button = |label: &'static str, icon: &'static str, larger: bool| {
        view! {
            <button type="button" class="button button--icon button--small" aria-label=label title=label on:click=move |_| zoom(larger)>
                <Icon name=icon />
            </button>
        }
    };
    view! {
        <div class="graph__zoom" hidden=move || !ready.get()>
            {button("Smaller", "minus", false)}
            {button("Larger", "plus", true)}
            <button type="button" class="button button--small" on:click=fit>
                "Fit"
            </button>
            <button type="button" class="button button--small" on:click=move |_| scale.set(100)>
                "100%"
            </button>
        </div>
    }
}
