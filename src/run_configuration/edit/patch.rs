//! Where in the text an edit goes, and what is written there.

use std::ops::Range;

use serde_json::Value;

use super::{cannot_edit, value_at};
use crate::run_configuration::{
    document::tree::{Content, Entry, Node, parse},
    emit::{block_lines, inline, is_inline, item_lines, literal_block, mapping_lines, to_yaml},
    problem::Problem,
    value_path::ValuePath,
};

/// The text with the value at `path` set as in `expected`.
pub fn set(text: &str, path: &ValuePath, expected: &Value) -> Result<String, Problem> {
    let Some(root) = parse(text)? else { return Ok(Text(text).appended(expected)) };
    let mut spot = Spot { node: &root, path: ValuePath::root(), holder: Holder::Document };
    for segment in path.segments() {
        let is_in_flow = spot.is_in_flow();
        match &spot.node.content {
            Content::Mapping { entries, is_flow } => match entry(entries, segment) {
                Some(Entry { key, value }) => {
                    let holder = if is_in_flow { Holder::Flow } else { Holder::Entry { key } };
                    spot = Spot { node: value, path: spot.path.child(segment), holder };
                }
                None if entries.is_empty() => break,
                None => return Text(text).with_new_entry(entries, *is_flow, segment, &spot.path, expected),
            },
            Content::Sequence { items, .. } => {
                let position = segment.parse::<usize>().unwrap_or(usize::MAX);
                match items.get(position) {
                    Some(item) if is_in_flow => spot = Spot { node: item, path: spot.path.child(segment), holder: Holder::Flow },
                    Some(item) if !item.is_absent() => {
                        let holder = Holder::Item { dash: Text(text).dash(item) };
                        spot = Spot { node: item, path: spot.path.child(segment), holder };
                    }
                    None if position == items.len() && !items.is_empty() => {
                        return Text(text).with_new_item(items, is_in_flow, &spot.path.child(segment), expected);
                    }
                    // An empty list, or an item of which only the dash is written: the list is written again.
                    _ => break,
                }
            }
            Content::Scalar { .. } | Content::Alias(_) => break,
        }
    }
    let value = value_at(expected, &spot.path).ok_or_else(|| cannot_edit(path))?;
    Ok(Text(text).with_value(&spot, value))
}

/// The text without the entry at `path`, as in `expected`.
pub fn remove(text: &str, path: &ValuePath, expected: &Value) -> Result<String, Problem> {
    let parent = path.parent().unwrap_or_default();
    let root = parse(text)?.ok_or_else(|| cannot_edit(path))?;
    let mut node = &root;
    for segment in parent.segments() {
        let below = match &node.content {
            Content::Mapping { entries, .. } => entry(entries, segment).map(|entry| &entry.value),
            Content::Sequence { items, .. } => segment.parse::<usize>().ok().and_then(|position| items.get(position)),
            Content::Scalar { .. } | Content::Alias(_) => None,
        };
        match below {
            Some(below) => node = below,
            // It comes from an alias, which is written out.
            None => return set(text, &parent, expected),
        }
    }
    let (parts, position, is_flow) = match &node.content {
        Content::Mapping { entries, is_flow } => {
            let position = entries.iter().position(|entry| entry.key.scalar() == path.last());
            (entries.iter().map(Part::of_entry).collect(), position, *is_flow)
        }
        Content::Sequence { items, is_flow } => {
            let position = path.last().and_then(|segment| segment.parse().ok());
            (items.iter().map(|item| Part::of_item(item, Text(text), *is_flow)).collect::<Vec<Part>>(), position, *is_flow)
        }
        Content::Scalar { .. } | Content::Alias(_) => return set(text, &parent, expected),
    };
    // What becomes empty is written as `{}` or `[]`, except for the document itself.
    if parts.len() == 1 && (is_flow || !parent.is_root()) {
        return set(text, &parent, expected);
    }
    let position = position.filter(|position| *position < parts.len()).ok_or_else(|| cannot_edit(path))?;
    Ok(Text(text).replaced(Text(text).range_of_part(&parts, position, is_flow), ""))
}

/// The bytes of an entry of a mapping or an item of a list.
struct Part {
    start: usize,
    end: usize,
}

impl Part {
    fn of_entry(entry: &Entry) -> Self {
        Self { start: entry.key.start, end: entry.value.span.end.max(entry.key.span.end) }
    }

    fn of_item(item: &Node, text: Text, is_flow: bool) -> Self {
        Self { start: if is_flow { item.start } else { text.dash(item) }, end: item.span.end }
    }
}

