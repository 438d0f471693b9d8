//! Where in a run configuration a place of its text is. The text is being written, so it may well not be readable as a whole: the lines
//! above and their indentation decide.

use crate::run_configuration::{document, value_path::ValuePath};

/// A line of block YAML: its indentation, whether it starts an item of a list, and its key.
pub(super) struct Line<'a> {
    pub indent: usize,
    /// The column of the key: behind the dashes of items.
    pub key_indent: usize,
    pub key: Option<&'a str>,
    /// Where the value starts, in bytes of the line.
    pub value_start: usize,
}

impl<'a> Line<'a> {
    /// Reads a line; none for blank ones and comments.
    pub fn read(text: &'a str) -> Option<Self> {
        let trimmed = text.trim_start_matches(' ');
        if trimmed.trim().is_empty() || trimmed.starts_with('#') {
            return None;
        }
        let indent = text.len() - trimmed.len();
        let mut rest = trimmed;
        while let Some(item) = rest.strip_prefix("- ") {
            rest = item.trim_start_matches(' ');
        }
        let key_indent = text.len() - rest.len();
        let colon = rest.find(": ").or_else(|| rest.trim_end().strip_suffix(':').map(str::len));
        let key = colon.map(|colon| rest[..colon].trim().trim_matches(['"', '\'']));
        let value_start = colon.map_or(key_indent, |colon| (key_indent + colon + 2).min(text.len()));
        Some(Self { indent, key_indent, key, value_start })
    }

    pub fn is_item(&self) -> bool {
        self.key_indent > self.indent
    }
}

/// The path of the mapping or list in which something stands that starts at column `indent` (from 0): the keys of the lines above that are
/// further left. Which item of a list it is does not matter for what may stand there: it counts as the first.
pub(super) fn path_of_parent(lines: &[&str], line: usize, indent: usize) -> ValuePath {
    let mut segments: Vec<String> = Vec::new();
    let mut limit = indent;
    for line in lines[..line.min(lines.len())].iter().rev().filter_map(|text| Line::read(text)) {
        if line.is_item() && line.indent < limit && line.key_indent <= limit {
            segments.push("0".to_owned());
            // The key of a list may stand in the column of its dashes.
            limit = line.indent + 1;
        } else if let Some(key) = line.key.filter(|_| !line.is_item() && line.indent < limit) {
            segments.push(key.to_owned());
            limit = line.indent;
        }
        if limit == 0 {
            break;
        }
    }
    segments.reverse();
    unwrapped(ValuePath::of(segments))
}

/// Paths start in the run configuration, also where it is wrapped.
fn unwrapped(path: ValuePath) -> ValuePath {
    match path.segments() {
        [first, rest @ ..] if first == "run_configuration" => ValuePath::of(rest.iter().cloned()),
        _ => path,
    }
}

/// The path of the key that stands at a place (line and column from 1).
pub fn path_at(text: &str, line: usize, column: usize) -> Option<ValuePath> {
    if let Ok(document) = document::read(text) {
        let path = document.positions.at(line, column);
        if let Some(path) = path {
            return Some(unwrapped(path));
        }
    }
    let lines: Vec<&str> = text.lines().collect();
    let read = Line::read(lines.get(line.checked_sub(1)?)?)?;
    Some(path_of_parent(&lines, line - 1, read.key_indent).child(read.key?))
}
