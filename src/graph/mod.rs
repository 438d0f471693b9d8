//! Graphs of runs and snapshots, ready to be drawn.
//!
//! The server lays a graph out ([`layout`]) and draws it as SVG from these types. A change of status changes a node and never
//! moves one.

#[cfg(feature = "ssr")]
mod fan;
#[cfg(feature = "ssr")]
pub mod layout;

use serde::{Deserialize, Serialize};

use crate::model::status::ExecutionStatus;

/// The size of the text of labels, in pixels.
const FONT_SIZE: f64 = 14.0;
/// Space for the icon and the margins of a node beside its label.
const PADDING: f64 = 56.0;
/// The narrowest node.
const MIN_WIDTH: f64 = 120.0;
/// Longer labels are shortened in the middle; the full one belongs in a title.
const MAX_LABEL: usize = 32;

/// A graph with the places of everything in it; the origin is the upper left corner, units are pixels.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    /// The nodes, in the order they were given.
    pub nodes: Vec<Node>,
    /// The edges, in the order they were given.
    pub edges: Vec<Edge>,
    /// The width of the whole.
    pub width: f64,
    /// The height of the whole.
    pub height: f64,
}

/// What a node stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// A step.
    Step,
    /// An artifact that steps read or make.
    Artifact,
    /// A run that a step started.
    TriggeredRun,
    /// A run that belongs to this one.
    ChildRun,
    /// A question that the run waits for.
    WaitCondition,
}

/// One node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Unique in the graph, for example `step/trainer`.
    pub id: String,
    /// What it stands for.
    pub kind: NodeKind,
    /// Its full name.
    pub label: String,
    /// A second line: the duration of a step, the type of an artifact.
    pub detail: Option<String>,
    /// The id of the step run, artifact version or run; none as long as there is none.
    pub entity_id: Option<String>,
    /// Where it stands.
    pub status: Option<ExecutionStatus>,
    /// The left side.
    pub x: f64,
    /// The upper side.
    pub y: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
}

/// A connection from what comes before to what comes after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    /// The id of the node it leaves.
    pub source: String,
    /// The id of the node it reaches.
    pub target: String,
    /// Where it runs: from the lower side of the source to the upper side of the target, past the nodes between.
    pub points: Vec<Point>,
}

/// A place.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

impl Node {
    /// A node that is wide enough for its label, not yet placed.
    pub fn new(id: impl Into<String>, kind: NodeKind, label: impl Into<String>) -> Self {
        let label = label.into();
        let width = (text_width(&shortened(&label)) + PADDING).max(MIN_WIDTH).ceil();
        let height = if kind == NodeKind::Step { 56.0 } else { 44.0 };
        Self { id: id.into(), kind, label, detail: None, entity_id: None, status: None, x: 0.0, y: 0.0, width, height }
    }

    /// The label as it fits into the node.
    pub fn short_label(&self) -> String {
        shortened(&self.label)
    }
}

impl Edge {
    /// The `d` of an SVG path: a curve through all points that leaves and arrives downwards.
    pub fn svg_path(&self) -> String {
        let Some(first) = self.points.first() else { return String::new() };
        let mut path = format!("M{:.1},{:.1}", first.x, first.y);
        for pair in self.points.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let middle = (from.y + to.y) / 2.0;
            path += &format!(" C{:.1},{middle:.1} {:.1},{middle:.1} {:.1},{:.1}", from.x, to.x, to.x, to.y);
        }
        path
    }
}

/// A label of at most [`MAX_LABEL`] characters: the start and the end of a longer one, which usually tell more than the middle.
fn shortened(label: &str) -> String {
    let letters: Vec<char> = label.chars().collect();
    if letters.len() <= MAX_LABEL {
        return label.to_owned();
    }
    let start: String = letters[..MAX_LABEL - 13].iter().collect();
    let end: String = letters[letters.len() - 12..].iter().collect();
    format!("{start}…{end}")
}

/// How wide a text is at most in a common sans-serif font.
fn text_width(text: &str) -> f64 {
    let width = |character: char| match character {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 0.34,
        'f' | 't' | 'r' | '-' | '(' | ')' | '[' | ']' | '/' => 0.42,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.95,
        'A'..='Z' | '_' | '&' => 0.72,
        character if character.is_ascii() => 0.60,
        '\u{c0}'..='\u{24f}' => 0.70,
        _ => 1.05,
    };
    text.chars().map(width).sum::<f64>() * FONT_SIZE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_as_wide_as_their_labels() {
        assert_eq!(Node::new("a", NodeKind::Step, "a").width, MIN_WIDTH);
        let long = Node::new("b", NodeKind::Artifact, "a".repeat(200));
        assert_eq!(long.short_label().chars().count(), MAX_LABEL);
        assert!(long.width >= text_width(&long.short_label()) + PADDING && long.width < 400.0);
        assert_eq!(
            Node::new("c", NodeKind::Step, "preprocess_images_of_the_north_camera").short_label(),
            "preprocess_images_o…north_camera"
        );
    }

    #[test]
    fn edges_are_curves_through_their_points() {
        let points = vec![Point { x: 0.0, y: 0.0 }, Point { x: 10.0, y: 20.0 }, Point { x: 10.0, y: 40.0 }];
        let edge = Edge { source: "a".into(), target: "b".into(), points };
        assert_eq!(edge.svg_path(), "M0.0,0.0 C0.0,10.0 10.0,10.0 10.0,20.0 C10.0,30.0 10.0,30.0 10.0,40.0");
    }
}
