//! The nodes of a YAML text with their places, before anything is made of them.

use std::ops::Range;

use serde_saphyr::granit_parser::{Event, Marker, Parser, ScalarStyle, Span, StructureStyle, Tag, options};

use super::{MAX_BYTES, MAX_DEPTH, Place};
use crate::run_configuration::{problem::Problem, value_path::ValuePath};

/// One node and where it is written.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where its content starts.
    pub place: Place,
    /// The bytes of the content. A block collection ends where its last child ends, a block scalar with its last line of text.
    pub span: Range<usize>,
    /// The first byte of the node with its tag, anchor and the header of a block scalar.
    pub start: usize,
    /// The tag as resolved, for example `tag:yaml.org,2002:str`.
    pub tag: Option<String>,
    /// The number of its anchor; 0 for none.
    pub anchor: usize,
    /// What it is.
    pub content: Content,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum Content {
    /// A scalar: its text after escapes and folding, and whether it is written without quotes or block header.
    Scalar { text: String, is_plain: bool },
    /// A list.
    Sequence { items: Vec<Node>, is_flow: bool },
    /// A mapping.
    Mapping { entries: Vec<Entry>, is_flow: bool },
    /// A reference to an anchor by number.
    Alias(usize),
}

/// One entry of a mapping.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its key.
    pub key: Node,
    /// Its value; a plain scalar of no bytes if nothing is written.
    pub value: Node,
}

impl Node {
    /// Whether nothing is written: `key:` without a value.
    pub fn is_absent(&self) -> bool {
        matches!(self.content, Content::Scalar { is_plain: true, .. }) && self.span.is_empty()
    }

    /// The text of a scalar.
    pub fn scalar(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }
}

/// The nodes of a text; none if it holds nothing but blanks and comments.
pub fn parse(text: &str) -> Result<Option<Node>, Problem> {
    if text.len() > MAX_BYTES {
        let message = format!("The text has {} bytes; at most {MAX_BYTES} are read.", text.len());
        return Err(Problem::error(ValuePath::root(), message).with_fix("Keep data in a file or an artifact and pass its path."));
    }
    let parser = Parser::new_from_str_with_options(text, options! { emit_anchor_events: true, emit_comments: false });
    let mut builder = Builder { text, events: parser, peeked: None };
    let root = match builder.next()? {
        (Event::StreamEnd, _) => return Ok(None),
        (Event::DocumentStart(..), _) => {
            let (event, span) = builder.next()?;
            builder.node(event, span, 0)?
        }
        (_, span) => return Err(problem_at(&span.start, "The text does not start with a document.")),
    };
    loop {
        match builder.next()? {
            (Event::DocumentEnd, _) => {}
            (Event::StreamEnd, _) => return Ok(Some(root)),
            (_, span) => {
                let problem = problem_at(&span.start, "A second document starts here; only one is read.");
                return Err(problem.with_fix("Remove the line `---` and what follows, or upload the documents one by one."));
            }
        }
    }
}

struct Builder<'text, Events> {
    text: &'text str,
    events: Events,
    peeked: Option<(Event<'text>, Span)>,
}

