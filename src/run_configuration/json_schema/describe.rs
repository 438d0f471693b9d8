//! Schemas and values in words.

use serde_json::Value;

use super::Schema;

/// What a schema asks for: "an integer", "a list of texts", "`a` or `b`", "a number or null".
pub fn describe_schema(schema: &Schema, part: &Value) -> String {
    describe(schema, part, 0)
}

fn describe(schema: &Schema, part: &Value, depth: usize) -> String {
    let part = schema.resolve(part);
    if let Some(options) = part.get("enum").and_then(Value::as_array) {
        return either(options.iter().map(|option| format!("`{}`", plain(option))).collect());
    }
    if let Some(option) = part.get("const") {
        return format!("`{}`", plain(option));
    }
    if let Some(branches) = part.get("anyOf").or(part.get("oneOf")).and_then(Value::as_array)
        && depth < 3
    {
        let mut words = Vec::new();
        for word in branches.iter().map(|branch| describe(schema, branch, depth + 1)) {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        return either(words);
    }
    match part.get("type").and_then(Value::as_str) {
        Some("integer") => "an integer".to_owned(),
        Some("number") => "a number".to_owned(),
        Some("boolean") => "true or false".to_owned(),
        Some("null") => "null".to_owned(),
        Some("object") => "a mapping".to_owned(),
        Some("array") => list(schema, part, depth),
        Some("string") => match part.get("format").and_then(Value::as_str) {
            Some("date") => "a date".to_owned(),
            Some("date-time") => "a date and time".to_owned(),
            Some("time") => "a time".to_owned(),
            Some("duration") => "a duration".to_owned(),
            Some("uuid") => "a UUID".to_owned(),
            _ => "text".to_owned(),
        },
        _ => "any value".to_owned(),
    }
}

fn list(schema: &Schema, part: &Value, depth: usize) -> String {
    if let Some(prefix) = part.get("prefixItems").and_then(Value::as_array) {
        return format!("a list of {}", prefix.len());
    }
    let item = part.get("items").filter(|_| depth < 3).map(|item| describe(schema, item, depth + 1));
    let plural = match item.as_deref() {
        Some("an integer") => "integers",
        Some("a number") => "numbers",
        Some("text") => "texts",
        Some("a mapping") => "mappings",
        _ => return "a list".to_owned(),
    };
    format!("a list of {plural}")
}

fn either(mut words: Vec<String>) -> String {
    match words.pop() {
        Some(last) if words.is_empty() => last,
        Some(last) => format!("{} or {last}", words.join(", ")),
        None => "any value".to_owned(),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What a value is: "the text \"fast\"", "the number 3", "a list of 2", "null".
pub fn describe_value(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) if text.is_empty() => "an empty text".to_owned(),
        Value::String(text) if text.chars().count() > 40 => format!("the text {:?}…", text.chars().take(40).collect::<String>()),
        Value::String(text) => format!("the text {text:?}"),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(_) => "a mapping".to_owned(),
    }
}
