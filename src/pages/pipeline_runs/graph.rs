//! The graph of a run: laid out by the server, drawn as SVG; its nodes are links.

use leptos::{html, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::{RunPath, detail::RunContext, step_panel::StepPanel};
use crate::{
    components::{
        empty_state::EmptyState,
        icon::Icon,
        live::use_events,
        status_badge::{icon, tone, word},
    },
    graph::{Edge, Graph, Node, NodeKind},
    model::page_request::PageRequest,
    pages::data::{PageResource, show},
};

/// Smallest and largest scale, and the step between.
const SCALES: [f64; 9] = [0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.25, 1.5];

/// The tab.
#[component]
pub fn GraphTab(context: RunContext) -> impl IntoView {
    let RunContext { project, run, step, .. } = context;
    let graph = PageResource::new(move || PageRequest::RunGraph { project: project.get(), run: run.get() });
    use_events(move |kind, id| kind == "run" && id == run.get_untracked(), move || graph.refetch());
    view! {
        <div class="graph-layout" class:graph-layout--panel=move || !step.get().is_empty()>
            {show(graph, move |graph| view! { <GraphView graph=graph path=context.path() selected=step /> }.into_any())}
            <StepPanel context=context tab="graph" />
        </div>
    }
}

#[component]
fn GraphView(graph: Graph, path: RunPath, selected: Memo<String>) -> impl IntoView {
    if graph.nodes.is_empty() {
        let text = "Steps appear here as soon as the run has started them.";
        return view! { <EmptyState title="No steps yet" text=text /> }.into_any();
    }
    let box_ref = NodeRef::<html::Div>::new();
    let scale = RwSignal::new(1.0_f64);
    let (width, height) = (graph.width, graph.height);
    start_in_the_middle(box_ref);
    let edges = graph.edges.iter().map(edge).collect_view();
    let nodes = graph.nodes.into_iter().map(|each| node(each, &path, selected)).collect_view();
    let summary = "Graph of the run's steps and artifacts. The tab Steps lists the steps as a table.";
    view! {
        <div class="graph">
            <ZoomButtons scale=scale box_ref=box_ref width=width height=height />
            <div class="graph__box" node_ref=box_ref tabindex="0" role="region" aria-label=summary>
                <svg
                    class="graph__drawing"
                    width=move || format!("{:.0}", width * scale.get())
                    height=move || format!("{:.0}", height * scale.get())
                    viewBox=format!("0 0 {width:.0} {height:.0}")
                    role="group"
                    aria-label="Steps and artifacts"
                >
                    <g class="graph__edges">{edges}</g>
                    {nodes}
                </svg>
            </div>
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

/// Larger, smaller, all of it; there are none without scripts, where the drawing scrolls.
#[component]
fn ZoomButtons(scale: RwSignal<f64>, box_ref: NodeRef<html::Div>, width: f64, height: f64) -> impl IntoView {
    let (ready, set_ready) = signal(false);
    Effect::new(move |_| set_ready.set(true));
    let zoom = move |larger: bool| {
        let now = scale.get_untracked();
        let next = if larger { SCALES.into_iter().find(|s| *s > now + 0.001) } else { SCALES.into_iter().rfind(|s| *s < now - 0.001) };
        if let Some(next) = next {
            scale.set(next);
        }
    };
    let fit = move |_| {
        if let Some(element) = box_ref.get_untracked() {
            let (across, down) = (f64::from(element.client_width()) / width, f64::from(element.client_height()) / height);
            scale.set(across.min(down).clamp(SCALES[0], 1.0));
        }
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
            <button type="button" class="button button--small" on:click=move |_| scale.set(1.0)>
                "100%"
            </button>
        </div>
    }
}

/// The line of an edge.
pub fn edge(edge: &Edge) -> AnyView {
    view! { <path class="graph__edge" d=edge.svg_path() /> }.into_any()
}

/// Where a node leads: a step to its panel, a run to its page; artifacts are not links yet.
fn target(node: &Node, path: &RunPath) -> Option<String> {
    match node.kind {
        NodeKind::Step => Some(path.step("graph", &node.label)),
        NodeKind::TriggeredRun | NodeKind::ChildRun => node.entity_id.as_ref().map(|id| format!("{}/runs/{id}", path.base)),
        NodeKind::Artifact | NodeKind::WaitCondition => None,
    }
}

/// The symbol of a node: of its status where it has one, else of what it is.
fn symbol(node: &Node) -> &'static str {
    match (node.kind, node.status) {
        (_, Some(status)) => icon(status),
        (NodeKind::Artifact, None) => "artifact",
        (NodeKind::TriggeredRun | NodeKind::ChildRun, None) => "runs",
        (NodeKind::Step | NodeKind::WaitCondition, None) => "step",
    }
}

/// Words for readers of the screen: name, status, second line.
fn description(node: &Node) -> String {
    let kind = match node.kind {
        NodeKind::Step => "Step",
        NodeKind::Artifact => "Artifact",
        NodeKind::TriggeredRun | NodeKind::ChildRun => "Run",
        NodeKind::WaitCondition => "Question",
    };
    let status = match (node.status, node.kind) {
        (Some(status), _) => format!(", {}", word(status)),
        (None, NodeKind::Step) => ", not started".to_owned(),
        (None, _) => String::new(),
    };
    let detail = node.detail.as_ref().map(|detail| format!(", {detail}")).unwrap_or_default();
    format!("{kind} {}{status}{detail}", node.label)
}

fn node(node: Node, path: &RunPath, selected: Memo<String>) -> AnyView {
    let kind = match node.kind {
        NodeKind::Step => "step",
        NodeKind::Artifact => "artifact",
        _ => "run",
    };
    let tone = node.status.map_or("none", tone);
    let class = format!("graph__node graph__node--{kind} graph__node--{tone}");
    let (href, label) = (target(&node, path), node.label.clone());
    let is_selected = move || node.kind == NodeKind::Step && selected.get() == label;
    let words = description(&node);
    let shape = shape(&node, &words);
    let place = format!("translate({:.1} {:.1})", node.x, node.y);
    match href {
        Some(href) => {
            let navigate = use_navigate();
            let there = href.clone();
            let follow = move |event: leptos::ev::MouseEvent| {
                if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                    event.prevent_default();
                    navigate(&there, NavigateOptions { scroll: false, ..NavigateOptions::default() });
                }
            };
            view! {
                <g class=class class:graph__node--selected=is_selected transform=place>
                    <a href=href aria-label=words on:click=follow>
                        {shape}
                    </a>
                </g>
            }
            .into_any()
        }
        None => view! {
            <g class=class transform=place role="img" aria-label=words>
                {shape}
            </g>
        }
        .into_any(),
    }
}

/// The box of a node with what stands in it, at the origin; `words` tell the same.
pub fn shape(node: &Node, words: &str) -> AnyView {
    let detail = match (&node.detail, node.status) {
        (Some(detail), Some(status)) => Some(format!("{} · {detail}", word(status))),
        (Some(detail), None) => Some(detail.clone()),
        (None, Some(status)) => Some(word(status).to_owned()),
        (None, None) => None,
    };
    let (middle, top) = (node.height / 2.0, if detail.is_some() { node.height / 2.0 - 3.0 } else { node.height / 2.0 + 5.0 });
    view! {
        <g>
        <title>{words.to_owned()}</title>
        <rect class="graph__shape" width=node.width height=node.height rx=if node.kind == NodeKind::Artifact { node.height / 2.0 } else { 8.0 } />
        <svg class="icon graph__icon" x="14" y=middle - 8.0 width="16" height="16" aria-hidden="true">
            <use_ href=format!("#i-{}", symbol(node))></use_>
        </svg>
        <text class="graph__label" x="40" y=top>
            {node.short_label()}
        </text>
        {detail
            .map(|detail| {
                view! {
                    <text class="graph__detail" x="40" y=middle + 14.0>
                        {detail}
                    </text>
                }.into_any()
            })}
        </g>
    }
    .into_any()
}
