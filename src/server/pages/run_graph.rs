//! The graph of a run, laid out for the page.

use super::{context, html::html, pipeline_run, run_graph_view};
use crate::{
    graph::{Graph, Node, NodeKind, layout::layout},
    model::{error::PageError, status::ExecutionStatus, time},
    pages::pipeline_runs::RunPath,
    server::{
        api::wire::dag::{self, Dag, NodeType},
        error::AppError,
        service,
    },
};

/// Up to this many steps artifacts are drawn too; beyond, the graph shows how the steps depend on each other.
const MOST_WITH_ARTIFACTS: usize = 150;

/// Width for the icon, a status in words and a duration, whatever they will be: a node never grows while a run goes on.
const STATUS_WIDTH: f64 = 188.0;

/// The graph of a run of a project as HTML, with the step marked that the page shows beside it.
pub async fn get(project: &str, id: &str, step: &str) -> Result<String, PageError> {
    let (state, _) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let run = pipeline_run::find(&mut connection, project, id).await?;
        let dag = service::dag::of_run(&mut connection, &run, &[]).await?;
        drop(connection);
        let placed = tokio::task::spawn_blocking(move || draw(dag)).await;
        placed.map_err(|error| AppError::Internal(anyhow::Error::new(error).context("laying out a graph")))
    };
    let graph = read.await?;
    Ok(html(|| run_graph_view::drawing(graph, &RunPath::new(project, id), step)))
}

fn draw(dag: Dag) -> Graph {
    let steps = dag.nodes.iter().filter(|node| node.node_type == NodeType::Step).count();
    let dag = if steps > MOST_WITH_ARTIFACTS { without_artifacts(dag) } else { dag };
    let edges: Vec<(String, String)> = dag.edges.into_iter().map(|edge| (edge.source, edge.target)).collect();
    layout(dag.nodes.into_iter().map(node).collect(), &edges)
}

/// Steps and runs only: an artifact between two steps becomes an edge from one to the other.
fn without_artifacts(mut dag: Dag) -> Dag {
    let artifacts: Vec<String> =
        dag.nodes.iter().filter(|node| node.node_type == NodeType::Artifact).map(|node| node.node_id.clone()).collect();
    let made_by: std::collections::HashMap<String, String> =
        dag.edges.iter().filter(|edge| artifacts.contains(&edge.target)).map(|edge| (edge.target.clone(), edge.source.clone())).collect();
    dag.nodes.retain(|node| node.node_type != NodeType::Artifact);
    dag.edges.retain(|edge| !made_by.contains_key(&edge.target));
    for edge in &mut dag.edges {
        if let Some(step) = made_by.get(&edge.source) {
            edge.source = step.clone();
        }
    }
    dag
}

fn node(node: dag::Node) -> Node {
    let kind = match node.node_type {
        NodeType::Step => NodeKind::Step,
        NodeType::Artifact => NodeKind::Artifact,
        NodeType::TriggeredRun => NodeKind::TriggeredRun,
        NodeType::WaitCondition => NodeKind::WaitCondition,
    };
    let text = |key: &str| node.metadata.get(key).and_then(serde_json::Value::as_str);
    let seconds = node.metadata.get("duration").and_then(serde_json::Value::as_f64);
    let status: Option<ExecutionStatus> = text("status").and_then(|word| word.parse().ok());
    let detail = match kind {
        NodeKind::WaitCondition => Some(if text("status") == Some("pending") { "waiting for an answer" } else { "answered" }.to_owned()),
        NodeKind::Artifact => text("data_type").map(|path| path.rsplit('.').next().unwrap_or(path).to_owned()),
        _ => seconds.map(time::duration),
    };
    let entity_id = node.id.map(|id| id.to_string());
    let mut placed = Node { detail, entity_id, status, ..Node::new(node.node_id, kind, node.name) };
    if kind != NodeKind::Artifact {
        placed.width = placed.width.max(STATUS_WIDTH);
    }
    placed
}
