//! Layered layout, top down: what comes before stands above what comes after.
//!
//! Crossings are reduced and coordinates found by `rust-sugiyama`. Around it: edges over several layers get a vertex in each layer they
//! pass, so that they are drawn past the nodes there and not through them; parts without a connection are packed side by side; and a last
//! pass guarantees that nothing overlaps. The same graph always gets the same places.

use std::collections::{BTreeMap, HashMap, HashSet};

use rust_sugiyama::configure::{Config, CrossingMinimization, RankingType};

use super::{Edge, Graph, Node, Point};

/// Between nodes of one layer, and between parts without a connection.
const GAP: f64 = 32.0;
/// Between layers, for the edges to turn in.
const LAYER_GAP: f64 = 56.0;
/// Around the whole.
const MARGIN: f64 = 16.0;
/// The width kept free for an edge that passes a layer.
const PASSAGE: f64 = 12.0;
/// Up to this many vertices, crossings are reduced further by swapping neighbours; it costs tens of milliseconds beyond.
const MAX_SWAPPED: usize = 200;
/// Beyond this many vertices, edges over several layers are drawn straight.
const MAX_PASSAGES: usize = 4000;
/// Parts are placed beside each other up to this width, if the widest part is not wider.
const PAGE_WIDTH: f64 = 1200.0;

/// A node, or the passage of an edge through a layer.
#[derive(Clone, Copy)]
struct Vertex {
    width: f64,
    height: f64,
    /// The centre.
    x: f64,
    y: f64,
    layer: usize,
}

/// Places nodes, whose sizes are given, and the edges between them.
///
/// Edges are pairs (source, target) of ids. Those to unknown nodes, from a node to itself, and repeated ones are left out. An edge that
/// closes a cycle does not count for the layers and runs upwards.
pub fn layout(nodes: Vec<Node>, edges: &[(String, String)]) -> Graph {
    let positions: HashMap<&str, usize> = nodes.iter().enumerate().map(|(position, node)| (node.id.as_str(), position)).collect();
    let mut seen = HashSet::new();
    let pairs: Vec<(usize, usize)> = edges
        .iter()
        .filter_map(|(source, target)| Some((*positions.get(source.as_str())?, *positions.get(target.as_str())?)))
        .filter(|pair| pair.0 != pair.1 && seen.insert(*pair))
        .collect();
    let layers = layers(nodes.len(), &pairs);
    let mut vertices: Vec<Vertex> = nodes
        .iter()
        .zip(&layers)
        .map(|(node, layer)| Vertex { width: node.width, height: node.height, x: 0.0, y: 0.0, layer: *layer })
        .collect();
    let routes = routes(&pairs, &mut vertices);
    place(&mut vertices, &routes);
    finish(nodes, &vertices, &pairs, &routes)
}

/// The layer of each node: one below the lowest node it depends on; nodes that depend on nothing stand right above what needs them.
fn layers(count: usize, pairs: &[(usize, usize)]) -> Vec<usize> {
    let mut above: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (source, target) in pairs {
        above[*target].push(*source);
        below[*source].push(*target);
    }
    let mut open: Vec<usize> = above.iter().map(Vec::len).collect();
    let mut layers = vec![0_usize; count];
    let mut is_done = vec![false; count];
    let mut ready: Vec<usize> = (0..count).rev().filter(|node| open[*node] == 0).collect();
    let mut first_open = 0;
    loop {
        let Some(node) = ready.pop() else {
            // Nodes are left only in cycles: the first one starts, and the edges to it do not count.
            while first_open < count && is_done[first_open] {
                first_open += 1;
            }
            if first_open == count {
                break;
            }
            ready.push(first_open);
            continue;
        };
        if std::mem::replace(&mut is_done[node], true) {
            continue;
        }
        for next in below[node].iter().copied().filter(|next| !is_done[*next]).collect::<Vec<_>>() {
            layers[next] = layers[next].max(layers[node] + 1);
            open[next] -= 1;
            if open[next] == 0 {
                ready.push(next);
            }
        }
    }
    for node in (0..count).filter(|node| above[*node].is_empty()) {
        if let Some(nearest) = below[node].iter().map(|next| layers[*next]).min() {
            layers[node] = nearest.saturating_sub(1);
        }
    }
    layers
}

/// The vertices each edge runs through, with new ones for the layers it passes. Edges that run upwards have only their ends.
fn routes(pairs: &[(usize, usize)], vertices: &mut Vec<Vertex>) -> Vec<Vec<usize>> {
    let passed = |vertices: &[Vertex], (source, target): (usize, usize)| vertices[source].layer + 1..vertices[target].layer.max(1);
    let count: usize = pairs.iter().map(|pair| passed(vertices, *pair).len()).sum();
    let mut routes = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let mut route = vec![pair.0];
        if vertices.len() + count <= MAX_PASSAGES || count == 0 {
            for layer in passed(vertices, *pair) {
                route.push(vertices.len());
                vertices.push(Vertex { width: PASSAGE, height: 1.0, x: 0.0, y: 0.0, layer });
            }
        }
        route.push(pair.1);
        routes.push(route);
    }
    routes
}

