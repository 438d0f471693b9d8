//! Filters of webhook triggers: expressions on strings, and paths into a delivery's JSON.
//!
//! An expression is `operator:value` or the bare value; several of them are alternatives. A path is a chain of object keys
//! (`head_commit.author`, `["odd key"]`), array indexes (`[0]`) and at most one `[*]` for all elements of an array. Syntax and
//! limits are those of ZenML 0.98.

use serde_json::{Map, Value};

/// Most alternatives of a filter.
const MAX_EXPRESSIONS: usize = 10;
/// Longest expression, in characters.
const MAX_EXPRESSION_LENGTH: usize = 512;
/// Most values of `oneof` and `notoneof`.
const MAX_CHOICES: usize = 10;
/// Most paths of one target.
const MAX_PATHS: usize = 10;
/// Longest path, in characters, and most parts of one.
const MAX_PATH_LENGTH: usize = 512;
const MAX_SEGMENTS: usize = 8;

/// One part of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Key(String),
    Index(usize),
    All,
}

/// The operators of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equals,
    NotEquals,
    Contains,
    NotContains,
    StartsWith,
    EndsWith,
    OneOf,
    NotOneOf,
}

impl Operator {
    fn read(word: &str) -> Option<Self> {
        Some(match word {
            "equals" => Self::Equals,
            "notequals" => Self::NotEquals,
            "contains" => Self::Contains,
            "notcontains" => Self::NotContains,
            "startswith" => Self::StartsWith,
            "endswith" => Self::EndsWith,
            "oneof" => Self::OneOf,
            "notoneof" => Self::NotOneOf,
            _ => return None,
        })
    }

    fn is_negative(self) -> bool {
        matches!(self, Self::NotEquals | Self::NotContains | Self::NotOneOf)
    }
}

/// The operator and the value of an expression; text without a known operator is a value to be equal to.
fn split(expression: &str) -> (Operator, &str) {
    let known = expression.split_once(':').and_then(|(word, value)| Some((Operator::read(word)?, value)));
    known.unwrap_or((Operator::Equals, expression))
}

fn choices(value: &str) -> Option<Vec<String>> {
    serde_json::from_str::<Vec<String>>(value)
        .ok()
        .filter(|choices| !choices.is_empty() && choices.len() <= MAX_CHOICES && choices.iter().all(|choice| !choice.is_empty()))
}

