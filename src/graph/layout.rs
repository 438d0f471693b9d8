//! Layered layout, top down: what comes before stands above what comes after.
//!
//! Crossings are reduced and coordinates found by `rust-sugiyama`. Around it: edges over several layers get a vertex in each layer they
//! pass, so that they are drawn past the nodes there and not through them; parts without a connection are packed side by side; and a last
//! pass guarantees that nothing overlaps. The same graph always gets the same places.

use std::collections::{BTreeMap, HashMap, HashSet};

use rust_sugiyama::configure::{Config, CrossingMinimization, RankingType};

use super::{
    Edge, Graph, Node, Point,
    fan::{self, Fan},
};

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

/// A box to be placed, or the passage of an edge through a layer.
#[derive(Clone, Copy)]
struct Vertex {
    width: f64,
    height: f64,
    /// The centre.
    x: f64,
    y: f64,
    layer: usize,
    /// The number of the part it belongs to.
    part: usize,
}

/// Places nodes, whose sizes are given, and the edges between them.
///
/// Edges are pairs (source, target) of ids. Those to unknown nodes, from a node to itself, and repeated ones are left out. An edge that
/// closes a cycle does not count for the layers and runs upwards.
pub fn layout(mut nodes: Vec<Node>, edges: &[(String, String)]) -> Graph {
    let positions: HashMap<&str, usize> = nodes.iter().enumerate().map(|(position, node)| (node.id.as_str(), position)).collect();
    let known = edges.iter().filter_map(|(source, target)| Some((*positions.get(source.as_str())?, *positions.get(target.as_str())?)));
    let pairs = distinct(known);
    let fans = fan::find(&nodes, &pairs);
    let boxes = Boxes::new(&nodes, &fans);
    let box_pairs = distinct(pairs.iter().map(|(source, target)| (boxes.of_node[*source], boxes.of_node[*target])));
    let (vertices, lines) = arrange(&boxes.sizes, &box_pairs);
    let lines: HashMap<(usize, usize), Vec<Point>> = box_pairs.into_iter().zip(lines).collect();

    let corner = |vertex: &Vertex| Point { x: vertex.x - vertex.width / 2.0 + MARGIN, y: vertex.y - vertex.height / 2.0 + MARGIN };
    let mut ways: HashMap<usize, (Vec<Point>, Vec<Point>)> = HashMap::new();
    for (position, vertex) in vertices.iter().take(boxes.sizes.len()).enumerate() {
        match boxes.content[position] {
            Content::Node(node) => {
                let Point { x, y } = corner(vertex);
                (nodes[node].x, nodes[node].y) = (x, y);
            }
            Content::Fan(fan) => {
                let placed = fans[fan].place(corner(vertex), &mut nodes);
                ways.extend(placed.into_iter().map(|(node, down, out)| (node, (down, out))));
            }
        }
    }
    let edges = pairs.iter().map(|(source, target)| {
        let (from, to) = (boxes.of_node[*source], boxes.of_node[*target]);
        let points = match lines.get(&(from, to)) {
            Some(line) => joined(line, ways.get(source).map(|ways| &ways.1), ways.get(target).map(|ways| &ways.0)),
            None => straight(&nodes[*source], &nodes[*target]),
        };
        Edge { source: nodes[*source].id.clone(), target: nodes[*target].id.clone(), points }
    });
    let edges: Vec<Edge> = edges.collect();
    framed(nodes, edges)
}

fn distinct(pairs: impl Iterator<Item = (usize, usize)>) -> Vec<(usize, usize)> {
    let mut seen = HashSet::new();
    pairs.filter(|pair| pair.0 != pair.1 && seen.insert(*pair)).collect()
}

/// What is placed: nodes, and blocks of the nodes of a fan.
struct Boxes {
    sizes: Vec<(f64, f64)>,
    content: Vec<Content>,
    /// The box of each node.
    of_node: Vec<usize>,
}

enum Content {
    Node(usize),
    Fan(usize),
}

