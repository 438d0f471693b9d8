use super::*;
use crate::graph::NodeKind;

fn graph(count: usize, edges: &[(usize, usize)]) -> Graph {
    let nodes = (0..count)
        .map(|number| {
            let kind = if number % 2 == 0 { NodeKind::Step } else { NodeKind::Artifact };
            Node::new(number.to_string(), kind, "n".repeat(1 + number % 40))
        })
        .collect();
    let edges: Vec<(String, String)> = edges.iter().map(|(source, target)| (source.to_string(), target.to_string())).collect();
    layout(nodes, &edges)
}

fn assert_sound(graph: &Graph) {
    for (position, node) in graph.nodes.iter().enumerate() {
        assert!(node.x >= 0.0 && node.y >= 0.0, "{node:?}");
        assert!(
            node.x + node.width <= graph.width && node.y + node.height <= graph.height,
            "{node:?} in {} x {}",
            graph.width,
            graph.height
        );
        for other in &graph.nodes[position + 1..] {
            let is_apart = node.x + node.width <= other.x
                || other.x + other.width <= node.x
                || node.y + node.height <= other.y
                || other.y + other.height <= node.y;
            assert!(is_apart, "{node:?} overlaps {other:?}");
        }
    }
    let is_downward = |edge: &&Edge| edge.points[0].y < edge.points[edge.points.len() - 1].y;
    for edge in graph.edges.iter().filter(is_downward) {
        // The straight parts of an edge run beside nodes.
        for pair in edge.points.windows(2).filter(|pair| pair[0].x == pair[1].x) {
            let hit = graph.nodes.iter().find(|node| {
                let (top, bottom) = (pair[0].y.min(pair[1].y), pair[0].y.max(pair[1].y));
                node.x < pair[0].x && pair[0].x < node.x + node.width && node.y < bottom - 0.5 && node.y + node.height > top + 0.5
            });
            assert!(hit.is_none(), "{edge:?} runs through {hit:?}");
        }
    }
}

fn node(graph: &Graph, id: usize) -> &Node {
    &graph.nodes[id]
}

#[test]
fn one_node_and_none() {
    let single = graph(1, &[]);
    assert_sound(&single);
    assert_eq!((single.nodes[0].x, single.nodes[0].y), (MARGIN, MARGIN));
    assert_eq!(graph(0, &[]), Graph::default());
}

#[test]
fn what_comes_before_stands_above() {
    let edges = [(0, 1), (0, 2), (1, 3), (2, 3), (0, 3), (4, 3)];
    let graph = graph(5, &edges);
    assert_sound(&graph);
    for (source, target) in edges {
        assert!(node(&graph, source).y + node(&graph, source).height < node(&graph, target).y);
    }
    assert_eq!(graph.edges.len(), edges.len());
    assert_eq!(graph.edges[4].points.len(), 4, "the long edge bends where it passes the middle layer");
    let loose = node(&graph, 4);
    assert!((loose.y + loose.height / 2.0 - node(&graph, 1).y - node(&graph, 1).height / 2.0).abs() < 1.0, "right above what needs it");
}

#[test]
fn thirty_nodes_with_fan_out() {
    let edges: Vec<(usize, usize)> = (1..29).flat_map(|number| [(0, number), (number, 29)]).collect();
    let graph = graph(30, &edges);
    assert_sound(&graph);
    let middle = node(&graph, 0).x + node(&graph, 0).width / 2.0;
    assert!((middle - graph.width / 2.0).abs() < graph.width / 4.0, "the source stands near the middle of its fan");
}

#[test]
fn parts_without_a_connection_are_packed() {
    let graph = graph(40, &[(0, 1), (1, 2), (10, 11), (20, 21), (20, 22), (20, 23)]);
    assert_sound(&graph);
    assert!(graph.width < 2.0 * PAGE_WIDTH && graph.height < 1500.0, "{} x {}", graph.width, graph.height);
}

