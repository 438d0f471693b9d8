//! Paths to values inside a run configuration, and their one text form.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The keys from the root of a run configuration down to one value; list positions are decimal segments.
///
/// The text form joins the segments with dots. Inside a segment a dot is written `\.`, a backslash `\\`, and an empty
/// segment is `\_`, so that every path has exactly one text and every text is a path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct ValuePath(Vec<String>);

impl ValuePath {
    /// The path of the whole document.
    pub fn root() -> Self {
        Self::default()
    }

    /// The path with these segments.
    pub fn of<S: Into<String>>(segments: impl IntoIterator<Item = S>) -> Self {
        Self(segments.into_iter().map(Into::into).collect())
    }

    /// The path of one entry below this one.
    pub fn child(&self, segment: impl Into<String>) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment.into());
        Self(segments)
    }

    /// This path with another one appended.
    pub fn join(&self, below: &Self) -> Self {
        Self(self.0.iter().chain(&below.0).cloned().collect())
    }

    /// The path of the value that holds this one; none for the root.
    pub fn parent(&self) -> Option<Self> {
        let (_, above) = self.0.split_last()?;
        Some(Self(above.to_vec()))
    }

    /// The last key; none for the root.
    pub fn last(&self) -> Option<&str> {
        self.0.last().map(String::as_str)
    }

    /// The keys from the root down.
    pub fn segments(&self) -> &[String] {
        &self.0
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this path is `other` or lies below it.
    pub fn starts_with(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// The value at this path, if the document has one.
    pub fn get<'value>(&self, document: &'value Map<String, Value>) -> Option<&'value Value> {
        let (first, rest) = self.0.split_first()?;
        rest.iter().try_fold(document.get(first)?, |value, segment| match value {
            Value::Object(map) => map.get(segment),
            Value::Array(items) => items.get(segment.parse::<usize>().ok()?),
            _ => None,
        })
    }
}

impl fmt::Display for ValuePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            if position > 0 {
                formatter.write_str(".")?;
            }
            if segment.is_empty() {
                formatter.write_str("\\_")?;
            }
            for character in segment.chars() {
                if matches!(character, '.' | '\\') {
                    formatter.write_str("\\")?;
                }
                write!(formatter, "{character}")?;
            }
        }
        Ok(())
    }
}

impl From<ValuePath> for String {
    fn from(path: ValuePath) -> Self {
        path.to_string()
    }
}

impl From<&str> for ValuePath {
    fn from(text: &str) -> Self {
        if text.is_empty() {
            return Self::root();
        }
        let mut segments = vec![String::new()];
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            match character {
                '.' => segments.push(String::new()),
                '\\' => match characters.next() {
                    Some('_') => {}
                    escaped => push(&mut segments, escaped.unwrap_or('\\')),
                },
                plain => push(&mut segments, plain),
            }
        }
        Self(segments)
    }
}

fn push(segments: &mut [String], character: char) {
    if let Some(segment) = segments.last_mut() {
        segment.push(character);
    }
}

impl From<String> for ValuePath {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn text_form_goes_both_ways() {
        for segments in [
            vec![],
            vec!["steps", "trainer", "parameters", "lr"],
            vec!["settings", "orchestrator.local", "x"],
            vec!["", "a", ""],
            vec!["a\\b", "c.d\\.e", "_"],
        ] {
            let path = ValuePath::of(segments.clone());
            assert_eq!(ValuePath::from(path.to_string()), path, "{segments:?}");
        }
        assert_eq!(ValuePath::of(["orchestrator.local"]).to_string(), "orchestrator\\.local");
    }

    #[test]
    fn finds_values_in_maps_and_lists() {
        let document = json!({"a": [{"b": 1}]});
        let map = document.as_object().unwrap();
        assert_eq!(ValuePath::from("a.0.b").get(map), Some(&json!(1)));
        assert_eq!(ValuePath::from("a.1.b").get(map), None);
        assert_eq!(ValuePath::from("a.b").get(map), None);
    }
}