/// The expressions of a filter: a string or a list of strings; none where it is null or missing.
fn expressions(filter: &Value) -> Option<Vec<&str>> {
    match filter {
        Value::String(text) => Some(vec![text]),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

/// Refuses a filter that is no expression and no list of them; says why.
pub fn check(field: &str, filter: &Value) -> Result<(), String> {
    let Some(expressions) = expressions(filter) else {
        return Err(format!("The filter '{field}' must be a text or a list of texts."));
    };
    if expressions.is_empty() || expressions.iter().any(|expression| expression.is_empty()) {
        return Err(format!("The filter '{field}' is empty."));
    }
    if expressions.len() > MAX_EXPRESSIONS {
        return Err(format!("The filter '{field}' has more than {MAX_EXPRESSIONS} expressions."));
    }
    for expression in expressions {
        if expression.chars().count() > MAX_EXPRESSION_LENGTH {
            return Err(format!("An expression of the filter '{field}' has more than {MAX_EXPRESSION_LENGTH} characters."));
        }
        let (operator, value) = split(expression);
        if value.is_empty() {
            return Err(format!("The filter '{field}' has an operator without a value."));
        }
        if matches!(operator, Operator::OneOf | Operator::NotOneOf) && choices(value).is_none() {
            return Err(format!("The filter '{field}' needs a JSON list of 1 to {MAX_CHOICES} texts after its operator."));
        }
    }
    Ok(())
}

/// Whether values meet a filter: any of them an alternative of it, or all of them a negative one. No values meet none.
pub fn matches(actual: &[&str], filter: &Value) -> bool {
    let Some(expressions) = expressions(filter) else { return true };
    if actual.is_empty() {
        return false;
    }
    expressions.into_iter().any(|expression| {
        let (operator, value) = split(expression);
        let mut actual = actual.iter();
        if operator.is_negative() {
            actual.all(|actual| meets(actual, operator, value))
        } else {
            actual.any(|actual| meets(actual, operator, value))
        }
    })
}

fn meets(actual: &str, operator: Operator, value: &str) -> bool {
    let is_choice = || choices(value).is_some_and(|choices| choices.iter().any(|choice| choice == actual));
    match operator {
        Operator::Equals => actual == value,
        Operator::NotEquals => actual != value,
        Operator::Contains => actual.contains(value),
        Operator::NotContains => !actual.contains(value),
        Operator::StartsWith => actual.starts_with(value),
        Operator::EndsWith => actual.ends_with(value),
        Operator::OneOf => is_choice(),
        Operator::NotOneOf => !is_choice(),
    }
}

/// Refuses a target of type `dynamic` that cannot be read, and gives it with all its fields.
pub fn check_dynamic(target: &Map<String, Value>) -> Result<Map<String, Value>, String> {
    if let Some(unknown) = target.keys().find(|key| !["type", "event_type", "filters"].contains(&key.as_str())) {
        return Err(format!("A dynamic target has no field '{unknown}'; it has `event_type` and `filters`."));
    }
    let event_type = target.get("event_type").unwrap_or(&Value::Null);
    check("event_type", event_type)?;
    let filters = target.get("filters").cloned().unwrap_or_else(|| Value::Object(Map::new()));
    let Value::Object(paths) = &filters else { return Err("`filters` must be an object.".to_owned()) };
    if paths.len() > MAX_PATHS {
        return Err(format!("`filters` has more than {MAX_PATHS} paths."));
    }
    for (path, filter) in paths {
        check(path, filter)?;
        read_path(path).map_err(|why| format!("The path '{path}' cannot be read: {why}."))?;
    }
    let mut whole = Map::new();
    whole.insert("type".to_owned(), "dynamic".into());
    whole.insert("event_type".to_owned(), event_type.clone());
    whole.insert("filters".to_owned(), filters);
    Ok(whole)
}

/// Whether a delivery meets a target of type `dynamic`.
pub fn matches_dynamic(target: &Map<String, Value>, event_type: &str, payload: &Value) -> bool {
    let Some(filters) = target.get("filters").and_then(Value::as_object) else { return false };
    target.get("event_type").is_some_and(|filter| matches(&[event_type], filter))
        && filters.iter().all(|(path, filter)| {
            let Ok(segments) = read_path(path) else { return false };
            let found: Vec<String> = resolve(payload, &segments).into_iter().filter_map(scalar).collect();
            matches(&found.iter().map(String::as_str).collect::<Vec<_>>(), filter)
        })
}

/// A JSON value as filters see it; objects and arrays they do not see.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(_) | Value::Array(_) => None,
        other => Some(other.to_string()),
    }
}

fn resolve<'a>(payload: &'a Value, segments: &[Segment]) -> Vec<&'a Value> {
    let mut values = vec![payload];
    for segment in segments {
        values = match segment {
            Segment::Key(key) => values.into_iter().filter_map(|value| value.as_object()?.get(key)).collect(),
            Segment::Index(index) => values.into_iter().filter_map(|value| value.as_array()?.get(*index)).collect(),
            Segment::All => values.into_iter().filter_map(Value::as_array).flatten().collect(),
        };
    }
    values
}

fn read_path(path: &str) -> Result<Vec<Segment>, &'static str> {
    if path.is_empty() {
        return Err("it is empty");
    }
    if path.chars().count() > MAX_PATH_LENGTH {
        return Err("it is too long");
    }
    let mut segments = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let (segment, after) = if rest.starts_with('[') {
            read_bracket(rest)?
        } else if segments.is_empty() {
            read_key(rest)?
        } else {
            read_key(rest.strip_prefix('.').ok_or("a key is followed by `.` or `[`")?)?
        };
        if segments.is_empty() && !matches!(segment, Segment::Key(_)) {
            return Err("it must start with an object key");
        }
        segments.push(segment);
        rest = after;
    }
    if segments.len() > MAX_SEGMENTS {
        return Err("it has too many parts");
    }
    if segments.iter().filter(|segment| **segment == Segment::All).count() > 1 {
        return Err("it has more than one `[*]`");
    }
    Ok(segments)
}