#[test]
fn cycles_and_odd_edges_do_no_harm() {
    let graph = graph(4, &[(0, 1), (1, 2), (2, 0), (1, 1), (0, 1), (2, 9), (3, 2)]);
    assert_sound(&graph);
    let drawn: Vec<(&str, &str)> = graph.edges.iter().map(|edge| (edge.source.as_str(), edge.target.as_str())).collect();
    assert_eq!(drawn, [("0", "1"), ("1", "2"), ("2", "0"), ("3", "2")]);
}

/// 300 nodes in layers of changing width, with fan-out, joins and edges over several layers.
fn large() -> Vec<(usize, usize)> {
    let mut edges = Vec::new();
    for number in 1..300_usize {
        edges.push(((number - 1) / 3, number));
        if number % 7 == 0 {
            edges.push((number / 7, number));
        }
        if number % 11 == 0 {
            edges.push((number - 10, number));
        }
    }
    edges
}

#[test]
fn three_hundred_nodes_and_always_the_same() {
    let first = graph(300, &large());
    assert_sound(&first);
    assert_eq!(first, graph(300, &large()));
}

#[test]
fn a_wide_fan_stands_in_rows() {
    let fan: Vec<(usize, usize)> = (1..299).flat_map(|number| [(0, number), (number, 299)]).collect();
    let graph_of_fan = graph(300, &fan);
    assert_sound(&graph_of_fan);
    assert!(graph_of_fan.width < 1700.0, "{}", graph_of_fan.width);
    assert_eq!(graph_of_fan.edges.len(), fan.len());
    // Each of 150 steps makes an artifact of its own, and one step reads them all; another edge passes by.
    let mut columns: Vec<(usize, usize)> = (1..151).flat_map(|number| [(0, number), (number, number + 150), (number + 150, 301)]).collect();
    columns.push((0, 301));
    columns.push((301, 302));
    let graph_of_columns = graph(303, &columns);
    assert_sound(&graph_of_columns);
    assert!(graph_of_columns.width < 1700.0, "{}", graph_of_columns.width);
    assert_eq!(graph_of_columns, graph(303, &columns));
    let (step, artifact) = (node(&graph_of_columns, 7), node(&graph_of_columns, 157));
    assert!((step.x + step.width / 2.0 - artifact.x - artifact.width / 2.0).abs() < 0.01 && step.y + step.height < artifact.y);
    let last = &graph_of_columns.edges.iter().find(|edge| edge.source == "157").unwrap().points;
    assert_eq!(last[0], Point { x: artifact.x + artifact.width / 2.0, y: artifact.y + artifact.height });
    let join = node(&graph_of_columns, 301);
    assert_eq!(last[last.len() - 1], Point { x: join.x + join.width / 2.0, y: join.y });
}

#[test]
fn two_wide_fans_in_a_row() {
    let fans: Vec<(usize, usize)> =
        (1..21).flat_map(|number| (21..41).map(move |other| (number, other))).chain((1..21).map(|n| (0, n))).collect();
    let graph = graph(41, &fans);
    assert_sound(&graph);
    assert!(graph.width < 1700.0);
}

#[test]
fn long_chains_need_no_deep_stack() {
    let chain: Vec<(usize, usize)> = (1..3000).map(|number| (number - 1, number)).collect();
    let worker = std::thread::Builder::new().stack_size(2 << 20).spawn(move || graph(3000, &chain).nodes.len());
    assert_eq!(worker.unwrap().join().unwrap(), 3000);
}

#[test]
fn it_is_fast() {
    let start = std::time::Instant::now();
    graph(300, &large());
    // The aim is 100 ms in a release build; unoptimized code is some twenty times slower.
    let limit = if cfg!(debug_assertions) { 3000 } else { 100 };
    assert!(start.elapsed().as_millis() < limit, "{:?}", start.elapsed());
}