fn entry<'a>(entries: &'a [Entry], key: &str) -> Option<&'a Entry> {
    entries.iter().find(|entry| entry.key.scalar() == Some(key))
}

/// A node to be written again.
struct Spot<'a> {
    node: &'a Node,
    path: ValuePath,
    holder: Holder<'a>,
}

/// What a node is part of.
enum Holder<'a> {
    Document,
    /// An entry of a block mapping.
    Entry {
        key: &'a Node,
    },
    /// An item of a block list, whose dash is at this byte.
    Item {
        dash: usize,
    },
    /// Something in brackets or braces.
    Flow,
}

impl Spot<'_> {
    /// Whether what is below the node is in brackets or braces.
    fn is_in_flow(&self) -> bool {
        matches!(self.holder, Holder::Flow)
            || matches!(self.node.content, Content::Mapping { is_flow: true, .. } | Content::Sequence { is_flow: true, .. })
    }
}

#[derive(Clone, Copy)]
struct Text<'a>(&'a str);

impl Text<'_> {
    fn replaced(self, range: Range<usize>, with: &str) -> String {
        format!("{}{with}{}", &self.0[..range.start], &self.0[range.end..])
    }

    fn newline(self) -> &'static str {
        if self.0.contains("\r\n") { "\r\n" } else { "\n" }
    }

    fn line_start(self, position: usize) -> usize {
        self.0[..position].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// The end of the line, before its line break.
    fn line_end(self, position: usize) -> usize {
        let end = self.0[position..].find('\n').map_or(self.0.len(), |newline| position + newline);
        if self.0[position..end].ends_with('\r') { end - 1 } else { end }
    }

    /// The whole value behind a text of blanks and comments.
    fn appended(self, value: &Value) -> String {
        let body = to_yaml(value).replace('\n', self.newline());
        let gap = if self.0.is_empty() || self.0.ends_with('\n') { "" } else { self.newline() };
        format!("{}{gap}{body}", self.0)
    }

    fn with_value(self, spot: &Spot, value: &Value) -> String {
        let node = spot.node;
        match spot.holder {
            Holder::Document if node.is_absent() => self.appended(value),
            Holder::Document => self.replaced(node.start..node.span.end, to_yaml(value).trim_end()),
            Holder::Flow => self.with_inline(node, value),
            Holder::Entry { key } => self.with_entry_value(key, node, value),
            Holder::Item { dash } => self.with_item(dash, node, value),
        }
    }

    fn with_inline(self, node: &Node, value: &Value) -> String {
        let gap = match node.is_absent() {
            true if self.0[..node.span.start].ends_with(':') => " ",
            true => ": ",
            false => "",
        };
        self.replaced(node.start..node.span.end, &format!("{gap}{}", inline(value)))
    }

    /// Writes the value of an entry of a block mapping again, keeping a comment on the line of its key.
    fn with_entry_value(self, key: &Node, node: &Node, value: &Value) -> String {
        let is_block_collection =
            matches!(&node.content, Content::Mapping { is_flow: false, .. } | Content::Sequence { is_flow: false, .. });
        let is_on_one_line = !self.0[key.span.end..node.span.end].contains('\n');
        let is_flow_list = matches!(node.content, Content::Sequence { is_flow: true, .. });
        let stays_inline = is_inline(value) || is_flow_list && value.is_array();
        if is_on_one_line && stays_inline && !is_block_collection {
            return self.with_inline(node, value);
        }
        let colon = self.0[key.span.end..].find(':').map_or(key.span.end, |position| key.span.end + position + 1);
        let key_line_end = self.line_end(colon);
        let comment_start = if is_block_collection { colon } else { node.span.end.min(key_line_end) };
        let comment = comment_with_gap(&self.0[comment_start..key_line_end]);
        let end = if is_block_collection { self.line_end(node.span.end) } else { node.span.end.max(key_line_end) };
        let indent = match &node.content {
            Content::Mapping { is_flow: false, entries } => entries.first().map(|entry| entry.key.place.column - 1),
            Content::Sequence { is_flow: false, items } => {
                items.first().map(|item| self.dash(item)).map(|dash| dash - self.line_start(dash))
            }
            _ => None,
        };
        let key_column = key.place.column - 1;
        let indent = indent.filter(|indent| *indent > key_column || value.is_array()).unwrap_or(key_column + 2);
        let is_block_list = matches!(node.content, Content::Sequence { is_flow: false, .. });
        let written = match value {
            Value::String(text) if literal_block(text).is_some() => self.literal(text, key_column + 2, comment),
            Value::Array(items) if is_block_list && !items.is_empty() => self.lines_below(comment, &block_lines(value, indent)),
            _ if stays_inline => format!(" {}{comment}", inline(value)),
            _ => self.lines_below(comment, &block_lines(value, indent)),
        };
        self.replaced(colon..end, &written)
    }

    fn literal(self, text: &str, indent: usize, comment: &str) -> String {
        let (header, lines) = literal_block(text).unwrap_or_default();
        let pad = " ".repeat(indent);
        let lines: Vec<String> =
            lines.into_iter().map(|line| if line.is_empty() { String::new() } else { format!("{pad}{line}") }).collect();
        self.lines_below(&format!(" {header}{comment}"), &lines)
    }

    fn lines_below(self, first: &str, lines: &[String]) -> String {
        let newline = self.newline();
        format!("{first}{newline}{}", lines.join(newline))
    }

    /// Writes an item of a block list again.
    fn with_item(self, dash: usize, node: &Node, value: &Value) -> String {
        let is_block_collection =
            matches!(&node.content, Content::Mapping { is_flow: false, .. } | Content::Sequence { is_flow: false, .. });
        let is_on_one_line = !self.0[dash..node.span.end].contains('\n');
        if is_on_one_line && !is_block_collection && (is_inline(value) || value.is_string()) {
            return self.with_inline(node, value);
        }
        let column = dash - self.line_start(dash);
        let lines = item_lines(value, column).join(self.newline());
        self.replaced(dash..self.line_end(node.span.end), &lines[column..])
    }

    /// Adds an item behind the last one of a list that has some.
    fn with_new_item(self, items: &[Node], is_flow: bool, path: &ValuePath, expected: &Value) -> Result<String, Problem> {
        let (Some(value), Some(last)) = (value_at(expected, path), items.last()) else { return Err(cannot_edit(path)) };
        if is_flow {
            return Ok(self.replaced(last.span.end..last.span.end, &format!(", {}", inline(value))));
        }
        let dash = self.dash(last);
        let lines = item_lines(value, dash - self.line_start(dash));
        let end = self.line_end(last.span.end);
        Ok(self.replaced(end..end, &self.lines_below("", &lines)))
    }

    /// The `-` of an item of a block list.
    fn dash(self, item: &Node) -> usize {
        self.0[..item.start].rfind('-').unwrap_or_default()
    }

    /// Adds an entry behind the last one of a mapping that has some.
    fn with_new_entry(self, entries: &[Entry], is_flow: bool, key: &str, path: &ValuePath, expected: &Value) -> Result<String, Problem> {
        let below = path.child(key);
        let (Some(value), Some(first), Some(last)) = (value_at(expected, &below), entries.first(), entries.last()) else {
            return Err(cannot_edit(&below));
        };
        let entry = [(key.to_owned(), value.clone())].into_iter().collect();
        let end = last.value.span.end.max(last.key.span.end);
        if is_flow {
            let braced = inline(&Value::Object(entry));
            return Ok(self.replaced(end..end, &format!(", {}", &braced[1..braced.len() - 1])));
        }
        let lines = mapping_lines(&entry, first.key.place.column - 1);
        let end = self.line_end(end);
        Ok(self.replaced(end..end, &self.lines_below("", &lines)))
    }

    /// The bytes of one of several parts, with the line break or comma that goes with it.
    fn range_of_part(self, parts: &[Part], position: usize, is_flow: bool) -> Range<usize> {
        let Part { start, end } = parts[position];
        let next = parts.get(position + 1).map(|next| next.start);
        let line_start = self.line_start(start);
        match (is_flow, next) {
            (true, Some(next)) if position == 0 => start..next,
            (true, _) if position > 0 => parts[position - 1].end..end,
            (true, _) => start..end,
            // The first part of a collection in a list shares its line with the dash of the list.
            (false, Some(next)) if !self.0[line_start..start].trim().is_empty() => start..next,
            (false, _) => {
                let line_end = self.line_end(end);
                let line_break = if self.0[line_end..].starts_with("\r\n") { 2 } else { usize::from(self.0[line_end..].starts_with('\n')) };
                line_start..line_end + line_break
            }
        }
    }
}

/// The comment at the end of a line behind a value, with the blanks before it.
fn comment_with_gap(rest: &str) -> &str {
    match rest.find('#') {
        Some(position) => &rest[rest[..position].trim_end().len()..],
        None => "",
    }
}
