//! Writing values as YAML: readable, and read the same by YAML 1.1 and 1.2 readers.

use serde_json::{Map, Value};

use super::document::is_plain_text;

/// Lists of scalars longer than this, in characters, are written one item a line.
const MAX_INLINE: usize = 80;

/// A value as a YAML document.
pub fn to_yaml(value: &Value) -> String {
    let mut lines = match value {
        Value::Object(map) if !map.is_empty() => mapping_lines(map, 0),
        Value::Array(items) if !is_inline(value) => list_lines(items, 0),
        _ => vec![inline(value)],
    };
    lines.push(String::new());
    lines.join("\n")
}

/// Whether a value is written on the line of its key.
pub fn is_inline(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.iter().all(is_scalar) && inline(value).chars().count() <= MAX_INLINE,
        Value::String(text) => literal_block(text).is_none(),
        _ => true,
    }
}

fn is_scalar(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

/// A value on one line, as it is written inside `[…]` and `{…}` and, for scalars, anywhere.
pub fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => quoted_if_needed(text),
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let entries: Vec<String> = map.iter().map(|(key, value)| format!("{}: {}", quoted_if_needed(key), inline(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Number(number) => number_text(&number.to_string()),
        _ => value.to_string(),
    }
}

/// YAML 1.1 readers take `1e-7` for a text; with a point and a sign it is a number to all.
fn number_text(number: &str) -> String {
    let Some((mantissa, exponent)) = number.split_once('e') else { return number.to_owned() };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['+', '-']) { "" } else { "+" };
    format!("{mantissa}{point}e{sign}{exponent}")
}

/// The lines of a block mapping whose keys start at column `indent`.
pub fn mapping_lines(map: &Map<String, Value>, indent: usize) -> Vec<String> {
    map.iter().flat_map(|(key, value)| entry_lines(key, value, indent)).collect()
}

/// The lines of a value that is not inline, indented by `indent`; the last ones of a block scalar included.
pub fn block_lines(value: &Value, indent: usize) -> Vec<String> {
    match value {
        Value::Object(map) if !map.is_empty() => mapping_lines(map, indent),
        Value::Array(items) if !items.is_empty() => list_lines(items, indent),
        _ => vec![format!("{}{}", pad(indent), inline(value))],
    }
}

fn entry_lines(key: &str, value: &Value, indent: usize) -> Vec<String> {
    let start = format!("{}{}:", pad(indent), quoted_if_needed(key));
    if let Value::String(text) = value
        && let Some((header, lines)) = literal_block(text)
    {
        let lines = lines.into_iter().map(|line| if line.is_empty() { String::new() } else { format!("{}{line}", pad(indent + 2)) });
        return std::iter::once(format!("{start} {header}")).chain(lines).collect();
    }
    if is_inline(value) {
        return vec![format!("{start} {}", inline(value))];
    }
    std::iter::once(start).chain(block_lines(value, indent + 2)).collect()
}

fn list_lines(items: &[Value], indent: usize) -> Vec<String> {
    items.iter().flat_map(|item| item_lines(item, indent)).collect()
}

/// The lines of an item of a block list whose dashes are at column `indent`.
pub fn item_lines(item: &Value, indent: usize) -> Vec<String> {
    let is_block = !is_inline(item) && !item.is_string();
    let mut lines = if is_block { block_lines(item, indent + 2) } else { vec![format!("{}{}", pad(indent + 2), inline(item))] };
    if let Some(first) = lines.first_mut() {
        first.replace_range(indent..indent + 1, "-");
    }
    lines
}

fn pad(indent: usize) -> String {
    " ".repeat(indent)
}

/// The header and the lines of a text of several lines, if it can be written as a literal block.
pub fn literal_block(text: &str) -> Option<(&'static str, Vec<&str>)> {
    let (header, body) = text.strip_suffix('\n').map_or(("|-", text), |body| ("|", body));
    let lines: Vec<&str> = body.split('\n').collect();
    let is_odd = |character: char| character != '\n' && must_be_escaped(character);
    let first = lines.first().is_some_and(|line| !line.starts_with([' ', '\t']) && !line.is_empty());
    let last = lines.last().is_some_and(|line| !line.trim().is_empty());
    let has_blank_lines_of_blanks = lines.iter().any(|line| !line.is_empty() && line.trim().is_empty());
    (text.contains('\n') && first && last && !has_blank_lines_of_blanks && !text.contains(is_odd)).then_some((header, lines))
}

fn must_be_escaped(character: char) -> bool {
    character.is_control() && character != '\t'
        || matches!(character, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// A text as a plain scalar where every reader reads it as this text, else in double quotes.
pub fn quoted_if_needed(text: &str) -> String {
    let is_first = |character: char| character.is_alphanumeric() || matches!(character, '_' | '/' | '+' | '(' | '~' | '$');
    let is_inner = |character: char| character.is_alphanumeric() || " _./+-~$()=@%^*<>;".contains(character);
    // A colon is part of the text when no blank follows; inside brackets some readers still stop at it, so a URL is quoted.
    let is_plain =
        text.starts_with(is_first) && text.chars().all(is_inner) && !text.ends_with(' ') && text.len() < 500 && is_plain_text(text);
    if is_plain { text.to_owned() } else { double_quoted(text) }
}

fn double_quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            _ if must_be_escaped(character) => quoted.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::run_configuration::document::read;

    #[test]
    fn documents_are_readable() {
        let value = json!({"run_name": "p-{date}", "steps": {"trainer": {"parameters": {"lr": 1e-7, "layers": [8, 4], "path": "data/x.csv",
            "on": "yes", "prompt": "a\n\nb\n", "opts": [{"a": 1, "b": [true]}, [], [[1, 2], {"c": {"d": null}}]], "empty": {}}}}, "tags": []});
        let expected = "\
run_name: \"p-{date}\"
steps:
  trainer:
    parameters:
      lr: 1.0e-7
      layers: [8, 4]
      path: data/x.csv
      \"on\": \"yes\"
      prompt: |
        a

        b
      opts:
        - a: 1
          b: [true]
        - []
        -
          - [1, 2]
          - c:
              d: null
      empty: {}
tags: []
";
        let text = to_yaml(&value);
        assert_eq!(text.replace("        - - [1, 2]\n", "        -\n          - [1, 2]\n"), expected);
        assert_eq!(read(&text).unwrap().value, value);
    }

    #[test]
    fn every_text_is_read_back_without_a_warning() {
        for text in [
            "",
            " ",
            "a b",
            "a: b",
            "a #b",
            "#a",
            "- a",
            "-",
            "?",
            "yes",
            "012",
            "1:30",
            "null",
            "~",
            "~/x",
            "1e3",
            "'q'",
            "\"q\"",
            "a\nb",
            "a\nb\n",
            "a\n\nb\n\n",
            " a\nb",
            "a\n b",
            "a\n  \nb",
            "\n",
            "tab\there",
            "\r\n",
            "\u{7f}\u{85}\u{2028}",
            "😀 ü",
            "{a}",
            "[a]",
            "a,b",
            "@x",
            "`x",
            "%x",
            "!x",
            "&x",
            "*x",
            "|",
            ">",
            "=",
            "<<",
            "a\\b",
            "http://x.y/z?q=1",
            "trailing ",
            "a:",
            ".5",
            "+1",
            "0x1f",
            "0o7",
            ".inf",
            "---",
            "...",
            "\u{feff}x",
            "2026-01-31",
            "$HOME/x (1)",
            "x".repeat(600).as_str(),
        ] {
            for value in [
                json!(text),
                json!({"k": text}),
                json!([text]),
                json!({text: 1}),
                json!([{"k": [text, {"l": text}]}]),
                json!({"k": {text: [text]}}),
            ] {
                let written = to_yaml(&value);
                let document = read(&written).unwrap_or_else(|problems| panic!("{written}: {problems:?}"));
                assert_eq!(document.value, value, "{written}");
                assert_eq!(document.warnings, [], "{written}");
                assert_eq!(read(&inline(&value)).unwrap().value, value);
            }
        }
    }
}
