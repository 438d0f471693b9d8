//! Values without parts: types, conversions, choices and limits.

use serde_json::{Map, Number, Value, json};

use super::{Checked, describe_value};
use crate::run_configuration::{decimal, problem::Problem, suggestion::closest, value_path::ValuePath};

/// Checks a value against `type: integer | number | boolean | string | null`.
pub fn check_scalar(value: &Value, name: &str, keywords: &Map<String, Value>, path: &ValuePath) -> Checked {
    let (converted, expected) = match name {
        "integer" => (to_integer(value), "an integer"),
        "number" => (to_number(value), "a number"),
        "boolean" => (to_boolean(value), "true or false"),
        "null" => (value.is_null().then_some(Value::Null), "null"),
        "string" => return check_text(value, keywords, path),
        _ => (Some(value.clone()), "a value"),
    };
    let Some(converted) = converted else { return wrong_type(value, expected, path) };
    let problems = check_limits(&converted, keywords, path);
    Checked { value: converted, problems }
}

/// "Expects …, not …", with the way out where one is plain.
pub fn wrong_type(value: &Value, expected: &str, path: &ValuePath) -> Checked {
    let problem = Problem::error(path.clone(), format!("Expects {expected}, not {}.", describe_value(value)));
    let fix = match (expected, value) {
        ("text", Value::Number(_) | Value::Bool(_)) => Some(format!("Write it in quotes: \"{value}\".")),
        ("a number" | "an integer", Value::String(text)) if to_number(&json!(text.replace(',', "."))).is_some() => {
            Some("Write it with a point and without a comma.".to_owned())
        }
        ("true or false", _) => Some("Write true or false.".to_owned()),
        (_, Value::Null) => Some("Remove the key to keep the value of the snapshot.".to_owned()),
        _ => None,
    };
    Checked::wrong(value, Problem { fix, ..problem })
}

/// Checks a value against `enum` or `const`.
pub fn check_choice(value: &Value, keywords: &Map<String, Value>, path: &ValuePath) -> Checked {
    let constant = keywords.get("const").map(std::slice::from_ref).unwrap_or_default();
    let options = keywords.get("enum").and_then(Value::as_array).map(Vec::as_slice).unwrap_or(constant);
    if let Some(option) =
        options.iter().find(|option| *option == value).or_else(|| options.iter().find(|option| is_same_number(option, value)))
    {
        return Checked::fine(option.clone());
    }
    let names: Vec<String> = options.iter().map(|option| option.as_str().map_or_else(|| option.to_string(), str::to_owned)).collect();
    let listed: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let problem = Problem::error(path.clone(), format!("Expects one of {}, not {}.", listed.join(", "), describe_value(value)));
    let near = value.as_str().and_then(|text| closest(text, names.iter().map(String::as_str)));
    let fix = near.map(|candidate| format!("Did you mean `{candidate}`?"));
    Checked::wrong(value, Problem { fix, ..problem })
}

fn is_same_number(option: &Value, value: &Value) -> bool {
    option.as_f64().is_some_and(|option| to_number(value).and_then(|value| value.as_f64()) == Some(option))
}

fn check_text(value: &Value, keywords: &Map<String, Value>, path: &ValuePath) -> Checked {
    let format = keywords.get("format").and_then(Value::as_str).unwrap_or_default();
    match value {
        Value::String(text) => {
            let mut problems = check_length(text.chars().count(), "characters", ["minLength", "maxLength"], keywords, path);
            if let Some(example) = missed_format(text, format) {
                let problem = Problem::warning(path.clone(), format!("This does not look like {}.", example.0));
                problems.push(problem.with_fix(format!("Write for example {}.", example.1)));
            }
            Checked { value: value.clone(), problems }
        }
        // Times may be given as numbers of seconds.
        Value::Number(_) if matches!(format, "date" | "date-time" | "time" | "duration") => Checked::fine(value.clone()),
        _ => wrong_type(value, "text", path),
    }
}

/// What a text in this format looks like (name, example), if this one plainly does not.
fn missed_format(text: &str, format: &str) -> Option<(&'static str, &'static str)> {
    let looks_like = |pattern: &str| {
        text.len() >= pattern.len()
            && text.bytes().zip(pattern.bytes()).all(|(byte, wanted)| if wanted == b'0' { byte.is_ascii_digit() } else { byte == wanted })
    };
    let is_number = decimal::read(text.trim()).is_some();
    match format {
        "date" if !looks_like("0000-00-00") => Some(("a date", "2026-01-31")),
        "date-time" if !looks_like("0000-00-00") && !is_number => Some(("a date and time", "2026-01-31T12:00:00")),
        "time" if !looks_like("00:00") && !is_number => Some(("a time", "12:00:00")),
        "uuid" if text.chars().filter(char::is_ascii_hexdigit).count() != 32 => Some(("a UUID", "71694ac4-0c82-43dd-8742-51a85cd1c098")),
        _ => None,
    }
}

