//! What a snapshot runs: its steps as a small graph, and as a list for those who do not see it.

use leptos::prelude::*;

use crate::{
    graph::{Graph, Node, NodeKind, layout::layout},
    run_configuration::snapshot::{Snapshot, Step},
    server::{
        error::{AppError, Result},
        pages::run_graph_view::{edge, shape},
    },
};

/// The steps of a static pipeline; none of a dynamic one, which has none yet.
pub async fn draw(snapshot: &Snapshot) -> Result<Option<AnyView>> {
    if snapshot.steps.is_empty() {
        return Ok(None);
    }
    let steps: Vec<(String, Vec<String>)> = snapshot.steps.iter().map(|step| (step.name.clone(), upstream(step))).collect();
    let nodes = steps.iter().map(|(name, _)| Node { height: 40.0, ..Node::new(name, NodeKind::Step, name) }).collect();
    let edges: Vec<(String, String)> =
        steps.iter().flat_map(|(name, before)| before.iter().map(|one| (one.clone(), name.clone()))).collect();
    let placed = tokio::task::spawn_blocking(move || layout(nodes, &edges)).await;
    let graph = placed.map_err(|error| AppError::Internal(anyhow::Error::new(error).context("laying out a graph")))?;
    Ok(Some(drawing(graph, steps)))
}

fn upstream(step: &Step) -> Vec<String> {
    let names = step.spec.get("upstream_steps").and_then(serde_json::Value::as_array);
    names.into_iter().flatten().filter_map(|name| Some(name.as_str()?.to_owned())).collect()
}

fn drawing(graph: Graph, steps: Vec<(String, Vec<String>)>) -> AnyView {
    let (width, height) = (format!("{:.0}", graph.width), format!("{:.0}", graph.height));
    let edges = graph.edges.iter().map(edge).collect_view();
    let node = |node: Node| {
        let place = format!("translate({:.1} {:.1})", node.x, node.y);
        let words = format!("Step {}", node.label);
        view! {
            <g class="graph__node graph__node--step graph__node--plain" transform=place>
                {shape(&node, &words)}
            </g>
        }
    };
    let item = |(name, before): (String, Vec<String>)| {
        let after = (!before.is_empty()).then(|| view! { <span class="soft">{format!(" after {}", before.join(", "))}</span> });
        view! { <li><span class="mono">{name}</span> {after}</li> }
    };
    let count = steps.len();
    view! {
        <div class="graph__box graph__box--small" tabindex="0" role="region" aria-label="Graph of the steps">
            <svg class="graph__drawing" width=width.clone() height=height.clone() viewBox=format!("0 0 {width} {height}") role="img" aria-label=format!("{count} steps; the list below names them")>
                <g class="graph__edges">{edges}</g>
                {graph.nodes.into_iter().map(node).collect_view()}
            </svg>
        </div>
        <details class="twin">
            <summary>"Steps as a list"</summary>
            <ol>{steps.into_iter().map(item).collect_view()}</ol>
        </details>
    }
    .into_any()
}