/// Finds the places of all vertices.
fn place(vertices: &mut [Vertex], routes: &[Vec<usize>]) {
    let config = Config {
        minimum_length: 1,
        vertex_spacing: GAP,
        dummy_vertices: false,
        dummy_size: 1.0,
        // Every link goes down one layer, so the layers found are the ones given.
        ranking_type: RankingType::MinimizeEdgeLength,
        c_minimization: CrossingMinimization::Median,
        transpose: vertices.len() <= MAX_SWAPPED,
    };
    let sizes: Vec<(u32, (f64, f64))> =
        vertices.iter().enumerate().map(|(id, vertex)| (id as u32, (vertex.width, vertex.height + LAYER_GAP - GAP))).collect();
    let downward = |pair: &&[usize]| vertices[pair[0]].layer < vertices[pair[1]].layer;
    let links: Vec<(u32, u32)> =
        routes.iter().flat_map(|route| route.windows(2)).filter(downward).map(|pair| (pair[0] as u32, pair[1] as u32)).collect();
    let mut parts: Vec<Vec<usize>> = Vec::new();
    for (part, _, _) in rust_sugiyama::from_vertices_and_edges(&sizes, &links, &config) {
        let mut ids = Vec::new();
        for (id, (x, y)) in part {
            (vertices[id].x, vertices[id].y) = (x, y);
            ids.push(id);
        }
        ids.sort_unstable();
        parts.push(ids);
    }
    parts.sort_unstable();
    for part in &parts {
        separate(vertices, part);
    }
    pack(vertices, &parts);
}

/// The vertices of a part by their height on the page, which is the same for all of one layer.
fn rows(vertices: &[Vertex], part: &[usize]) -> BTreeMap<i64, Vec<usize>> {
    let mut rows: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for id in part {
        rows.entry(vertices[*id].y.round() as i64).or_default().push(*id);
    }
    rows
}

/// Moves vertices of one row apart where they are too close.
fn separate(vertices: &mut [Vertex], part: &[usize]) {
    for (_, mut row) in rows(vertices, part) {
        row.sort_by(|left, right| vertices[*left].x.total_cmp(&vertices[*right].x).then(left.cmp(right)));
        for pair in row.windows(2) {
            let (left, right) = (vertices[pair[0]], vertices[pair[1]]);
            let nearest = left.x + (left.width + right.width) / 2.0 + GAP;
            vertices[pair[1]].x = right.x.max(nearest);
        }
    }
}

/// Places parts beside each other, in rows like words in a paragraph.
fn pack(vertices: &mut [Vertex], parts: &[Vec<usize>]) {
    let boxes: Vec<(f64, f64, f64, f64)> = parts.iter().map(|part| bounds(vertices, part)).collect();
    let widest = boxes.iter().map(|(left, _, right, _)| right - left).fold(0.0, f64::max);
    let area: f64 = boxes.iter().map(|(left, top, right, bottom)| (right - left + GAP) * (bottom - top + GAP)).sum();
    let page = widest.max(PAGE_WIDTH).max((area * 1.6).sqrt());
    let (mut x, mut y, mut row_height) = (0.0, 0.0, 0.0_f64);
    for (part, (left, top, right, bottom)) in parts.iter().zip(boxes) {
        let (width, height) = (right - left, bottom - top);
        if x > 0.0 && x + width > page {
            (x, y, row_height) = (0.0, y + row_height + GAP, 0.0);
        }
        for id in part {
            vertices[*id].x += x - left;
            vertices[*id].y += y - top;
        }
        x += width + GAP;
        row_height = row_height.max(height);
    }
}

fn bounds(vertices: &[Vertex], part: &[usize]) -> (f64, f64, f64, f64) {
    let empty = (f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY);
    part.iter().map(|id| vertices[*id]).fold(empty, |(left, top, right, bottom), vertex| {
        let (half_width, half_height) = (vertex.width / 2.0, vertex.height / 2.0);
        (
            left.min(vertex.x - half_width),
            top.min(vertex.y - half_height),
            right.max(vertex.x + half_width),
            bottom.max(vertex.y + half_height),
        )
    })
}

fn finish(mut nodes: Vec<Node>, vertices: &[Vertex], pairs: &[(usize, usize)], routes: &[Vec<usize>]) -> Graph {
    for (node, vertex) in nodes.iter_mut().zip(vertices) {
        node.x = vertex.x - vertex.width / 2.0 + MARGIN;
        node.y = vertex.y - vertex.height / 2.0 + MARGIN;
    }
    let tallest = nodes.iter().map(|node| node.height).fold(0.0, f64::max);
    let edges: Vec<Edge> = pairs
        .iter()
        .zip(routes)
        .map(|(pair, route)| Edge {
            source: nodes[pair.0].id.clone(),
            target: nodes[pair.1].id.clone(),
            points: points(route, vertices, nodes.len(), tallest),
        })
        .collect();
    let corners = nodes.iter().map(|node| Point { x: node.x + node.width, y: node.y + node.height });
    let bends = edges.iter().flat_map(|edge| edge.points.iter().copied());
    let (width, height) = corners.chain(bends).fold((0.0_f64, 0.0_f64), |(width, height), point| (width.max(point.x), height.max(point.y)));
    let is_empty = nodes.is_empty();
    let side = |length: f64| if is_empty { 0.0 } else { (length + MARGIN).ceil() };
    Graph { nodes, edges, width: side(width), height: side(height) }
}

/// From the lower side of the source to the upper side of the target, straight down beside all nodes of a layer it passes.
fn points(route: &[usize], vertices: &[Vertex], node_count: usize, tallest: f64) -> Vec<Point> {
    let at = |vertex: usize, dy: f64| Point { x: vertices[vertex].x + MARGIN, y: vertices[vertex].y + MARGIN + dy };
    let mut points = Vec::with_capacity(route.len() * 2);
    for (position, vertex) in route.iter().copied().enumerate() {
        let half = if vertex < node_count { vertices[vertex].height / 2.0 } else { tallest / 2.0 };
        if position > 0 {
            points.push(at(vertex, -half));
        }
        if position + 1 < route.len() {
            points.push(at(vertex, half));
        }
    }
    points
}

#[cfg(test)]
mod tests {
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
        let wide: Vec<(usize, usize)> = (1..299).flat_map(|number| [(0, number), (number, 299)]).collect();
        assert_sound(&graph(300, &wide));
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
}