impl Boxes {
    fn new(nodes: &[Node], fans: &[Fan]) -> Self {
        let mut fan_of: HashMap<usize, usize> = HashMap::new();
        for (number, fan) in fans.iter().enumerate() {
            fan_of.extend(fan.nodes().map(|node| (node, number)));
        }
        let mut box_of_fan: HashMap<usize, usize> = HashMap::new();
        let mut boxes = Self { sizes: Vec::new(), content: Vec::new(), of_node: Vec::new() };
        for (position, node) in nodes.iter().enumerate() {
            let next = boxes.sizes.len();
            let (number, size, content) = match fan_of.get(&position) {
                None => (next, (node.width, node.height), Content::Node(position)),
                Some(fan) => (*box_of_fan.entry(*fan).or_insert(next), fans[*fan].size(), Content::Fan(*fan)),
            };
            boxes.of_node.push(number);
            if number == next {
                boxes.sizes.push(size);
                boxes.content.push(content);
            }
        }
        boxes
    }
}

/// The line between two boxes, continued inside of them where they are blocks.
fn joined(line: &[Point], out: Option<&Vec<Point>>, down: Option<&Vec<Point>>) -> Vec<Point> {
    let inner = line.get(1..line.len() - 1).unwrap_or_default();
    let start = out.map_or(&line[..1], Vec::as_slice);
    let end = down.map_or(&line[line.len() - 1..], Vec::as_slice);
    [start, inner, end].concat()
}

/// Straight down from one node of a column to the next.
fn straight(source: &Node, target: &Node) -> Vec<Point> {
    let from = Point { x: source.x + source.width / 2.0, y: source.y + source.height };
    vec![from, Point { x: target.x + target.width / 2.0, y: target.y }]
}

/// Places boxes of these sizes and the lines between them: the vertices of the boxes come first.
fn arrange(sizes: &[(f64, f64)], pairs: &[(usize, usize)]) -> (Vec<Vertex>, Vec<Vec<Point>>) {
    let layers = layers(sizes.len(), pairs);
    let vertex =
        |((width, height), layer): (&(f64, f64), &usize)| Vertex { width: *width, height: *height, x: 0.0, y: 0.0, layer: *layer, part: 0 };
    let mut vertices: Vec<Vertex> = sizes.iter().zip(&layers).map(vertex).collect();
    let routes = routes(pairs, &mut vertices);
    place(&mut vertices, &routes);
    let mut tallest: HashMap<(usize, usize), f64> = HashMap::new();
    for vertex in &vertices {
        let height = tallest.entry((vertex.part, vertex.layer)).or_default();
        *height = height.max(vertex.height);
    }
    let lines = routes.iter().map(|route| points(route, &vertices, sizes.len(), &tallest)).collect();
    (vertices, lines)
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
                vertices.push(Vertex { width: PASSAGE, height: 1.0, x: 0.0, y: 0.0, layer, part: 0 });
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
    for (number, part) in parts.iter().enumerate() {
        part.iter().for_each(|id| vertices[*id].part = number);
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

/// From the lower side of the source to the upper side of the target, straight down beside everything in a layer.
fn points(route: &[usize], vertices: &[Vertex], box_count: usize, tallest: &HashMap<(usize, usize), f64>) -> Vec<Point> {
    let at = |vertex: Vertex, dy: f64| Point { x: vertex.x + MARGIN, y: vertex.y + MARGIN + dy };
    let mut points = Vec::with_capacity(route.len() * 2);
    for (position, id) in route.iter().copied().enumerate() {
        let vertex = vertices[id];
        let layer = tallest.get(&(vertex.part, vertex.layer)).copied().unwrap_or_default() / 2.0;
        let half = if id < box_count { vertex.height / 2.0 } else { layer };
        let is_beside_taller_ones = layer - half > LAYER_GAP / 4.0;
        if position > 0 {
            points.extend(is_beside_taller_ones.then(|| at(vertex, -layer)));
            points.push(at(vertex, -half));
        }
        if position + 1 < route.len() {
            points.push(at(vertex, half));
            points.extend(is_beside_taller_ones.then(|| at(vertex, layer)));
        }
    }
    points
}

/// The graph with the size of everything in it.
fn framed(nodes: Vec<Node>, edges: Vec<Edge>) -> Graph {
    let corners = nodes.iter().map(|node| Point { x: node.x + node.width, y: node.y + node.height });
    let bends = edges.iter().flat_map(|edge| edge.points.iter().copied());
    let (width, height) = corners.chain(bends).fold((0.0_f64, 0.0_f64), |(width, height), point| (width.max(point.x), height.max(point.y)));
    let is_empty = nodes.is_empty();
    let side = |length: f64| if is_empty { 0.0 } else { (length + MARGIN).ceil() };
    Graph { nodes, edges, width: side(width), height: side(height) }
}

#[cfg(test)]
mod tests;