fn read_key(text: &str) -> Result<(Segment, &str), &'static str> {
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-').unwrap_or(text.len());
    if !starts_well {
        return Err("a bare key starts with a letter or `_`");
    }
    Ok((Segment::Key(text[..end].to_owned()), &text[end..]))
}

fn read_bracket(text: &str) -> Result<(Segment, &str), &'static str> {
    let inner = &text[1..];
    if inner.starts_with('"') {
        let mut strings = serde_json::Deserializer::from_str(inner).into_iter::<String>();
        let Some(Ok(key)) = strings.next() else { return Err("a quoted key is no JSON text") };
        let after = inner[strings.byte_offset()..].strip_prefix(']').ok_or("a quoted key must be followed by `]`")?;
        return Ok((Segment::Key(key), after));
    }
    let (value, after) = inner.split_once(']').ok_or("a bracket is not closed")?;
    if value == "*" {
        return Ok((Segment::All, after));
    }
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let index = value.parse().ok().filter(|_| is_number);
    Ok((Segment::Index(index.ok_or("brackets hold an index, `*` or a quoted key")?), after))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn expressions_are_alternatives_and_negative_ones_mean_all_values() {
        for (actual, filter, expected) in [
            (vec!["main"], json!("main"), true),
            (vec!["main"], json!("startswith:ma"), true),
            (vec!["main"], json!(["dev", "endswith:in"]), true),
            (vec!["main"], json!("oneof:[\"a\", \"main\"]"), true),
            (vec!["main"], json!("notoneof:[\"a\", \"main\"]"), false),
            (vec!["a", "b"], json!("contains:b"), true),
            (vec!["a", "b"], json!("notequals:b"), false),
            (vec![], json!("notequals:b"), false),
            (vec![], json!(null), true),
            (vec!["http://x"], json!("http://x"), true),
        ] {
            assert_eq!(matches(&actual, &filter), expected, "{actual:?} {filter}");
        }
    }

    #[test]
    fn bad_expressions_are_refused() {
        let long = "x".repeat(513);
        for bad in [json!(""), json!([]), json!(["a", ""]), json!("contains:"), json!("oneof:a"), json!("oneof:[]"), json!(long), json!(1)]
        {
            assert!(check("branch", &bad).is_err(), "{bad}");
        }
        assert!(check("branch", &json!(vec!["a"; 11])).is_err());
        assert!(check("branch", &json!(["a", "gt:3"])).is_ok(), "no operator of these, so a value");
    }

    #[test]
    fn paths_reach_into_objects_and_arrays() {
        let payload = json!({ "a": { "b-c": [{ "n": 1 }, { "n": true }] }, "odd key": "x" });
        let found = |path: &str| resolve(&payload, &read_path(path).expect("a path")).into_iter().filter_map(scalar).collect::<Vec<_>>();
        assert_eq!(found("a.b-c[*].n"), ["1", "true"]);
        assert_eq!(found("a.b-c[1].n"), ["true"]);
        assert_eq!(found(r#"["odd key"]"#), ["x"]);
        assert_eq!(found("a.nothing[0]"), Vec::<String>::new());
        for bad in ["", "[0]", "[*]", "a..b", "a.", "a[", "a[x]", "a[-1]", "a b", "1a", "a[*].b[*]", "a.b.c.d.e.f.g.h.i", r#"["a"x"#] {
            assert!(read_path(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn dynamic_targets_look_at_the_type_and_the_payload() {
        let target = json!({ "type": "dynamic", "event_type": "push", "filters": { "ref": "endswith:/main" } });
        let target = check_dynamic(target.as_object().expect("an object")).expect("a target");
        assert!(matches_dynamic(&target, "push", &json!({ "ref": "refs/heads/main" })));
        assert!(!matches_dynamic(&target, "push", &json!({ "ref": "refs/heads/dev" })));
        assert!(!matches_dynamic(&target, "pull", &json!({ "ref": "refs/heads/main" })));
        let bad = json!({ "type": "dynamic", "event_type": "push", "filter": {} });
        assert!(check_dynamic(bad.as_object().expect("an object")).is_err());
    }
}