impl<'text, Events> Builder<'text, Events>
where
    Events: Iterator<Item = Result<(Event<'text>, Span), serde_saphyr::granit_parser::ScanError>>,
{
    fn next(&mut self) -> Result<(Event<'text>, Span), Problem> {
        if let Some(event) = self.peeked.take() {
            return Ok(event);
        }
        loop {
            match self.events.next() {
                Some(Ok((Event::StreamStart, _))) => {}
                Some(Ok(event)) => return Ok(event),
                Some(Err(error)) => return Err(self.scan_problem(&error)),
                None => return Err(Problem::error(ValuePath::root(), "The text ends too early.")),
            }
        }
    }

    fn scan_problem(&self, error: &serde_saphyr::granit_parser::ScanError) -> Problem {
        let problem = problem_at(error.marker(), format!("This is not valid YAML: {}.", error.info()));
        let line = self.text.lines().nth(error.marker().line().saturating_sub(1)).unwrap_or_default();
        let indentation = &line[..line.len() - line.trim_start().len()];
        match indentation.contains('\t') {
            true => problem.with_fix("Indent with spaces, not with tabs."),
            false => problem,
        }
    }

    /// The node that starts with `event`.
    fn node(&mut self, event: Event<'text>, span: Span, depth: usize) -> Result<Node, Problem> {
        if depth > MAX_DEPTH {
            return Err(problem_at(&span.start, format!("Lists and mappings are nested more than {MAX_DEPTH} deep here.")));
        }
        let start = byte(&span.start);
        let mut node = Node {
            place: Place { line: span.start.line(), column: span.start.col() + 1 },
            span: start..byte(&span.end),
            start: span.tag_start().map_or(start, |tag| byte(&tag).min(start)),
            tag: None,
            anchor: 0,
            content: Content::Alias(0),
        };
        match event {
            Event::Alias(anchor) => node.content = Content::Alias(anchor),
            Event::Scalar(text, style, anchor, tag) => {
                self.properties(&mut node, anchor, tag.as_deref())?;
                if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
                    self.place_block_scalar(&mut node);
                }
                node.content = Content::Scalar { text: text.into_owned(), is_plain: style == ScalarStyle::Plain };
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.properties(&mut node, anchor, tag.as_deref())?;
                self.sequence(&mut node, style == StructureStyle::Flow, depth)?;
            }
            Event::MappingStart(style, anchor, tag) => {
                self.properties(&mut node, anchor, tag.as_deref())?;
                self.mapping(&mut node, style == StructureStyle::Flow, depth)?;
            }
            _ => return Err(problem_at(&span.start, "A value is missing here.")),
        }
        Ok(node)
    }

    fn properties(&mut self, node: &mut Node, anchor: usize, tag: Option<&Tag>) -> Result<(), Problem> {
        node.anchor = anchor;
        node.tag = tag.map(|tag| format!("{}{}", tag.handle(), tag.suffix()));
        if anchor != 0 {
            match self.next()? {
                (Event::Anchor(..), span) => node.start = node.start.min(byte(&span.start)),
                other => self.peeked = Some(other),
            }
        }
        Ok(())
    }

    fn sequence(&mut self, node: &mut Node, is_flow: bool, depth: usize) -> Result<(), Problem> {
        let mut items: Vec<Node> = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, span) => {
                    node.span.end = if is_flow { byte(&span.end) } else { items.last().map_or(node.span.end, |item| item.span.end) };
                    node.content = Content::Sequence { items, is_flow };
                    return Ok(());
                }
                (event, span) => items.push(self.node(event, span, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, node: &mut Node, is_flow: bool, depth: usize) -> Result<(), Problem> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            match self.next()? {
                (Event::MappingEnd, span) => {
                    node.span.end =
                        if is_flow { byte(&span.end) } else { entries.last().map_or(node.span.end, |entry| entry.value.span.end) };
                    node.content = Content::Mapping { entries, is_flow };
                    return Ok(());
                }
                (event, span) => {
                    let key = self.node(event, span, depth + 1)?;
                    let (event, span) = self.next()?;
                    let mut value = self.node(event, span, depth + 1)?;
                    if value.is_absent() {
                        self.place_after_colon(&key, &mut value);
                    }
                    entries.push(Entry { key, value });
                }
            }
        }
    }

    /// The parser puts a value that is not written at the end of its key; it belongs behind the colon.
    fn place_after_colon(&self, key: &Node, value: &mut Node) {
        let rest = &self.text[key.span.end..];
        let blanks = rest.len() - rest.trim_start().len();
        if rest[blanks..].starts_with(':') && value.span.end <= key.span.end {
            let end = key.span.end + blanks + 1;
            value.start = value.start.max(end);
            value.span = end..end;
        }
    }

    /// A block scalar starts with its header and ends with its last line of text, unless it keeps its blank lines (`+`).
    fn place_block_scalar(&self, node: &mut Node) {
        let before = &self.text[..node.span.start];
        // The header is the last `|` or `>` on its line that is not in a comment: what stands between it and the text is `+`, `-`, a digit.
        let header_line = before.trim_end_matches([' ', '\t']).trim_end_matches(['\n', '\r']);
        let line_start = header_line.rfind('\n').map_or(0, |position| position + 1);
        let line = header_line[line_start..].split(" #").next().unwrap_or_default();
        let Some(position) = line.rfind(['|', '>']) else { return };
        let keeps_blank_lines = line[position..].contains('+');
        node.start = node.start.min(line_start + position);
        if !keeps_blank_lines {
            node.span.end = node.span.start + self.text[node.span.clone()].trim_end_matches(['\n', '\r', ' ']).len();
        }
    }
}

fn problem_at(marker: &Marker, message: impl Into<String>) -> Problem {
    Problem::error(ValuePath::root(), message).at(marker.line().max(1), marker.col() + 1)
}

/// The parser reads from a string, so every marker has a byte offset.
fn byte(marker: &Marker) -> usize {
    marker.byte_offset().unwrap_or_default()
}
