//! Fans: many like columns of nodes between the same neighbours, as a mapped step makes them.
//!
//! A fan of hundreds would be one row as wide as a street. It is laid out as one block instead, in which the columns stand in several rows,
//! with a gutter at the left of each column for the edges of the rows below and above.

use std::collections::BTreeMap;

use super::{Node, Point};

/// Between nodes of one row of a block, with the gutter in the middle.
const GAP: f64 = 32.0;
/// Between the rows of a block, and between the nodes of a column.
const ROW_GAP: f64 = 56.0;
/// More columns than this make a block.
const MAX_COLUMNS_IN_A_ROW: usize = 12;
/// The width that a block fills before it starts a new row.
const BLOCK_WIDTH: f64 = 1200.0;

/// The columns of a fan, each a chain of nodes from top to bottom, and how they stand in their block.
pub struct Fan {
    columns: Vec<Vec<usize>>,
    columns_in_a_row: usize,
    cell_width: f64,
    cell_height: f64,
}

/// What makes columns alike: the nodes above them, the nodes below them, and their length.
type Neighbours<'a> = (&'a [usize], &'a [usize], usize);

/// All fans of a graph that are large enough for a block; no node is in two.
pub fn find(nodes: &[Node], pairs: &[(usize, usize)]) -> Vec<Fan> {
    let mut above: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (source, target) in pairs {
        above[*target].push(*source);
        below[*source].push(*target);
    }
    for list in above.iter_mut().chain(&mut below) {
        list.sort_unstable();
    }
    let continues = |node: usize| match below[node][..] {
        [next] if above[next].len() == 1 => Some(next),
        _ => None,
    };
    let mut alike: BTreeMap<Neighbours, Vec<Vec<usize>>> = BTreeMap::new();
    for head in 0..nodes.len() {
        let is_inner = matches!(above[head][..], [previous] if continues(previous) == Some(head));
        if is_inner || above[head].is_empty() && below[head].is_empty() {
            continue;
        }
        let mut column = vec![head];
        while let Some(next) = continues(column[column.len() - 1]).filter(|next| !column.contains(next)) {
            column.push(next);
        }
        let last = column[column.len() - 1];
        alike.entry((&above[head], &below[last], column.len())).or_default().push(column);
    }
    // Whole chains without neighbours are parts of their own, which are packed as such.
    let fans = alike
        .into_iter()
        .filter(|((above, below, _), columns)| columns.len() > MAX_COLUMNS_IN_A_ROW && !(above.is_empty() && below.is_empty()));
    fans.map(|(_, columns)| Fan::new(columns, nodes)).collect()
}

impl Fan {
    fn new(columns: Vec<Vec<usize>>, nodes: &[Node]) -> Self {
        let cell_width = columns.iter().flatten().map(|node| nodes[*node].width).fold(0.0, f64::max);
        let height = |column: &Vec<usize>| column.iter().map(|node| nodes[*node].height).sum::<f64>() + ROW_GAP * (column.len() - 1) as f64;
        let cell_height = columns.iter().map(height).fold(0.0, f64::max);
        let fitting = ((BLOCK_WIDTH / (cell_width + GAP)) as usize).max(4);
        let rows = columns.len().div_ceil(fitting);
        Self { columns_in_a_row: columns.len().div_ceil(rows), columns, cell_width, cell_height }
    }

    /// The nodes of the fan.
    pub fn nodes(&self) -> impl Iterator<Item = usize> {
        self.columns.iter().flatten().copied()
    }

    fn rows(&self) -> usize {
        self.columns.len().div_ceil(self.columns_in_a_row)
    }

    /// Width and height of the block.
    pub fn size(&self) -> (f64, f64) {
        let rows = self.rows() as f64;
        ((self.cell_width + GAP) * self.columns_in_a_row as f64 + GAP, self.cell_height * rows + ROW_GAP * (rows - 1.0))
    }

    /// Places the nodes, given the upper left corner of the block. For each node: how an edge reaches it from above, and leaves it below.
    pub fn place(&self, corner: Point, nodes: &mut [Node]) -> Vec<(usize, Vec<Point>, Vec<Point>)> {
        let (width, height) = self.size();
        let mut ways = Vec::new();
        for (number, column) in self.columns.iter().enumerate() {
            let row = number / self.columns_in_a_row;
            let in_row = if row + 1 == self.rows() { self.columns.len() - row * self.columns_in_a_row } else { self.columns_in_a_row };
            // The last row is centred under the others, by whole columns so that the gutters stay in line.
            let offset = (self.columns_in_a_row - in_row) / 2;
            let left = corner.x + (number % self.columns_in_a_row + offset) as f64 * (self.cell_width + GAP);
            let top = corner.y + row as f64 * (self.cell_height + ROW_GAP);
            let gutter = left + GAP / 2.0;
            let middle = left + GAP + self.cell_width / 2.0;
            let mut y = top;
            for node in column {
                nodes[*node].x = middle - nodes[*node].width / 2.0;
                nodes[*node].y = y;
                y += nodes[*node].height + ROW_GAP;
            }
            let bottom = y - ROW_GAP;
            let mut down = vec![Point { x: middle, y: top }];
            if row > 0 {
                down.splice(0..0, [Point { x: gutter, y: corner.y }, Point { x: gutter, y: top - ROW_GAP / 2.0 }]);
            }
            let mut out = vec![Point { x: middle, y: bottom }];
            if row + 1 < self.rows() {
                out.extend([Point { x: gutter, y: bottom + ROW_GAP / 2.0 }, Point { x: gutter, y: corner.y + height }]);
            }
            debug_assert!(left + GAP + self.cell_width <= corner.x + width + 0.5);
            ways.extend(column.iter().map(|node| (*node, down.clone(), out.clone())));
        }
        ways
    }
}