fn check_limits(value: &Value, keywords: &Map<String, Value>, path: &ValuePath) -> Vec<Problem> {
    let Some(number) = value.as_f64() else { return Vec::new() };
    let limit = |keyword: &str| keywords.get(keyword).and_then(Value::as_f64);
    let rules = [
        ("minimum", "at least", limit("minimum").is_some_and(|limit| number < limit)),
        ("maximum", "at most", limit("maximum").is_some_and(|limit| number > limit)),
        ("exclusiveMinimum", "more than", limit("exclusiveMinimum").is_some_and(|limit| number <= limit)),
        ("exclusiveMaximum", "less than", limit("exclusiveMaximum").is_some_and(|limit| number >= limit)),
    ];
    let broken = rules.into_iter().filter(|(_, _, is_broken)| *is_broken).map(|(keyword, words, _)| {
        let limit = keywords.get(keyword).unwrap_or(&Value::Null);
        Problem::error(path.clone(), format!("Must be {words} {limit}, not {value}."))
    });
    broken.collect()
}

/// Checks a number of characters, items or entries against the two keywords `[least, most]`.
pub fn check_length(length: usize, what: &str, limits: [&str; 2], keywords: &Map<String, Value>, path: &ValuePath) -> Vec<Problem> {
    let limit = |keyword: &str| keywords.get(keyword).and_then(Value::as_u64);
    let least = limit(limits[0]).filter(|least| (length as u64) < *least).map(|least| format!("at least {least}"));
    let most = limit(limits[1]).filter(|most| (length as u64) > *most).map(|most| format!("at most {most}"));
    let broken = least.or(most).map(|words| Problem::error(path.clone(), format!("Must have {words} {what}, not {length}.")));
    broken.into_iter().collect()
}

/// Python's `int(…)` as pydantic allows it: integers, whole floats, truth values, and texts of whole numbers.
fn to_integer(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(truth) => Some(json!(i32::from(*truth))),
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(value.clone()),
        Value::Number(number) => whole(number.as_f64()?),
        Value::String(text) => {
            let text = numeral(text)?;
            let (digits, zeros) = text.split_once('.').unwrap_or((&text, "0"));
            let is_whole = zeros.bytes().all(|digit| digit == b'0') && !zeros.is_empty();
            let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
            if !is_whole || unsigned.is_empty() || !unsigned.bytes().all(|digit| digit.is_ascii_digit()) {
                return None;
            }
            // Python integers have no limit: what does not fit in 64 bits stays text.
            let number = digits.parse::<i64>().map(Number::from).or_else(|_| digits.parse::<u64>().map(Number::from));
            Some(number.map_or_else(|_| value.clone(), Value::Number))
        }
        _ => None,
    }
}

fn whole(number: f64) -> Option<Value> {
    (number.fract() == 0.0 && number.abs() < 9.2e18).then(|| json!(number as i64))
}

/// Python's `float(…)` as pydantic allows it. Infinity and "not a number" stay text, because JSON has neither.
fn to_number(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(truth) => Some(json!(f64::from(u8::from(*truth)))),
        Value::Number(_) => Some(value.clone()),
        Value::String(text) => {
            let text = numeral(text)?;
            let unsigned = text.strip_prefix(['+', '-']).unwrap_or(&text).to_ascii_lowercase();
            if matches!(unsigned.as_str(), "inf" | "infinity" | "nan") {
                return Some(value.clone());
            }
            let number = decimal::read(&text)?;
            Some(Number::from_f64(number).map_or_else(|| value.clone(), Value::Number))
        }
        _ => None,
    }
}

fn to_boolean(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(_) => Some(value.clone()),
        Value::Number(number) => {
            [(0.0, false), (1.0, true)].iter().find(|(one, _)| number.as_f64() == Some(*one)).map(|(_, truth)| json!(truth))
        }
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "t" | "yes" | "y" | "on" => Some(json!(true)),
            "0" | "false" | "f" | "no" | "n" | "off" => Some(json!(false)),
            _ => None,
        },
        _ => None,
    }
}

/// The text of a number without the blanks around it and the single underscores between its digits.
fn numeral(text: &str) -> Option<String> {
    let text = text.trim();
    let is_odd = text.starts_with('_') || text.ends_with('_') || text.contains("__");
    (!is_odd && !text.is_empty()).then(|| text.replace('_', ""))
}
