//! The graph of a run as SVG; its nodes are links.

use leptos::prelude::*;

use crate::{
    components::{
        empty_state::EmptyState,
        status_badge::{icon, tone, word},
    },
    graph::{Edge, Graph, Node, NodeKind},
    pages::pipeline_runs::RunPath,
};

/// The drawing. Its size follows the scale that the page sets; `selected` is the step that the page shows beside it.
pub fn drawing(graph: Graph, path: &RunPath, selected: &str) -> AnyView {
    if graph.nodes.is_empty() {
        let text = "Steps appear here as soon as the run has started them.";
        return view! { <EmptyState title="No steps yet" text=text /> }.into_any();
    }
    let (width, height) = (format!("{:.0}", graph.width), format!("{:.0}", graph.height));
    let edges = graph.edges.iter().map(edge).collect_view();
    let nodes = graph.nodes.iter().map(|each| node(each, path, selected)).collect_view();
    view! {
        <svg
            class="graph__drawing"
            style=format!("--width:{width}px;--height:{height}px")
            width=width.clone()
            height=height.clone()
            viewBox=format!("0 0 {width} {height}")
            role="group"
            aria-label="Steps and artifacts"
        >
            <g class="graph__edges">{edges}</g>
            {nodes}
        </svg>
    }
    .into_any()
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

fn node(node: &Node, path: &RunPath, selected: &str) -> AnyView {
    let kind = match node.kind {
        NodeKind::Step => "step",
        NodeKind::Artifact => "artifact",
        _ => "run",
    };
    let tone = node.status.map_or("none", tone);
    let class = format!("graph__node graph__node--{kind} graph__node--{tone}");
    let step = (node.kind == NodeKind::Step).then(|| node.label.clone());
    let current = (step.as_deref() == Some(selected)).then_some("true");
    let words = description(node);
    let shape = shape(node, &words);
    let place = format!("translate({:.1} {:.1})", node.x, node.y);
    match target(node, path) {
        Some(href) => view! {
            <g class=class transform=place>
                <a href=href aria-label=words data-step=step aria-current=current>
                    {shape}
                </a>
            </g>
        }
        .into_any(),
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
